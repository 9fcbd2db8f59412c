import Foundation
import Testing

/// A doc comment says which functions of Redis its declaration has the work of: the name in backticks and its file, in
/// parentheses, as in "(`slaveTryPartialResynchronization`, `syncWithMaster` in replication.c; `call` in server.c)". The
/// tables of docs/PROTOCOL.md list all of them.
///
/// `REPLAB_REWRITE=1 swift test --filter RedisFunctionTests` writes the tables anew: read the difference before it is
/// committed.
@Suite("Redis's functions are where the tables say") struct RedisFunctionTests {
  /// A function of Redis, and a declaration that does what it does, or a part of that.
  private struct Counterpart {
    var file: String
    var function: String
    var path: String
    var declaration: String
  }

  @Test func tables() throws {
    let document = Program.root + "/docs/PROTOCOL.md"
    let found = try String(contentsOfFile: document, encoding: .utf8).components(separatedBy: "\n")
    let expected = Self.filled(found, with: try Self.counterparts())
    if ProcessInfo.processInfo.environment["REPLAB_REWRITE"] != nil {
      try expected.joined(separator: "\n").write(toFile: document, atomically: true, encoding: .utf8)
      return
    }
    let missing = expected.filter { !found.contains($0) }
    let superfluous = found.filter { !expected.contains($0) }
    #expect(missing == [], "named in Sources, and not in docs/PROTOCOL.md")
    #expect(superfluous == [], "in docs/PROTOCOL.md, and not so in Sources")
    let isInOrder = found == expected
    #expect(isInOrder, "the rows are in alphabetical order, each once")
  }

  /// "Without a counterpart are …" ends where one comes to be.
  @Test func withoutCounterpart() throws {
    let text = try String(contentsOfFile: Program.root + "/docs/PROTOCOL.md", encoding: .utf8)
    let named = Set(try Self.counterparts().map(\.function))
    let paragraphs = text.components(separatedBy: "\n\n").filter { $0.contains("ithout a counterpart") }
    let without = paragraphs.flatMap { $0.matches(of: #/`(\w+)`/#).map { String($0.1) } }
    #expect(!without.isEmpty && without.filter(named.contains) == [])
  }

  // MARK: What the doc comments say

  private static func counterparts() throws -> [Counterpart] {
    let sources = Program.root + "/Sources"
    let files = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
    return try files.filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
      counterparts(in: try String(contentsOfFile: sources + "/" + path, encoding: .utf8), path)
    }
  }

  private static func counterparts(in text: String, _ path: String) -> [Counterpart] {
    guard text.contains(".c)") || text.contains(".c;") else { return [] }
    var found: [Counterpart] = []
    var comment = ""
    for line in text.split(separator: "\n") {
      let line = line.drop { $0 == " " }
      if line.hasPrefix("///") {
        comment += line.dropFirst(3)
      } else if !comment.isEmpty {
        let declaration = declaration(line)
        // An attribute on a line of its own.
        if declaration == nil, line.hasPrefix("@") { continue }
        found += functions(in: comment).map {
          Counterpart(file: $0.file, function: $0.name, path: path, declaration: declaration ?? "?")
        }
        comment = ""
      }
    }
    return found
  }

  private static func declaration(_ line: Substring) -> String? {
    let match = line.firstMatch(of: #/\b(?:func|var|let|struct|enum|case|extension) +(\w+)|\b(init|subscript)\b/#)
    return match.flatMap { $0.1 ?? $0.2 }.map(String.init)
  }

  private static func functions(in comment: String) -> [(file: String, name: String)] {
    guard comment.contains(".c") else { return [] }
    return comment.matches(of: #/\(([^()]*)\)/#).flatMap { $0.1.split(separator: ";") }.flatMap { part in
      guard let match = part.wholeMatch(of: #/ ?((?:`\w+`, )*`\w+`) in (\w+\.c)/#) else { return [(String, String)]() }
      return match.1.matches(of: #/\w+/#).map { (String(match.2), String($0.0)) }
    }
  }

  // MARK: What the document says

  /// The document with the rows that it should have. A file without a heading of its own is among the others.
  private static func filled(_ lines: [String], with counterparts: [Counterpart]) -> [String] {
    let ofHeadings = Set(lines.compactMap(headed))
    var filled: [String] = []
    var heading: String?
    for line in lines {
      if line.hasPrefix("#") { heading = line == "### Other files" ? "" : headed(line) }
      guard let file = heading else {
        filled.append(line)
        continue
      }
      if line.hasPrefix("| `") { continue }
      filled.append(line)
      guard line.hasPrefix("|---") else { continue }
      filled += rows(counterparts.filter { file.isEmpty ? !ofHeadings.contains($0.file) : $0.file == file }, file)
    }
    return filled
  }

  private static func headed(_ line: String) -> String? {
    line.wholeMatch(of: #/### (\w+\.c)/#).map { String($0.1) }
  }

  private static func rows(_ counterparts: [Counterpart], _ file: String) -> [String] {
    let byFunction = Dictionary(grouping: counterparts) {
      file.isEmpty ? "`\($0.function)` in \($0.file)" : "`\($0.function)`"
    }
    return byFunction.sorted { $0.key.lowercased() < $1.key.lowercased() }.map { function, places in
      let paths = Dictionary(grouping: places, by: \.path).sorted { $0.key < $1.key }
      let here = paths.map { path, places in
        var names: [String] = []
        for place in places where !names.contains(place.declaration) { names.append(place.declaration) }
        return names.map { "`\($0)`" }.joined(separator: ", ") + " in \(path)"
      }
      return "| \(function) | \(here.joined(separator: "; ")) |"
    }
  }
}
