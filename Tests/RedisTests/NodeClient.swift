import Glibc
import RESP
import Redis

/// A node and the clients that tests talk to it with.
struct NodeClient {
  var node: Node
  var now: Instant
  /// What is on the node's disk.
  private(set) var files: [String: [UInt8]]
  private var nextConnection: UInt64 = 1
  /// What each connection was sent and nobody has read.
  private var received: [ConnectionID: [UInt8]] = [:]
  private(set) var closed: Set<ConnectionID> = []
  private(set) var effects: [Effect] = []

  init(
    _ configuration: Configuration = Configuration(), seed: UInt64 = 1, at now: Instant = .defaultLabClock,
    files: [String: [UInt8]] = [:]
  ) {
    node = Node(configuration: configuration, seed: seed, now: now)
    self.now = now
    self.files = files
    handle(.start(files: files))
  }

  /// A node whose stream goes to a replica, and a client of it: their connections.
  static func withReplica() throws -> (NodeClient, client: ConnectionID, replica: ConnectionID) {
    var configuration = Configuration()
    try configuration.set("repl-diskless-sync", "no")
    var client = NodeClient(configuration)
    let replica = client.connect()
    _ = client.command("PSYNC ? -1", on: replica)
    client.advance(by: .seconds(2))
    let connection = client.connect()
    return (client, connection, replica)
  }

  mutating func handle(_ input: Input) {
    node.lentFiles = LentFiles { [files] in files }
    let caused = node.handle(input, at: now)
    node.lentFiles = nil
    for case .file(let operation) in caused { operation.perform(on: &files) }
    effects += caused
    for effect in caused {
      switch effect {
      case .send(let connection, let bytes): received[connection, default: []] += bytes
      case .close(let connection): closed.insert(connection)
      case .open, .notifyWhenWritten, .file, .listen, .log, .decided, .exit: break
      }
    }
  }

  /// Somebody else changes what is on the disk.
  mutating func change(_ files: (inout [String: [UInt8]]) -> Void) { files(&self.files) }

  /// The effects since the last call.
  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  mutating func connect() -> ConnectionID {
    let connection = ConnectionID(.accepted, nextConnection)
    nextConnection += 1
    handle(
      .accepted(
        connection, peer: Address(host: "127.0.0.1", port: 50_000 + Int(nextConnection)),
        local: Address(host: "127.0.0.1", port: node.configuration.port)))
    return connection
  }

  mutating func send(_ bytes: [UInt8], on connection: ConnectionID) { handle(.received(connection, bytes)) }

  mutating func read(_ connection: ConnectionID) -> [UInt8] { received.removeValue(forKey: connection) ?? [] }

  /// Sends a command and returns what comes back, raw.
  mutating func command(_ arguments: [[UInt8]], on connection: ConnectionID) -> [UInt8] {
    send(encode(arguments), on: connection)
    return read(connection)
  }

  mutating func command(_ line: String, on connection: ConnectionID) -> String {
    let reply = command(line.split(separator: " ").map { Array($0.utf8) }, on: connection)
    return String(decoding: reply, as: UTF8.self)
  }

  /// Lets time pass, waking the node when it wants to be woken.
  mutating func advance(by interval: Interval) {
    let end = now + interval
    while let wakeup = node.nextWakeup, wakeup <= end {
      now = max(now, wakeup)
      handle(.wakeUp)
    }
    now = end
  }
}

func encode(_ arguments: [[UInt8]]) -> [UInt8] { [UInt8](command: arguments) }

/// Bytes as a test's failure shows them.
func shown(_ bytes: [UInt8]) -> String {
  bytes.map {
    (32..<127).contains($0) ? String(UnicodeScalar($0)) : $0 == 13 ? "" : $0 == 10 ? "⏎" : "\\x\(String($0, radix: 16))"
  }
  .joined()
}

/// The machine's clock, for a node that keeps time with a real server.
func realNow() -> Instant {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}
