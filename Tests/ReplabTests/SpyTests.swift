import Foundation
import Glibc
import RealRedis
import Testing

@Suite("replab spy") struct SpyTests {
  /// Whether this process may capture: a packet socket needs CAP_NET_RAW.
  static let isAllowed: Bool = {
    let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }()

  @Test(
    "The sync of a real replica, dissected as it happens",
    .enabled(if: isAllowed && RealServer.isInstalled, "capturing needs root or CAP_NET_RAW, and redis-server"),
    .timeLimit(.minutes(2)))
  func sync() throws {
    let master = try RealServer(["--repl-diskless-sync-delay", "0"])
    try master.command("SET", "titi", "toto")
    let folder = Folder()
    let spy = Thread {
      _ = try? Program.run(
        "/bin/sh",
        [
          "-c",
          "\(Program.replab) spy lo port \(master.port) --count 30 >\(folder.path("out")) 2>\(folder.path("err"))",
        ])
      folder.write("end", "end")
    }
    spy.start()
    func wait(for text: String, in file: String) -> Bool {
      for _ in 0..<1_000 {
        if folder.read(file).contains(text) { return true }
        usleep(20_000)
      }
      return false
    }
    try #require(wait(for: "spying on lo", in: "err"), "\(folder.read("err"))")
    let replica = try RealServer(["--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-load", "on-empty-db"])
    try #require(wait(for: "end", in: "end"), "\(folder.read("out"))")
    let text = folder.read("out")
    #expect(text.contains(">>> PSYNC ? -1") && text.contains("<<< FULLRESYNC "), "\(text)")
    #expect(text.contains("replica:\(replica.port) → master:\(master.port)"), "\(text)")
    #expect(text.contains("REPLCONF ACK 0"), "\(text)")
  }

  @Test(
    "At a terminal Ctrl-C ends it, and what was seen is there to be stepped through and kept",
    .enabled(
      if: isAllowed && RealServer.isInstalled && Terminal.isInstalled,
      "capturing needs root or CAP_NET_RAW, redis-server and tmux"),
    .timeLimit(.minutes(3)))
  func stepping() throws {
    let master = try RealServer(["--repl-diskless-sync-delay", "0"])
    let terminal = try Terminal("spy lo port \(master.port)")
    try terminal.wait("it to begin") { $0.contains("Ctrl-C ends it") }
    try master.command("SET", "titi", "toto")
    try terminal.wait("the command") { $0.contains(">>> SET titi toto") }
    try master.command("GET", "titi")
    try terminal.wait("the next command") { $0.contains("reply to GET") }
    try terminal.type("C-c")
    try terminal.wait("the recording") { $0.contains("at the beginning of what crossed lo: ") }
    try terminal.waitForPrompt()
    try terminal.type("C-l", "step", "Enter")
    try terminal.wait("the first step") { $0.contains(">>> SET titi toto") }
    try terminal.type("goto end", "Enter")
    try terminal.waitForPrompt()
    let path = terminal.home.path("seen.pcap")
    try terminal.type("export \(path)", "Enter")
    try terminal.waitForPrompt()
    try terminal.type("C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
    let kept = try Program.run(Program.replab, ["replay", path, "--to", "end"])
    #expect(kept.status == 0 && kept.output.contains(">>> GET titi"), "\(kept.output)\(kept.errors)")
  }

  @Test("Without the right to capture it says how to get it") func rights() throws {
    // Root gives its rights away first.
    let arguments = ["spy", "lo", "port 7000"]
    let run =
      geteuid() == 0
      ? try Program.run(
        "/usr/bin/setpriv",
        ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all", Program.replab] + arguments
      )
      : Self.isAllowed ? nil : try Program.run(Program.replab, arguments)
    guard let run else { return }
    #expect(run.status == 3)
    let words = run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.hasPrefix("replab: lo: you have no right to capture here"), "\(run.errors)")
    #expect(words.contains("sudo \(Program.replab) spy lo \"port 7000\""), "\(run.errors)")
    #expect(words.contains("sudo setcap cap_net_raw+ep \(Program.replab)"), "\(run.errors)")
  }

  @Test(
    "An interface that there is not, and a filter that is none",
    .enabled(if: isAllowed, "capturing needs root or CAP_NET_RAW"))
  func wrong() throws {
    let interface = try Program.run(Program.replab, ["spy", "nonesuch0"])
    #expect(interface.status == 3 && interface.errors.contains("lo"), "\(interface.errors)")
    let filter = try Program.run(Program.replab, ["spy", "lo", "prot", "7000"])
    #expect(filter.status == 2 && filter.errors.contains("‘prot 7000’"), "\(filter.errors)")
  }
}
