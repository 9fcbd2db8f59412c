import Capture

extension Field {
  /// The same tree, with what is known of its bytes that text does not show. Nothing is said of values in which a byte is
  /// not known: what stands for it means nothing.
  package func marked(_ marks: [ByteMark]) -> Field {
    marks.isEmpty ? self : marked(marks, isRoot: true, hasUnknown: marks.unknownCount > 0)
  }

  private func marked(_ all: [ByteMark], isRoot: Bool, hasUnknown: Bool) -> Field {
    var field = self
    let marks = all.clamped(to: range)
    if children.isEmpty {
      field.marks = marks
    } else {
      field.children = children.map { $0.marked(marks, isRoot: false, hasUnknown: hasUnknown) }
    }
    let unknown = marks.unknownCount
    if unknown > 0 {
      let words = Self.words(unknown, of: range.count)
      field.meaning = isRoot && !isFault && !meaning.isEmpty ? "\(meaning); \(words)" : words
      field.isFault = false
    } else if children.isEmpty, !marks.isEmpty {
      field.meaning = ([meaning] + Self.reasons(marks)).filter { !$0.isEmpty }.joined(separator: "; ")
    }
    // A checksum over bytes that are not known says nothing.
    if isFault, hasUnknown, unknown == 0 {
      field.meaning = "nothing can be told of it: bytes before it are not known"
      field.isFault = false
    }
    return field
  }

  private static func words(_ unknown: Int, of count: Int) -> String {
    if unknown == count { return "not known: the text has \(count == 1 ? "a dot" : "dots")" }
    return "\(unknown) of its \(count) bytes \(unknown == 1 ? "is" : "are") not known"
  }

  /// Each reason once: `inferred: 4 bytes follow`.
  private static func reasons(_ marks: [ByteMark]) -> [String] {
    marks.reduce(into: []) { reasons, mark in
      let text = mark.certainty.rawValue + (mark.reason.isEmpty ? "" : ": " + mark.reason)
      if !reasons.contains(text) { reasons.append(text) }
    }
  }
}
