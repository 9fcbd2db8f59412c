import Dissection
import Lab
import RESP

extension Delivery {
  /// What is said only to show that one is there, and how far: a picture may fold many of these into one line.
  package enum KeepAlive: String, Sendable, Hashable, CaseIterable {
    /// The master's PING in the stream, or a Sentinel's; the latter's answer, too.
    case ping
    case acknowledgement
    /// REPLCONF GETACK.
    case question
    /// An empty line, while a snapshot is made or loaded.
    case emptyLine
    /// A Sentinel's INFO, and the answer.
    case info
    /// What Sentinels tell each other by way of a master: `PUBLISH __sentinel__:hello`.
    case hello
    /// What a Sentinel says first on each of its connections: its name, and which channel it hears.
    case introduction
    /// A Sentinel asks another one whether a master is down, and does not ask for its vote.
    case downQuestion

    /// So many of them: `1 ping`, `41 acknowledgements`.
    package func words(_ count: Int) -> String {
      switch self {
      case .ping: counted(count, "ping")
      case .acknowledgement: counted(count, "acknowledgement")
      case .question: counted(count, "GETACK")
      case .emptyLine: counted(count, "empty line")
      case .info: "\(count) INFO"
      case .hello: counted(count, "hello")
      case .introduction: counted(count, "introduction")
      case .downQuestion: counted(count, "question") + " whether the master is down"
      }
    }
  }

  /// nil: it says more than that.
  ///
  /// - Parameter isSentinel: whether a Sentinel is at the other end of the link, or at this one; else a client may have asked.
  package func keepAlive(isSentinel: Bool) -> KeepAlive? {
    switch message.kind {
    case .streamPing: return .ping
    case .ack(let acknowledgement): return acknowledgement.endsTransfer ? nil : .acknowledgement
    case .getAck: return .question
    case .keepAlive: return .emptyLine
    case .ping where isSentinel && message.stage == .commands: return .ping
    case .command where isSentinel: return Self.keepAlive(message.words)
    // A master tells its replicas of what was published. (A hello is no longer than that.)
    case .stream where message.contents.count < 512: return Self.keepAlive(message.words) == .hello ? .hello : nil
    case .reply(let reply):
      guard isSentinel, reply != .error else { return nil }
      if let kind = Self.keepAlive(answering: message.answers?.name.uppercased() ?? "", message) { return kind }
      // A message on the channel of the hellos, or the answer to who wants to hear it.
      let start = Array(message.contents.prefix(96))
      guard start.indices.contains(where: { start[$0...].starts(with: Self.channel) }) else { return nil }
      return start.indices.contains { start[$0...].starts(with: "subscribe".utf8) } ? .introduction : .hello
    default: return nil
    }
  }

  /// A Sentinel asks another one whether a master is down, for its vote perhaps, or answers that.
  var isAboutDown: Bool {
    switch message.kind {
    case .command: message.contents.count < 512 && message.words.first.map { Self.isSentinel($0) } ?? false
    case .reply: message.answers.map { Self.isSentinel(Array($0.name.utf8.prefix(8))) } ?? false
    default: false
    }
  }

  private static func isSentinel(_ word: [UInt8]) -> Bool {
    String(decoding: word, as: UTF8.self).uppercased() == "SENTINEL"
  }

  private static let channel = Array("__sentinel__:hello".utf8)

  private static func keepAlive(_ words: [[UInt8]]) -> KeepAlive? {
    let first = words.prefix(2).map { String(decoding: $0, as: UTF8.self).uppercased() }
    switch first.first {
    case "PING": return .ping
    case "INFO": return .info
    case "PUBLISH": return words.count == 3 && words[1] == channel ? .hello : nil
    case "SUBSCRIBE": return words.count == 2 && words[1] == channel ? .introduction : nil
    case "CLIENT": return first.last == "SETNAME" ? .introduction : nil
    // The last word is whom it would have elected; a star is nobody.
    case "SENTINEL": return first.last == "IS-MASTER-DOWN-BY-ADDR" && words.last == [0x2A] ? .downQuestion : nil
    default: return nil
    }
  }

  private static func keepAlive(answering name: String, _ message: Message) -> KeepAlive? {
    switch name.prefix(while: { $0 != " " }) {
    case "PING": return .ping
    case "INFO": return .info
    case "PUBLISH": return .hello
    case "CLIENT": return message.contents.elementsEqual("+OK\r\n".utf8) ? .introduction : nil
    // Without a vote it names nobody.
    case "SENTINEL":
      let nobody = Array("$1\r\n*\r\n:0\r\n".utf8)
      return message.contents.suffix(nobody.count).elementsEqual(nobody) ? .downQuestion : nil
    default: return nil
    }
  }
}
