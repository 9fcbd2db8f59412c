import Capture
import Dissection
import Testing

/// Syncs over two connections, as docs/PROTOCOL.md has them of Redis 8 and of Valkey: the snapshot comes over the second.
@Suite struct TwoConnectionTests {
  static let id = "4af7360b506843f9346c234825cbf3a4dfffe375"
  static let mark = "e9c991d24c3e00573f4727f543d1ca3e22e23f0e"
  static let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"

  static func request(_ words: String...) -> String { String(decoding: encode(words), as: UTF8.self) }

  /// What is said, on the first connection (1) or on the second (2).
  typealias Said = (connection: Int, side: Side, text: String)

  static let redis: [Said] = [
    (1, .opener, request("REPLCONF", "capa", "eof", "capa", "psync2", "capa", "rdb-channel-repl")),
    (1, .acceptor, "+OK\r\n"),
    (1, .opener, request("PSYNC", "?", "-1")),
    (1, .acceptor, "+RDBCHANNELSYNC 7\r\n"),
    (
      2, .opener,
      request(
        "REPLCONF", "capa", "eof", "rdb-only", "1", "rdb-channel", "1", "main-ch-client-id", "7", "listening-port",
        "7001")
    ),
    (2, .acceptor, "+OK\r\n"),
    (2, .opener, request("PSYNC", "?", "-1")),
    (2, .acceptor, "+FULLRESYNC \(id) 100\r\n"),
    (1, .acceptor, set),
    (2, .acceptor, "$EOF:\(mark)\r\nREDIS0012"),
    (2, .acceptor, mark),
    (1, .opener, request("REPLCONF", "ACK", "127")),
    (1, .acceptor, "*1\r\n$4\r\nping\r\n"),
  ]

  static let valkey: [Said] = [
    (1, .opener, request("REPLCONF", "capa", "eof", "capa", "psync2", "capa", "dual-channel")),
    (1, .acceptor, "+OK\r\n"),
    (1, .opener, request("PSYNC", "?", "-1")),
    (1, .acceptor, "+DUALCHANNELSYNC\r\n"),
    (
      2, .opener,
      request("REPLCONF", "capa", "eof", "rdb-only", "1", "rdb-channel", "1", "listening-port", "7001")
    ),
    (2, .acceptor, "+OK\r\n"),
    (2, .opener, "SYNC\r\n"),
    (2, .acceptor, "$ENDOFF:100 \(id) 0 9\r\n"),
    (1, .opener, request("REPLCONF", "set-rdb-client-id", "9")),
    (1, .acceptor, "+OK\r\n"),
    (1, .opener, request("PSYNC", id, "101")),
    (1, .acceptor, "+CONTINUE \(id)\r\n"),
    (2, .acceptor, "$EOF:\(mark)\r\nREDIS0080"),
    (1, .acceptor, set),
    (2, .acceptor, mark),
    (1, .opener, request("REPLCONF", "ACK", "127")),
    (1, .acceptor, "*1\r\n$4\r\nping\r\n"),
  ]

  /// The packets of both connections, each text cut into segments of `size` bytes.
  static func packets(_ said: [Said], size: Int = 1000) -> [Packet] {
    var connections = [MadeUp(), MadeUp(start: 9000)]
    for index in connections.indices {
      connections[index].opener.port += UInt16(index)
      for place in connections[index].packets.indices {
        if connections[index].packets[place].source.port >= 40_000 {
          connections[index].packets[place].source = connections[index].opener
        } else {
          connections[index].packets[place].destination = connections[index].opener
        }
      }
    }
    var packets = connections.flatMap(\.packets)
    for (connection, side, text) in said {
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        let piece = bytes[start..<min(start + size, bytes.count)]
        connections[connection - 1].add(side, String(decoding: piece, as: UTF8.self))
        packets += connections[connection - 1].packets.suffix(1)
      }
    }
    return packets
  }

  @Test("Redis's second connection is named and found by the client id of the first", arguments: [1, 5, 1000])
  func redis(size: Int) throws {
    let dissected = Dissected(Self.packets(Self.redis, size: size))
    let first = try #require(dissected.normalised[1])
    let second = try #require(dissected.normalised[2])
    #expect(
      first.map(\.kind) == [
        .capabilities(["eof", "psync2", "rdb-channel-repl"].map { Array($0.utf8) }), .reply(.simple),
        .psync(id: nil, offset: -1, failover: false), .rdbChannelSync(client: 7), .stream,
        .ack(.init(offset: 127, endsTransfer: true, newBytes: 27, outstanding: 0)), .streamPing,
      ])
    #expect(first.last?.offsets == 128...141)
    #expect(
      second.map(\.kind) == [
        .rdbChannel(client: 7), .reply(.simple), .psync(id: nil, offset: -1, failover: false),
        .fullResync(id: Array(Self.id.utf8), offset: 100), .payloadHeader(.streamed(mark: Array(Self.mark.utf8))),
        .payload(0..<9), .endMark,
      ])
    checkJoined(dissected)
    #expect(dissected.dissector.connection(1)?.conversation.channel == Channel(.stream, client: 7))
    #expect(dissected.dissector.connection(2)?.conversation.channel == Channel(.snapshot, client: 7))
  }

  @Test(
    "Valkey's first connection names the second, whose end of the snapshot it goes on from", arguments: [1, 5, 1000])
  func valkey(size: Int) throws {
    let dissected = Dissected(Self.packets(Self.valkey, size: size))
    let first = try #require(dissected.normalised[1])
    let second = try #require(dissected.normalised[2])
    #expect(
      first.map(\.kind) == [
        .capabilities(["eof", "psync2", "dual-channel"].map { Array($0.utf8) }), .reply(.simple),
        .psync(id: nil, offset: -1, failover: false), .dualChannelSync, .rdbClient(9), .reply(.simple),
        .psync(id: Array(Self.id.utf8), offset: 101, failover: false), .partialResync(id: Array(Self.id.utf8)),
        .stream, .ack(.init(offset: 127, endsTransfer: true, newBytes: 27, outstanding: 0)), .streamPing,
      ])
    #expect(first.last?.offsets == 128...141)
    #expect(
      second.map(\.kind) == [
        .rdbChannel(client: nil), .reply(.simple), .sync(snapshotOnly: true),
        .endOffset(100, id: Array(Self.id.utf8), database: 0, client: 9),
        .payloadHeader(.streamed(mark: Array(Self.mark.utf8))), .payload(0..<9), .endMark,
      ])
    checkJoined(dissected)
  }

  /// Each knows the other, and it is told once.
  private func checkJoined(_ dissected: Dissected) {
    #expect(dissected.dissector.connection(1)?.partner == 2)
    #expect(dissected.dissector.connection(2)?.partner == 1)
    let told = dissected.remarks.values.joined().filter { if case .joined = $0 { true } else { false } }
    #expect(told.count == 1)
  }

  @Test("What another server's client has for a number joins nothing")
  func strangers() {
    var packets = Self.packets(Self.redis)
    for index in packets.indices {
      if packets[index].source.port == 40_001 { packets[index].destination.port = 7005 }
      if packets[index].destination.port == 40_001 { packets[index].source.port = 7005 }
    }
    let dissected = Dissected(packets)
    #expect(dissected.dissector.connection(1)?.partner == nil)
    #expect(dissected.dissector.connection(2)?.partner == nil)
  }

  @Test(
    "A hole in a snapshot, or in the stream behind it, is named, and what follows has its offsets", arguments: 1...60)
  func holes(size: Int) {
    var made = MadeUp()
    made.add(.opener, Self.request("PSYNC", "?", "-1"))
    made.add(.acceptor, "+FULLRESYNC \(Self.id) 100\r\n$200\r\nREDIS0010" + String(repeating: "a", count: 50))
    made.skip(.acceptor, size)
    made.add(.opener)
    made.add(.acceptor, String(repeating: "b", count: 141 - size) + Self.set)
    made.skip(.acceptor, 27)
    made.add(.opener)
    made.add(.acceptor, Self.set + Self.set)
    made.add(.opener, Self.request("REPLCONF", "ACK", "208"))
    let dissected = Dissected(made.packets)
    let start = 58 + 6 + 59
    #expect(dissected.lost(1).map(\.range) == [start..<start + size, 58 + 6 + 227..<58 + 6 + 254])
    let stream = dissected.messages[1]?.filter { $0.kind == .stream } ?? []
    #expect(stream.map(\.offsets) == [101...127, 155...181, 182...208])
    guard case .ack(let acknowledgement)? = dissected.messages[1]?.last?.kind else {
      Issue.record("no acknowledgement")
      return
    }
    #expect(acknowledgement.outstanding == 0)
  }
}
