import Glibc
import RDB
import RealRedis
import Synchronization
import Testing

@testable import Redis

/// What a master, good or bad, says to a replica on its first connection; on later ones it says nothing at all.
struct Play: CustomTestStringConvertible, Sendable {
  var name: String
  var load = Configuration.DisklessLoad.disabled
  var pong = "+PONG\r\n"
  var replconf = "+OK\r\n"
  /// After PSYNC, each in a segment of its own.
  var afterPsync: [[UInt8]] = []
  /// The connection is closed when all has been said.
  var closes = false
  /// It is not closed but reset.
  var resets = false

  var testDescription: String { "\(name), repl-diskless-load \(load.rawValue)\(resets ? ", reset" : "")" }

  var resetting: Play {
    var play = self
    play.resets = true
    return play
  }

  func loading(_ mode: Configuration.DisklessLoad) -> Play {
    var play = self
    play.load = mode
    return play
  }

  // MARK: What is said

  static let fullResync = Array("+FULLRESYNC \(String(repeating: "a", count: 40)) 100\r\n".utf8)
  static let mark = Array(String(repeating: "0123456789", count: 4).utf8)

  static func rdb(_ body: (inout RDB.Writer) -> Void = { _ in }) -> [UInt8] {
    var writer = RDB.Writer()
    writer.header()
    writer.aux("redis-ver", "7.0.15")
    writer.selectDatabase(0)
    writer.resize(keys: 2, expires: 0)
    writer.entry(key: Array("titi".utf8), value: .string(Array("toto".utf8)))
    body(&writer)
    writer.entry(key: Array("last".utf8), value: .string(Array("one".utf8)))
    writer.end()
    return writer.take()
  }

  static func streamed(_ rdb: [UInt8], mark: [UInt8] = mark) -> [[UInt8]] {
    [fullResync, Array("$EOF:".utf8) + Self.mark + [13, 10], rdb + mark]
  }

  static func sized(_ rdb: [UInt8], length: Int? = nil) -> [[UInt8]] {
    [fullResync, Array("$\(length ?? rdb.count)\r\n".utf8), rdb]
  }

  static func patched(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes = rdb()
    change(&bytes)
    return bytes
  }

  static let badChecksum = patched { $0[$0.count - 1] ^= 1 }
  static let newerVersion = patched { $0.replaceSubrange(5..<9, with: "0099".utf8) }
  static let wrongSignature = patched { $0.replaceSubrange(0..<5, with: "SIDER".utf8) }
  static let truncated = Array(rdb().dropLast(14))
  static let unknownType = patched { bytes in
    let key = bytes.indices.first { bytes[$0...].starts(with: "\u{4}titi".utf8) }!
    bytes[key - 1] = 99
  }
  static let farDatabase: [UInt8] =
    Array("REDIS0010".utf8) + [0xfe, 0x3f, 0, 1, 97, 1, 98, 0xff] + Array(repeating: 0, count: 8)
  static let twice: [UInt8] =
    Array("REDIS0010".utf8) + [0xfe, 0, 0, 1, 97, 1, 98, 0, 1, 97, 1, 99, 0xff] + Array(repeating: 0, count: 8)
  static let badLZF: [UInt8] =
    Array("REDIS0010".utf8) + [0xfe, 0, 0, 1, 97, 0xc3, 2, 30, 0xff, 0xff, 0xff] + Array(repeating: 0, count: 8)

  static let everyLoad: [Configuration.DisklessLoad] = [.disabled, .onEmptyDB, .swapdb]

  static let payloads: [Play] = [
    Play(name: "a good streamed payload", afterPsync: streamed(rdb())),
    Play(name: "a good sized payload", afterPsync: sized(rdb())),
    Play(name: "a streamed payload cut short", afterPsync: streamed(truncated, mark: []), closes: true),
    Play(name: "a sized payload cut short", afterPsync: sized(truncated, length: rdb().count), closes: true),
    Play(name: "a streamed payload cut short but marked", afterPsync: streamed(truncated)),
    Play(name: "a payload shorter than its file", afterPsync: sized(truncated)),
    Play(name: "a wrong checksum", afterPsync: streamed(badChecksum)),
    Play(name: "a newer version", afterPsync: streamed(newerVersion)),
    Play(name: "no snapshot", afterPsync: sized(wrongSignature)),
    Play(name: "garbage after the snapshot", afterPsync: sized(rdb() + Array("garbage".utf8))),
    Play(name: "a type that nobody knows", afterPsync: streamed(unknownType)),
    Play(name: "a database too many", afterPsync: streamed(farDatabase)),
    Play(name: "a key twice", afterPsync: streamed(twice)),
    Play(name: "bytes that don't decompress", afterPsync: streamed(badLZF)),
    Play(
      name: "another mark at the end", afterPsync: streamed(rdb(), mark: Array(repeating: 120, count: 40)), closes: true
    ),
    Play(name: "a length of none", afterPsync: sized(rdb(), length: 0)),
    Play(
      name: "a length that is a line to come",
      afterPsync: sized(rdb(), length: -1).dropLast() + sized(rdb()).dropFirst()),
    Play(name: "a negative length", afterPsync: sized(rdb(), length: -5)),
    Play(
      name: "an offset beyond all measure",
      afterPsync: [Array("+FULLRESYNC \(String(repeating: "a", count: 40)) 4611686018427387904\r\n".utf8)]
        + streamed(rdb()).dropFirst()),
    Play(name: "an error in place of the payload", afterPsync: [fullResync, Array("-ERR no\r\n".utf8)]),
    Play(name: "an error in place of the payload's beginning", afterPsync: [fullResync, Array("hello\r\n".utf8)]),
    Play(name: "no payload at all", afterPsync: [fullResync], closes: true),
    Play(name: "a line end, then the payload", afterPsync: [fullResync, [10], [10]] + streamed(rdb()).dropFirst()),
    Play(name: "a snapshot in place of PSYNC's reply", afterPsync: [Array("+OK\r\n".utf8)] + sized(rdb()).dropFirst()),
    Play(
      name: "a FULLRESYNC that makes no sense",
      afterPsync: [Array("+FULLRESYNC abc 100\r\n".utf8)] + streamed(rdb()).dropFirst()),
  ].flatMap { play in everyLoad.map { play.loading($0) } }

  static let handshakes: [Play] = [
    Play(name: "PING is refused", pong: "-LOADING Redis is loading the dataset in memory\r\n"),
    Play(name: "PING is answered with an error", pong: "-ERR what\r\n"),
    Play(
      name: "PING needs a password", pong: "-NOAUTH Authentication required.\r\n",
      afterPsync: [Array("-NOAUTH x\r\n".utf8)], closes: true),
    Play(name: "PING is not answered", pong: "", closes: true),
    Play(name: "PING is half answered", pong: "+PO", closes: true),
    Play(name: "REPLCONF is not known", replconf: "-ERR unknown command\r\n", afterPsync: streamed(rdb())),
    Play(name: "REPLCONF is not answered", replconf: "", closes: true),
    Play(name: "the payload's header is half there", afterPsync: [fullResync, Array("$EO".utf8)], closes: true),
    Play(name: "PSYNC is not answered", afterPsync: [[10]], closes: true),
    Play(name: "PSYNC is half answered", afterPsync: [Array("+FULLRES".utf8)], closes: true),
    Play(name: "PSYNC comes too early", afterPsync: [Array("-NOMASTERLINK Can't SYNC\r\n".utf8)]),
    Play(name: "PSYNC is not known", afterPsync: [Array("-ERR unknown command\r\n".utf8)] + sized(rdb()).dropFirst()),
    Play(name: "the master is down", afterPsync: [Array("-MASTERDOWN x\r\n".utf8), Array("-MASTERDOWN y\r\n".utf8)]),
  ]
}

/// What a replica makes of such a master: what it logs until it tries again, what it says, and whether it survives.
private struct Reaction: Equatable {
  var log: [String]
  var said: [UInt8]
  var exits: Bool
}

@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct ReplicationHostileTests {
  @Test(arguments: Play.payloads) func takesAPayloadAsARealReplicaDoes(_ play: Play) throws { try compare(play) }
  @Test(arguments: Play.handshakes) func takesAHandshakeAsARealReplicaDoes(_ play: Play) throws { try compare(play) }
  @Test(arguments: (Play.payloads + Play.handshakes).filter { $0.closes && $0.load != .swapdb }.map(\.resetting))
  func takesAResetAsARealReplicaDoes(_ play: Play) throws { try compare(play) }

  private func compare(_ play: Play) throws {
    let master = try FakeMaster(play)
    let real = try realReaction(to: master)
    let own = ownReaction(to: play, port: master.port)
    #expect(own.log == real.log)
    #expect(own.exits == real.exits)
    // Nobody hears what is said on a connection that was broken.
    if !play.resets { #expect(String(decoding: own.said, as: UTF8.self) == String(decoding: real.said, as: UTF8.self)) }
  }

  private func realReaction(to master: FakeMaster) throws -> Reaction {
    let server = try RealServer([
      "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-load", master.play.load.rawValue,
      "--crash-log-enabled", "no",
    ])
    _ = server.wait { master.isDone }
    // Who answers is through with what the master did, and what followed at once is in the log. Who waits for more of a
    // snapshot answers nobody.
    let socket = try? Socket(port: server.port, patience: 1)
    socket?.send(Array("PING\r\n".utf8))
    let isThrough = server.wait {
      !server.isRunning || (try? socket?.readReply()) != nil
        || server.log.split(separator: "\n").last?.contains("Loading RDB produced by") == true
    }
    #expect(isThrough)
    let exits = !server.isRunning
    let log = server.log.split(separator: "\n").map { line in
      line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: true).dropFirst(6).joined()
    }
    let port = Array("$\(String(server.port).count)\r\n\(server.port)\r\n".utf8)
    return Reaction(log: Self.firstAttempt(log), said: Self.neutral(master.heard, port), exits: exits)
  }

  private func ownReaction(to play: Play, port: Int) -> Reaction {
    var configuration = Configuration()
    configuration.port = 12345
    configuration.save = []
    configuration.replDisklessLoad = play.load
    configuration.replicaof = Address(host: "127.0.0.1", port: port)
    var node = Node(configuration: configuration, seed: 7, now: .defaultLabClock)
    var (effects, time) = (node.handle(.start(files: [:]), at: .defaultLabClock), Instant.defaultLabClock)
    effects += node.handle(.wakeUp, at: time)
    let connection = ConnectionID(.opened, 1)
    effects += node.handle(.connected(connection, local: Address(host: "127.0.0.1", port: 2)), at: time)
    var speech: [[UInt8]] = [Array(play.pong.utf8)]
    if play.pong.hasPrefix("+PONG") || play.pong.hasPrefix("-NOAUTH") {
      speech += [Array(play.replconf.utf8), Array(play.replconf.utf8)] + (play.replconf.isEmpty ? [] : play.afterPsync)
    }
    for bytes in speech where !bytes.isEmpty {
      time = time + .milliseconds(10)
      effects += node.handle(.received(connection, bytes), at: time)
    }
    if play.closes { effects += node.handle(.closed(connection, reset: play.resets), at: time) }
    var reaction = Reaction(log: [], said: [], exits: false)
    for effect in effects {
      switch effect {
      case .log(let entry): reaction.log.append(entry.text)
      case .send(connection, let bytes): reaction.said += bytes
      case .exit: reaction.exits = true
      default: break
      }
    }
    reaction.log = Self.firstAttempt(reaction.log)
    reaction.said = Self.neutral(reaction.said, Array("$5\r\n12345\r\n".utf8))
    return reaction
  }

  /// The lines from the first attempt to the second, without what is chance.
  private static func firstAttempt(_ log: [String]) -> [String] {
    let started = "MASTER <-> REPLICA sync started"
    guard let first = log.firstIndex(of: started) else { return log }
    let rest = log[(first + 1)...].prefix { $0 != started && !$0.hasPrefix("Connecting to MASTER") }
    // A panic goes on with a report on the machine; source lines are those of the build.
    let said = rest.prefix { !$0.hasPrefix("sure to") }.filter { !$0.hasPrefix("& paste") && !$0.hasPrefix("\n\n===") }
    let lines = said.last == "------------------------------------------------" ? said.dropLast() : said[...]
    return lines.filter { !$0.isEmpty }.map { line in
      let line = line.split(separator: " ").map { $0.contains("rdb.c:") ? "rdb.c:" : String($0) }.joined(separator: " ")
      // What errno held before, it holds still: which of the two is a matter of time.
      let stale = ["Operation now in progress", "Resource temporarily unavailable"]
      guard let error = stale.first(where: line.hasSuffix) else { return line }
      return line.dropLast(error.count) + "<errno>"
    }
  }

  /// The replica's own port, and how often it acknowledged, are no matter.
  private static func neutral(_ bytes: [UInt8], _ port: [UInt8]) -> [UInt8] {
    var text = String(decoding: bytes, as: UTF8.self)
    if let range = text.firstRange(of: String(decoding: port, as: UTF8.self)) {
      text.replaceSubrange(range, with: "<port>")
    }
    let acknowledgement = "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK"
    if let range = text.firstRange(of: acknowledgement) { text = String(text[..<range.lowerBound]) + "<acks>" }
    return Array(text.utf8)
  }
}

/// A listening socket that plays its part on the first connection and holds all later ones.
private final class FakeMaster: Sendable {
  let play: Play
  let port: Int
  private let listener: Int32
  private let state = Mutex<(heard: [UInt8], isDone: Bool)>(([], false))

  var heard: [UInt8] { state.withLock { $0.heard } }
  var isDone: Bool { state.withLock { $0.isDone } }

  init(_ play: Play) throws {
    self.play = play
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard withLoopback(0, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
      throw SocketHost.SocketError(errno)
    }
    var bound = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    port = Int(UInt16(bigEndian: bound.sin_port))
    self.listener = listener
    var thread = pthread_t()
    let unmanaged = Unmanaged.passRetained(self)
    pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<FakeMaster>.fromOpaque(argument!).takeRetainedValue().serve()
        return nil
      }, unmanaged.toOpaque())
    pthread_detach(thread)
  }

  private func serve() {
    let first = accept(listener, nil, nil)
    _ = fcntl(first, F_SETFD, FD_CLOEXEC)
    hear(first, until: "PING\r\n")
    say(first, Array(play.pong.utf8))
    if play.pong.hasPrefix("+PONG") || play.pong.hasPrefix("-NOAUTH") {
      hear(first, until: "psync2\r\n")
      say(first, Array(play.replconf.utf8))
      if !play.replconf.isEmpty {
        say(first, Array(play.replconf.utf8))
        hear(first, until: "PSYNC")
        for bytes in play.afterPsync { say(first, bytes) }
      }
    }
    if play.resets {
      // What was said is to be read first.
      usleep(50_000)
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(first, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
      close(first)
    } else if play.closes {
      shutdown(first, Int32(SHUT_WR))
    }
    if !play.resets { hear(first, until: nil) }
    state.withLock { $0.isDone = true }
    while accept(listener, nil, nil) >= 0 {}
  }

  private func say(_ descriptor: Int32, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    usleep(20_000)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Listens until a word comes that is sure to, or without one until there is silence.
  private func hear(_ descriptor: Int32, until word: String?) {
    var limit = word == nil ? timeval(tv_sec: 0, tv_usec: 400_000) : timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var buffer = [UInt8](repeating: 0, count: 4096)
    while word.map({ !String(decoding: heard, as: UTF8.self).contains($0) }) ?? true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let bytes = Array(buffer[..<count])
      state.withLock { $0.heard += bytes }
    }
  }
}
