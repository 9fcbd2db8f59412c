import Testing

@testable import replab

@Suite("What an export says of a command that failed") struct FailedCommandExportTests {
  @Test(
    "Of a command that failed on the replica, no export says that the replica did it",
    arguments: ["html", "md", "svg", "txt", "mermaid"])
  func failedCommand(form: String) throws {
    let folder = Folder()
    let file = folder.path("talk.\(form)")
    let run = try Program.lab(
      """
      start m --port 7000 --repl-diskless-sync-delay 0
      m SET n 1
      start r --port 7001 --replicaof "127.0.0.1 7000" --replica-read-only no
      continue
      r SET n word
      m INCR n
      continue
      export '\(file)'

      """)
    #expect(run.errors == "")
    // Lines may be filled, and those that go on begin with `//`.
    let text = folder.read("talk.\(form)").split { $0.isWhitespace }.filter { $0 != "//" }.joined(separator: " ")
    #expect(!text.isEmpty)
    #expect(!text.contains("the replica does it too: INCR n"))
    if form == "html" || form == "md" { #expect(text.contains("but the replica can't: ERR value is not an integer")) }
  }
}
