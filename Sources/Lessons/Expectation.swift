import Lab

/// What a command must print. `...` on a line of its own stands for any lines, `…` within a line for any text; every
/// other character is itself.
///
/// Both are matched as a shell matches `*`: what failed is tried again only from the last wildcard on, so the time is at
/// most the product of both lengths, whatever the pattern.
package struct Expectation: Sendable, Hashable {
  package var lines: [String]

  package init(_ lines: [String]) { self.lines = lines }

  package func matches(_ printed: [String]) -> Bool { firstFailure(in: printed) == nil }

  /// Nil where `printed` is what was expected, else the index of the expected line that was reached and not met: the
  /// number of lines if more was printed than expected.
  package func firstFailure(in printed: [String]) -> Int? {
    let printed = printed.map { Array($0.utf8) }
    let patterns = lines.map { $0 == "..." ? nil : LinePattern($0) }
    var (expected, line) = (0, 0)
    // Where to go on after a failure: behind the last `...`, which then takes one line more.
    var retry: (expected: Int, line: Int)?
    var furthest = 0
    while line < printed.count || expected < patterns.count {
      furthest = max(furthest, expected)
      if expected < patterns.count {
        guard let pattern = patterns[expected] else {
          retry = (expected + 1, line)
          expected += 1
          continue
        }
        if line < printed.count, pattern.matches(printed[line]) {
          expected += 1
          line += 1
          continue
        }
      }
      guard let again = retry, again.line < printed.count else { return furthest }
      retry = (again.expected, again.line + 1)
      (expected, line) = (again.expected, again.line + 1)
    }
    return nil
  }
}

extension Expectation {
  /// Whether an `until` has stopped before what it was to wait for, and this does not say so: it ends with `...`.
  package func hidesEnd(of line: String, in world: World) -> Bool {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard lines.last == "...", words.count == 2, ["until", "u"].contains(words[0]) else { return false }
    // What is no expression has been complained of.
    guard let holds = try? Expression(words[1]).holds(in: world) else { return false }
    return !holds
  }
}

/// A line with `…` for any text.
struct LinePattern {
  /// What stands between the wildcards.
  var parts: [[UInt8]]

  init(_ line: String) {
    parts = line.split(separator: "…", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  func matches(_ line: [UInt8]) -> Bool {
    let (first, last) = (parts[0], parts[parts.count - 1])
    guard parts.count > 1 else { return line == first }
    guard line.count >= first.count + last.count, line.starts(with: first), line.suffix(last.count) == last[...] else {
      return false
    }
    var rest = line[first.count..<line.count - last.count]
    for part in parts[1..<parts.count - 1] {
      guard let end = Self.end(of: part, in: rest) else { return false }
      rest = rest[end...]
    }
    return true
  }

  /// Whether some line holds what the pattern says.
  static func isHeld(_ pattern: String, in lines: [String]) -> Bool {
    let pattern = LinePattern("…" + pattern + "…")
    return lines.contains { pattern.matches(Array($0.utf8)) }
  }

  /// Where the first occurrence of `part` ends.
  private static func end(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard !part.isEmpty else { return text.startIndex }
    guard text.count >= part.count else { return nil }
    for start in text.startIndex...text.endIndex - part.count
    where text[start] == part[0] && text[start..<start + part.count] == part[...] {
      return start + part.count
    }
    return nil
  }
}
