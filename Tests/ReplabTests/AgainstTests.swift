import Foundation
import Lessons
import RealRedis
import Testing

@testable import replab

@Suite(
  "The lessons are true of real Redis",
  .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct AgainstTests {
  static let lessons: [String] = ((try? LessonCatalog().books) ?? []).map(\.path)

  @Test("real servers do what a lesson's do", arguments: lessons)
  func same(lesson: String) throws {
    let outcome = try Program.run(Program.replab, ["lesson", "test", "--against", "redis-server", lesson])
    #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
    #expect(outcome.output.contains("same"))
  }

  @Test("a server that does otherwise is found out")
  func different() throws {
    let folder = Folder()
    let program = try #require(RealServer.find("redis-server"))
    folder.write("other-server", "#!/bin/sh\nexec \(program) \"$@\" --repl-diskless-sync no\n")
    chmod(folder.path("other-server"), 0o755)
    folder.write(
      "01-sync.md",
      """
      ---
      title: A sync
      summary: The snapshot comes with a mark.
      ---
      ```lab
      lab> start m --port 7000 --repl-diskless-sync-delay 0
      lab> start r --port 7001 --replicaof "127.0.0.1 7000"
      lab> advance 3s
      ...
      ```
      """)
    let arguments = ["lesson", "test", folder.path("01-sync.md"), "--against", folder.path("other-server")]
    let outcome = try Program.run(Program.replab, arguments)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("a real server does otherwise at branch 1"))
    #expect(outcome.errors.contains("$EOF:"))
    #expect(outcome.errors.contains("$length"))
  }

  @Test("a server that is not there is said to be missing")
  func missing() throws {
    let outcome = try Program.run(Program.replab, ["lesson", "test", "--against", "/nowhere/redis-server"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("/nowhere/redis-server can't be run"))
  }
}
