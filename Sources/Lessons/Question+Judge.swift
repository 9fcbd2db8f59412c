/// What an answer is.
package enum Verdict: Sendable, Hashable {
  case right
  case wrong
  /// No answer to such a question; the text says what one looks like.
  case unreadable(String)
}

extension Question {
  /// Judges an answer by what it means. `right` are the answers that are right, see `LessonRun.answers`.
  package func verdict(on given: String, among right: [String]) -> Verdict {
    let given = given.trimmed
    switch kind {
    case .choice:
      guard let choice = option(given) else { return .unreadable("Answer with a letter: \(letters).") }
      return right.contains { option($0) == choice } ? .right : .wrong
    case .order:
      guard let order = order(given) else {
        return .unreadable("Put all letters in the right order, each once: \(letters).")
      }
      return right.contains { self.order($0) == order } ? .right : .wrong
    case .number:
      // How many there are may be none.
      let isNone = text.lowercased().contains("how many") && Wording.isNone(given)
      guard let number = Quantity(isNone ? "0" : given) ?? Quantity(named: given) else {
        return .unreadable("Answer with a number.")
      }
      return right.contains { Quantity($0)?.isSame(as: number) ?? false } ? .right : .wrong
    case .command:
      guard let command = CommandReading(given) else {
        return .unreadable("Answer with a command, as you would type it; each quote must be closed.")
      }
      return right.contains { CommandReading($0)?.isSame(as: command) ?? false } ? .right : .wrong
    case .predict:
      guard !given.isEmpty else { return .unreadable("Answer with what it will print.") }
      return right.contains { Wording.isSame($0, given) || Wording.isName(given, of: $0) } ? .right : .wrong
    }
  }

  /// What is said to a wrong answer, besides that it is wrong: what the lesson says to it, or that it is a part of the
  /// right one.
  package func remark(on given: String, among right: [String]) -> String? {
    if let remark = remarks.first(where: { verdict(on: given, among: [$0.answer]) == .right }) { return remark.text }
    guard kind == .command || kind == .predict, let begun = CommandReading(given) else { return nil }
    let isBegun = right.contains { CommandReading(Wording.said($0)).map { begun.begins($0) } ?? false }
    return isBegun ? "It begins so, and goes on." : nil
  }

  private var letters: String {
    let all = options.indices.map(Self.letter)
    return all.dropLast().joined(separator: ", ") + " or " + (all.last ?? "")
  }

  /// The index of the option that is meant: by its text, by its letter, or by how it alone begins.
  package func option(_ given: String) -> Int? {
    let text = Wording.plain(given)
    let texts = options.map(Wording.plain)
    if let index = texts.firstIndex(of: text) { return index }
    let letter = text.filter { !"().:".contains($0) }
    if letter.count == 1, let index = index(ofLetter: letter) { return index }
    if let index = optionWithReason(text, texts) { return index }
    for article in ["", "the "] {
      let begun = texts.indices.filter { text.count >= 3 && texts[$0].hasPrefix(article + text) }
      if !begun.isEmpty { return begun.count == 1 ? begun[0] : nil }
    }
    return nil
  }

  /// A letter, and the text of that option or a reason: `b) the master`, `b because it streams`. It is none where what
  /// follows is the text of another option, or where `a` may be an article.
  private func optionWithReason(_ text: String, _ texts: [String]) -> Int? {
    let start = text.drop { $0 == "(" }
    guard let first = start.first, let index = index(ofLetter: String(first)) else { return nil }
    let rest = start.dropFirst()
    guard let next = rest.first, " ).:,;-–".contains(next) else { return nil }
    let reason = String(rest.drop { " ).:,;-–".contains($0) })
    if texts.indices.contains(where: { $0 != index && texts[$0] == reason }) { return nil }
    let isArticle = "ai".contains(first) && next == " "
    let begins = ["because", "since", "as ", "for ", "it ", "- ", "– "].contains { reason.hasPrefix($0) }
    return !isArticle || begins || reason == texts[index] ? index : nil
  }

  private func index(ofLetter letter: String) -> Int? { options.indices.first { Self.letter($0) == letter } }

  /// All options in an order, by their letters with anything or nothing between them, or by their texts.
  private func order(_ given: String) -> [Int]? {
    var words = given.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    words.removeAll { $0 == "and" || $0 == "then" }
    if words.count == 1, words[0].count == options.count { words = words[0].map { String($0) } }
    let letters = words.compactMap(index(ofLetter:))
    if letters.count == words.count, let order = permutation(letters) { return order }
    let texts = given.split { ",;>→\n".contains($0) }.compactMap { option(String($0)) }
    return permutation(texts)
  }

  private func permutation(_ order: [Int]) -> [Int]? { order.sorted() == Array(options.indices) ? order : nil }
}

// MARK: - Proving a question

extension Question {
  /// Whether its answer needs a proof: neither an expression nor the next command tells it.
  var needsProof: Bool {
    guard case .given = key else { return false }
    return kind != .predict
  }

  /// Answers that must not pass where `right` are those that do: derived for the question's kind.
  func wrongAnswers(to right: [String]) -> [String] {
    switch kind {
    case .choice:
      let right = right.compactMap(option)
      return options.indices.filter { !right.contains($0) }.map(Self.letter)
    case .order:
      // Neighbours swapped, one pair at a time.
      let orders = right.compactMap(order)
      guard let order = orders.first else { return [] }
      let swapped = order.indices.dropLast().map { index in
        var other = order
        other.swapAt(index, index + 1)
        return other
      }
      return swapped.filter { !orders.contains($0) }.map { $0.map(Self.letter).joined(separator: " ") }
    case .number: return right.map(Self.altered).filter { !right.contains($0) }
    case .command, .predict:
      return right.prefix(1).flatMap { [Self.altered($0), $0 + " and 1 more"] }.filter { !right.contains($0) }
    }
  }

  /// The text with its last digit, or else its last letter, replaced by another.
  private static func altered(_ text: String) -> String {
    var characters = Array(text)
    let last = characters.lastIndex { $0.isASCII && $0.isNumber } ?? characters.lastIndex { $0.isLetter }
    guard let index = last else { return text + "x" }
    if let digit = characters[index].wholeNumberValue {
      characters[index] = Character(String((digit + 1) % 10))
    } else if Quantity(text) != nil {
      return "1234567"  // a number in words
    } else {
      characters[index] = characters[index] == "x" ? "y" : "x"
    }
    return String(characters)
  }
}
