// Subscribing and publishing (pubsub.c in Redis 7.0).

extension CommandTable {
  static let pubsub: [String: Command.Body] = [
    "subscribe": { $0.subscribe(&$1, .channel, "subscribe") },
    "psubscribe": { $0.subscribe(&$1, .pattern, "psubscribe") },
    "ssubscribe": { $0.subscribe(&$1, .shard, "ssubscribe") },
    "unsubscribe": { $0.unsubscribe(&$1, .channel, "unsubscribe") },
    "punsubscribe": { $0.unsubscribe(&$1, .pattern, "punsubscribe") },
    "sunsubscribe": { $0.unsubscribe(&$1, .shard, "sunsubscribe") },
    "publish": { $0.publish(&$1, .channel) },
    "spublish": { $0.publish(&$1, .shard) },
    "pubsub|channels": { $0.pubsubChannels(&$1, .channel) },
    "pubsub|shardchannels": { $0.pubsubChannels(&$1, .shard) },
    "pubsub|numsub": { $0.pubsubNumsub(&$1, .channel) },
    "pubsub|shardnumsub": { $0.pubsubNumsub(&$1, .shard) },
    "pubsub|numpat": { $0.pubsubNumpat(&$1) },
    "pubsub|help": { $0.pubsubHelp(&$1) },
  ]
}

extension Node {
  /// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE (`subscribeCommand`, `psubscribeCommand`, `ssubscribeCommand`,
  /// `addReplyPubsubSubscribed` in pubsub.c).
  mutating func subscribe(_ call: inout Call, _ kind: SubscriptionKind, _ word: Bytes) {
    if kind == .shard, isInExec {
      return call.reply.error("ERR \(call.command.name.uppercased()) isn't allowed for a DENY BLOCKING client")
    }
    for name in call.arguments.dropFirst() {
      subscribe(call.connection, to: name, kind)
      tellSubscription(&call, word, name, kind)
    }
    clients[call.connection]?.flags.insert(.pubsub)
  }

  /// UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE (`unsubscribeCommand`, `punsubscribeCommand`, `sunsubscribeCommand`,
  /// `addReplyPubsubUnsubscribed` in pubsub.c).
  mutating func unsubscribe(_ call: inout Call, _ kind: SubscriptionKind, _ word: Bytes) {
    let all = clients[call.connection].map { Array($0.subscriptions[kind]) } ?? []
    let names = call.arguments.count == 1 ? all : Array(call.arguments.dropFirst())
    for name in names {
      unsubscribe(call.connection, from: name, kind)
      tellSubscription(&call, word, name, kind)
    }
    // Who was subscribed to nothing is answered, too.
    if names.isEmpty { tellSubscription(&call, word, nil, kind) }
    if clients[call.connection]?.subscriptions.isEmpty == true { clients[call.connection]?.flags.remove(.pubsub) }
  }

  private func tellSubscription(_ call: inout Call, _ word: Bytes, _ name: Bytes?, _ kind: SubscriptionKind) {
    // Even who wants no replies is told.
    let isSilent = call.reply.isSilent
    call.reply.isSilent = clients[call.connection]?.flags.isDisjoint(with: [.master, .closeASAP]) != true
    call.reply.push(3)
    call.reply.bulk(word)
    if let name { call.reply.bulk(name) } else { call.reply.null() }
    call.reply.integer(clients[call.connection]?.subscriptions.count(kind) ?? 0)
    call.reply.isSilent = isSilent
  }

  /// PUBLISH, SPUBLISH (`publishCommand`, `spublishCommand` in pubsub.c): whoever has subscribed at a replica hears it, too.
  mutating func publish(_ call: inout Call, _ kind: SubscriptionKind) {
    if isSentinel { return publishToSentinel(&call) }
    let receivers = publish(call.arguments[2], on: call.arguments[1], kind)
    call.propagation = .toReplicas
    call.reply.integer(receivers)
  }

  /// PUBSUB CHANNELS, PUBSUB SHARDCHANNELS (`channelList` in pubsub.c).
  mutating func pubsubChannels(_ call: inout Call, _ kind: SubscriptionKind) {
    guard call.arguments.count <= 3 else { return call.wrongSubcommand() }
    let pattern = call.arguments.count == 3 ? call.arguments[2].array : nil
    let channels = pubsub[kind].keys.filter { channel in pattern.map { Glob.matches($0, channel.array) } ?? true }
    call.reply.array(channels.count)
    for channel in channels { call.reply.bulk(channel) }
  }

  /// PUBSUB NUMSUB, PUBSUB SHARDNUMSUB (`pubsubCommand` in pubsub.c).
  mutating func pubsubNumsub(_ call: inout Call, _ kind: SubscriptionKind) {
    call.reply.array((call.arguments.count - 2) * 2)
    for channel in call.arguments.dropFirst(2) {
      call.reply.bulk(channel)
      call.reply.integer(pubsub[kind][channel]?.count ?? 0)
    }
  }

  /// PUBSUB NUMPAT (`pubsubCommand` in pubsub.c).
  mutating func pubsubNumpat(_ call: inout Call) { call.reply.integer(pubsub.patterns.count) }

  /// PUBSUB HELP (`pubsubCommand` in pubsub.c).
  mutating func pubsubHelp(_ call: inout Call) {
    call.help([
      "CHANNELS [<pattern>]",
      "    Return the currently active channels matching a <pattern> (default: '*').",
      "NUMPAT",
      "    Return number of subscriptions to patterns.",
      "NUMSUB [<channel> ...]",
      "    Return the number of subscribers for the specified channels, excluding",
      "    pattern subscriptions(default: no channels).",
      "SHARDCHANNELS [<pattern>]",
      "    Return the currently active shard level channels matching a <pattern> (default: '*').",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Return the number of subscribers for the specified shard level channel(s)",
    ])
  }
}
