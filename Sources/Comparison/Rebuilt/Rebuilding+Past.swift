import Dissection
import Redis

// What there was before the recording.

extension Rebuilding {
  /// What may make a node another one's replica.
  static let followings = ["replicaof", "slaveof", "failover"]

  /// What somebody may tell a node that is about the node, whatever was said before.
  private static let orders: Set<String> = [
    "replicaof", "slaveof", "failover", "config|set", "client|pause", "client|unpause", "client|kill", "acl|setuser",
    "debug",
  ]

  /// A client that may do anything says it.
  mutating func obey(_ bytes: [UInt8]) {
    strangers += 1
    let id = ConnectionID(.accepted, .max - strangers)
    let nobody = Address(host: "127.0.0.1", port: 0)
    handle(.accepted(id, peer: nobody, local: nobody))
    node.clients[id]?.user = nil
    node.clients[id]?.isAuthenticated = true
    handle(.received(id, bytes))
    if node.clients[id] != nil { handle(.closed(id, reset: false)) }
  }

  /// What is said on a connection that was there before: nobody knows what had been said there.
  mutating func passOver(_ event: HeardTranscript.Event, _ side: Side) {
    guard case .message(let message) = event.what else { return }
    if message.side == side {
      remarks.underWay += 1
      return
    }
    if side == .opener { return }
    let outline = CommandOutline(message.words)
    guard message.kind == .command else { return }
    let isRefused = answers[event.connection]?[message.number]?.replies.first?.first == UInt8(ascii: "-")
    if Self.orders.contains(outline.name), !isRefused {
      if Self.followings.contains(outline.name) { learnHistoryBeforeFollowing() }
      obey(message.bytes)
    }
    guard outline.writes else { return }
    debts.add(outline, message.words, in: nil, until: now + .seconds(2))
    if outline.isScript || ["flushall", "flushdb", "swapdb"].contains(outline.name) {
      unknown = UnknownData(everything: true)
    }
    for index in node.databases.indices { for key in outline.keys { unknown.insert(key, in: index) } }
    if node.replication.backlog != nil { isBlind = true }
  }

  /// What the node asks its master for says how far its history had come, where nothing else has.
  mutating func learnHistoryBeforeFollowing() {
    guard !knowsHistory, node.replication.isMaster,
      let past = life.firstAsked(after: event), past.offset > 1
    else { return }
    node.takeUp(String(decoding: past.id, as: UTF8.self), before: nil, keptFrom: past.offset)
    knowsHistory = true
    if !life.isDataCertain { unknown = UnknownData(everything: true) }
  }
}
