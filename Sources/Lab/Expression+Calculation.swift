import Redis

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
