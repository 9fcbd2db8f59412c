import Testing

@testable import Lab

/// What a Redis 7.0 has and the lab has not is refused by the lab, not by a node.
@Suite("What the lab does not simulate") struct UnsimulatedTests {
  @Test(
    "It is refused before anything is sent",
    arguments: [
      ("CLUSTER INFO", "CLUSTER"), ("cluster", "CLUSTER"), ("module list", "MODULE"),
      ("debug htstats 0", "DEBUG HTSTATS"),
    ])
  func refused(line: String, name: String) throws {
    var timeline = try topology()
    try timeline.apply(.command(node: "m", arguments: words("MULTI")))
    try timeline.apply(.command(node: "m", arguments: words("SET a 1")))
    let world = timeline.world
    let error = #expect(throws: LabError.self) {
      try timeline.apply(.command(node: "m", arguments: words(line)))
    }
    #expect(error?.what == "the lab does not simulate \(name)")
    #expect(timeline.world == world)
    // The transaction has not heard of it.
    let step = try timeline.apply(.command(node: "m", arguments: words("EXEC")))
    #expect(step.reply == Array("*1\r\n+OK\r\n".utf8))
  }

  @Test(
    "What Redis has not either is the node's to refuse",
    arguments: [
      ("NOSUCH a", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' \r\n"),
      ("CONFIG XYZ", "-ERR unknown subcommand 'XYZ'. Try CONFIG HELP.\r\n"),
    ])
  func unknown(line: String, reply: String) throws {
    var timeline = try topology()
    let step = try timeline.apply(.command(node: "m", arguments: words(line)))
    #expect(step.reply == Array(reply.utf8))
  }

  @Test("A Sentinel with a line that makes no sense is refused, and so is a replica that were part of a cluster")
  func launches() throws {
    var world = World(seed: 1)
    for (arguments, complaint) in [
      (
        ["--sentinel", "monitor mymaster 127.0.0.1 7000 0"],
        "sentinel.conf, line 1: 'sentinel monitor mymaster 127.0.0.1 7000 0': Quorum must be 1 or greater."
      ),
      (
        ["--cluster-enabled", "yes", "--replicaof", "127.0.0.1 7000"],
        "replicaof directive not allowed in cluster mode"
      ),
    ] {
      let error = #expect(throws: LabError.self) {
        try world.apply(.start(node: "a", Launch(arguments: arguments)))
      }
      #expect(error?.what == complaint)
    }
    #expect(world.machines.isEmpty)
  }

  @Test("A node that listens nowhere ends, and its port is free")
  func nowhere() throws {
    var world = World(seed: 1)
    _ = try world.apply(.start(node: "a", Launch(arguments: ["--port", "0"])))
    #expect(world.machine("a")?.life == .ended(code: 1))
    _ = try world.apply(.start(node: "b", Launch(arguments: ["--port", "7000"])))
    _ = try world.apply(.command(node: "b", arguments: words("CONFIG SET port 0")))
    #expect(world.machine("b")?.listening == nil)
    _ = try world.apply(.start(node: "c", Launch(arguments: ["--port", "7000"])))
    #expect(world.machine("c")?.life == .running)
  }
}
