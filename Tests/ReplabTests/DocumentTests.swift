import Foundation
import Testing

@testable import replab

/// Every session in the documents is run, and what it prints is compared with what stands there.
///
/// A session is a fenced block with lines that begin with `lab> `; the blocks of one document are one session. Under a
/// command stands what it prints: `...` on a line of its own stands for any lines, `…` within a line for any text.
/// `REPLAB_REWRITE=1 swift test --filter DocumentTests` writes what is printed now in place of what is not: read the
/// difference before it is committed.
@Suite("What the documents show is what the program prints") struct DocumentTests {
  static let documents: [String] = {
    let manager = FileManager.default
    let docs = (try? manager.contentsOfDirectory(atPath: Program.root + "/docs")) ?? []
    return (["README.md", "CONTRIBUTING.md"] + docs.sorted().map { "docs/" + $0 }).filter {
      $0.hasSuffix(".md") && manager.fileExists(atPath: Program.root + "/" + $0)
    }
  }()

  @Test(arguments: documents) func session(document: String) throws {
    let path = Program.root + "/" + document
    let lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
    var written: [String] = []
    var session = try Session(Options.none(), forPrompt: false)
    let screen = Output()
    session.output = screen
    session.errors = screen
    session.palette.isColoured = false

    var index = 0
    var isFenced = false
    while index < lines.count {
      let line = lines[index]
      index += 1
      written.append(line)
      if line.hasPrefix("```") { isFenced.toggle() }
      guard isFenced, line.hasPrefix("lab> ") else { continue }
      var expected: [String] = []
      while index < lines.count, !lines[index].hasPrefix("lab> "), !lines[index].hasPrefix("```") {
        expected.append(lines[index])
        index += 1
      }
      let printed = Self.run(String(line.dropFirst(5)), in: &session, screen)
      let isSame = Self.matches(expected[...], printed[...])
      written += isSame ? expected : printed
      if !Self.isRewriting {
        #expect(isSame, "\(document): \(line)\nprints\n\(printed.joined(separator: "\n"))")
      }
    }
    if Self.isRewriting { try written.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8) }
  }

  private static let isRewriting = ProcessInfo.processInfo.environment["REPLAB_REWRITE"] != nil

  /// The lines that a command prints, complaints among them.
  private static func run(_ line: String, in session: inout Session, _ screen: Output) -> [String] {
    let before = screen.kept.count
    do {
      try session.run(line)
    } catch let complaint as Complaint {
      session.show(complaint)
    } catch {
      screen.write("\(error)\n")
    }
    var lines = String(decoding: screen.kept[before...], as: UTF8.self).components(separatedBy: "\n")
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// Whether lines are what a pattern says.
  static func matches(_ pattern: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return lines.isEmpty }
    let rest = pattern.dropFirst()
    if first == "..." { return (lines.startIndex...lines.endIndex).contains { matches(rest, lines[$0...]) } }
    guard let line = lines.first, matches(line: line, first) else { return false }
    return matches(rest, lines.dropFirst())
  }

  private static func matches(line: String, _ pattern: String) -> Bool {
    let parts = pattern.components(separatedBy: "…")
    guard parts.count > 1 else { return line == pattern }
    guard line.hasPrefix(parts[0]), line.hasSuffix(parts[parts.count - 1]), line != parts[0] || parts.count == 2 else {
      return false
    }
    var rest = Substring(line).dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.count >= parts[parts.count - 1].count
  }

  @Test(
    "Wildcards",
    arguments: [
      (["a", "...", "c"], ["a", "b", "b", "c"], true), (["a", "..."], ["a"], true), (["..."], [], true),
      (["a…c"], ["abc"], true), (["a…c"], ["ac"], true), (["a…c…e"], ["abcde"], true), (["a…"], ["b"], false),
      (["ab…b"], ["ab"], false), (["*3"], ["*3"], true), (["*3"], ["*33"], false),
      (["a", "...", "c"], ["a", "b"], false),
      ([], ["a"], false),
    ])
  func wildcards(pattern: [String], lines: [String], isSame: Bool) {
    #expect(Self.matches(pattern[...], lines[...]) == isSame)
  }
}
