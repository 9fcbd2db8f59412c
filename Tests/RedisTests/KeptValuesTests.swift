import Capture
import RealRedis
import TestSupport
import Testing

@testable import Redis

/// What comes with a snapshot, in whatever layout, a node keeps, tells and passes on as a real one does.
@Suite("Values that are kept as they came", .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct KeptValuesTests {
  /// The snapshot that was recorded with every core type and encoding in it.
  private func recorded() throws -> [UInt8] {
    let sent = try Pcap.packets(in: Fixtures.capture("types")).filter { $0.source.port == 7000 }.flatMap {
      Array($0.payload)
    }
    let magic = Array("REDIS0010".utf8)
    let start = try #require(sent.indices.first { sent[$0...].starts(with: magic) })
    return Array(sent[start...])
  }

  private func client(_ snapshot: [UInt8]) throws -> NodeClient {
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    // What has expired since the recording is dropped by both.
    return NodeClient(configuration, at: realNow(), files: ["dump.rdb": snapshot])
  }

  @Test("are told as a real server tells them", .timeLimit(.minutes(2))) func told() throws {
    let snapshot = try recorded()
    let server = try RealServer(["--enable-debug-command", "yes"], files: ["dump.rdb": snapshot])
    let socket = try Socket(port: server.port)
    var client = try client(snapshot)
    let connection = client.connect()
    let keys = try server.text(
      "EVAL", "local k = redis.call('KEYS', '*') table.sort(k) return table.concat(k, ' ')", "0"
    )
    .split(separator: " ").map(String.init)
    #expect(keys.count > 8)
    func same(_ line: String) throws {
      let expected = try socket.command(line.split(separator: " ").map { Array($0.utf8) })
      #expect(client.command(line, on: connection) == String(decoding: expected, as: UTF8.self), "\(line)")
    }
    for key in keys {
      for command in ["TYPE", "OBJECT ENCODING", "EXISTS", "DEBUG DIGEST-VALUE", "STRLEN", "APPEND", "INCR"]
      where !["STRLEN", "APPEND", "INCR"].contains(command)
        || client.command("TYPE \(key)", on: connection) != "+string\r\n"
      {
        try same(command == "APPEND" ? "APPEND \(key) x" : "\(command) \(key)")
      }
    }
    for line in ["DBSIZE", "DEBUG DIGEST"] { try same(line) }
    for type in ["list", "set", "zset", "hash", "stream"] {
      let found = client.command("SCAN 0 COUNT 1000 TYPE \(type)", on: connection)
      #expect(
        keys.filter { found.contains("\r\n\($0)\r\n") }.count
          == keys.filter {
            client.command("TYPE \($0)", on: connection) == "+\(type)\r\n"
          }.count)
    }
    for (index, key) in keys.enumerated() where index % 2 == 0 {
      try same("COPY \(key) copy:\(key)")
      try same("RENAME \(key) renamed:\(key)")
      try same("PEXPIREAT copy:\(key) 4000000000000")
      if index % 4 == 0 { try same("DEL renamed:\(key)") }
      try same("DEBUG DIGEST")
    }
  }

  @Test("are dumped and restored as a real server does", .timeLimit(.minutes(2))) func dumped() throws {
    let snapshot = try recorded()
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    var client = try client(snapshot)
    let connection = client.connect()
    for key in client.node.databases[0].keys {
      let reply = client.command([Array("DUMP".utf8), key.array], on: connection)
      let payload = Array(reply[((reply.firstIndex(of: 10) ?? 0) + 1)...].dropLast(2))
      let restore = [Array("RESTORE".utf8), key.array, [0x30], payload]
      #expect(try socket.command(restore) == Array("+OK\r\n".utf8))
      #expect(client.command(restore + [Array("REPLACE".utf8)], on: connection) == Array("+OK\r\n".utf8))
      let digest = [Array("DEBUG".utf8), Array("DIGEST-VALUE".utf8), key.array]
      #expect(try socket.command(digest) == client.command(digest, on: connection))
    }
  }

  @Test("reach a replica of ours, and a real replica of that one", .timeLimit(.minutes(2))) func replicated() throws {
    let master = try RealServer(
      ["--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"], files: ["dump.rdb": recorded()])
    let replica = try SocketHost {
      $0.replicaof = Address(host: "127.0.0.1", port: master.port)
      $0.replDisklessSyncDelay = 0
      $0.enableDebugCommand = .yes
    }
    #expect(replica.run { $0.node.replication.link.state == .connected }, "\(replica.log)")
    let expected = try master.text("DEBUG", "DIGEST")
    #expect(replica.command("DEBUG", "DIGEST") == "+\(expected)\r\n")
    let second = try RealServer(["--enable-debug-command", "yes", "--replicaof", "127.0.0.1 \(replica.port)"])
    let online = try replica.run { _ in try second.text("INFO", "replication").contains("master_link_status:up") }
    #expect(online, "\(second.log)")
    #expect(try second.text("DEBUG", "DIGEST") == expected)
  }
}

extension Database {
  fileprivate var keys: [Bytes] {
    var keys: [Bytes] = []
    forEach { key, _ in keys.append(key) }
    return keys
  }
}
