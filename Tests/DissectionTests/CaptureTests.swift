import Capture
import Dissection
import RESP
import Testing

/// The dissector over what real Redis servers said.
@Suite struct RecordedConversations {
  @Test(
    "Every byte of a recorded conversation is in one message, and nothing in it is malformed",
    arguments: Recordings.names)
  func tiles(name: String) throws {
    for feeds in try Recordings.conversations(name) {
      let (messages, dissector) = dissect(feeds)
      for side in Side.allCases {
        let sent = feeds.filter { $0.side == side }.flatMap(\.bytes)
        let said = messages.filter { $0.side == side }
        #expect(said.flatMap(\.bytes) == sent)
        #expect(said.map(\.range.lowerBound) == [0] + said.map(\.range.upperBound).dropLast() || said.isEmpty)
        #expect(dissector.pendingByteCount(side) == 0)
      }
      #expect(messages.map(\.number) == Array(1...messages.count))
      for message in messages {
        if case .malformed = message.kind { Issue.record("\(message)") }
        checkFields(dissector.fields(of: message), message)
      }
    }
  }

  @Test(
    "Splitting a recorded conversation anywhere changes nothing but the payload's pieces", arguments: Recordings.names)
  func splits(name: String) throws {
    for feeds in try Recordings.conversations(name).prefix(4) {
      let expected = merged(dissect(feeds).messages)
      let byteByByte = feeds.flatMap { feed in feed.bytes.map { Feed(side: feed.side, bytes: [$0]) } }
      let isSame = merged(dissect(byteByByte).messages) == expected
      #expect(isSame, "byte by byte")
      for (index, feed) in feeds.enumerated() where feed.bytes.count <= 400 {
        for cut in 1..<max(2, feed.bytes.count) {
          var split = feeds
          split.replaceSubrange(
            index...index,
            with: [
              Feed(side: feed.side, bytes: Array(feed.bytes[..<cut])),
              Feed(side: feed.side, bytes: Array(feed.bytes[cut...])),
            ])
          let isSame = merged(dissect(split).messages) == expected
          #expect(isSame, "segment \(index + 1) cut at \(cut)")
        }
      }
    }
  }

  @Test("The notes' stream of the master is the sync that the notes tell")
  func notes() throws {
    let stream = try Recordings.file("full-sync.master-stream.bin")
    var dissector = ConversationDissector(purpose: .replication)
    var messages: [Message] = []
    for command in [
      ["PING"], ["REPLCONF", "listening-port", "7001"], ["REPLCONF", "capa", "eof", "capa", "psync2"],
      ["PSYNC", "?", "-1"],
    ] {
      messages += dissector.consume(encode(command), from: .opener)
    }
    messages += dissector.consume(stream, from: .acceptor)
    messages += dissector.consume(encode(["REPLCONF", "ACK", "2614"]), from: .opener)
    #expect(
      messages.map(\.stage) == [
        .receivePingReply, .receivePortReply, .receiveCapaReply, .receivePsyncReply, .receivePingReply,
        .receivePortReply,
        .receiveCapaReply, .receivePsyncReply, .transfer, .transfer, .transfer, .connected,
      ])
    #expect(messages[7].answers == .init(number: 4, name: "PSYNC"))
    guard case .fullResync(let id, 2614) = messages[7].kind else {
      Issue.record("\(messages[7].kind)")
      return
    }
    #expect(id == Array("4af7360b506843f9346c234825cbf3a4dfffe375".utf8))
    #expect(messages[9].kind == .payload(0..<207))
    #expect(messages[10].bytes == Array("e9c991d24c3e00573f4727f543d1ca3e22e23f0e".utf8))
    #expect(
      messages[11].kind == .ack(.init(offset: 2614, endsTransfer: true, newBytes: 0, outstanding: 0)))
    #expect(messages[11].meaning.hasPrefix("replica acknowledges all bytes up to offset 2614: "))
    let records = dissector.fields(of: messages[9]).children
    #expect(records.first?.name == "header")
    #expect(records.last?.name == "end")
    #expect(records.filter { $0.name == "entry" }.count == 3)
    #expect(records.contains { $0.meaning == "when this was written: 2023-06-09 13:56:53 UTC" })
    #expect(records.contains { $0.meaning == #"key "titi" holds "toto""# })
    #expect(records.allSatisfy { !$0.isFault })
  }
}

func encode(_ words: [String]) -> [UInt8] { [UInt8](command: words) }

func dissect(
  _ feeds: [Feed], purpose: ConversationDissector.Purpose = .unknown
) -> (messages: [Message], dissector: ConversationDissector) {
  var dissector = ConversationDissector(purpose: purpose)
  var messages: [Message] = []
  for feed in feeds { messages += dissector.consume(feed.bytes, from: feed.side) }
  return (messages, dissector)
}

/// What the messages are when the pieces of a payload, or of what is malformed, are put together.
func merged(_ messages: [Message]) -> [Message] { Message.joiningPieces(messages) }

/// A field's children tile it, its bytes are those of the message, and so on down.
func checkFields(_ field: Field, _ message: Message, at location: SourceLocation = #_sourceLocation) {
  #expect(field.range == message.range, sourceLocation: location)
  check(field, message, location)
}

private func check(_ field: Field, _ message: Message, _ location: SourceLocation) {
  let start = message.range.lowerBound
  guard field.range.lowerBound >= start, field.range.upperBound <= message.range.upperBound else {
    Issue.record("\(field.name) \(field.range) is outside of its message \(message.range)", sourceLocation: location)
    return
  }
  let bytes = message.bytes[field.range.lowerBound - start..<field.range.upperBound - start]
  #expect(field.bytes == Array(bytes), "\(field.name)", sourceLocation: location)
  guard !field.children.isEmpty else { return }
  var position = field.range.lowerBound
  for child in field.children {
    #expect(child.range.lowerBound == position, "\(child.name) in \(field.name)", sourceLocation: location)
    #expect(!child.range.isEmpty, "\(child.name) in \(field.name)", sourceLocation: location)
    position = child.range.upperBound
    check(child, message, location)
  }
  #expect(position == field.range.upperBound, "\(field.name)", sourceLocation: location)
}
