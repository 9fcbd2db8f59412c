import Redis

/// Reads an expression from left to right, one rule of the grammar a function.
struct ExpressionParser {
  private let characters: [Character]
  private var position = 0
  /// How deep the rules may call each other: parentheses and `not` nest by recursion.
  private var depth = 0
  private static let deepest = 100

  init(_ text: String) { characters = Array(text) }

  mutating func parse() throws(LabError) -> Expression.Term {
    let term = try parseOr()
    skipSpaces()
    if position < characters.count {
      throw LabError("'\(characters[position])' is not expected here", column: column)
    }
    return term
  }

  private var column: Int { position + 1 }

  // MARK: Rules

  private mutating func parseOr() throws(LabError) -> Expression.Term {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.deepest { throw LabError("the expression is nested too deeply", column: column) }
    var term = try parseAnd()
    while take(word: "or") || take("||") { term = .or(term, try parseAnd()) }
    return term
  }

  private mutating func parseAnd() throws(LabError) -> Expression.Term {
    var term = try parseNot()
    while take(word: "and") || take("&&") { term = .and(term, try parseNot()) }
    return term
  }

  private mutating func parseNot() throws(LabError) -> Expression.Term {
    var isNegated = false
    while true {
      skipSpaces()
      if peek("!="), !isNegated { throw LabError("'!=' needs something on its left", column: column) }
      guard take(word: "not") || take("!") else { break }
      isNegated.toggle()
    }
    let term = try parseComparison()
    return isNegated ? .not(term) : term
  }

  private mutating func parseComparison() throws(LabError) -> Expression.Term {
    let left = try parseValue()
    skipSpaces()
    let start = column
    guard let comparison = takeComparison() else { return left }
    return .compare(left, comparison, try parseValue(), column: start)
  }

  private mutating func takeComparison() -> Expression.Comparison? {
    if take("==") { return .equal }
    for comparison: Expression.Comparison in [.notEqual, .lessOrEqual, .greaterOrEqual, .equal, .less, .greater]
    where take(comparison.rawValue) {
      return comparison
    }
    return nil
  }

  private mutating func parseValue() throws(LabError) -> Expression.Term {
    skipSpaces()
    guard position < characters.count else { throw LabError("something is missing at the end", column: column) }
    switch characters[position] {
    case "(":
      let start = column
      position += 1
      let term = try parseOr()
      guard take(")") else { throw LabError("this parenthesis is never closed", column: start) }
      return term
    case "\"", "'": return try parseQuoted()
    case let character where Self.isWord(character): return try parseWord()
    case let character: throw LabError("'\(character)' is not expected here", column: column)
    }
  }

  private mutating func parseQuoted() throws(LabError) -> Expression.Term {
    let (quote, start) = (characters[position], column)
    position += 1
    let rest = characters[position...]
    guard let end = rest.firstIndex(of: quote) else { throw LabError("this text is never closed", column: start) }
    position = end + 1
    return .constant(.text(String(rest[..<end])))
  }

  private mutating func parseWord() throws(LabError) -> Expression.Term {
    let start = position
    let word = takeWord()
    switch word {
    case "time": return .time
    case "step": return .step
    case "true", "false": return .constant(.truth(word == "true"))
    case "none": return .constant(.none)
    default: break
    }
    if let number = Int64(word) { return .constant(.integer(number)) }
    if word.first?.isNumber == true, let interval = Interval(word) { return .constant(.interval(interval)) }
    return try parseFact(word, start: start) ?? .constant(.text(word))
  }

  /// `m.offset`; nil for a word without a dot, or for one like an address.
  private func parseFact(_ word: String, start: Int) throws(LabError) -> Expression.Term? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].first?.isLetter == true else { return nil }
    guard let fact = Fact(rawValue: parts[1].lowercased()) else {
      let known = Fact.allCases.map(\.rawValue).joined(separator: ", ")
      throw LabError(
        "nothing about a node is called '\(parts[1])'", advice: "there is \(known)", column: start + parts[0].count + 2)
    }
    return .fact(node: String(parts[0]), fact)
  }

  // MARK: Characters

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-.:+*$".contains(character)
  }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  private mutating func takeWord() -> String {
    let start = position
    while position < characters.count, Self.isWord(characters[position]) { position += 1 }
    return String(characters[start..<position])
  }

  private func peek(_ text: String) -> Bool { characters[position...].starts(with: text) }

  private mutating func take(_ text: String) -> Bool {
    skipSpaces()
    guard peek(text) else { return false }
    position += text.count
    return true
  }

  /// A word as a whole: `or`, but not the first letters of `origin`.
  private mutating func take(word: String) -> Bool {
    skipSpaces()
    let end = position + word.count
    guard peek(word), end >= characters.count || !Self.isWord(characters[end]) else { return false }
    position = end
    return true
  }
}
