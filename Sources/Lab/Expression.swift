/// A question about a moment, with an answer: `m.offset >= 2614 and r.state = connected`.
package struct Expression: Sendable, Hashable {
  /// What was typed.
  package let text: String

  /// - Throws: what is wrong, at which column.
  package init(_ text: String) throws(LabError) { self.text = text }

  package func value(in world: World) throws(LabError) -> Value { .none }
}
