import Redis
import Testing

@testable import Lab

/// A node that loads can be stepped into, and out of again.
@Suite("In the middle of a load") struct LoadingTimelineTests {
  private static let directives = [
    "--port", "7000", "--save", "", "--rdbcompression", "no", "--key-load-delay", "10000",
    "--loading-process-events-interval-bytes", "4096",
  ]

  private func command(_ line: String, _ timeline: inout Timeline) throws {
    _ = try timeline.apply(.command(node: "m", arguments: line.split(separator: " ").map { Array($0.utf8) }))
  }

  @Test("Every moment of it is the same when it comes again") func goesBack() throws {
    var timeline = Timeline(seed: 1)
    _ = try timeline.apply(.start(node: "m", Launch(file: nil, arguments: Self.directives)))
    for index in 0..<200 { try command("SET key:\(index) \(String(repeating: "x", count: 100))", &timeline) }
    try command("SAVE", &timeline)
    _ = try timeline.apply(.kill(node: "m"))
    _ = try timeline.apply(.restart(node: "m"))
    let begun = timeline.position
    var worlds = [timeline.world]
    while timeline.world.machine("m")?.node?.isLoading == true {
      _ = try timeline.apply(.next)
      worlds.append(timeline.world)
    }
    // Besides, the end of the prompt's connection arrives.
    var keys: [Int] = []
    for world in worlds {
      let count = world.machine("m")?.node?.databases[0].count ?? 0
      if count != keys.last { keys.append(count) }
    }
    #expect(keys == [36, 73, 110, 147, 184, 200])
    for index in worlds.indices.reversed() {
      try timeline.go(to: begun + index)
      #expect(timeline.world == worlds[index])
    }
    _ = try timeline.apply(.next)
    #expect(timeline.world == worlds[1])
  }

  @Test(
    "One from the connection takes what arrives there, so that any snapshot fits", arguments: ["on-empty-db", "swapdb"])
  func readsOn(load: String) throws {
    var timeline = Timeline(seed: 1)
    let (master, replica) = (
      ["--port", "7000", "--save", "", "--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"],
      ["--port", "7001", "--save", "", "--replicaof", "127.0.0.1 7000", "--repl-diskless-load", load]
    )
    _ = try timeline.apply(.start(node: "m", Launch(file: nil, arguments: master)))
    // More than both sockets hold.
    try command("DEBUG POPULATE 10000", &timeline)
    _ = try timeline.apply(.start(node: "r", Launch(file: nil, arguments: replica)))
    _ = timeline.advance(by: .seconds(3))
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 10_000)
  }
}
