import Dissection
import Redis
import Testing

@testable import Lab

/// A master `m` with keys, and `r` started as its replica.
func topology(_ directives: String = "", keys: Int = 2, clock: Instant = .defaultLabClock) throws -> Timeline {
  var timeline = Timeline(seed: 3, clock: clock)
  let master = "--port 7000 --repl-diskless-sync-delay 0 " + directives
  try timeline.apply(.start(node: "m", Launch(arguments: master.split(separator: " ").map(String.init))))
  for key in 0..<keys { try timeline.apply(.command(node: "m", arguments: words("SET key\(key) value"))) }
  try timeline.apply(
    .start(
      node: "r",
      Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000", "--repl-diskless-load", "on-empty-db"])))
  return timeline
}

@Suite("A verb")
struct VerbTests {
  @Test("next goes through the phases of the protocol, one after the other")
  func phases() throws {
    var timeline = try topology()
    var phases: [Phase] = []
    while phases.last != .stream, timeline.next().stop == .done { phases += timeline.current?.entered ?? [] }
    #expect(phases == [.connect, .handshake, .psync, .wait, .transfer, .load, .stream])
  }

  @Test("step stops where a message arrives, and back goes there again")
  func stepAndBack() throws {
    var timeline = try topology()
    let (start, world) = (timeline.position, timeline.world)
    var worlds: [World] = []
    for _ in 0..<12 {
      #expect(timeline.step().stop == .done)
      #expect(timeline.current?.delivered.isEmpty == false)
      worlds.append(timeline.world)
    }
    for index in (0..<11).reversed() {
      #expect(timeline.back().stop == .done)
      #expect(timeline.world == worlds[index])
    }
    _ = timeline.back()
    #expect(timeline.position == start)
    #expect(timeline.world == world)
    #expect(timeline.back(1_000).stop == .beginning)
    #expect(timeline.position == 0)
  }

  @Test("stepi delivers one packet")
  func stepPacket() throws {
    var timeline = try topology()
    let from = timeline.position
    for _ in 0..<10 { #expect(timeline.stepPacket().stop == .done) }
    var count = 0
    timeline.forEachStep { if $0.number > from { count += $0.packets.count } }
    #expect(count == 10)
  }

  @Test("continue goes on until the replica follows the stream and all is quiet, and then goes nowhere")
  func quiet() throws {
    var timeline = try topology()
    #expect(timeline.resume().stop == .quiet)
    #expect(
      try Expression("r.state = connected and r.keys = 2 and m.replica_states = online").holds(in: timeline.world))
    let position = timeline.position
    #expect(timeline.resume() == StopReply(from: position, to: position, stop: .quiet))
  }

  @Test("continue is quiet, too, when a master is gone for good")
  func quietWithoutMaster() throws {
    var timeline = try topology()
    _ = timeline.resume()
    try timeline.apply(.kill(node: "m"))
    #expect(timeline.resume().stop == .quiet)
    #expect(try Expression("r.link = connect").holds(in: timeline.world))
  }

  @Test("until stops at the first moment at which an expression holds")
  func until() throws {
    var timeline = try topology()
    let expression = try Expression("r.keys = 2")
    #expect(try timeline.until(expression).stop == .done)
    #expect(try expression.holds(in: timeline.world))
    try timeline.go(to: timeline.position - 1)
    #expect(try !expression.holds(in: timeline.world))
  }

  @Test("advance lets exactly that much time pass")
  func advance() throws {
    var timeline = try topology()
    #expect(timeline.advance(by: .seconds(12)).stop == .done)
    #expect(timeline.world.now - timeline.world.start == .seconds(12))
    var pings = 0
    timeline.forEachStep { pings += $0.delivered.count { $0.message.kind == .streamPing } }
    #expect(pings == 1)
  }

  @Test("a command that blocks lets time pass until its reply comes")
  func wait() throws {
    var timeline = try topology()
    _ = timeline.resume()
    let run = try timeline.command("m", words("SET a b"))
    #expect(run.to == run.from + 1)
    let before = timeline.world.now
    _ = try timeline.command("m", words("WAIT 1 0"))
    #expect(timeline.current?.reply == Array(":1\r\n".utf8))
    #expect(timeline.world.now > before)
    #expect(timeline.world.now - before < .milliseconds(1))
    _ = try timeline.command("m", words("SET a c"))
    _ = try timeline.command("m", words("WAIT 2 100"))
    #expect(timeline.current?.reply == Array(":1\r\n".utf8))
  }

  @Test("an interrupted verb leaves everything as after any step")
  func interrupted() throws {
    var timeline = try topology()
    var polls = 0
    let run = timeline.resume(
      ProgressMonitor(shouldStop: {
        polls += 1
        return polls > 5
      }))
    #expect(run.stop == .interrupted)
    #expect(run.to == run.from + 5)
    let world = timeline.world
    #expect(timeline.resume().stop == .quiet)
    try timeline.go(to: run.to)
    #expect(timeline.world == world)
  }

  @Test(
    "stops at a breakpoint",
    arguments: [
      ("message PSYNC", "m.replicas = 1"), ("FULLRESYNC", "r.state = transfer"), ("phase transfer", "r.keys = 2"),
      ("r.keys > 0", "r.keys = 2"), ("log \"Done loading\"", "r.keys = 2"),
      ("decision partialResync", "m.replicas = 1"),
      ("command replconf", "m.clients = 2"), ("r", "r.state = connecting"), ("ack", "m.acknowledged = 0"),
    ])
  func breakpoints(spec: String, holds: String) throws {
    var timeline = try topology()
    let breakpoint = try timeline.addBreakpoint(spec)
    #expect(timeline.resume().stop == .breakpoint(number: breakpoint.number))
    #expect(try Expression(holds).holds(in: timeline.world))
    let there = timeline.position
    try timeline.deleteBreakpoint(nil)
    _ = timeline.resume()
    _ = try timeline.addBreakpoint(spec)
    // Backwards to the first one, over those that came after it.
    while timeline.position > there { #expect(timeline.reverseContinue().stop != .beginning) }
    #expect(timeline.position == there)
  }

  @Test("stops where a watched value changes, and says from what to what")
  func watch() throws {
    var timeline = try topology()
    let watch = try timeline.addWatch("r.state")
    var seen: [ExpressionValue] = []
    while case .watch(watch.number, _, let after) = timeline.resume().stop { seen.append(after) }
    #expect(
      seen
        == [
          "connecting", "receive_ping_reply", "receive_port_reply", "receive_capa_reply", "receive_psync_reply",
          "transfer", "connected",
        ].map { .text($0) })
  }

  @Test("a temporary breakpoint stops once")
  func temporary() throws {
    var timeline = try topology()
    _ = try timeline.addBreakpoint("replconf", temporary: true)
    #expect(timeline.resume().stop == .breakpoint(number: 1))
    #expect(timeline.breakpoints.isEmpty)
    #expect(timeline.resume().stop == .quiet)
  }

  @Test(
    "refuses a breakpoint that can never be",
    arguments: [
      ("", "there is nothing"), ("phase x", "there is no phase 'x'"), ("node x", "there is no node 'x'"),
      ("r.x = 1", "nothing about a node is called 'x'"),
    ])
  func badBreakpoints(spec: String, text: String) throws {
    var timeline = try topology()
    let error = #expect(throws: LabError.self) { try timeline.addBreakpoint(spec) }
    #expect(error?.what.hasPrefix(text) == true)
  }
}
