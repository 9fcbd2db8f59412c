/// Log lines without what is chance, so that they can be compared; what a node does again and again is once.
enum LogText {
  static func lines(_ lines: [Seen.LogLine]) -> [String] {
    withoutRounds(
      refusals(
        lines.filter { line in !Exceptions.lines.contains { line.text.hasPrefix($0.prefix) } }
          .map { "\($0.level) \(plain($0.text))" }))
  }

  /// A process that dies closes its connections and its listening socket in any order: whoever comes back at once is
  /// refused, or accepted by the kernel and then dropped. Whether another second begins while nobody is there is chance,
  /// too, so that what is tried then is left out.
  private static func refusals(_ lines: [String]) -> [String] {
    var kept: [String] = []
    for line in lines {
      kept.append(line)
      if kept.suffix(3) == dropped[...] { kept.replaceSubrange((kept.count - 3)..., with: [refused]) }
      if kept.count >= 3, kept.last == refused, kept[kept.count - 3].hasPrefix("notice Connecting to MASTER") {
        kept.removeLast(3)
      }
    }
    return kept
  }

  private static let refused = "warning Error condition on socket for SYNC: Connection refused"

  private static let dropped = [
    "notice Non blocking connect for SYNC fired the event.",
    "warning Failed to read response from the server: Success",
    "warning Master did not respond to command during SYNC handshake",
  ]

  private static func plain(_ text: String) -> String {
    var text = text
    for (regex, replacement) in patterns { text = text.replacing(regex, with: replacement) }
    return text
  }

  nonisolated(unsafe) private static let patterns: [(Regex<AnyRegexOutput>, String)] = Exceptions.words.compactMap {
    entry in (try? Regex(entry.pattern)).map { ($0, entry.replacement) }
  }

  /// How often a replica tries again is a matter of time: of lines that repeat, as one or several together, one round
  /// stays.
  private static func withoutRounds(_ lines: [String]) -> [String] {
    var kept: [String] = []
    for line in lines {
      kept.append(line)
      for length in 1...8 where kept.count >= 2 * length && isRound(kept.suffix(length)) {
        let (last, before) = (kept.suffix(length), kept.dropLast(length).suffix(length))
        if last.elementsEqual(before) {
          kept.removeLast(length)
          break
        }
      }
    }
    return kept
  }

  private static func isRound(_ lines: ArraySlice<String>) -> Bool {
    lines.contains { $0.contains("Connecting to MASTER") || $0.contains("BGSAVE") || $0.contains("Write error") }
      || lines.contains { $0.contains("Error") || $0.contains("changes in") || $0.contains("SYNC") }
  }
}
