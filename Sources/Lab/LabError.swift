/// Why the lab refused an action, and what to do about it. A refused action changes nothing and is no step.
package struct LabError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in one sentence without a final stop.
  package var what: String
  /// What the user can do about it, or an empty text where nothing is needed.
  package var advice: String
  /// Where in the typed text it is wrong, counted in characters from 1, where that can be said.
  package var column: Int?

  package init(_ what: String, advice: String = "", column: Int? = nil) {
    self.what = what
    self.advice = advice
    self.column = column
  }

  /// Whoever waited for a step has given up.
  package static let interrupted = LabError("the step was given up", advice: "everything is as it was before it")

  package var description: String { advice.isEmpty ? what : "\(what); \(advice)" }
}
