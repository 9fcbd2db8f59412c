import RealRedis

@testable import Redis

/// A real replica and one of ours, both writable, that have caught up with the same real master.
struct TwoReplicas {
  let master: RealServer
  let real: RealServer
  let host: SocketHost

  init(databases: Int = 16) throws {
    let master = try RealServer(["--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"])
    real = try RealServer([
      "--replicaof", "127.0.0.1 \(master.port)", "--replica-read-only", "no", "--databases", "\(databases)",
      "--enable-debug-command", "yes",
    ])
    host = try SocketHost {
      $0.replicaof = Address(host: "127.0.0.1", port: master.port)
      $0.replicaReadOnly = false
      $0.databases = databases
    }
    self.master = master
    let haveCaughtUp = try host.run { host in
      let info = try master.text("INFO", "replication")
      return info.contains("slave1:") && !info.contains("wait_bgsave")
        && host.node.replication.link.state == .connected
    }
    guard haveCaughtUp else { throw RealServerError("one of the two replicas does not catch up") }
  }
}
