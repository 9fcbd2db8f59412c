import RESP

// Which of the messages that have names of their own a command is.
extension ConversationDissector {
  /// Sorts a command by its words, of which there is at least one.
  static func kind(of words: [[UInt8]]) -> Message.Kind {
    switch uppercased(words[0]) {
    case "PING" where words.count == 1: return .ping
    case "AUTH" where words.count == 2: return .auth(user: nil)
    case "AUTH" where words.count == 3: return .auth(user: words[1])
    case "SYNC" where words.count == 1: return .sync(snapshotOnly: false)
    case "PSYNC" where words.count == 3 || words.count == 4:
      guard let offset = Number.integer(words[2]) else { return .command }
      let failover = words.count == 4 && uppercased(words[3]) == "FAILOVER"
      return .psync(id: words[1] == [UInt8(ascii: "?")] ? nil : words[1], offset: offset, failover: failover)
    case "REPLCONF" where words.count >= 3: return replconf(words)
    default: return .command
    }
  }

  private static func replconf(_ words: [[UInt8]]) -> Message.Kind {
    if let channel = rdbChannel(words) { return channel }
    switch uppercased(words[1]) {
    case "LISTENING-PORT" where words.count == 3:
      guard let port = Number.integer(words[2]), let port = Int(exactly: port) else { return .command }
      return .listeningPort(port)
    case "IP-ADDRESS" where words.count == 3: return .ipAddress(words[2])
    case "VERSION" where words.count == 3: return .version(words[2])
    case "SET-RDB-CLIENT-ID" where words.count == 3:
      guard let client = Number.integer(words[2]) else { return .command }
      return .rdbClient(client)
    case "CAPA" where words.count % 2 == 1:
      let pairs = stride(from: 1, to: words.count, by: 2)
      guard pairs.allSatisfy({ uppercased(words[$0]) == "CAPA" }) else { return .command }
      return .capabilities(pairs.map { words[$0 + 1] })
    case "GETACK": return .getAck
    case "ACK" where words.count == 3 || words.count == 5:
      guard let offset = Number.integer(words[2]) else { return .command }
      let fsynced = words.count == 5 && uppercased(words[3]) == "FACK" ? Number.integer(words[4]) : nil
      return .ack(Message.Acknowledgement(offset: offset, fsynced: fsynced))
    default: return .command
    }
  }

  /// `REPLCONF … rdb-channel 1 …`: all that the second connection has to say goes into one command.
  private static func rdbChannel(_ words: [[UInt8]]) -> Message.Kind? {
    guard words.count % 2 == 1 else { return nil }
    let options = stride(from: 1, to: words.count, by: 2).map { (name: uppercased(words[$0]), value: words[$0 + 1]) }
    guard options.contains(where: { $0.name == "RDB-CHANNEL" && $0.value == [UInt8(ascii: "1")] }) else { return nil }
    let client = options.first { $0.name == "MAIN-CH-CLIENT-ID" }
    return .rdbChannel(client: client.flatMap { Number.integer($0.value) })
  }

  /// Sorts a command of the stream.
  static func streamed(_ words: [[UInt8]], isInline: Bool) -> Message.Kind {
    guard let name = words.first else { return isInline ? .keepAlive : .stream }
    switch uppercased(name) {
    case "PING" where words.count == 1: return .streamPing
    case "SELECT" where words.count == 2: return .streamSelect(words[1])
    case "REPLCONF" where words.count > 1 && uppercased(words[1]) == "GETACK": return .getAck
    default: return .stream
    }
  }
}
