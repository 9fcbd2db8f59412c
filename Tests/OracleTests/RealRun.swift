import Glibc
import RealRedis

extension Scenario {
  /// Runs the scenario with two real redis-servers and returns what passed between them, with both digests at the end.
  func runReal() throws -> Exchange {
    // A slow child leaves time for writes while the transfer is under way.
    let slow = during.isEmpty ? [] : ["--rdb-key-save-delay", "400000"]
    let master = try RealServer(["--repl-diskless-sync-delay", "0"] + Self.debug + self.master + slow)
    let proxy = try RecordingProxy(to: master.port)
    defer { proxy.close() }

    let client = try Client(master)
    try client.run(before)
    let replica = try RealServer(Self.debug + self.replica + ["--replicaof", "127.0.0.1 \(proxy.port)"])
    if !during.isEmpty {
      let began = try master.wait { try master.text("INFO", "replication").contains("state=wait_bgsave") }
      guard began else { throw RealServerError("the sync did not begin: \(master.log)") }
      try client.run(during)
    }
    try settle(master, replica)
    try client.run(after)
    try settle(master, replica)

    var exchange = try Exchange(proxy.links[0])
    exchange.listeningPort = replica.port
    exchange.digests = [try master.text("DEBUG", "DIGEST"), try replica.text("DEBUG", "DIGEST")]
    return exchange
  }

  /// Waits until the replica is online and has acknowledged all that the master has sent.
  private func settle(_ master: RealServer, _ replica: RealServer) throws {
    let settled = try master.wait {
      let info = try master.text("INFO", "replication")
      guard let offset = info.lines.first(where: { $0.hasPrefix("master_repl_offset:") })?.dropFirst(19) else {
        return false
      }
      return try info.contains("state=online,offset=\(offset),")
        && replica.text("INFO", "replication").contains("master_link_status:up")
    }
    guard settled else { throw RealServerError("the replica did not settle: \(replica.log)") }
  }
}

/// A client of a real server that keeps its connection, and so its database.
private struct Client {
  let socket: Socket

  init(_ server: RealServer) throws { socket = try Socket(port: server.port) }

  func run(_ commands: [[String]]) throws {
    for command in commands {
      let reply = try socket.command(command.map { Array($0.utf8) })
      guard reply.first != UInt8(ascii: "-") else {
        throw RealServerError("\(command): \(String(decoding: reply, as: UTF8.self))")
      }
    }
  }
}

extension String {
  var lines: [Substring] { split(whereSeparator: \.isNewline) }
}
