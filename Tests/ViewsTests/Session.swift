import Capture
@testable import Lab
import Redis

/// A session of a real lab: a master with three keys, then a replica that syncs.
struct Session {
  var timeline = Timeline(seed: 7)

  /// - Parameter nodes: the name and the directives of each, which listen from port 7000 on.
  init(of nodes: [String]) throws {
    for (number, words) in nodes.enumerated() {
      let name = String(words.prefix { $0 != " " })
      try start(name, "--port \(7_000 + number)" + words.dropFirst(name.count))
    }
  }

  init() throws {
    try start("m", "--port 7000 --repl-diskless-sync-delay 0")
    for text in ["SET titi toto", "SET toto tutu", "SET tata tyty"] { try command("m", text) }
    try start("r", "--port 7001 --replicaof 127.0.0.1,7000 --repl-diskless-load on-empty-db")
  }

  /// A comma in the arguments stands for a blank within one.
  mutating func start(_ name: String, _ arguments: String) throws {
    let words = arguments.split(separator: " ").map { String($0).replacing(",", with: " ") }
    try timeline.apply(.start(node: name, Launch(arguments: words)))
  }

  mutating func command(_ node: String, _ text: String) throws {
    try timeline.apply(.command(node: node, arguments: text.split(separator: " ").map { Array($0.utf8) }))
  }

  /// Lets what is pending happen until the replica has acknowledged `count` times, each step with the moments around it.
  mutating func run(acknowledgements count: Int, _ body: (Step, World, World) throws -> Void = { _, _, _ in }) throws {
    var left = count
    while left > 0, timeline.position < 2_000 {
      let before = timeline.world
      let step = try timeline.apply(.next)
      try body(step, timeline.world, before)
      for delivery in step.delivered {
        if case .ack = delivery.message.kind { left -= 1 }
      }
    }
  }

  var packets: [Packet] {
    var packets: [Packet] = []
    timeline.forEachStep { packets += $0.packets }
    return packets
  }
}
