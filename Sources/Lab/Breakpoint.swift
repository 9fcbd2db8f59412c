/// Where `continue` stops.
package struct Breakpoint: Sendable, Hashable {
  /// Numbered from 1, as they were made; displays and watches count too, as in gdb.
  package var number: Int
  /// What was typed.
  package var text: String
  package var kind: Kind
  /// `tbreak`: goes away once it has stopped.
  package var isTemporary = false

  package enum Kind: Sendable, Hashable {
    /// A message was delivered of this kind or command name, in lower case: `fullresync`, `psync`, `set`.
    case message(String)
    case phase(Phase)
    /// A decision of this kind was made, as its case is named.
    case decision(String)
    /// Anything happened to this node.
    case node(String)
    /// A log line has this text in it.
    case log(String)
    /// The expression became true.
    case expression(Expression)
    /// The expression's value changed.
    case watch(Expression)
    /// Not a stop: shown at every stop.
    case display(Expression)
  }
}

extension Timeline {
  /// `break SPEC`, `tbreak SPEC`: `message NAME`, `phase NAME`, `decision NAME`, `node NAME`, `log TEXT`, a node's name, a
  /// command's name, or an expression.
  package mutating func addBreakpoint(_ spec: String, temporary: Bool = false) throws(LabError) -> Breakpoint {
    throw LabError("not yet")
  }
  package mutating func addWatch(_ expression: String) throws(LabError) -> Breakpoint { throw LabError("not yet") }
  package mutating func addDisplay(_ expression: String) throws(LabError) -> Breakpoint { throw LabError("not yet") }
  /// `delete [N]`: one, or all.
  package mutating func deleteBreakpoint(_ number: Int?) throws(LabError) { }
}
