import Foundation
import Testing

/// What documents and comments point at is there.
@Suite("References lead somewhere") struct ReferenceTests {
  private static let documents: [String] = {
    let docs = (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/docs")) ?? []
    return ["README.md", "CONTRIBUTING.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }()

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: Program.root + "/" + path, encoding: .utf8)
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: Program.root + "/" + path)
  }

  @Test("Links in Markdown", arguments: documents) func links(document: String) throws {
    let folder = document.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    for match in try Self.text(document).matches(of: #/\]\(([^)#:\s]+)(#[^)\s]*)?\)/#) {
      #expect(Self.exists(folder + String(match.output.1)), "\(match.output.0)")
    }
  }

  @Test("Files of the sources and the tests that documents name", arguments: documents)
  func files(document: String) throws {
    for match in try Self.text(document).matches(
      of: #/`((?:Sources|Tests|Fuzz|scripts|docs|lessons|transcripts)/[^`\s*…]+)`/#)
    {
      #expect(Self.exists(String(match.output.1)), "\(match.output.1)")
    }
  }

  @Test("Sections of docs/PROTOCOL.md that comments name") func sections() throws {
    let numbers = Set(
      try Self.text("docs/PROTOCOL.md").matches(of: #/(?m)^## (\d+)\. /#).compactMap { Int($0.output.1) })
    #expect(numbers == Set(1...numbers.count))
    let paths = FileManager.default.enumerator(atPath: Program.root + "/Sources")?.compactMap { $0 as? String } ?? []
    var found = 0
    for path in paths where path.hasSuffix(".swift") {
      let comments = try Self.text("Sources/" + path).replacing(#/\n\s*\/\/\/? /#, with: " ")
      for match in comments.matches(of: #/PROTOCOL\.md(,? [^);.]*)/#) {
        found += 1
        let named = match.output.1.matches(of: #/\d+/#).compactMap { Int($0.output) }
        #expect(!named.isEmpty && named.allSatisfy(numbers.contains), "\(path): \(match.output.0)")
      }
    }
    #expect(found > 0)
  }
}
