import Redis

/// A question about a moment, with an answer: `m.offset >= 2614 and r.state = connected`.
///
///     or      = and { ("or" | "||") and }
///     and     = not { ("and" | "&&") not }
///     not     = ("not" | "!") not | compare
///     compare = sum [ ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=") sum ]
///     sum     = product { ("+" | "-") product }
///     product = signed { ("*" | "/") signed }
///     signed  = ["-"] value
///     value   = NODE "." PROPERTY  see `NodeProperty`
///             | "time"             the time since the lab began
///             | "step"             the number of steps so far
///             | "lost"             the number of acknowledged writes that nobody has any more
///             | number [unit]      units: us ms s m h; a number beside a time is seconds
///             | "text" | 'text' | word
///             | "true" | "false" | "none"
///             | "(" or ")"
///
/// What is not there (a node that is not started, a state that a master doesn't have) is `none`: it equals `none` alone,
/// every other comparison with it is false, and whatever is calculated from it is `none`, too.
package struct Expression: Sendable, Hashable {
  /// What was typed.
  package let text: String
  private(set) var root: Term

  /// - Parameters:
  ///   - isCondition: whether it is to be true or false, as what `and` joins must be.
  ///   - names: the nodes that there are, for complaints.
  /// - Throws: what is wrong, at which column.
  package init(_ text: String, isCondition: Bool = false, names: [String] = []) throws(LabError) {
    self.text = text
    var parser = ExpressionParser(text, names: names)
    root = try parser.parse(isCondition: isCondition)
  }

  /// - Throws: where two things can't be compared, or a name says nothing.
  package func value(in world: World) throws(LabError) -> ExpressionValue { try root.value(in: world) }

  /// It asks how many writes are lost, which no world knows: `binding(lost:)`.
  package var asksForLosses: Bool { root.lostColumn != nil }

  /// The nodes that it asks about.
  package var nodes: [String] { root.nodes }

  /// It is a word by itself, without quotes.
  package var isBareWord: Bool {
    guard case .constant(.text(let word)) = root else { return false }
    return !text.contains { "\"'".contains($0) } && !word.isEmpty
  }

  /// It is the same at every moment.
  package var isConstant: Bool { root.isConstant }

  /// - Throws: that it can't be looked at after every step, where it asks what no world knows.
  func requireWatchable() throws(LabError) { if let column = root.lostColumn { throw .lossesAreCounted(column) } }

  /// The same where so many writes are lost.
  func binding(lost count: Int) -> Expression {
    var expression = self
    expression.root = root.binding(lost: count)
    return expression
  }

  /// Whether it holds: true, or a number other than zero, or a text that is not empty.
  package func holds(in world: World) throws(LabError) -> Bool { try value(in: world).isTrue }
}

extension Expression {
  /// A node of the syntax tree. `column` is where its operator or name stands, from 1.
  indirect enum Term: Sendable, Hashable {
    case constant(ExpressionValue)
    case property(node: String, NodeProperty)
    case time
    case step
    case lost(column: Int)
    case not(Term)
    case and(Term, Term)
    case or(Term, Term)
    case compare(Term, Comparison, Term, column: Int)
    case calculate(Term, Operation, Term, column: Int)
  }

  enum Operation: String, Sendable, Hashable {
    case add = "+", subtract = "-", multiply = "*", divide = "/"
  }

  enum Comparison: String, Sendable, Hashable {
    case equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  }
}

extension Expression.Term {
  func value(in world: World) throws(LabError) -> ExpressionValue {
    switch self {
    case .constant(let value): return value
    case .property(let node, let property): return world.value(property, of: node)
    case .time: return .interval(world.now - world.start)
    case .step: return .integer(Int64(world.number))
    case .lost(let column): throw .lossesAreCounted(column)
    case .not(let term): return .truth(try !term.value(in: world).isTrue)
    case .and(let a, let b):
      guard try a.value(in: world).isTrue else { return .truth(false) }
      return .truth(try b.value(in: world).isTrue)
    case .or(let a, let b):
      if try a.value(in: world).isTrue { return .truth(true) }
      return .truth(try b.value(in: world).isTrue)
    case .compare(let a, let comparison, let b, let column):
      return .truth(try comparison.holds(try a.value(in: world), try b.value(in: world), column))
    case .calculate(let a, let operation, let b, let column):
      return try operation.result(try a.value(in: world), try b.value(in: world), column)
    }
  }
}

extension LabError {
  fileprivate static func lossesAreCounted(_ column: Int) -> LabError {
    LabError(
      "'lost' can't be watched", advice: "`until`, `find`, `print` and `explore` know it; `check on` watches more",
      column: column)
  }
}

extension Expression.Term {
  /// What it is made of.
  private var parts: [Self] {
    switch self {
    case .constant, .property, .time, .step, .lost: []
    case .not(let term): [term]
    case .and(let a, let b), .or(let a, let b), .compare(let a, _, let b, _), .calculate(let a, _, let b, _): [a, b]
    }
  }

  fileprivate var lostColumn: Int? {
    if case .lost(let column) = self { return column }
    return parts.lazy.compactMap(\.lostColumn).first
  }

  fileprivate var nodes: [String] {
    if case .property(let node, _) = self { return [node] }
    return parts.flatMap(\.nodes)
  }

  var isConstant: Bool {
    switch self {
    case .property, .time, .step, .lost: false
    case .constant, .not, .and, .or, .compare, .calculate: parts.allSatisfy(\.isConstant)
    }
  }

  fileprivate func binding(lost count: Int) -> Self {
    switch self {
    case .lost: .constant(.integer(Int64(count)))
    case .constant, .property, .time, .step: self
    case .not(let term): .not(term.binding(lost: count))
    case .and(let a, let b): .and(a.binding(lost: count), b.binding(lost: count))
    case .or(let a, let b): .or(a.binding(lost: count), b.binding(lost: count))
    case .compare(let a, let comparison, let b, let column):
      .compare(a.binding(lost: count), comparison, b.binding(lost: count), column: column)
    case .calculate(let a, let operation, let b, let column):
      .calculate(a.binding(lost: count), operation, b.binding(lost: count), column: column)
    }
  }
}

extension Expression.Comparison {
  func holds(_ a: ExpressionValue, _ b: ExpressionValue, _ column: Int) throws(LabError) -> Bool {
    if a == .none || b == .none {
      switch self {
      case .equal: return a == b
      case .notEqual: return a != b
      case .less, .lessOrEqual, .greater, .greaterOrEqual: return false
      }
    }
    switch (a, b) {
    case (.integer(let a), .integer(let b)): return holds(a, b)
    case (.interval(let a), .interval(let b)): return holds(a, b)
    case (.interval(let a), .integer(let b)): return holds(Double(a.microseconds), Double(b) * 1_000_000)
    case (.integer(let a), .interval(let b)): return holds(Double(a) * 1_000_000, Double(b.microseconds))
    case (.text(let a), .text(let b)): return holds(a, b)
    case (.truth(let a), .truth(let b)) where self == .equal || self == .notEqual: return holds(a ? 1 : 0, b ? 1 : 0)
    // A word of digits may be meant as a text: `m.replid = 1111…`.
    case (.text(let a), .integer(let b)): return holds(a, String(b))
    case (.integer(let a), .text(let b)): return holds(String(a), b)
    case (.truth, _), (_, .truth), (.interval, _), (_, .interval), (.none, _), (_, .none):
      throw LabError("\(a.kind) and \(b.kind) can't be compared by '\(rawValue)'", column: column)
    }
  }

  private func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }
}

// What is calculated: whole numbers and times. A number beside a time is seconds where the two are added, and how many
// times it is taken where they are multiplied. Nothing here can overflow unnoticed: the lab's numbers are a peer's words.
extension Expression.Operation {
  func result(_ a: ExpressionValue, _ b: ExpressionValue, _ column: Int) throws(LabError) -> ExpressionValue {
    switch (a, b) {
    case (.none, _), (_, .none): return .none
    case (.integer(let a), .integer(let b)): return .integer(try number(a, b, column))
    case (.interval(let a), .interval(let b)):
      let microseconds = try number(a.microseconds, b.microseconds, column)
      switch self {
      case .add, .subtract: return .interval(Interval(microseconds: microseconds))
      // How often the one goes into the other.
      case .divide: return .integer(microseconds)
      case .multiply: break
      }
    case (.interval(let a), .integer(let b)):
      let other = isSum ? try seconds(b, column) : b
      return .interval(Interval(microseconds: try number(a.microseconds, other, column)))
    case (.integer(let a), .interval(let b)) where self != .divide:
      let other = isSum ? try seconds(a, column) : a
      return .interval(Interval(microseconds: try number(other, b.microseconds, column)))
    case (.integer, .interval), (.text, _), (_, .text), (.truth, _), (_, .truth): break
    }
    throw LabError("'\(rawValue)' can't be done to \(a.kind) and \(b.kind)", column: column)
  }

  private var isSum: Bool { self == .add || self == .subtract }

  private func seconds(_ count: Int64, _ column: Int) throws(LabError) -> Int64 {
    let (microseconds, overflow) = count.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { throw LabError("\(count) seconds are too many for a time", column: column) }
    return microseconds
  }

  private func number(_ a: Int64, _ b: Int64, _ column: Int) throws(LabError) -> Int64 {
    if self == .divide, b == 0 { throw LabError("nothing can be divided by 0", column: column) }
    let (result, overflow) =
      switch self {
      case .add: a.addingReportingOverflow(b)
      case .subtract: a.subtractingReportingOverflow(b)
      case .multiply: a.multipliedReportingOverflow(by: b)
      case .divide: a.dividedReportingOverflow(by: b)
      }
    guard !overflow else { throw LabError("the result of '\(rawValue)' is too large for a number", column: column) }
    return result
  }
}
