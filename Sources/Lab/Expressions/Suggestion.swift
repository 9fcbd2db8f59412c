/// "Did you mean": the known word nearest to a mistyped one.
package enum Suggestion {
  /// The candidate at the smallest edit distance, if that is small for the word's length: none for one letter, 1 for two
  /// or three, 2 from four on, a third of the letters for long ones.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased())
    let limit = typed.count < 2 ? 0 : typed.count < 4 ? 1 : max(2, typed.count / 3)
    return candidates.map { (distance: distance(typed, Array($0.lowercased())), word: $0) }
      .filter { $0.distance <= limit }
      .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
  }

  /// Up to three candidates that may be meant: near ones, and those of which the word is a part.
  package static func near(to word: String, among candidates: [String]) -> [String] {
    let typed = word.lowercased()
    let parts = typed.count < 3 ? [] : candidates.filter { $0.lowercased().contains(typed) }
    let near = nearest(to: word, among: candidates).map { [$0] } ?? []
    return Array((near + parts.filter { !near.contains($0) }).prefix(3))
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other.
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
