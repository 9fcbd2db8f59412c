import Dissection
import Lab

/// Where in an annotated tree something is: names or numbers from the outside in, with slashes between them, as in
/// `7/value/length`. A number counts the parts of what is around it, from 1; `argument#2` is the second of that name.
struct FieldPath {
  /// What was typed.
  let text: String
  let parts: [String]

  init(_ text: String) {
    self.text = text
    parts = text.split(separator: "/").map(String.init)
  }

  /// The first part as a number.
  var number: Int? { parts.first.flatMap { Int($0) } }

  /// The field at the end of what follows the first `count` parts.
  func resolve(in field: Field, after count: Int) throws(Complaint) -> Field {
    var field = field
    for part in parts.dropFirst(count) {
      guard let child = Self.child(part, of: field) else { throw missing(part, in: field) }
      field = child
    }
    return field
  }

  /// What is meant of a record that the first part names. What is said of a key before its entry is a part of the record:
  /// `key:k/expire time`.
  func resolve(in record: SnapshotDissector.Record) throws(Complaint) -> [Field] {
    guard parts.count > 1 else { return record.fields }
    let attribute = record.attributes.first { $0.name == parts[1] }
    return [try resolve(in: attribute ?? record.field, after: attribute == nil ? 1 : 2)]
  }

  /// The parts of compressed bytes are those of what they unfold to.
  private static func children(of field: Field) -> [Field] {
    field.compressed == nil ? field.children : field.unfolded()
  }

  private static func child(_ part: String, of field: Field) -> Field? {
    let children = children(of: field)
    if let number = Int(part) {
      return number >= 1 && number <= children.count ? children[number - 1] : nil
    }
    let (name, count) = counted(part)
    let same = children.filter { $0.name == name }
    return count >= 1 && count <= same.count ? same[count - 1] : nil
  }

  /// `argument#2`: a name, and which one of it.
  static func counted(_ part: String) -> (name: String, count: Int) {
    let halves = part.split(separator: "#")
    guard halves.count == 2, let count = Int(halves[1]) else { return (part, 1) }
    return (String(halves[0]), count)
  }

  private func missing(_ part: String, in field: Field) -> Complaint {
    let children = Self.children(of: field)
    guard !children.isEmpty else {
      return .usage(
        "‘\(field.name)’ has no parts, so no ‘\(part)’", advice: "It has \(field.bytes.count) bytes of its own.")
    }
    let names = children.map(\.name)
    if let nearest = Suggestion.nearest(to: part, among: names) {
      return .usage("‘\(field.name)’ has no part ‘\(part)’", advice: "Did you mean ‘\(nearest)’?")
    }
    let list = names.prefix(20).enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
    return .usage(
      "‘\(field.name)’ has no part ‘\(part)’", advice: "It has: \(list)\(names.count > 20 ? ", …" : "").")
  }
}
