import Testing

@Suite(
  "A person at the prompt with a recording", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized,
  .timeLimit(.minutes(3)))
struct ReplayPromptTests {
  @Test("step, Enter, back, x, goto end, Tab, Ctrl-D") func session() throws {
    let terminal = try Terminal("replay \(Program.root)/transcripts/partial-resync.pcap")
    let first = try terminal.waitForPrompt()
    #expect(first.contains("partial-resync.pcap: "))
    try terminal.type("break continue", "Enter", "c", "Enter")
    try terminal.wait("the partial resync") { $0.contains("stopped at breakpoint 1") }
    try terminal.type("C-l", "s", "Enter")
    try terminal.wait("what came next") { $0.contains("FIN, ends the connection") }
    try terminal.waitForPrompt()
    try terminal.type("Enter")
    try terminal.waitForPrompt()
    try terminal.type("C-l", "rc", "Enter")
    try terminal.wait("the breakpoint again") { $0.contains("<<< CONTINUE") }
    try terminal.type("C-l", "x", "Enter")
    try terminal.wait("the bytes") { $0.contains("reply.answer") }
    try terminal.type("C-l", "got", "Tab", "en", "Tab")
    try terminal.wait("what Tab knows") { $0.contains("lab> goto end") }
    try terminal.type("Enter")
    try terminal.waitForPrompt()
    try terminal.type("C-l", "s", "Enter")
    try terminal.wait("the end") { $0.contains("this is the end of the recording") }
    try terminal.type("C-l", "start m", "Enter")
    try terminal.wait("a complaint") { $0.contains("this is a recording") }
    try terminal.type("C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
  }
}
