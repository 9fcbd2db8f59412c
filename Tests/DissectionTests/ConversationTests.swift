import Dissection
import Testing

/// What is said in the course of a link's life.
@Suite struct ConversationTests {
  @Test("Every byte of the stream has its offset, and acknowledgements say how many they cover")
  func offsets() throws {
    var dissector = dissect(HostileBytes.agreed).dissector
    _ = dissector.consume(Array("$2\r\nab".utf8), from: .acceptor)
    let select = encode(["SELECT", "0"])
    let set = encode(["set", "qq", "ww"])
    let stream = dissector.consume(select + set, from: .acceptor)
    #expect(stream.map(\.offsets) == [2615...2637, 2638...2666])
    #expect(stream.map(\.kind) == [.streamSelect([0x30]), .stream])
    #expect(stream[1].words == ["set", "qq", "ww"].map { Array($0.utf8) })
    let early = dissector.consume(encode(["REPLCONF", "ACK", "2637"]), from: .opener)
    #expect(early[0].kind == .ack(.init(offset: 2637, endsTransfer: true, newBytes: 23, outstanding: 29)))
    let ping = dissector.consume(encode(["ping"]) + encode(["REPLCONF", "GETACK", "*"]), from: .acceptor)
    #expect(ping.map(\.kind) == [.streamPing, .getAck])
    #expect(ping.map(\.offsets) == [2667...2680, 2681...2717])
    let late = dissector.consume(encode(["REPLCONF", "ACK", "2717"]), from: .opener)
    #expect(late[0].kind == .ack(.init(offset: 2717, newBytes: 80, outstanding: 0)))
    #expect(dissector.ledger.sent == 2717)
    #expect(dissector.ledger.acknowledged == 2717)
    #expect(
      dissector.ledger.entries.map(\.event) == [
        .opened(id: Array("4af7360b506843f9346c234825cbf3a4dfffe375".utf8), offset: 2614, isFull: true),
        .sent(2615...2637), .sent(2638...2666), .acknowledged(offset: 2637, newBytes: 23), .sent(2667...2680),
        .sent(2681...2717), .acknowledged(offset: 2717, newBytes: 80),
      ])
  }

  @Test("A partial resynchronisation goes on with the offset that was asked for")
  func partial() throws {
    let feeds = try #require(
      try Recordings.conversations("partial-resync").first {
        $0.contains { $0.bytes.starts(with: Array("+CONTINUE".utf8)) }
      })
    let messages = dissect(feeds).messages
    let streamed = messages.filter { $0.offsets != nil }
    #expect(streamed.first?.offsets == 53...81)
    #expect(streamed.last?.offsets?.upperBound == 110)
    let answer = try #require(messages.first { if case .partialResync = $0.kind { true } else { false } })
    #expect(answer.answers?.name == "PSYNC")
  }

  @Test("After SYNC the link has no offsets, and everything else")
  func sync() {
    let feeds = [
      Feed(side: .opener, bytes: Array("SYNC\r\n".utf8)), Feed(side: .acceptor, bytes: Array("\n\n$3\r\nabc".utf8)),
      Feed(side: .acceptor, bytes: encode(["SELECT", "0"])),
    ]
    let messages = dissect(feeds).messages
    #expect(
      messages.map(\.kind) == [
        .sync(snapshotOnly: false), .keepAlive, .keepAlive, .payloadHeader(.sized(3)), .payload(0..<3),
        .streamSelect([0x30]),
      ])
    #expect(messages[3].answers == .init(number: 1, name: "SYNC"))
    #expect(messages[5].offsets == nil)
  }

  @Test("Pipelined commands and their replies find each other")
  func pipeline() {
    let commands = (0..<100).flatMap { encode(["GET", "k\($0)"]) }
    let replies = (0..<100).flatMap { Array(":\($0)\r\n".utf8) }
    let messages = dissect([Feed(side: .opener, bytes: commands), Feed(side: .acceptor, bytes: replies)]).messages
    #expect(messages.count == 200)
    for number in 0..<100 { #expect(messages[100 + number].answers?.number == number + 1) }
  }

  @Test("Published messages answer nothing, confirmations of subscriptions do")
  func subscriptions() {
    let messages = dissect([
      Feed(side: .opener, bytes: encode(["SUBSCRIBE", "a", "b"]) + encode(["PING"])),
      Feed(side: .acceptor, bytes: encode(["message", "a", "x"])),
      Feed(side: .acceptor, bytes: Array("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n".utf8)),
      Feed(side: .acceptor, bytes: encode(["message", "a", "x"])),
      Feed(side: .acceptor, bytes: Array("*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n+PONG\r\n".utf8)),
    ]).messages
    #expect(messages.dropFirst(2).map(\.answers?.number) == [nil, 1, nil, 1, 2])
  }

  @Test("Silenced replies are not waited for")
  func silence() {
    let messages = dissect([
      Feed(
        side: .opener,
        bytes: encode(["CLIENT", "REPLY", "SKIP"]) + encode(["SET", "a", "1"]) + encode(["GET", "a"])
          + encode(["CLIENT", "REPLY", "OFF"]) + encode(["GET", "b"]) + encode(["CLIENT", "REPLY", "ON"])),
      Feed(side: .acceptor, bytes: Array("$1\r\n1\r\n+OK\r\n".utf8)),
    ]).messages
    #expect(messages.suffix(2).map(\.answers?.number) == [3, 6])
  }

  @Test("A transfer of 20,000 pieces costs next to nothing a piece, with a copy kept of each", .timeLimit(.minutes(1)))
  func bigTransfer() throws {
    var dissector = dissect(HostileBytes.agreed).dissector
    let mark = Array("e9c991d24c3e00573f4727f543d1ca3e22e23f0e".utf8)
    _ = dissector.consume(Array("$EOF:".utf8) + mark + [13, 10], from: .acceptor)
    let piece = [UInt8](repeating: 0x61, count: 512)
    var history: [ConversationDissector] = []
    var total = 0
    for _ in 0..<20_000 {
      let messages = dissector.consume(piece, from: .acceptor)
      #expect(messages.count == 1)
      total += messages[0].bytes.count
      history.append(dissector)
    }
    let end = dissector.consume(mark, from: .acceptor)
    #expect(end.map(\.kind) == [.endMark])
    #expect(total == 20_000 * 512)
    #expect(history[17] != history[18])
    #expect(history[17] == history[17])
  }
}

@Suite("What Sentinels say is told in words") struct SentinelMeaningTests {
  private func meanings(_ said: [(Side, String)]) -> [String] {
    var dissector = ConversationDissector(purpose: .client)
    return said.flatMap { side, text in
      dissector.consume(Array(text.replacing("~", with: "\r\n").utf8), from: side).map(\.meaning)
    }
  }

  private static let id = "fc6a0000277d36bce7b813e6af2ed38da4a14113"

  @Test("a hello by its fields") func hello() {
    let hello = "127.0.0.1,26379,\(Self.id),2,mymaster,127.0.0.1,7000,1"
    let command = "*3~$7~PUBLISH~$18~__sentinel__:hello~$\(hello.utf8.count)~\(hello)~"
    let words =
      "Sentinel 127.0.0.1:26379 says hello: mymaster is at 127.0.0.1:7000 since epoch 1, and the last epoch is 2"
    #expect(meanings([(.opener, command)]) == [words])
    let pushed = "*3~$7~message~$18~__sentinel__:hello~$\(hello.utf8.count)~\(hello)~"
    let subscribe = "*2~$9~SUBSCRIBE~$18~__sentinel__:hello~"
    let subscribed = "*3~$9~subscribe~$18~__sentinel__:hello~:1~"
    #expect(meanings([(.opener, subscribe), (.acceptor, subscribed), (.acceptor, pushed)]).last == words)
  }

  @Test("a question, and an answer with a vote") func vote() {
    let port = "$4~7000~"
    let question = "*6~$8~SENTINEL~$22~is-master-down-by-addr~$9~127.0.0.1~\(port)$1~1~$40~\(Self.id)~"
    let answer = "*3~:1~$40~\(Self.id)~:1~"
    #expect(
      meanings([(.opener, question), (.acceptor, answer)]) == [
        "Sentinel asks whether the master at 127.0.0.1:7000 is down for the other one, too, and for its vote in epoch 1, "
          + "for fc6a0000…",
        "Sentinel answers: the master is down for it, too, and its vote of epoch 1 is for fc6a0000…",
      ])
  }
}
