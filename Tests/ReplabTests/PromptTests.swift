import Testing

@Suite(
  "A person at the prompt", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized,
  .timeLimit(.minutes(3)))
struct PromptTests {
  @Test("Tab completes a verb, and lists where there are several") func tab() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("hist", "Tab")
    try terminal.wait("the whole verb") { $0.contains("lab> history") }
    try terminal.type("C-u", "re", "Tab", "Tab")
    try terminal.wait("the verbs in re") { $0.contains("restart") && $0.contains("reverse-continue") }
  }

  @Test("Ctrl-C drops the line and loses no key after it") func cancel() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("nonsense", "C-c", "help quit", "Enter")
    let screen = try terminal.wait("the help") { $0.contains("leave the lab") }
    #expect(!screen.contains("there is no verb"))
  }

  @Test("Up recalls a line, and the history file keeps it for the next run") func history() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("help quit", "Enter")
    try terminal.wait("the help") { $0.contains("leave the lab") }
    try terminal.waitForPrompt()
    try terminal.type("C-l", "Up")
    try terminal.wait("the line again") { $0.contains("lab> help quit") }
    try terminal.type("C-u", "C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(terminal.home.read("history") == "help quit\n")

    let next = try Terminal(environment: ["REPLAB_HISTORY": terminal.home.path("history")])
    try next.waitForPrompt()
    try next.type("Up")
    try next.wait("the line of the run before") { $0.contains("lab> help quit") }
  }

  @Test("The history stands in the XDG state folder, which is made") func stateFolder() throws {
    let folder = Folder()
    let terminal = try Terminal(environment: ["XDG_STATE_HOME": folder.path("a/state")], unset: ["REPLAB_HISTORY"])
    try terminal.waitForPrompt()
    try terminal.type("help quit", "Enter", "C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(folder.read("a/state/replab/history") == "help quit\n")
  }

  @Test("inputrc settings for replab hold") func inputrc() throws {
    let folder = Folder()
    folder.write("inputrc", "$if replab\n\"\\C-t\": \"help quit\"\n$endif\n$if other\n\"\\C-t\": \"wrong\"\n$endif\n")
    let terminal = try Terminal(environment: ["INPUTRC": folder.path("inputrc")])
    try terminal.waitForPrompt()
    try terminal.type("C-t")
    try terminal.wait("the macro") { $0.contains("lab> help quit") }
  }

  @Test("A complaint does not end the lab, and Ctrl-D leaves it") func complaint() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("stpe", "Enter")
    try terminal.wait("the complaint") { $0.contains("Did you mean ‘step’?") }
    try terminal.waitForPrompt()
    try terminal.type("C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
  }
}
