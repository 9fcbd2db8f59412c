import Views

/// What a user did wrong, or what the lab could not do: what it is, where, and what to do about it.
struct Complaint: Error, Equatable {
  /// Decides the exit status.
  enum Kind: Equatable {
    /// An expectation or a comparison failed.
    case expectation
    /// A wrong verb, option, argument or directive.
    case usage
    /// A file that cannot be read, or whose bytes are malformed.
    case input
    /// Ctrl-C.
    case interrupted

    var exitStatus: Int32 {
      switch self {
      case .expectation: 1
      case .usage: 2
      case .input: 3
      case .interrupted: 130
      }
    }
  }

  var kind: Kind
  var what: String
  /// What to do about it; a sentence of its own.
  var advice: String?
  /// The file and line, and the column within it, counted from 1.
  var file: String?
  var line: Int?
  var column: Int?

  init(_ kind: Kind, _ what: String, advice: String? = nil, column: Int? = nil) {
    self.kind = kind
    self.what = what
    self.advice = advice
    self.column = column
  }

  static func usage(_ what: String, advice: String? = nil, column: Int? = nil) -> Complaint {
    Complaint(.usage, what, advice: advice, column: column)
  }

  static func input(_ what: String, advice: String? = nil) -> Complaint { Complaint(.input, what, advice: advice) }

  static let interrupted = Complaint(.interrupted, "interrupted")

  /// A remark of the lab's as a sentence; nil if there is none.
  static func sentence(_ remark: String) -> String? {
    guard let first = remark.first else { return nil }
    return first.uppercased() + remark.dropFirst() + (remark.last == "." || remark.last == "?" ? "" : ".")
  }

  /// This complaint with a place, unless an inner file has already given one.
  func at(file: String, line: Int) -> Complaint {
    guard self.file == nil else { return self }
    var placed = self
    placed.file = file
    placed.line = line
    return placed
  }

  /// `replab: script.lab:3:9: what` and, on a line of its own, the advice.
  var text: String { text(width: pageWidth) }

  func text(width: Int) -> String {
    var place = ""
    if let file, let line { place = "\(file):\(line):" + (column.map { "\($0):" } ?? "") + " " }
    let what = file == nil && column != nil ? "\(what), at column \(column!)" : what
    let lines = advice.map { Line.filled($0, indent: 2, width: width) } ?? []
    // At the prompt it stands by itself.
    if file == nil { return (Line.filled(what, width: width) + lines).map(\.text).joined(separator: "\n") }
    return place + what + lines.map { "\n" + $0.text }.joined()
  }

  /// What `--json` prints on standard error.
  var json: JSON {
    var members: [(key: String, value: JSON)] = [("error", .string(what))]
    if let advice { members.append(("advice", .string(advice))) }
    if let file, let line { members += [("file", .string(file)), ("line", .number(line))] }
    if let column { members.append(("column", .number(column))) }
    return .object(members)
  }

  func report(to output: Output) {
    output.write("replab: " + text + "\n")
  }
}
