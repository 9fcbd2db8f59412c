import Lab
import RESP
import Redis
import Views

/// How far each node was over time: for a chart of offsets, keys, output buffers and backlogs.
package enum Series {
  /// A chart of more lines than this is none.
  private static let nodeLimit = 64
  private static let properties = ["offset", "keys", "output", "backlog"]

  /// The worlds of `points` moments of the current branch, evenly apart.
  package static func json(_ timeline: Timeline, points: Int, shouldStop: () -> Bool = { false }) -> JSON {
    var walker = timeline
    let count = min(max(2, points), 500)
    let last = timeline.end
    let moments = last < count ? Array(0...last) : (0..<count).map { $0 * last / (count - 1) }
    var times: [JSON] = []
    var names: [String] = []
    var columns: [String: [[JSON]]] = [:]
    for (index, moment) in moments.enumerated() {
      if shouldStop() || (try? walker.go(to: moment)) == nil { break }
      let world = walker.world
      times.append(.number(world.now.microseconds &- world.start.microseconds))
      for machine in world.machines {
        if columns[machine.name] == nil {
          guard names.count < nodeLimit else { continue }
          names.append(machine.name)
          columns[machine.name] = Array(repeating: Array(repeating: .null, count: index), count: properties.count)
        }
        for (column, value) in values(machine).enumerated() { columns[machine.name]?[column].append(value) }
      }
    }
    let nodes = names.map { name in
      (name, JSON.object(zip(properties, columns[name] ?? []).map { ($0, .array($1)) }))
    }
    return .object([
      ("moments", .array(moments.prefix(times.count).map { .number($0) })), ("us", .array(times)),
      ("nodes", .object(nodes)),
    ])
  }

  private static func values(_ machine: Machine) -> [JSON] {
    guard let node = machine.node, !node.configuration.isSentinel else { return [.null, .null, .null, .null] }
    let replication = node.replication
    return [
      .number(replication.session?.offset ?? replication.offset), .number(node.databases.keyCount),
      .number(output(node)),
      .number(replication.backlog?.length ?? 0),
    ]
  }

  /// The bytes of the stream that a node still has to send to its replicas.
  static func output(_ node: Node) -> Int64 {
    guard let end = node.replication.backlog?.end else { return 0 }
    return node.replicaSessions.reduce(0) { sum, session in sum +| (session.next.map { end -| $0 } ?? 0) }
  }
}
