import OrderedCollections
import RESP

/// Who wants to hear what is published where (pubsub.c).
package struct PubSub: Equatable, Sendable {
  /// The three ways to subscribe.
  package enum Kind: CaseIterable, Sendable { case channel, pattern, shard }

  /// The subscribers of each channel or pattern, in the order in which they came.
  private(set) var channels: OrderedDictionary<Bytes, [ConnectionID]> = [:]
  private(set) var patterns: OrderedDictionary<Bytes, [ConnectionID]> = [:]
  private(set) var shardChannels: OrderedDictionary<Bytes, [ConnectionID]> = [:]

  package init() {}

  subscript(kind: Kind) -> OrderedDictionary<Bytes, [ConnectionID]> {
    get {
      switch kind {
      case .channel: channels
      case .pattern: patterns
      case .shard: shardChannels
      }
    }
    _modify {
      switch kind {
      case .channel: yield &channels
      case .pattern: yield &patterns
      case .shard: yield &shardChannels
      }
    }
  }
}

extension Client {
  /// What the client has subscribed to.
  package struct Subscriptions: Equatable, Sendable {
    var channels: OrderedSet<Bytes> = []
    var patterns: OrderedSet<Bytes> = []
    var shardChannels: OrderedSet<Bytes> = []

    subscript(kind: PubSub.Kind) -> OrderedSet<Bytes> {
      get {
        switch kind {
        case .channel: channels
        case .pattern: patterns
        case .shard: shardChannels
        }
      }
      _modify {
        switch kind {
        case .channel: yield &channels
        case .pattern: yield &patterns
        case .shard: yield &shardChannels
        }
      }
    }

    /// What a client is told of its number of subscriptions: channels and patterns together, shard channels by themselves
    /// (`clientSubscriptionsCount`, `clientShardSubscriptionsCount`).
    func count(_ kind: PubSub.Kind) -> Int { kind == .shard ? shardChannels.count : channels.count + patterns.count }
    package var count: Int { channels.count + patterns.count + shardChannels.count }
    package var isEmpty: Bool { channels.isEmpty && patterns.isEmpty && shardChannels.isEmpty }
  }

  /// In RESP2 a client that has subscribed may only subscribe, unsubscribe, and ask whether the other is there.
  var isInSubscribedMode: Bool { flags.contains(.pubsub) && reply.version == .resp2 }
}

extension Node {
  /// Sends a message to all who want it: first those who named the channel, then those whose pattern fits; how many they
  /// were (`pubsubPublishMessageInternal` in pubsub.c).
  @discardableResult
  mutating func publish(_ message: Bytes, on channel: Bytes, _ kind: PubSub.Kind = .channel) -> Int {
    var receivers = 0
    for connection in pubsub[kind][channel] ?? [] {
      push([kind == .shard ? "smessage" : "message", channel, message], to: connection)
      receivers += 1
    }
    guard kind == .channel else { return receivers }
    for (pattern, connections) in pubsub.patterns where Glob.matches(pattern.array, channel.array) {
      for connection in connections {
        push(["pmessage", pattern, channel, message], to: connection)
        receivers += 1
      }
    }
    return receivers
  }

  /// A message that answers no command: RESP3 marks it as such, and sends it even to who wants no replies
  /// (`addReplyPubsubMessage`, `addReplyPubsubPatMessage` in pubsub.c).
  private mutating func push(_ parts: [Bytes], to connection: ConnectionID) {
    push(to: connection) { reply in
      reply.push(parts.count)
      for part in parts { reply.bulk(part) }
    }
  }

  /// Writes what answers no command, be the client's own being run or not.
  mutating func push(to connection: ConnectionID, _ write: (inout ReplyBuffer) -> Void) {
    guard let index = clients.index(forKey: connection), !clients[index].flags.contains(.closeASAP) else { return }
    guard connection == currentClient, let own = executingReply else { return write(&clients[index].reply) }
    var reply = ReplyBuffer()
    reply.version = clients[index].reply.version
    write(&reply)
    own.bytes += reply.take()
  }

  /// Ends all subscriptions of a client that goes (`pubsubUnsubscribeAllChannels` and its like, in `freeClient`).
  mutating func unsubscribeAll(_ connection: ConnectionID) {
    guard let subscriptions = clients[connection]?.subscriptions, !subscriptions.isEmpty else { return }
    for kind in PubSub.Kind.allCases {
      for name in subscriptions[kind] { unsubscribe(connection, from: name, kind) }
    }
  }

  /// True if it is new (`pubsubSubscribeChannel`, `pubsubSubscribePattern` in pubsub.c).
  mutating func subscribe(_ connection: ConnectionID, to name: Bytes, _ kind: PubSub.Kind) {
    guard let index = clients.index(forKey: connection), clients[index].subscriptions[kind].append(name).inserted else {
      return
    }
    pubsub[kind][name, default: []].append(connection)
  }

  /// (`pubsubUnsubscribeChannel`, `pubsubUnsubscribePattern` in pubsub.c).
  mutating func unsubscribe(_ connection: ConnectionID, from name: Bytes, _ kind: PubSub.Kind) {
    clients[connection]?.subscriptions[kind].remove(name)
    pubsub[kind][name]?.removeAll { $0 == connection }
    if pubsub[kind][name]?.isEmpty == true { pubsub[kind][name] = nil }
  }
}
