import Foundation
import RESP
import RealRedis
import TestSupport

/// Real servers in a situation that a seed draws: a tree of two to four of them, clients, and what befalls them. The seed
/// settles what is done; when things happen is the machine's.
final class RecordedSituation {
  let seed: UInt64
  /// What was done, a line each, for whoever has to find out what happened.
  private(set) var story: [String] = []
  private var random: TestRandom
  private var servers: [RealServer] = []
  private var sockets: [Int: Socket] = [:]
  private let hasPassword: Bool
  private let startsLate: Bool

  init(seed: UInt64) {
    self.seed = seed
    random = TestRandom(seed: seed &* 0x9e37 &+ 17)
    hasPassword = random.chance(1, in: 5)
    startsLate = random.chance(1, in: 6)
  }

  /// Plays it, and records it.
  func record(to path: String) throws {
    let ports = try (0..<random.number(2...4)).map { _ in try freePort() }
    var recorder: Recorder?
    if !startsLate { recorder = try Recorder(to: path, ports: ports) }
    for port in ports { try start(port) }
    for _ in 0..<random.number(0...5) { act(isCalm: true) }
    for index in servers.indices.dropFirst() { follow(index, random.number(0...index - 1)) }
    if startsLate {
      for _ in 0..<4 { act(isCalm: true) }
      pause(1_500)
      recorder = try Recorder(to: path, ports: ports)
    }
    pause(random.number(200...1_600))
    for _ in 0..<random.number(6...16) {
      act(isCalm: false)
      pause(random.number(1...160))
      if random.chance(1, in: 6) { pause(random.number(500...1_500)) }
    }
    if startsLate { connectAnew() }
    pause(1_200)
    sockets = [:]
    recorder?.stop()
    for server in servers { server.kill() }
  }

  /// Of connections that were there before the recording nothing can be compared: of these all.
  private func connectAnew() {
    sockets = [:]
    for index in servers.indices { send(index, [["PING"], ["SET", "k9", "x"], ["GET", "k9"]]) }
  }

  // MARK: Servers

  private func start(_ port: Int) throws {
    var directives = ["--databases", random.pick(["16", "16", "4"])]
    func sometimes(_ odds: Int, _ directive: String, _ values: String...) {
      if random.chance(1, in: odds) { directives += ["--" + directive, random.pick(values)] }
    }
    directives += ["--repl-diskless-sync-delay", random.pick(["0", "0", "1"])]
    sometimes(3, "repl-diskless-sync", "no")
    sometimes(3, "repl-diskless-load", "on-empty-db", "swapdb")
    sometimes(2, "enable-debug-command", "yes", "local")
    sometimes(4, "replica-read-only", "no")
    sometimes(4, "repl-backlog-size", "16kb", "64kb")
    sometimes(5, "appendonly", "yes")
    sometimes(3, "repl-ping-replica-period", "1", "2")
    sometimes(6, "maxmemory", "100mb")
    sometimes(6, "lazyfree-lazy-expire", "yes")
    sometimes(6, "rdbcompression", "no")
    sometimes(6, "save", "3600 1")
    sometimes(8, "replica-serve-stale-data", "no")
    sometimes(8, "hz", "100", "1")
    sometimes(8, "replica-priority", "0", "5")
    if hasPassword { directives += ["--requirepass", "secret", "--masterauth", "secret"] }
    story.append("start \(port) \(directives.joined(separator: " "))")
    servers.append(try RealServer(directives, port: port))
  }

  private func follow(_ index: Int, _ master: Int) {
    say(index, "REPLICAOF", "127.0.0.1", "\(servers[master].port)")
  }

  private func restart(_ index: Int) {
    let server = servers[index]
    sockets[index] = nil
    switch random.number(0...3) {
    case 0: say(index, "SHUTDOWN", "SAVE", "FORCE")
    case 1: say(index, "SHUTDOWN", "NOSAVE", "FORCE")
    case 2: server.stop()
    default: server.kill()
    }
    server.kill()
    story.append("\(server.port) is down")
    sockets[index] = nil
    pause(random.number(0...700))
    do { try server.restart() } catch { story.append("\(server.port): \(error)") }
    story.append("\(server.port) is up")
  }

  private func pause(_ milliseconds: Int) { usleep(UInt32(milliseconds * 1_000)) }

  // MARK: Clients

  private func socket(_ index: Int) -> Socket? {
    if let socket = sockets[index] { return socket }
    guard let socket = try? Socket(port: servers[index].port, patience: 5) else { return nil }
    sockets[index] = socket
    if hasPassword { _ = try? socket.command(["AUTH", "secret"].map { Array($0.utf8) }) }
    return socket
  }

  private func say(_ index: Int, _ words: String...) { send(index, [words]) }

  /// Commands in one write, and all of their replies.
  private func send(_ index: Int, _ commands: [[String]]) {
    guard let socket = socket(index) else { return }
    for words in commands { story.append("\(servers[index].port): \(words.joined(separator: " "))") }
    socket.send(commands.flatMap { [UInt8](command: $0) })
    for _ in commands {
      guard let reply = try? socket.readReply() else {
        sockets[index] = nil
        return
      }
      story.append("  " + String(decoding: reply.prefix(60), as: UTF8.self).replacing("\r\n", with: " "))
    }
  }

  // MARK: What is done

  private var someone: Int { random.number(0...servers.count - 1) }
  private var writer: Int { random.chance(3, in: 4) ? 0 : someone }

  private func act(isCalm: Bool) {
    switch random.number(0...(isCalm ? 13 : 27)) {
    case 0...5: send(writer, [commands.next()])
    case 6...8: send(writer, (0..<random.number(2...5)).map { _ in commands.next() })
    case 9, 10: transaction(writer)
    case 11...13: send(someone, [commands.reading()])
    case 14: together()
    case 15, 16: promote()
    case 17: failover()
    case 18, 19: restart(someone)
    case 20: cut()
    case 21: say(someone, "WAIT", "\(random.number(0...2))", "\(random.number(50...300))")
    case 22: hold()
    case 23: freeze(someone)
    case 24: configure(someone)
    case 25: debug(someone)
    case 26: access(someone)
    default: blocked(writer)
    }
  }

  private var commands: SituationCommands {
    get { SituationCommands(random: random) }
    set { random = newValue.random }
  }

  private func transaction(_ index: Int) {
    if random.chance(1, in: 4) { say(index, "WATCH", "k1", "l1") }
    var all = [["MULTI"]] + (0..<random.number(1...4)).map { _ in commands.next() }
    if random.chance(1, in: 8) { all.append(["NOSUCH", "command"]) }
    all.append([random.chance(1, in: 6) ? "DISCARD" : "EXEC"])
    if random.chance(1, in: 2) { send(index, all) } else { for words in all { send(index, [words]) } }
  }

  /// Two clients at once.
  private func together() {
    let index = writer
    guard let other = try? Socket(port: servers[index].port, patience: 5) else { return }
    if hasPassword { _ = try? other.command(["AUTH", "secret"].map { Array($0.utf8) }) }
    for _ in 0..<random.number(2...6) {
      let words = commands.next()
      story.append("\(servers[index].port), another: \(words.joined(separator: " "))")
      other.send([UInt8](command: words))
      send(index, [commands.next()])
      _ = try? other.readReply()
    }
  }

  private func promote() {
    let index = someone
    if random.chance(1, in: 2) { say(index, "REPLICAOF", "NO", "ONE") } else { follow(index, someone) }
    pause(random.number(0...400))
    if random.chance(1, in: 2) { follow(someone, index) }
  }

  private func failover() {
    switch random.number(0...2) {
    case 0: say(someone, "FAILOVER", "TIMEOUT", "\(random.number(100...900))")
    case 1: say(someone, "FAILOVER", "TO", "127.0.0.1", "\(servers[someone].port)", "TIMEOUT", "500")
    default: say(someone, "FAILOVER")
    }
    pause(600)
    if random.chance(1, in: 3) { say(someone, "FAILOVER", "ABORT") }
  }

  private func cut() {
    say(someone, "CLIENT", "KILL", "TYPE", random.pick(["replica", "master", "normal"]))
    if random.chance(1, in: 2) { pause(1_200) }
  }

  private func hold() {
    let index = someone
    say(index, "CLIENT", "PAUSE", "\(random.number(50...400))", random.pick(["WRITE", "ALL"]))
    send(index, [commands.next(), commands.reading()])
    if random.chance(1, in: 3) { say(index, "CLIENT", "UNPAUSE") }
  }

  /// The process stands still for a moment.
  private func freeze(_ index: Int) {
    story.append("\(servers[index].port) stands still")
    servers[index].pause()
    pause(random.number(50...500))
    servers[index].resume()
  }

  private func configure(_ index: Int) {
    let settings: [[String]] = [
      ["repl-backlog-size", random.pick(["20000", "100000"])], ["repl-diskless-sync", random.pick(["yes", "no"])],
      ["maxmemory", random.pick(["0", "200mb"])], ["replica-read-only", random.pick(["yes", "no"])],
      ["repl-ping-replica-period", "1"], ["min-replicas-to-write", random.pick(["0", "1"])],
      ["appendonly", random.pick(["yes", "no"])], ["lazyfree-lazy-expire", random.pick(["yes", "no"])],
      ["nosuch-directive", "1"], ["databases", "5"],
    ]
    if random.chance(1, in: 3) {
      say(index, "CONFIG", "GET", random.pick(["repl-*", "databases", "max*", "requirepass", "port"]))
    } else {
      let setting = settings[random.number(0...settings.count - 1)]
      say(index, "CONFIG", "SET", setting[0], setting[1])
    }
  }

  private func debug(_ index: Int) {
    switch random.number(0...6) {
    case 0: say(index, "DEBUG", "SLEEP", "0.1")
    case 1: say(index, "DEBUG", "RELOAD")
    case 2: say(index, "DEBUG", "CHANGE-REPL-ID")
    case 3: say(index, "DEBUG", "SET-ACTIVE-EXPIRE", random.pick(["0", "1"]))
    case 4: say(index, "DEBUG", "OBJECT", "k1")
    case 5: say(index, "DEBUG", "DIGEST")
    default: say(index, "DEBUG", "POPULATE", "5")
    }
  }

  private func access(_ index: Int) {
    switch random.number(0...6) {
    case 0: say(index, "AUTH", "wrong")
    case 1: say(index, "AUTH", "nobody", "wrong")
    case 2: say(index, "ACL", "SETUSER", "bob", "on", ">word", "~k*", "+@read", "+set", "+ping")
    case 3:
      send(index, [["ACL", "SETUSER", "bob", "on", ">word", "~k*", "+@read", "+set"], ["AUTH", "bob", "word"]])
      send(index, [commands.next(), ["SET", "k1", "bob"], ["GET", "l1"], ["ACL", "WHOAMI"]])
      sockets[index] = nil
    case 4: say(index, "ACL", "WHOAMI")
    case 5: say(index, "BGSAVE")
    default: say(index, random.pick(["SAVE", "BGREWRITEAOF", "LASTSAVE"]))
    }
  }

  /// One client waits for what another one pushes.
  private func blocked(_ index: Int) {
    guard let other = try? Socket(port: servers[index].port, patience: 2) else { return }
    if hasPassword { _ = try? other.command(["AUTH", "secret"].map { Array($0.utf8) }) }
    let words = random.pick([
      ["BLPOP", "l9", "1"], ["BLMOVE", "l9", "l1", "LEFT", "RIGHT", "1"], ["BZPOPMIN", "z9", "1"],
    ])
    story.append("\(servers[index].port), another: \(words.joined(separator: " "))")
    other.send([UInt8](command: words))
    pause(20)
    send(index, [random.chance(2, in: 3) ? ["RPUSH", "l9", "x", "y"] : ["SET", "k1", "1"]])
    _ = try? other.readReply()
  }
}

extension TestRandom {
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func chance(_ part: Int, in whole: Int) -> Bool { number(1...whole) <= part }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }
}
