import Redis
import Testing

@testable import Lab

/// DEBUG RESTART and CRASH-AND-RECOVER: the process is executed anew.
@Suite("A server that begins anew") struct ExecutionTests {
  private struct Lab {
    var world = World(seed: 1)

    init() throws {
      let file = "port 7000\nenable-debug-command yes\nsave 100 1\n"
      let launch = Launch(file: ConfigurationFile(name: "m.conf", bytes: Array(file.utf8)), arguments: [])
      _ = try world.apply(.start(node: "m", launch))
    }

    var node: Node? { world.machine("m")?.node }
    var keys: Int? { node?.databases[0].count }

    /// The command, and what m logs of it.
    @discardableResult
    mutating func command(_ line: String) throws -> (reply: String, log: [String]) {
      let arguments = line.split(separator: " ").map { Array($0.utf8) }
      let step = try world.apply(.command(node: "m", arguments: arguments))
      let log = step.notes.compactMap { if case .log(let entry) = $0.content { entry.text } else { nil } }
      return (String(decoding: step.reply ?? [], as: UTF8.self), log)
    }
  }

  @Test("DEBUG RESTART ends in order, and keeps its data, its configuration and its process") func restarts() throws {
    var lab = try Lab()
    try lab.command("SET a 1")
    try lab.command("CONFIG SET timeout 77")
    let (process, run) = (lab.node?.processID, lab.node?.runID)
    let (reply, log) = try lab.command("DEBUG RESTART")
    #expect(reply.isEmpty)
    #expect(
      log.prefix(5) == [
        "User requested shutdown...", "Saving the final RDB snapshot before exiting.", "DB saved on disk",
        "Redis is now ready to exit, bye bye...", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
      ])
    #expect(log.last == "Ready to accept connections")
    #expect(lab.node?.processID == process)
    #expect(lab.node?.runID != run)
    #expect(lab.node?.configuration.timeout == 77)
    #expect(try lab.command("GET a").reply == "$1\r\n1\r\n")
  }

  @Test("CRASH-AND-RECOVER loses what was not saved, and nobody is there until its time is over") func crashes() throws
  {
    var lab = try Lab()
    try lab.command("SET a 1")
    try lab.command("SAVE")
    try lab.command("SET b 1")
    let (reply, log) = try lab.command("DEBUG CRASH-AND-RECOVER 600")
    #expect(reply.isEmpty)
    #expect(log.isEmpty)
    #expect(lab.world.machine("m")?.listening == nil)
    #expect(lab.world.machine("m")?.life == .running)
    let end = lab.world.now + .milliseconds(600)
    while let next = lab.world.nextEventTime, next < end { _ = try lab.world.apply(.next) }
    #expect(lab.world.machine("m")?.listening == nil)
    _ = try lab.world.apply(.next)
    #expect(lab.world.now == end)
    #expect(lab.world.machine("m")?.listening == 7000)
    #expect(lab.keys == 1)
  }

  @Test("On a full disk it stays, and says so") func fullDisk() throws {
    var lab = try Lab()
    try lab.command("SET a 1")
    _ = try lab.world.apply(.disk(node: "m", .full))
    let (reply, log) = try lab.command("DEBUG RESTART")
    #expect(reply == "-ERR failed to restart the server. Check server logs.\r\n")
    #expect(log.last == "Can't restart: configuration rewrite process failed: No space left on device")
    #expect(lab.keys == 1)
  }

  @Test("Its replicas see the connection end, and come back") func replicas() throws {
    var lab = try Lab()
    _ = try lab.world.apply(
      .start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    var log: [String] = []
    func pass(_ interval: Interval) throws {
      let end = lab.world.now + interval
      while let next = lab.world.nextEventTime, next <= end {
        let notes = try lab.world.apply(.next).notes.filter { $0.node == "r" }
        log += notes.compactMap { if case .log(let entry) = $0.content { entry.text } else { nil } }
      }
      _ = try lab.world.apply(.advance(to: end))
    }
    try lab.command("SET a 1")
    try pass(.seconds(8))
    #expect(lab.world.machine("r")?.node?.replication.link.state == .connected)
    try lab.command("DEBUG RESTART")
    log = []
    try pass(.seconds(10))
    #expect(log.first == "Connection with master lost.")
    #expect(lab.world.machine("r")?.node?.replication.link.state == .connected)
    #expect(lab.world.machine("r")?.node?.databases[0].count == 1)
  }
}
