import Capture
import Lab
import RealRedis
import Redis

extension Scenario {
  /// Runs the scenario in the lab, with all that was chance in the real run set to what it was there.
  func runLab(like real: Exchange) throws -> Exchange {
    let snapshot = try Snapshot(real.payload)
    guard let ctime = snapshot.integer("ctime"), let usedMemory = snapshot.integer("used-mem") else {
      throw Torn(at: "AUX")
    }
    var lab = Timeline(seed: 1, clock: Instant(microseconds: Int64(ctime) * 1_000_000))
    let directives = ["--port", "7000", "--repl-diskless-sync-delay", "0"] + Scenario.debug + master
    try lab.apply(.start(node: "m", Launch(arguments: directives)))
    try lab.apply(.fix(node: "m", .replid(real.replicationID)))
    if !real.endMark.isEmpty { try lab.apply(.fix(node: "m", .eofMark(text(real.endMark)))) }
    try lab.apply(.fix(node: "m", .usedMemory(usedMemory)))
    try lab.run(before)

    let listening = ["--port", "\(real.listeningPort)", "--replicaof", "127.0.0.1 7000"] + Scenario.debug
    try lab.apply(.start(node: "r", Launch(arguments: listening + replica)))
    if !during.isEmpty {
      _ = try lab.until(try Expression("m.bgsave"))
      try lab.run(during)
    }
    try lab.settle()
    try lab.run(after)
    try lab.settle()

    var exchange = try Exchange(lab.replicationLink)
    exchange.listeningPort = real.listeningPort
    exchange.digests = try ["m", "r"].map { try lab.answer(from: $0, "DEBUG", "DIGEST") }
    return exchange
  }
}

extension Timeline {
  mutating func run(_ commands: [[String]]) throws {
    for command in commands {
      let reply = try reply(from: "m", command)
      guard reply.first != UInt8(ascii: "-") else { throw RealServerError("\(command): \(text(reply))") }
    }
  }

  mutating func reply(from node: String, _ command: [String]) throws -> [UInt8] {
    _ = try self.command(node, command.map { Array($0.utf8) })
    return current?.reply ?? []
  }

  mutating func answer(from node: String, _ command: String...) throws -> String {
    let reply = try reply(from: node, command)
    guard reply.first == UInt8(ascii: "$"), let end = reply.firstIndex(of: 10) else {
      return text(reply.dropFirst().dropLast(2))
    }
    return text(reply[(end + 1)...].dropLast(2))
  }

  /// Lets time pass until the replica is online and has acknowledged all that the master has.
  mutating func settle() throws {
    let settled = try Expression("r.state = connected and m.replica_states = online and m.acknowledged = m.offset")
    if try settled.holds(in: world) { return }
    let run = try until(settled)
    guard run.stop == .done else {
      throw RealServerError("the replica did not settle: \(try answer(from: "m", "INFO", "replication"))")
    }
  }

  /// What the replica and its master said, out of the packets that crossed between them.
  var replicationLink: RecordedLink {
    var link = RecordedLink()
    var port: UInt16?
    forEachStep { step in
      for packet in step.packets where !packet.payload.isEmpty {
        let bytes = Array(packet.payload)
        // The link is the first connection to the master that asks to be its replica.
        if port == nil, packet.destination.port == 7000, text(bytes).contains("PING") { port = packet.source.port }
        if packet.source.port == port { link.append(bytes, isFromMaster: false) }
        if packet.destination.port == port { link.append(bytes, isFromMaster: true) }
      }
    }
    return link
  }
}
