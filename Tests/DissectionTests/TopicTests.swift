import Dissection
import Testing

@Suite struct TopicTests {
  @Test("Each word names one topic, and topics name only topics")
  func consistent() {
    let words = Topic.all.flatMap { [$0.name] + $0.others }
    #expect(Set(words).count == words.count, "\(words.filter { word in words.filter { $0 == word }.count > 1 })")
    for topic in Topic.all {
      #expect(topic.name == topic.name.lowercased())
      for other in topic.see { #expect(Topic.named(other)?.name == other, "\(topic.name) names \(other)") }
      #expect(topic.text.hasSuffix("."), "\(topic.name)")
    }
  }

  @Test("Each state, and each message of a recorded sync, has a topic")
  func covered() throws {
    for stage in Stage.allCases where stage != .commands && stage != .broken {
      #expect(Topic.named(stage.name) != nil, "\(stage.name)")
      #expect(stage.topic.flatMap(Topic.named) != nil, "\(stage.name)")
    }
    for name in Recordings.names {
      for feeds in try Recordings.conversations(name).prefix(4) {
        let (messages, dissector) = dissect(feeds, purpose: feeds.count > 10 ? .replication : .unknown)
        for message in messages where message.stage != .commands {
          #expect(message.topic.flatMap(Topic.named) != nil, "\(message.kind)")
        }
        for message in messages {
          if case .payload = message.kind {
            for record in dissector.fields(of: message).children {
              #expect(record.topic != nil, "\(record.name)")
            }
          }
        }
      }
    }
  }

  @Test("A refusal's topic is that of its code")
  func refusals() {
    let messages = dissect([
      Feed(side: .opener, bytes: encode(["PING"])),
      Feed(side: .acceptor, bytes: Array("-NOAUTH Authentication required.\r\n".utf8)),
    ]).messages
    #expect(messages[1].topic == "noauth")
  }
}
