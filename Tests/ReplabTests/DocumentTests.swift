import Foundation
import Lessons
import Testing

@testable import replab

/// Every session in the documents is run, and what it prints is compared with what stands there.
///
/// A session is a fenced block with lines that begin with `lab> `; the blocks of one document are one session. Under a
/// command stands what it prints, as `Expectation` reads it.
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
      let printed = session.printed(by: String(line.dropFirst(5)))
      let isSame = Expectation(expected).matches(printed)
      written += isSame ? expected : printed
      if !Self.isRewriting {
        #expect(isSame, "\(document): \(line)\nprints\n\(printed.joined(separator: "\n"))")
        let isHidden = Expectation(expected).hidesEnd(of: String(line.dropFirst(5)), in: session.timeline.world)
        #expect(!isHidden, "\(document): \(line)\nstops before that is so:\n\(printed.joined(separator: "\n"))")
      }
    }
    if Self.isRewriting { try written.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8) }
  }

  private static let isRewriting = ProcessInfo.processInfo.environment["REPLAB_REWRITE"] != nil
}
