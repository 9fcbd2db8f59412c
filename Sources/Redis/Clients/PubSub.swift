import OrderedCollections
import RESP

/// The three ways to subscribe.
package enum SubscriptionKind: CaseIterable, Sendable { case channel, pattern, shard }

/// Something for each of them.
package struct Subscriptions<Names: Equatable & Sendable>: Equatable, Sendable {
  private(set) var channels: Names
  private(set) var patterns: Names
  private(set) var shardChannels: Names

  fileprivate init(each names: Names) { (channels, patterns, shardChannels) = (names, names, names) }

  subscript(kind: SubscriptionKind) -> Names {
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

/// Who wants to hear what is published where (pubsub.c): the subscribers of each channel or pattern, in the order in which
/// they came.
package typealias PubSub = Subscriptions<OrderedDictionary<Bytes, [ConnectionID]>>

extension PubSub {
  package init() { self.init(each: [:]) }
}

/// What a client has subscribed to.
package typealias ClientSubscriptions = Subscriptions<OrderedSet<Bytes>>

extension ClientSubscriptions {
  package init() { self.init(each: []) }

  /// What a client is told of its number of subscriptions: channels and patterns together, shard channels by themselves
  /// (`clientSubscriptionsCount`, `clientShardSubscriptionsCount`).
  func count(_ kind: SubscriptionKind) -> Int { kind == .shard ? shardChannels.count : channels.count + patterns.count }
  package var count: Int { channels.count + patterns.count + shardChannels.count }
  package var isEmpty: Bool { channels.isEmpty && patterns.isEmpty && shardChannels.isEmpty }

  /// What of it counts as the client's memory: pointers to what all subscribers share (`pubsubMemOverhead` in pubsub.c).
  var memory: Int {
    24 * patterns.count
      + [channels, shardChannels].reduce(0) {
        $0 + Sizeof.dictEntry * $1.count + 8 * HashTableSize.slots(for: $1.count)
      }
  }
}

extension Client {
  /// In RESP2 a client that has subscribed may only subscribe, unsubscribe, and ask whether the other is there.
  var isInSubscribedMode: Bool { flags.contains(.pubsub) && reply.version == .resp2 }
}

extension Node {
  /// Sends a message to all who want it: first those who named the channel, then those whose pattern fits; how many they
  /// were (`pubsubPublishMessageInternal` in pubsub.c).
  @discardableResult
  mutating func publish(_ message: Bytes, on channel: Bytes, _ kind: SubscriptionKind = .channel) -> Int {
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
    for kind in SubscriptionKind.allCases {
      for name in subscriptions[kind] { unsubscribe(connection, from: name, kind) }
    }
  }

  /// True if it is new (`pubsubSubscribeChannel`, `pubsubSubscribePattern` in pubsub.c).
  mutating func subscribe(_ connection: ConnectionID, to name: Bytes, _ kind: SubscriptionKind) {
    guard let index = clients.index(forKey: connection), clients[index].subscriptions[kind].append(name).inserted else {
      return
    }
    pubsub[kind][name, default: []].append(connection)
  }

  /// (`pubsubUnsubscribeChannel`, `pubsubUnsubscribePattern` in pubsub.c).
  mutating func unsubscribe(_ connection: ConnectionID, from name: Bytes, _ kind: SubscriptionKind) {
    clients[connection]?.subscriptions[kind].remove(name)
    pubsub[kind][name]?.removeAll { $0 == connection }
    if pubsub[kind][name]?.isEmpty == true { pubsub[kind][name] = nil }
  }
}
