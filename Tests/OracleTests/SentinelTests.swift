import Capture
import CaptureFiles
import Foundation
import Lab
import RealRedis
import Redis
import Testing

/// Three real Sentinels over real servers, and the lab's over its nodes, in the same situations: what each says in its log, what it
/// keeps in its file, and what all say to each other.
@Suite("Sentinels see and do what real ones do", .enabled(if: RealServer.isInstalled)) struct SentinelTests {
  /// `s1` is quick to find an instance down, and alone enough for a failover; the others only vote, and hear of it.
  struct Situation: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var priorities = [10, 100]
    var quorum = 1
    /// Of the master and the replicas.
    var password: String?
    /// Where the Sentinels are told that the master is, and the replicas say that they are.
    var host = "127.0.0.1"
    var deeds: [Deed]

    /// Of what was said on a link, what is no chance. A master that lives while another takes its place goes on sending: whether its other
    /// replica has heard more of it than the new master has, and so gets everything anew, is a matter of when.
    func settled(_ said: [String]) -> [String] {
      let masterLives = deeds.contains { if case .command(_, let words) = $0 { words[1] == "FAILOVER" } else { false } }
      let verdicts = ["FULLRESYNC", "CONTINUE", "$EOF", "snapshot of"]
      return masterLives ? said.filter { line in !verdicts.contains { line.hasPrefix($0) } } : said
    }
  }

  enum Deed: Sendable {
    case kill(String)
    case pause(String)
    case resume(String)
    case restart(String)
    case command(String, [String])
    /// Until that is in the log of a Sentinel.
    case await(String, String)
  }

  static let failover: [Deed] = [
    .await("s1", "+switch-master"), .await("s2", "+switch-master"), .await("s3", "+switch-master"),
    .await("s1", "+slave slave {m}"), .await("s2", "+slave slave {m}"), .await("s3", "+slave slave {m}"),
  ]

  static let situations = [
    Situation(
      testDescription: "the master is killed, and comes back",
      deeds: [.kill("m")] + failover + [
        .await("s1", "+sdown slave {m}"), .restart("m"), .await("s1", "+role-change slave {m}"),
      ]),
    Situation(
      testDescription: "the master is silent, and goes on",
      deeds: [.pause("m")] + failover + [
        .await("s1", "+sdown slave {m}"), .resume("m"), .await("s1", "+role-change slave {m}"),
      ]),
    Situation(
      testDescription: "all servers have a password", password: "pass",
      deeds: [.kill("m")] + failover + [.restart("m"), .await("s1", "+role-change slave {m}")]),
    Situation(
      testDescription: "all servers are known by a name", host: "localhost",
      deeds: [.kill("m")] + failover + [.restart("m"), .await("s1", "+role-change slave {m}")]),
    Situation(
      testDescription: "the better replica has priority 0", priorities: [0, 50],
      deeds: [.kill("m")] + failover),
    Situation(
      testDescription: "no replica may be promoted", priorities: [0, 0],
      deeds: [.kill("m"), .await("s1", "-failover-abort-no-good-slave"), .await("s1", "Next failover delay")]),
    Situation(
      testDescription: "too few find the master down", quorum: 2,
      deeds: [.kill("m"), .await("s1", "+sdown master"), .restart("m"), .await("s1", "-sdown master")]),
    Situation(
      testDescription: "a person asks for a failover",
      deeds: [.command("s2", ["SENTINEL", "FAILOVER", "mymaster"])] + failover + [
        .await("s1", "+role-change slave {m}")
      ]),
    Situation(
      testDescription: "a Sentinel is to crash when it is elected, and another takes its place", quorum: 1,
      deeds: [
        .command("s1", ["SENTINEL", "SIMULATE-FAILURE", "crash-after-election"]), .kill("m"),
        .await("s1", "Sentinel CRASH"),
      ]),
    Situation(
      testDescription: "a replica dies",
      deeds: [.kill("r2"), .await("s1", "+sdown slave"), .restart("r2"), .await("s1", "+reboot slave")]),
  ]

  @Test("and say so in the same words, in the same order, to their logs and to each other", arguments: situations)
  func sameLogs(situation: Situation) throws {
    let ports = try (0..<6).map { _ in try freePort() }
    let names = ["m", "r1", "r2", "s1", "s2", "s3"]
    let stage = Dictionary(uniqueKeysWithValues: zip(names, ports))
    let real = try RealSentinels(situation, stage)
    let lab = try LabSentinels(situation, stage)
    let (theirs, ours) = try (real.play(), lab.play())
    for (name, log) in theirs.sorted(by: { $0.key < $1.key }) {
      #expect(ours[name]?.lines == log.lines, "\(name) logs")
    }
    for name in ["s1", "s2", "s3"] {
      let (theirs, ours) = (real.configuration(of: name), lab.configuration(of: name))
      if let theirs, let ours { #expect(ours == theirs, "the file of \(name)") }
    }
    guard let messages = try real.messages(like: lab.messages()) else { return }
    for link in Set(messages.theirs.links.keys).union(messages.ours.links.keys).sorted() {
      let (ours, theirs) = (messages.ours.links[link] ?? [], messages.theirs.links[link] ?? [])
      #expect(situation.settled(ours) == situation.settled(theirs), "\(link)")
    }
  }

  @Test("and say the same to a replica, up to its promotion")
  func sameCommands() throws {
    let situation = Situation(testDescription: "", deeds: [.kill("m"), .await("s1", "+promoted-slave")])
    let ports = try (0..<6).map { _ in try freePort() }
    let stage = Dictionary(uniqueKeysWithValues: zip(["m", "r1", "r2", "s1", "s2", "s3"], ports))
    let (real, lab) = try (RealSentinels(situation, stage), LabSentinels(situation, stage))
    _ = try (real.play(), lab.play())
    #expect(Self.commands(lab.monitored, ids: lab.ids) == Self.commands(real.monitored, ids: real.ids))
  }

  /// What MONITOR showed, each command once, whoever said it when.
  private static func commands(_ lines: [String], ids: [String: String]) -> [String] {
    let commands = lines.compactMap { line -> String? in
      // `+1795995667.009409 [0 127.0.0.1:38770] "PING"`
      guard let end = line.range(of: "] ") else { return nil }
      var command = String(line[end.upperBound...])
      for (id, name) in ids {
        command = command.replacingOccurrences(of: id, with: name)
          .replacingOccurrences(of: "sentinel-\(id.prefix(8))", with: "sentinel-\(name)")
      }
      return command.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    // Whether a hello with the new epoch, or the master's ping, still comes before the promotion is a matter of time. What
    // section of INFO it wants only the test says.
    let isChance = { (command: String) in
      command == "\"ping\"" || command == "\"INFO\" \"replication\""
        || command.contains("PUBLISH") && command.contains(",1,mymaster")
    }
    return Set(commands).filter { !isChance($0) }.sorted()
  }

  /// A Sentinel's log up to what was awaited in it last.
  struct Log: Equatable {
    var lines: [String]

    /// Times, ids and the order of what comes at the same time apart.
    init(_ lines: [String], ids: [String: String], until last: String) {
      var said: [String] = []
      for line in lines {
        var line = line
        for (id, name) in ids { line = line.replacingOccurrences(of: id, with: name) }
        // When INFO is looked at, and which of the Sentinels is the first to put the old master right, is chance.
        let isChance = ["-role-change", "+role-change", "+convert-to-slave"].contains { line.hasPrefix($0) }
        let isSaid = !isChance && ["+", "-", "Sentinel", "Executing", "Failure"].contains { line.hasPrefix($0) }
        if line.hasPrefix("Next failover delay") { line = "Next failover delay" }
        // Who is the first to tell of it is chance, too.
        if line.hasPrefix("+config-update-from") { line = "+config-update-from" }
        if isSaid || line.contains("voted for") || line == "Next failover delay" { said.append(line) }
        if line.contains(last) { break }
      }
      // Who was heard of first, and whose answer came first, is chance.
      var ordered: [String] = []
      var together: [String] = []
      for line in said {
        if line.hasPrefix("+sentinel") || line.contains("voted for") || line.hasPrefix("Sentinel new configuration") {
          together.append(line)
        } else {
          ordered += together.sorted() + [line]
          together = []
        }
      }
      self.lines = ordered + together.sorted()
    }
  }

  static func file(_ situation: Situation, _ name: String, masterPort: Int) -> [UInt8] {
    Array(
      """
      loglevel verbose
      \(situation.host == "localhost" ? "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes" : "")
      sentinel monitor mymaster \(situation.host) \(masterPort) \(situation.quorum)
      sentinel down-after-milliseconds mymaster \(name == "s1" ? 1000 : 60000)
      sentinel failover-timeout mymaster 20000
      \(situation.password.map { "sentinel auth-pass mymaster \($0)" } ?? "")

      """.utf8)
  }

  /// What the master and the replicas are started with to have the situation's password, and its name.
  static func directives(_ situation: Situation) -> [String] {
    (situation.password.map { ["--requirepass", $0, "--masterauth", $0] } ?? [])
      + (situation.host == "localhost" ? ["--replica-announce-ip", situation.host] : [])
  }

  static let periods = [
    "SENTINEL", "DEBUG", "info-period", "1000", "ping-period", "400", "publish-period", "300", "ask-period", "200",
  ]

  /// The lines of a Sentinel's file that are about what it knows; those of other Sentinels in no order.
  static func known(_ file: [UInt8], ids: [String: String]) -> [String] {
    var text = String(decoding: file, as: UTF8.self)
    for (id, name) in ids { text = text.replacingOccurrences(of: id, with: name) }
    return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("sentinel ") }.sorted()
  }
}

/// The real ones.
private final class RealSentinels {
  private let situation: SentinelTests.Situation
  private let ports: [String: Int]
  private var servers: [String: RealServer] = [:]
  private(set) var ids: [String: String] = [:]
  /// Is shown what is said to r1, until r1 is promoted and throws it out.
  private var monitor: Socket?
  private let folder: TemporaryFolder
  private var recorder: Recorder?

  init(_ situation: SentinelTests.Situation, _ ports: [String: Int]) throws {
    self.situation = situation
    self.ports = ports
    folder = try TemporaryFolder()
    if Recorder.isAllowed { recorder = try Recorder(to: folder.path("wire.pcap"), ports: Array(ports.values)) }
    servers["m"] = try RealServer(SentinelTests.directives(situation), port: ports["m"])
    for (index, name) in ["r1", "r2"].enumerated() {
      servers[name] = try RealServer(
        [
          "--replicaof", "127.0.0.1 \(ports["m"]!)", "--replica-priority", "\(situation.priorities[index])",
          "--repl-diskless-sync-delay", "0",
        ] + SentinelTests.directives(situation), port: ports[name])
      let isUp = servers[name]!.wait { servers[name]!.log.contains("MASTER <-> REPLICA sync: Finished with success") }
      guard isUp else { throw RealServerError("\(name) is not online") }
    }
    monitor = try Socket(port: ports["r1"]!)
    monitor?.send(Array("MONITOR\r\n".utf8))
    for name in ["s1", "s2", "s3"] {
      let file = SentinelTests.file(situation, name, masterPort: ports["m"]!)
      servers[name] = try RealServer(
        ["\(name).conf", "--sentinel"], files: ["\(name).conf": file], port: ports[name], program: "redis-server")
      ids[try servers[name]!.text("SENTINEL", "MYID")] = name
      try send(SentinelTests.periods, to: name)
    }
    for name in ["s1", "s2", "s3"] {
      let knowsAll = servers[name]!.wait {
        let info = (try? servers[name]!.text("INFO", "sentinel")) ?? ""
        return info.contains("slaves=2,sentinels=3")
      }
      guard knowsAll else { throw RealServerError("\(name) does not know all") }
    }
    guard recorder != nil else { return }
    guard try wait(seconds: 30, until: { try messages().haveAllSaidHello }) else {
      throw RealServerError("not all have heard all: \(try messages().links)")
    }
  }

  var monitored: [String] {
    var lines: [String] = []
    while let line = try? monitor?.readLine() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  private func send(_ command: [String], to name: String) throws {
    _ = try Socket(port: ports[name]!).command(command.map { Array($0.utf8) })
  }

  /// Stops a server; the master at a moment at which both replicas have heard the same of it. The Sentinels' hellos go out to
  /// one after the other, and a replica that has heard more than the new master gets everything anew.
  private func pause(_ name: String) throws {
    let areInStep = { try Set(["r1", "r2"].map(self.offset)).count == 1 }
    for _ in 0..<100 {
      servers[name]!.pause()
      if try name != "m" || areInStep() { return }
      servers[name]!.resume()
      // It has to come to run, to write to the other one, too.
      _ = try servers[name]!.wait(seconds: 5, until: areInStep)
    }
    throw RealServerError("the replicas are never in step")
  }

  /// How far a replica is, of what has come to it: it may read that after it has read a first question, but not after a second.
  private func offset(of replica: String) throws -> Substring {
    let socket = try Socket(port: ports[replica]!)
    let auth = situation.password.map { [["AUTH", $0]] } ?? []
    let replies = try (auth + [["INFO", "replication"], ["INFO", "replication"]]).map { words in
      String(decoding: try socket.command(words.map { Array($0.utf8) }), as: UTF8.self)
    }
    guard let line = replies.last!.split(separator: "\r\n").first(where: { $0.hasPrefix("slave_repl_offset:") }) else {
      throw RealServerError("\(replica) is no replica: \(replies)")
    }
    return line
  }

  func play() throws -> [String: SentinelTests.Log] {
    var awaited: [String: String] = [:]
    for deed in situation.deeds {
      switch deed {
      case .kill(let name):
        try pause(name)
        servers[name]?.kill()
      case .pause(let name): try pause(name)
      case .resume(let name): servers[name]?.resume()
      case .restart(let name): try servers[name]?.restart()
      case .command(let name, let words): try send(words, to: name)
      case .await(let name, let text):
        let text = text.naming(ports, situation.host)
        awaited[name] = text
        let isThere = servers[name]!.wait(seconds: 40) { servers[name]!.log.contains(text) }
        guard isThere else { throw RealServerError("\(name) never logs \(text): \(servers[name]!.log)") }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: awaited.map { name, last in
        // `1234:X 29 Nov 2026 23:40:51.984 # +sdown …`
        let lines = servers[name]!.log.split(separator: "\n").map { line in
          line.split(separator: " ", maxSplits: 6).last.map(String.init) ?? ""
        }
        return (name, SentinelTests.Log(lines, ids: ids, until: last))
      })
  }

  /// What all said to each other, once it is what they say in the lab, or has not become that for long; nil where nobody may
  /// record it.
  func messages(like ours: SentinelMessages) throws -> (theirs: SentinelMessages, ours: SentinelMessages)? {
    guard recorder != nil else { return nil }
    var theirs = try messages()
    _ = try wait(seconds: 15) {
      theirs = try messages()
      return theirs == ours
    }
    return (theirs, ours)
  }

  private func messages() throws -> SentinelMessages {
    var packets: [Packet] = []
    let recording = try Recording(bytes: folder.read("wire.pcap") ?? [])
    // What tcpdump is about to write is not whole yet.
    while let record = try? recording.next() { if let packet = record.packet { packets.append(packet) } }
    return SentinelMessages(packets, ports: ports, ids: ids)
  }

  func configuration(of name: String) -> [String]? {
    servers[name]?.file("\(name).conf").map { SentinelTests.known($0, ids: ids) }
  }
}

/// The lab's.
private final class LabSentinels {
  private let situation: SentinelTests.Situation
  private let ports: [String: Int]
  private var lab = Timeline(seed: 7)
  private var logs: [String: [String]] = [:]
  private var seen = 0
  private(set) var ids: [String: String] = [:]
  private var played: [String: SentinelTests.Log]?

  init(_ situation: SentinelTests.Situation, _ ports: [String: Int]) throws {
    self.situation = situation
    self.ports = ports
    let directives = SentinelTests.directives(situation)
    try lab.apply(.start(node: "m", Launch(arguments: ["--port", "\(ports["m"]!)"] + directives)))
    for (index, name) in ["r1", "r2"].enumerated() {
      try lab.apply(
        .start(
          node: name,
          Launch(
            arguments: [
              "--port", "\(ports[name]!)", "--replicaof", "127.0.0.1 \(ports["m"]!)", "--replica-priority",
              "\(situation.priorities[index])", "--repl-diskless-sync-delay", "0",
            ] + directives)))
      try run(until: "\(name) is not online") { NodeProperty.link.value(in: $0.machine(name)!) == .text("connected") }
    }
    try lab.apply(.connectClient("monitor", node: "r1"))
    try lab.apply(.command(node: "monitor", arguments: [Array("MONITOR".utf8)]))
    for name in ["s1", "s2", "s3"] {
      let file = ConfigurationFile(
        name: "\(name).conf", bytes: SentinelTests.file(situation, name, masterPort: ports["m"]!))
      try lab.apply(
        .start(node: name, Launch(file: file, arguments: ["--sentinel", "--port", "\(ports[name]!)"])))
      ids[lab.world.machine(name)?.node?.sentinel.id ?? ""] = name
      try lab.apply(.command(node: name, arguments: SentinelTests.periods.map { Array($0.utf8) }))
    }
    try run(until: "not all are known") { world in
      ["s1", "s2", "s3"].allSatisfy {
        let master = world.machine($0)?.node?.sentinel.masters["mymaster"]
        return master?.slaves.count == 2 && master?.sentinels.count == 2
      }
    }
    while !SentinelMessages(lab.packets, ports: ports, ids: ids).haveAllSaidHello {
      guard lab.world.now < lab.world.start + .seconds(60) else { throw RealServerError("not all have heard all") }
      _ = lab.advance(by: .seconds(1))
    }
  }

  private func run(until complaint: String, _ holds: (World) -> Bool) throws {
    let end = lab.world.now + .seconds(120)
    while !holds(lab.world) {
      guard lab.world.now < end, case .done = lab.stepAny().stop else { throw RealServerError(complaint) }
    }
  }

  var monitored: [String] {
    var lines: [String] = []
    lab.forEachStep { step in
      for reply in step.replies where reply.client == "monitor" {
        lines.append(String(decoding: reply.bytes, as: UTF8.self))
      }
    }
    return lines
  }

  private func readLogs() {
    while seen < lab.position {
      seen += 1
      for note in lab[seen].notes {
        if case .log(let entry) = note.content { logs[note.node, default: []].append(entry.text) }
      }
    }
  }

  func play() throws -> [String: SentinelTests.Log] {
    if let played { return played }
    var awaited: [String: String] = [:]
    for deed in situation.deeds {
      switch deed {
      case .kill(let name): try lab.apply(.kill(node: name))
      case .pause(let name): try lab.apply(.pause(node: name))
      case .resume(let name): try lab.apply(.resume(node: name))
      case .restart(let name): try lab.apply(.restart(node: name))
      case .command(let name, let words):
        try lab.apply(.command(node: name, arguments: words.map { Array($0.utf8) }))
      case .await(let name, let text):
        let text = text.naming(ports, situation.host)
        awaited[name] = text
        try run(until: "\(name) never logs \(text)") { _ in
          readLogs()
          return logs[name, default: []].contains { $0.contains(text) }
        }
      }
    }
    let result = Dictionary(
      uniqueKeysWithValues: awaited.map { ($0, SentinelTests.Log(logs[$0] ?? [], ids: ids, until: $1)) })
    played = result
    return result
  }

  /// What all have said to each other when nothing new is said any more.
  func messages() -> SentinelMessages {
    _ = lab.advance(by: .seconds(10))
    return SentinelMessages(lab.packets, ports: ports, ids: ids)
  }

  func configuration(of name: String) -> [String]? {
    lab.world.machine(name)?.disk.files["\(name).conf"].map { SentinelTests.known($0.bytes, ids: ids) }
  }
}

extension String {
  /// `{m}` is the address of m, as a replica is called by it.
  fileprivate func naming(_ ports: [String: Int], _ host: String) -> String {
    ports.reduce(self) { $0.replacingOccurrences(of: "{\($1.key)}", with: "\(host):\($1.value)") }
  }
}
