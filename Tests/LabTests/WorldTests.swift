import Capture
import Dissection
import Redis
import Testing

@testable import Lab

/// A world in which a node `m` runs on port 7000.
func worldWithMaster(seed: UInt64 = 1) throws -> World {
  var world = World(seed: seed)
  _ = try world.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
  return world
}

func words(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }

@Suite("A world")
struct WorldTests {
  @Test("starts at the notes' time, with nothing in it")
  func emptyWorld() {
    let world = World(seed: 1)
    #expect(world.now == .defaultLabClock)
    #expect(world.pending.isEmpty)
  }

  @Test("answers a client's command at once, and its clock stands still")
  func command() throws {
    var world = try worldWithMaster()
    let step = try world.apply(.command(node: "m", arguments: words("PING")))
    #expect(step.reply == Array("+PONG\r\n".utf8))
    #expect(world.now == .defaultLabClock)
    #expect(step.packets.prefix(3).map(PacketKind.init) == [.syn, .synAck, .ack])
    #expect(step.packets.filter { !$0.payload.isEmpty }.map { $0.payload.count } == [14, 7])
    #expect(world.links.allSatisfy { $0.opener.incoming.isEmpty && $0.acceptor.incoming.isEmpty })
  }

  @Test("keeps the prompt's connection from one command to the next")
  func persistentClient() throws {
    var world = try worldWithMaster()
    let first = try world.apply(.command(node: "m", arguments: words("PING")))
    let second = try world.apply(.command(node: "m", arguments: words("PING")))
    #expect(second.packets.first?.source == first.packets.first?.source)
    #expect(!second.packets.contains { $0.flags.contains(.syn) })
  }

  @Test(
    "says what is wrong and what to do, and stays as it was",
    arguments: [
      (Action.start(node: "m", Launch(arguments: [])), "m runs already, on port 7000; "),
      (.start(node: "r", Launch(arguments: ["--port", "7000"])), "port 7000 is in use by m; "),
      (.start(node: "7", Launch(arguments: [])), "'7' can't be a node's name; "),
      (.start(node: "client", Launch(arguments: [])), "'client' has a meaning of its own"),
      (.command(node: "x", arguments: [[65]]), "there is no node 'x'; there is m"),
      (.kill(node: "x"), "there is no node 'x'"), (.restart(node: "m"), "m runs already; "),
      (.resume(node: "m"), "m is not paused"), (.cut(Link.ID(9)), "there is no link 9; "),
      (.partition("m", "m"), "a node can't be cut off from itself; "), (.heal("m", "m"), "a node can't be cut off"),
      (.advance(to: Instant(microseconds: 0)), "the clock does not go backwards"),
      (.fix(node: "m", .replid("x")), "'x' is not what Redis would draw; "),
      (.fix(node: "m", .usedMemory(-1)), "a node can't use less than no memory"),
      (.chunk(node: "m", .bytes(0)), "a chunk has at least one byte"),
    ])
  func refusals(action: Action, text: String) throws {
    var world = try worldWithMaster()
    let before = world
    let error = #expect(throws: LabError.self) { try world.apply(action) }
    #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
    #expect(world == before)
  }

  @Test("refuses a command to a node that was killed, with redis-cli's words, until it is restarted")
  func killed() throws {
    var world = try worldWithMaster()
    _ = try world.apply(.command(node: "m", arguments: words("PING")))
    let kill = try world.apply(.kill(node: "m"))
    #expect(kill.packets.map(PacketKind.init) == [.fin, .fin, .ack])
    #expect(world.links.isEmpty)
    let error = #expect(throws: LabError.self) { try world.apply(.command(node: "m", arguments: words("PING"))) }
    #expect(error?.what == "could not connect to Redis at 127.0.0.1:7000: Connection refused")
    _ = try world.apply(.restart(node: "m"))
    #expect(try world.apply(.command(node: "m", arguments: words("PING"))).reply == Array("+PONG\r\n".utf8))
  }

  @Test("gives the same packets for the same seed, and others for another")
  func seeds() throws {
    func packets(_ seed: UInt64) throws -> [Packet] {
      var world = try worldWithMaster(seed: seed)
      return try world.apply(.command(node: "m", arguments: words("PING"))).packets
    }
    #expect(try packets(1) == packets(1))
    #expect(try packets(1) != packets(2))
  }
}
