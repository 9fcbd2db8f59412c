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

    /// So many of them: `1 ping`, `41 acknowledgements`.
    package func words(_ count: Int) -> String {
      switch self {
      case .ping: counted(count, "ping")
      case .acknowledgement: counted(count, "acknowledgement")
      case .question: counted(count, "GETACK")
      case .emptyLine: counted(count, "empty line")
      case .info: "\(count) INFO"
      case .hello: counted(count, "hello")
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
    // A master tells its replicas of what was published.
    case .stream: return Self.keepAlive(message.words) == .hello ? .hello : nil
    case .reply(.push), .reply(.aggregate):
      // A message on the channel of the hellos; RESP2 has an array for it.
      guard isSentinel, message.answers == nil else { return nil }
      let hello = Array("__sentinel__:hello".utf8)
      return message.contents.prefix(96).indices.contains { message.contents[$0...].starts(with: hello) } ? .hello : nil
    case .reply(let reply):
      guard isSentinel, reply != .error, let name = message.answers?.name.uppercased() else { return nil }
      if name == "PING" { return .ping }
      return name == "INFO" ? .info : name == "PUBLISH" ? .hello : nil
    default: return nil
    }
  }

  private static func keepAlive(_ words: [[UInt8]]) -> KeepAlive? {
    guard let name = words.first.map({ String(decoding: $0, as: UTF8.self).uppercased() }) else { return nil }
    if name == "PING" { return .ping }
    if name == "INFO" { return .info }
    return name == "PUBLISH" && words.count == 3 && words[1] == Array("__sentinel__:hello".utf8) ? .hello : nil
  }
}
