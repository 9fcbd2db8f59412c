/// What `explain` knows: the words of the protocol and of its formats, each in a few sentences that hold for Redis 7.0.
package struct Topic: Sendable, Hashable {
  package var name: String
  /// Other words for the same.
  package var others: [String] = []
  package var text: String
  /// The names of related topics.
  package var see: [String] = []
  /// Lines to type in an empty lab that show it.
  package var example: [String] = []

  /// How examples begin: a master and its replica, which has synced.
  static let pair = [
    "start m --port 7000 --repl-diskless-sync-delay 0", "start r --port 7001 --replicaof \"127.0.0.1 7000\"",
    "until r.link = connected", "advance 1s",
  ]

  /// The topic that a word names, in any case.
  package static func named(_ word: String) -> Topic? {
    // An error as it was seen, and a directive as it might be written.
    let word = String(word.lowercased().drop { "-+".contains($0) })
    let hyphenated = word.replacing("_", with: "-")
    return [word, hyphenated].lazy.compactMap { word in all.first { $0.name == word || $0.others.contains(word) } }
      .first
  }

  /// Some topics that belong together.
  package struct Group: Sendable, Hashable {
    package var name: String
    package var topics: [Topic]
    /// What they are about together, where the topic that has the group's name lists the others.
    package var about: String?
  }

  /// All topics, in an order in which one could read them.
  package static let groups = [
    Group(name: "protocol", topics: replication), Group(name: "states", topics: states),
    Group(name: "refusals", topics: refusals), Group(name: "operation", topics: operation),
    Group(name: "sentinel", topics: sentinel),
    Group(name: "effects", topics: effects, about: "how commands are told to replicas"),
    Group(name: "info", topics: info, about: "the lines of INFO replication"),
    Group(name: "snapshot", topics: snapshot),
    Group(name: "encodings", topics: encodings, about: "how values are laid out"),

    Group(name: "framing", topics: framing), Group(name: "recordings", topics: recordings),
  ]

  package static let all = groups.flatMap(\.topics)
}

// What to read about what is in front of one.
extension Stage {
  /// The name of its topic; nil for what is no part of replication.
  package var topic: String? {
    switch self {
    case .commands, .broken: nil
    default: name.lowercased()
    }
  }
}

extension Message {
  /// The name of the topic that tells most about it; nil for an ordinary command or reply.
  package var topic: String? {
    switch kind {
    case .ping, .streamPing: "ping"
    case .auth: "auth"
    case .listeningPort: "listening-port"
    case .ipAddress: "ip-address"
    case .capabilities: "capa"
    case .psync: "psync"
    case .sync: "sync"
    case .keepAlive: "keep-alive"
    case .fullResync: "fullresync"
    case .partialResync: "continue"
    case .payloadHeader(.sized): "length-header"
    case .payloadHeader(.streamed), .endMark: "eof-mark"
    case .payload: "chunk"
    case .stream: "stream"
    case .streamSelect: "select"
    case .getAck: "getack"
    case .ack: "ack"
    case .version: "replconf"
    case .rdbChannelSync, .dualChannelSync, .rdbChannel, .endOffset, .rdbClient: "dual-channel"
    case .malformed: "malformed"
    case .unknown: "hole"
    case .reply(.error): Topic.named(Meaning.text(Array(text.prefix { $0 != 0x20 })))?.name ?? stage.topic
    case .reply: stage.topic
    case .command, .truncated: nil
    }
  }
}

extension Field {
  /// The name of the topic about fields of this name; nil for those that explain themselves.
  package var topic: String? { Topic.named(String(name.map { $0 == " " ? "-" : $0 }))?.name }
}
