/// What nodes are asked to learn whether all that is under way has come to its end.
enum SettleQuestion {
  static let words = ["INFO", "replication", "persistence"]
}

/// The answers to it, by node.
struct Settling: Equatable {
  private var nodes: [String: [String: String]] = [:]
  private var ports: [String: String] = [:]

  mutating func hear(_ node: String, port: Int, _ reply: [UInt8]?) {
    var fields: [String: String] = [:]
    for line in String(decoding: reply ?? [], as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      if parts.count == 2, Self.isWatched(parts[0]) { fields[parts[0]] = Self.steady(parts[1]) }
    }
    nodes[node] = fields
    ports["\(port)"] = node
  }

  /// Fields that only count the time would never stand still.
  private static func isWatched(_ field: String) -> Bool {
    field.hasPrefix("slave") || field.hasPrefix("master_") && !field.contains("seconds") || field == "role"
      || field == "connected_slaves" || field == "loading" || field.hasSuffix("_in_progress")
      || field == "aof_rewrite_scheduled"
  }

  private static func steady(_ value: String) -> String {
    value.split(separator: ",").filter { !$0.hasPrefix("lag=") }.joined(separator: ",")
  }

  /// Nothing of what a node is doing will end by itself.
  var isBusy: Bool {
    nodes.values.contains { fields in
      fields["loading"] == "1" || fields["rdb_bgsave_in_progress"] == "1" || fields["aof_rewrite_in_progress"] == "1"
        || fields["aof_rewrite_scheduled"] == "1" || fields["master_sync_in_progress"] == "1"
        || fields["master_failover_state"].map { $0 != "no-failover" } ?? false
    }
  }

  /// Every replica has all that its master has, and the masters know.
  var isInStep: Bool {
    !isBusy
      && nodes.allSatisfy { name, fields in
        isFollowing(fields) && hasHeard(name, fields)
      }
  }

  private func isFollowing(_ fields: [String: String]) -> Bool {
    guard fields["role"] == "slave" else { return true }
    guard fields["master_link_status"] == "up", let port = fields["master_port"], let master = ports[port] else {
      return false
    }
    return fields["slave_repl_offset"] == nodes[master]?["master_repl_offset"]
  }

  private func hasHeard(_ name: String, _ fields: [String: String]) -> Bool {
    let port = ports.first { $0.value == name }?.key
    let followers = nodes.values.filter { $0["role"] == "slave" && $0["master_port"] == port }.count
    guard fields["connected_slaves"] == "\(followers)" else { return false }
    return (0..<followers).allSatisfy { index in
      guard let line = fields["slave\(index)"], let offset = fields["master_repl_offset"] else { return false }
      return line.contains("state=online") && line.contains("offset=\(offset)")
    }
  }
}
