import RealRedis
import Testing

@testable import Redis

/// A node of ours and a real redis-server, each in turn the other's master.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct ReplicationRealTests {
  struct Way: CustomTestStringConvertible, Sendable {
    var diskless: Bool
    var load: Configuration.DisklessLoad
    var testDescription: String { "\(diskless ? "diskless" : "from disk"), repl-diskless-load \(load.rawValue)" }
    static let all = [true, false].flatMap { diskless in
      [Configuration.DisklessLoad.disabled, .onEmptyDB, .swapdb].map { Way(diskless: diskless, load: $0) }
    }
  }

  @Test(arguments: Way.all) func followsARealMaster(_ way: Way) throws {
    let master = try RealServer([
      "--repl-diskless-sync", way.diskless ? "yes" : "no", "--repl-diskless-sync-delay", "0",
      "--enable-debug-command", "yes",
    ])
    for index in 0..<1_000 {
      try master.command("SET", "key:\(index)", String(repeating: "v\(index)", count: index % 90))
    }
    try master.command("SET", "brief", "x", "EX", "10000")
    let replica = try SocketHost {
      $0.replicaof = Address(host: "127.0.0.1", port: master.port)
      $0.replDisklessLoad = way.load
      $0.enableDebugCommand = .yes
    }
    let synced = replica.run { $0.node.replication.link.state == .connected }
    #expect(synced, "\(replica.log)")
    #expect(replica.node.databases[0].count == 1_001)
    try master.command("SET", "after", "1")
    try master.command("MSET", "a", "1", "b", "2")
    let socket = try Socket(port: master.port)
    for command in [["MULTI"], ["SELECT", "3"], ["SET", "in3", "x"], ["INCR", "n"], ["EXEC"]] {
      _ = try socket.command(command.map { Array($0.utf8) })
    }
    let caughtUp = try replica.run {
      let info = try master.text("INFO", "replication")
      return info.contains("state=online,offset=\($0.node.replication.offset),") && $0.node.databases[3].count == 2
        && info.contains("master_repl_offset:\($0.node.replication.offset)")
    }
    #expect(caughtUp, "\(replica.log) \(master.log)")
    #expect(replica.node.replication.ids.current == (try field("master_replid", of: master)))
    #expect(replica.command("DEBUG", "DIGEST") == "+\(try master.text("DEBUG", "DIGEST"))\r\n")
  }

  @Test(arguments: Way.all) func leadsARealReplica(_ way: Way) throws {
    let master = try SocketHost {
      $0.replDisklessSync = way.diskless
      $0.replDisklessSyncDelay = 0
      $0.enableDebugCommand = .yes
    }
    for index in 0..<1_000 { master.command("SET", "key:\(index)", String(repeating: "v\(index)", count: index % 90)) }
    let replica = try RealServer([
      "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-load", way.load.rawValue,
      "--enable-debug-command", "yes",
    ])
    let online = try master.run { _ in
      try replica.text("INFO", "replication").contains("master_link_status:up")
    }
    #expect(online, "\(master.log) \(replica.log)")
    master.command("SET", "after", "1")
    let caughtUp = try master.run { host in try replica.text("GET", "after") == "1" && host.isAcknowledged }
    #expect(caughtUp, "\(master.log) \(replica.log)")
    #expect(try replica.text("DBSIZE") == "1001")
    #expect(try field("slave_repl_offset", of: replica) == String(master.node.replication.offset))
    #expect(try field("master_replid", of: replica) == master.node.replication.ids.current)
    #expect(master.command("DEBUG", "DIGEST") == "+\(try replica.text("DEBUG", "DIGEST"))\r\n")
  }

  private func field(_ name: String, of server: RealServer) throws -> String {
    let lines = try server.text("INFO", "replication").split(whereSeparator: \.isNewline)
    return lines.first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
  }
}

extension SocketHost {
  var isAcknowledged: Bool {
    node.clients.contains { $0.replica?.acknowledged == node.replication.offset && $0.flags.contains(.replica) }
  }
}
