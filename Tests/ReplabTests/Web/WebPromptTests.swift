import Foundation
import Testing

@testable import replab

@Suite("web at the prompt", .enabled(if: Terminal.isInstalled, "tmux is needed")) struct WebPromptTests {
  /// The address that stands on the screen, which may be broken over two rows.
  private func address(_ terminal: Terminal) throws -> (port: UInt16, token: String) {
    let screen = try terminal.wait("the address") { $0.contains("/?token=") && $0.hasSuffix("lab>") }
    let text = screen.replacing("\n", with: "")
    let match = try #require(text.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/\?token=([0-9a-f]{32})/))
    return (try #require(UInt16(match.1)), String(match.2))
  }

  @Test("What a page types stands at the prompt with what it prints, and the line that one is typing stays")
  func typedInPage() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("start m --port 7000", "Enter", "web --no-open", "Enter")
    let (port, token) = try address(terminal)
    let page = try RawClient(port: port)
    #expect(page.upgrade(port, token: token).contains(" 101 "))
    // A page that comes late is told what stood there last.
    let first = try page.message { $0["type"] as? String == "now" }
    #expect(first["position"] as? Int == 1 && first["drives"] as? Bool == true)
    try terminal.type("m SET ha")
    try terminal.wait("half a line") { $0.hasSuffix("lab> m SET ha") }
    page.send(RawClient.frame(Array(#"{"id":1,"line":"m SET titi toto"}"#.utf8)))
    #expect(try page.answer(to: 1)["done"] as? Bool == true)
    try terminal.wait("the page's line, and the half one") {
      $0.contains("lab> m SET titi toto\nOK\nlab> m SET ha") && $0.hasSuffix("lab> m SET ha")
    }
    try terminal.type("lf 1", "Enter")
    try terminal.wait("its reply") { $0.contains("lab> m SET half 1\nOK") }
    let printed = try page.message { $0["line"] as? String == "m SET half 1" && $0["type"] as? String == "printed" }
    #expect(printed["by"] as? String == "prompt" && printed["text"] as? String == "OK\n")
    // Keys go on working as they did: the history, Tab, a line dropped by Ctrl-C.
    try terminal.type("Up")
    try terminal.wait("the last line") { $0.hasSuffix("lab> m SET half 1") }
    try terminal.type("C-c")
    try terminal.type("sta", "Tab")
    try terminal.wait("the completed verb") { $0.hasSuffix("lab> start") }
    try terminal.type("C-c")
    // `quit` in the page ends the prompt, once it has said what is not saved.
    page.send(RawClient.frame(Array(#"{"id":2,"line":"quit"}"#.utf8)))
    #expect(try page.answer(to: 2)["done"] as? Bool == true)
    try terminal.wait("what is not saved") { $0.contains("Once more `quit`") }
    page.send(RawClient.frame(Array(#"{"id":3,"line":"quit"}"#.utf8)))
    try terminal.wait("its end") { $0.contains("left with 0") }
  }

  @Test("A page stops what the prompt has begun, as Ctrl-C does") func stop() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("start m --port 7000", "Enter", "web --no-open", "Enter")
    let (port, token) = try address(terminal)
    let page = try RawClient(port: port)
    #expect(page.upgrade(port, token: token).contains(" 101 "))
    try terminal.type("repeat 1000000 m INCR n", "Enter")
    _ = try page.message { $0["type"] as? String == "busy" && $0["line"] as? String == "repeat 1000000 m INCR n" }
    page.send(RawClient.frame(Array(#"{"id":1,"ask":"stop"}"#.utf8)))
    try terminal.wait("the interruption") { $0.contains("interrupted") }
    _ = try page.message { ($0["text"] as? String)?.contains("interrupted") == true }
  }

  @Test(
    "A password that is typed is stars for all who look",
    arguments: [
      ("m AUTH secret", "m AUTH ******"), ("m auth joe \"se cret\"", "m auth joe \"*******\""),
      ("repeat 2 m AUTH secret", "repeat 2 m AUTH ******"),
      ("m CONFIG SET requirepass xyz", "m CONFIG SET requirepass ***"),
      ("m ACL SETUSER repl on >pw +psync", "m ACL SETUSER repl on >** +psync"),
      ("start m --requirepass abc --port 7000", "start m --requirepass *** --port 7000"),
      ("start r --user \"default on >pw\" --masterauth pw", "start r --user \"default on >**\" --masterauth **"),
      ("m AUTH \"a\\x62c\"", "m AUTH ********"), ("m SET auth x", "m SET auth *"), ("m GET secret", "m GET secret"),
    ])
  func passwords(line: String, shown: String) throws {
    #expect(try Session(.none(), forPrompt: false).shown(line: line) == shown)
    var session = try Session(.none(), forPrompt: false)
    session.showsPasswords = true
    #expect(session.shown(line: line) == line)
  }

  @Test("Scripts have no page, and wrong arguments are told") func complaints() throws {
    for (line, words) in [
      ("web", "a script has no page"), ("web --port x", "is no port"), ("web --port 99999", "is no port"),
      ("web --port", "web needs a port"), ("web now", "does not understand ‘now’"),
    ] {
      let run = try Program.lab(line + "\n")
      #expect(run.status == 2 && run.errors.contains(words), "\(line): \(run.errors)")
    }
    for (arguments, status, words) in [
      (["nowhere.pcap"], 3, "nowhere.pcap"), (["a", "--lesson", "1"], 2, "a file and a lesson"),
      (["--lesson", "nothing-such"], 2, "no lesson"),
    ] as [([String], Int32, String)] {
      let run = try Program.run(Program.replab, ["web", "--no-open"] + arguments)
      #expect(run.status == status && run.errors.contains(words), "\(arguments): \(run.status) \(run.errors)")
    }
  }
}
