import Dissection
import RDB

/// What was said on one connection of a replica to its master, without what is chance or a matter of time: replication
/// ids are numbered as they appear, offsets, signs of life and the number of acknowledgements are left out, a snapshot is
/// its keys and values in any order.
///
/// Who answered first when both spoke at once is chance, too, so each side's messages are a list of their own.
package struct Talk: Sendable, Equatable {
  package internal(set) var replica: [String] = []
  package internal(set) var master: [String] = []

  /// They say the same, but for what the master still answered when the replica had hung up: whether that was still heard
  /// is a matter of time.
  func isSame(as other: Talk) -> Bool {
    guard replica == other.replica else { return false }
    let (shorter, longer) = master.count < other.master.count ? (master, other.master) : (other.master, master)
    return longer.starts(with: shorter) && longer[shorter.count...].allSatisfy { $0.hasPrefix("-") || $0 == "+OK" }
  }

  /// The other one says all that this one does, and maybe more.
  func isPrefix(of other: Talk) -> Bool {
    other.replica.starts(with: replica) && other.master.starts(with: master)
  }
}

/// Makes a `Talk` of the messages of one connection.
struct TalkWriter {
  private(set) var talk = Talk()
  private var snapshot: [UInt8] = []
  private var form: Message.PayloadForm?

  /// - Parameter port: what port of the lab a real one stands for.
  mutating func hear(_ message: Message, ids: inout ReplicationIDs, port: (Int) -> Int) {
    switch message.kind {
    case .keepAlive, .streamPing, .truncated: break
    case .payloadHeader(let form):
      self.form = form
      if case .streamed = form { add("$EOF:", message) } else { add("$length", message) }
      closeIfWhole(message)
    case .payload:
      snapshot += message.bytes
      closeIfWhole(message)
    case .endMark: close(message)
    case .listeningPort(let number): add("REPLCONF listening-port \(port(number))", message)
    case .psync(let id, _, let failover):
      add("PSYNC \(id.map { ids.name($0) } ?? "?")\(failover ? " FAILOVER" : "")", message)
    case .fullResync(let id, _): add("FULLRESYNC \(id.map { ids.name($0) } ?? "?")", message)
    case .partialResync(let id): add("CONTINUE\(id.map { " " + ids.name($0) } ?? "")", message)
    case .ack: if talk.replica.last != "REPLCONF ACK" { add("REPLCONF ACK", message) }
    case .stream: add(message.words.map(Self.text).joined(separator: " "), message)
    default: add(Self.line(message.bytes), message)
    }
  }

  private mutating func add(_ line: String, _ message: Message) {
    if message.side == .opener { talk.replica.append(line) } else { talk.master.append(line) }
  }

  private mutating func closeIfWhole(_ message: Message) {
    if case .sized(let count) = form, snapshot.count >= count { close(message) }
  }

  private mutating func close(_ message: Message) {
    add(Self.contents(of: snapshot), message)
    (snapshot, form) = ([], nil)
  }

  /// The keys and values of a snapshot, sorted.
  private static func contents(of snapshot: [UInt8]) -> String {
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(snapshot)
    var (database, entries) = (0, [String]())
    do {
      while let event = try reader.next() {
        if case .selectDatabase(let number) = event { database = number }
        guard case .entry(let entry) = event else { continue }
        let expiry = entry.expiry == nil ? "" : ", expires"
        entries.append("\(database): \(text(entry.key)) = \(entry.value)\(expiry)")
      }
    } catch {
      entries.append("\(error)")
    }
    return "snapshot of \(entries.count) keys" + entries.sorted().map { "; " + $0 }.joined()
  }

  /// An argument; a time in milliseconds is what the clock showed.
  private static func text(_ bytes: [UInt8]) -> String {
    let isTime = bytes.count == 13 && bytes.allSatisfy { (0x30...0x39).contains($0) }
    return isTime ? "<time>" : String(decoding: bytes, as: UTF8.self)
  }

  /// RESP in one line.
  private static func line(_ bytes: [UInt8]) -> String {
    let lines = bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    return lines.map { $0.last == "\r" ? String($0.dropLast()) : $0 }.joined(separator: " ")
  }
}

/// Numbers replication ids in the order in which they appear.
struct ReplicationIDs {
  private var numbers: [[UInt8]: Int] = [:]

  mutating func name(_ id: [UInt8]) -> String {
    let number = numbers[id] ?? numbers.count + 1
    numbers[id] = number
    return "id\(number)"
  }
}
