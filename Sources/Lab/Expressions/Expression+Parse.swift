import Redis

/// Reads an expression from left to right, one rule of the grammar a function.
struct ExpressionParser {
  private let characters: [Character]
  private var position = 0
  /// How deep the rules may call each other: parentheses and `not` nest by recursion.
  private var depth = 0
  private static let deepest = 100
  /// How many operators there are: each makes the tree deeper by one.
  private var operators = 0
  private static let most = 500
  /// The nodes that there are, for complaints.
  private let names: [String]

  init(_ text: String, names: [String]) { (characters, self.names) = (Array(text), names) }

  /// - Parameter isCondition: whether it is to be true or false.
  mutating func parse(isCondition: Bool) throws(LabError) -> Expression.Term {
    skipSpaces()
    let start = position
    let term = try parseOr()
    if isCondition { try checkCondition(term, from: start, to: position) }
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
    return try parseJoined(by: "or", "||", Expression.Term.or) { parser throws(LabError) in try parser.parseAnd() }
  }

  private mutating func parseAnd() throws(LabError) -> Expression.Term {
    try parseJoined(by: "and", "&&", Expression.Term.and) { parser throws(LabError) in try parser.parseNot() }
  }

  /// One condition, or several with a word or a sign between them.
  private mutating func parseJoined(
    by word: String, _ sign: String, _ join: (Expression.Term, Expression.Term) -> Expression.Term,
    _ parsePart: (inout Self) throws(LabError) -> Expression.Term
  ) throws(LabError) -> Expression.Term {
    skipSpaces()
    var start = position
    var term = try parsePart(&self)
    while true {
      let end = position
      guard take(word: word) || take(sign) else { return term }
      try countOperator()
      try checkCondition(term, from: start, to: end)
      skipSpaces()
      start = position
      let right = try parsePart(&self)
      try checkCondition(right, from: start, to: position)
      term = join(term, right)
    }
  }

  private mutating func parseNot() throws(LabError) -> Expression.Term {
    var (isNegated, hasSign) = (false, false)
    while true {
      skipSpaces()
      if peek("!="), !isNegated { throw LabError("'!=' needs something on its left", column: column) }
      guard take(word: "not") || take("!") else { break }
      isNegated.toggle()
      hasSign = true
    }
    let start = position
    let term = try parseComparison()
    if hasSign { try checkCondition(term, from: start, to: position) }
    return isNegated ? .not(term) : term
  }

  /// What must be true or false is no word, and no number that is always the same. Numbers that nodes have are true
  /// where they are not 0, and texts where they are there at all.
  private func checkCondition(_ term: Expression.Term, from start: Int, to end: Int) throws(LabError) {
    var text = String(characters[start..<end])
    while text.last?.isWhitespace == true { text.removeLast() }
    if case .constant(.text(let word)) = term { text = word }
    let node = names.first ?? "m"
    let (what, advice): (String, String)
    switch term {
    case .constant(.text(let word)) where names.contains(word):
      (what, advice) = ("a node", "ask something about it, as in \(word).offset > 0")
    case .constant(.text): (what, advice) = ("a text", "ask about a node, as in \(node).offset > 0")
    case .time, .constant(.interval): (what, advice) = ("a time", "compare it, as in time > 5s")
    case .step, .constant(.integer): (what, advice) = ("a number", "compare it, as in \(node).offset > 0")
    case .calculate where term.isConstant: (what, advice) = ("a number", "compare it, as in \(node).offset > 0")
    case .property(_, let property):
      guard let words = property.words, let last = words.last else { return }
      (what, advice) = ("a word", "compare it, as in \(text) = \(last)")
    default: return
    }
    throw LabError("'\(text)' is \(what), not a condition", advice: advice, column: start + 1)
  }

  private mutating func parseComparison() throws(LabError) -> Expression.Term {
    let left = try parseSum()
    skipSpaces()
    let start = column
    guard let comparison = takeComparison() else { return left }
    skipSpaces()
    let place = column
    let right = try parseSum()
    try checkWord(left, right, column: place)
    try checkWord(right, left, column: start)
    return .compare(left, comparison, right, column: start)
  }

  /// A property that has few words is compared with none that it never is: whoever waits for that waits in vain.
  private func checkWord(_ property: Expression.Term, _ word: Expression.Term, column: Int) throws(LabError) {
    guard case .property(let node, let property) = property, case .constant(.text(let word)) = word,
      let words = property.words,
      !words.contains(word)
    else { return }
    let others = words.dropLast().joined(separator: ", ")
    throw LabError(
      "\(node).\(property.rawValue) is never '\(word)'", advice: "it is \(others) or \(words.last ?? "")",
      column: column)
  }

  private mutating func parseSum() throws(LabError) -> Expression.Term {
    var term = try parseProduct()
    while let (operation, start) = try takeOperation(.add, .subtract) {
      term = .calculate(term, operation, try parseProduct(), column: start)
    }
    return term
  }

  private mutating func parseProduct() throws(LabError) -> Expression.Term {
    var term = try parseSigned()
    while let (operation, start) = try takeOperation(.multiply, .divide) {
      term = .calculate(term, operation, try parseSigned(), column: start)
    }
    return term
  }

  private mutating func takeOperation(
    _ operations: Expression.Operation...
  ) throws(LabError) -> (Expression.Operation, column: Int)? {
    skipSpaces()
    let start = column
    guard let operation = operations.first(where: { take($0.rawValue) }) else { return nil }
    try countOperator()
    return (operation, start)
  }

  private mutating func countOperator() throws(LabError) {
    operators += 1
    if operators > Self.most { throw LabError("the expression is too long", column: column) }
  }

  /// `-5`, `-5s`, `-m.offset`, `-(1 + 2)`. A word may begin with a minus, too.
  private mutating func parseSigned() throws(LabError) -> Expression.Term {
    skipSpaces()
    guard peek("-"), !isNumberAhead else { return try parseValue() }
    let start = column
    position += 1
    try countOperator()
    let isWord = position < characters.count && characters[position].isLetter
    // Signs nest, too.
    depth += 1
    defer { depth -= 1 }
    if depth > Self.deepest { throw LabError("the expression is nested too deeply", column: column) }
    let term = try parseSigned()
    if isWord, case .constant(.text(let word)) = term { return .constant(.text("-" + word)) }
    return .calculate(.constant(.integer(0)), .subtract, term, column: start)
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
    let word = String(wordAhead)
    position += word.count
    if word.allSatisfy({ "+-*".contains($0) }) {
      throw LabError("'\(word)' needs something on its left", column: start + 1)
    }
    switch word {
    case "time": return .time
    case "step": return .step
    case "lost": return .lost(column: start + 1)
    case "true", "false": return .constant(.truth(word == "true"))
    case "none": return .constant(.none)
    default: break
    }
    if let number = Int64(word) { return .constant(.integer(number)) }
    if word.first?.isNumber == true, let interval = Interval(word) { return .constant(.interval(interval)) }
    return try parseProperty(word, start: start) ?? .constant(.text(word))
  }

  /// `m.offset`; nil for a word without a dot, or for one like an address.
  private func parseProperty(_ word: String, start: Int) throws(LabError) -> Expression.Term? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].first?.isLetter == true else { return nil }
    guard let property = NodeProperty(rawValue: parts[1].lowercased()) else {
      let known = NodeProperty.allCases.map(\.rawValue).joined(separator: ", ")
      throw LabError(
        "nothing about a node is called '\(parts[1])'", advice: "there is \(known)", column: start + parts[0].count + 2)
    }
    return .property(node: String(parts[0]), property)
  }

  // MARK: Characters

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-.:+*$".contains(character)
  }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  /// `-5`, which is one number.
  private var isNumberAhead: Bool {
    let next = position + 1
    return next < characters.count && characters[next].isNumber && Int64(String(wordAhead)) != nil
  }

  /// The word that begins here. `-`, `+` and `*` may be in it, as in a node's name; but behind a number, a property or a name
  /// of the clock's they calculate.
  private var wordAhead: ArraySlice<Character> {
    func isSign(_ character: Character) -> Bool { "-+*".contains(character) }
    let rest = characters[position...]
    guard let first = rest.first, Self.isWord(first) else { return [] }
    let isNumber = first.isNumber || isSign(first) && rest.dropFirst().first?.isNumber == true
    var (end, hasDot) = (position + 1, first == ".")
    // No further than it goes: a sum of many parts would be looked through for each of them.
    while end < characters.count, Self.isWord(characters[end]) {
      if isSign(characters[end]) {
        let isClock = end - position == 4 && ["time", "step"].contains(String(rest[..<end]))
        if isNumber || hasDot && first.isLetter || isClock { break }
      }
      hasDot = hasDot || characters[end] == "."
      end += 1
    }
    return rest[..<end]
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
