import Lab
import Views

/// What of a transcript is written: the steps from one to another, one connection, keep-alives folded.
struct ExportPart: Equatable {
  /// nil: all.
  var steps: ClosedRange<Int>?
  var link: Link.ID?
  var folds = false

  func contains(step number: Int) -> Bool { steps?.contains(number) ?? true }

  /// `20-60`, `20-` or `20`: the steps that a person means, none of them before the first.
  static func steps(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = Int(parts[0]), first >= 1 else { return nil }
    if parts.count == 1 { return first...first }
    if parts[1].isEmpty { return first...Int.max }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first...last
  }

  /// The words behind the file's name in `export FILE [FROM-TO] ['link N'] [fold]`, in any order.
  init(_ arguments: Arguments, from start: Int) throws(Complaint) {
    var index = start
    while let word = arguments[index] {
      let column = arguments.words[index].column
      if word == "fold", !folds {
        folds = true
      } else if word == "link" || word.hasPrefix("link "), link == nil {
        if word == "link" { index += 1 }
        let number = word == "link" ? arguments[index].flatMap { Int($0) } : Int(word.dropFirst(5))
        guard let number else {
          throw .usage("link needs a number, as in 'link 2'", advice: "`info links` lists them.", column: column)
        }
        link = Link.ID(number)
      } else if word.first?.isNumber == true, steps == nil {
        guard let range = Self.steps(word) else {
          throw .usage(
            "‘\(word)’ is no range of steps", advice: "Write 20-60, 20- or 20; steps count from 1.", column: column)
        }
        steps = range
      } else {
        throw .usage(
          "\(arguments.verb.name) does not understand ‘\(word)’", advice: "Usage: \(arguments.verb.synopsis)",
          column: column)
      }
      index += 1
    }
  }

  init(steps: ClosedRange<Int>? = nil, link: Link.ID? = nil, folds: Bool = false) {
    (self.steps, self.link, self.folds) = (steps, link, folds)
  }
}
