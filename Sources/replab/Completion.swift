import LineEdit

/// What Tab offers at a place in a line.
enum Completion {
  static func candidates(before: String, word: String, in session: Session?) -> LineEditor.Candidates {
    let earlier = before.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = earlier.first else {
      return .words(Verb.all.map(\.name).filter { $0.hasPrefix(word) })
    }
    guard let verb = Verb.exactly(first) ?? Verb.beginning(with: first), !verb.offers.isEmpty else { return .words([]) }
    switch verb.offers[min(earlier.count, verb.offers.count) - 1] {
    case .files: return .files
    case .verbs: return .words(Verb.all.map(\.name).filter { $0.hasPrefix(word) })
    case .words(let words): return .words(words.filter { $0.hasPrefix(word) })
    default: return .words([])
    }
  }
}
