import Glibc
import RealRedis
import Redis

/// A key whose value has a million elements, and how it came to be.
private struct Collection: Sendable {
  let name: String
  let fill: @Sendable (Int) -> [String]
}

private let collections = [
  Collection(name: "hash fields", fill: { ["HSET", "h", "field:\($0)", "value"] }),
  Collection(name: "list elements", fill: { ["RPUSH", "l", "element:\($0)"] }),
  Collection(name: "sorted set members", fill: { ["ZADD", "z", "\($0)", "member:\($0)"] }),
]

/// Snapshots of one key each, as redis-server writes them, into a node's databases and into a server that starts.
func loadCollections() throws -> [Row] {
  guard RealServer.isInstalled else { return [missing("Load 1M elements", "redis-server")] }
  let idle = try processorTimeOfServer(files: [:])
  return try collections.map { collection in
    let bytes = try FilledServer(collection.fill).snapshot()
    return try contest(
      "Load 1M \(collection.name) into a node / redis-server's start with them", rounds: 5, goal: "≤ 1.20",
      rate: milliseconds,
      ours: {
        try measure {
          var loader = SnapshotLoader(databases: 16, verifiesChecksum: true)
          try loader.feed(bytes, at: .defaultLabClock)
          precondition(loader.isAtEnd && loader.databases[0].count == 1)
        }
      },
      peer: { try processorTimeOfServer(files: ["dump.rdb": bytes]) - idle })
  }
}

/// How much memory a process has more with a million elements than without, and what redis-server says of its own.
func elementMemory() throws -> [Row] {
  guard RealServer.isInstalled else { return [missing("Memory of an element", "redis-server")] }
  return try collections.map { collection in
    let ours = try figures(Holding.verb, collection.name).first ?? .nan
    let theirs = try FilledServer(collection.fill).memoryOfData() / Double(elements)
    return Row(
      what: "Memory of each of 1M \(collection.name) / redis-server's used_memory", ours: "\(ours.formatted(1)) B",
      peer: "\(theirs.formatted(1)) B", ratio: (ours / theirs).formatted(2), goal: "≤ 1.50")
  }
}

/// The other program: a node takes the elements by commands, and what the process has more of memory is printed, in bytes an
/// element.
enum Holding {
  static let verb = "hold-elements"

  static func run(_ name: String) {
    guard let collection = collections.first(where: { $0.name == name }) else { return }
    // What a node takes without them is there from the first ones on.
    var node = FilledNode(collection.fill, 0..<1_000)
    let before = memory("VmRSS")
    node.fill(collection.fill, 1_000..<elements)
    let after = memory("VmRSS")
    withExtendedLifetime(node) { print(Double((after - before) * 1024) / Double(elements - 1_000)) }
  }
}
