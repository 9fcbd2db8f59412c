import RDB
import RESP

// XREAD and XREADGROUP, which may wait for entries to come (t_stream.c in Redis 7.0). The replicas are told what a group was
// given, entry by entry, and not that it was read.

/// What a client waits for that has said XREAD or XREADGROUP.
package struct StreamWait: Equatable, Sendable {
  /// After which id, for each key.
  var ids: [StreamID]
  /// The group and the consumer.
  var group: (name: Bytes, consumer: Bytes)? {
    groupName.flatMap { name in consumer.map { (name, $0) } }
  }
  var groupName: Bytes?
  var consumer: Bytes?
  var count: Int64
  var needsNoAcknowledgement: Bool
}

extension Node {
  /// What XREAD and XREADGROUP are asked for.
  private struct ReadOptions {
    var deadline: (Instant?, Void)?
    var count: Int64 = 0
    var keys: Range<Int> = 0..<0
    var group: (name: Bytes, consumer: Bytes)?
    var needsNoAcknowledgement = false
  }

  /// XREAD (`xreadCommand` in t_stream.c).
  mutating func xread(_ call: inout Call) { read(&call, isGroup: false) }
  /// XREADGROUP (`xreadCommand` in t_stream.c).
  mutating func xreadgroup(_ call: inout Call) { read(&call, isGroup: true) }

  private func readOptions(_ call: inout Call, isGroup: Bool) -> ReadOptions? {
    var options = ReadOptions()
    var position = 1
    parsing: while position < call.arguments.count {
      let option = call.arguments[position]
      let more = call.arguments.count - position - 1
      if option.matches("BLOCK"), more > 0 {
        if call.connection == Self.scriptClient {
          call.reply.error(
            "ERR \(call.arguments[0].printed) command is not allowed with BLOCK option from scripts")
          return nil
        }
        position += 1
        guard let timeout = readTimeout(&call, at: position) else { return nil }
        options.deadline = timeout
      } else if option.matches("COUNT"), more > 0 {
        position += 1
        guard let count = call.integer(at: position) else { return nil }
        options.count = max(0, count)
      } else if option.matches("STREAMS"), more > 0 {
        guard more.isMultiple(of: 2) else {
          call.reply.error(
            "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
          return nil
        }
        options.keys = position + 1..<position + 1 + more / 2
        break parsing
      } else if option.matches("GROUP"), more >= 2 {
        guard isGroup else {
          call.reply.error("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
          return nil
        }
        options.group = (call.arguments[position + 1], call.arguments[position + 2])
        position += 2
      } else if option.matches("NOACK") {
        guard isGroup else {
          call.reply.error("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
          return nil
        }
        options.needsNoAcknowledgement = true
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    if options.keys.isEmpty {
      call.syntaxError()
      return nil
    }
    if isGroup, options.group == nil {
      call.reply.error("ERR Missing GROUP option for XREADGROUP")
      return nil
    }
    return options
  }

  /// A time to wait in milliseconds, 0 for any (`getTimeoutFromObjectOrReply` in timeout.c).
  private func readTimeout(_ call: inout Call, at position: Int) -> (Instant?, Void)? {
    guard let count = Integer.parse(call.arguments[position]) else {
      call.reply.error("ERR timeout is not an integer or out of range")
      return nil
    }
    guard count >= 0 else {
      call.reply.error("ERR timeout is negative")
      return nil
    }
    return (count == 0 || count > Int64.max / 1000 - milliseconds ? nil : now + .milliseconds(count), ())
  }

  /// The ids after which is read, one for each key; nil, and the client is told, if one makes no sense.
  private mutating func readIDs(_ call: inout Call, _ options: ReadOptions) -> [StreamID]? {
    var ids: [StreamID] = []
    for position in options.keys {
      let found = read(StreamValue.self, at: position, &call)
      var held: StreamValue?
      switch found {
      case .wrongType: return nil
      case .nothing: break
      case .held(let stream): held = stream
      }
      if let group = options.group, held?.groupIndex(group.name) == nil {
        call.reply.error(
          "NOGROUP No such key '\(call.arguments[position].printed)' or consumer group '\(group.name.printed)' in "
            + "XREADGROUP with GROUP option")
        return nil
      }
      let idPosition = position + options.keys.count
      let text = call.arguments[idPosition]
      if text.matches("$") {
        guard options.group == nil else {
          call.reply.error(
            "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
              + "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result "
              + "set.")
          return nil
        }
        ids.append(held?.lastID ?? .min)
      } else if text.matches(">") {
        guard options.group != nil else {
          call.reply.error(
            "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
          return nil
        }
        ids.append(.max)
      } else {
        guard let id = call.streamID(at: idPosition) else { return nil }
        ids.append(id)
      }
    }
    return ids
  }

  private mutating func read(_ call: inout Call, isGroup: Bool) {
    // What the replicas have to know of it they are told entry by entry.
    call.propagation = .never
    guard let options = readOptions(&call, isGroup: isGroup), let ids = readIDs(&call, options) else { return }
    var served = 0
    var head = 0
    for (position, id) in zip(options.keys, ids) {
      let key = call.arguments[position]
      guard case .held(let stream) = read(StreamValue.self, at: position, &call),
        let (start, isHistory) = readStart(stream, id, options.group?.name)
      else { continue }
      if served == 0 { head = call.reply.position }
      served += 1
      if call.reply.version == .resp2 { call.reply.array(2) }
      call.reply.bulk(key)
      if let group = options.group {
        _ = withStream(key, in: call.database) { node, stream in
          node.readGroup(
            &stream, key, call.database, group, from: start, limit: options.count,
            needsNoAcknowledgement: options.needsNoAcknowledgement, isHistory: isHistory, &call.reply)
        }
        dirty += 1
      } else {
        call.reply.streamRange(stream, from: start, through: .max, limit: options.count)
      }
    }
    if served > 0 {
      return call.reply.insert(at: head) { reply in
        if reply.version == .resp2 { reply.array(served) } else { reply.map(served) }
      }
    }
    guard let (deadline, _) = options.deadline, !deniesBlocking else { return call.reply.nullArray() }
    let wait = StreamWait(
      ids: ids, groupName: options.group?.name, consumer: options.group?.consumer,
      count: options.count > 0 ? options.count : 1000, needsNoAcknowledgement: options.needsNoAcknowledgement)
    blockForKeys(call, call.arguments[options.keys], .stream(wait), until: deadline)
  }

  /// Where to begin to read a stream, or nil if there is nothing yet to be read; a consumer that names an id reads its own
  /// history.
  private func readStart(_ stream: StreamValue, _ id: StreamID, _ group: Bytes?) -> (start: StreamID, isHistory: Bool)?
  {
    var after = id
    if let group {
      guard id == .max else { return (id.next ?? .min, true) }
      guard let group = stream.group(group) else { return nil }
      after = group.lastDelivered
    }
    guard stream.length > 0, stream.lastValidID > after else { return nil }
    return (after.next ?? .min, false)
  }

  /// Gives a consumer what is new, or what it has been given (`streamReplyWithRange`,
  /// `streamReplyWithRangeFromConsumerPEL` in t_stream.c), and tells the replicas.
  mutating func readGroup(
    _ stream: inout StreamValue, _ key: Bytes, _ database: Int, _ group: (name: Bytes, consumer: Bytes),
    from start: StreamID, limit: Int64, needsNoAcknowledgement: Bool, isHistory: Bool, _ reply: inout ReplyBuffer
  ) {
    guard let index = stream.groupIndex(group.name) else { return reply.array(0) }
    if stream.groups[index].addConsumer(group.consumer, seen: milliseconds) {
      dirty += 1
      notify(.stream, "xgroup-createconsumer", key, in: database)
      if needsNoAcknowledgement {
        propagate(["XGROUP", "CREATECONSUMER", key, group.name, group.consumer], database: database)
      }
    } else {
      stream.groups[index].sawConsumer(group.consumer, at: milliseconds)
    }
    if isHistory { return readHistory(&stream, index, group.consumer, from: start, limit: limit, &reply) }
    var entries: [(StreamID, [Bytes])] = []
    stream.forEach(from: start) { id, fields in
      entries.append((id, fields))
      return limit == 0 || entries.count < limit
    }
    reply.array(entries.count)
    var hasAdvanced = false
    for (id, fields) in entries {
      if id > stream.groups[index].lastDelivered {
        stream.advance(index, to: id)
        hasAdvanced = true
      }
      reply.streamEntry(id, fields)
      if needsNoAcknowledgement { continue }
      stream.groups[index].deliver(id, to: group.consumer, at: milliseconds, deliveries: 1)
      propagateClaim(key, stream.groups[index], id, database)
    }
    if needsNoAcknowledgement, hasAdvanced { propagateGroupID(key, stream.groups[index], database) }
  }

  private func readHistory(
    _ stream: inout StreamValue, _ index: Int, _ consumer: Bytes, from start: StreamID, limit: Int64,
    _ reply: inout ReplyBuffer
  ) {
    var ids: [StreamID] = []
    if let pending = stream.groups[index].consumer(consumer)?.pending {
      pending.forEach(from: pending.partitioningIndex { $0 >= start }) { entry in
        ids.append(entry.id)
        return limit == 0 || ids.count < limit
      }
    }
    reply.array(ids.count)
    for id in ids {
      if reply.streamRange(stream, from: id, through: id, limit: 1, withHead: false) == 0 {
        reply.array(2)
        reply.streamID(id)
        reply.nullArray()
      } else if let pending = stream.groups[index][id] {
        stream.groups[index].deliver(id, to: consumer, at: milliseconds, deliveries: pending.deliveries &+ 1)
      }
    }
  }

  // MARK: What the replicas are told

  /// An entry was given to a consumer (`streamPropagateXCLAIM` in t_stream.c).
  mutating func propagateClaim(
    _ key: Bytes, _ group: ConsumerGroup, _ id: StreamID, _ database: Int, as text: Bytes? = nil
  ) {
    guard let pending = group[id] else { return }
    propagate(
      [
        "XCLAIM", key, group.name, pending.consumer, "0", text ?? Bytes(id), "TIME", Bytes(pending.delivered),
        "RETRYCOUNT", Bytes(Int64(bitPattern: pending.deliveries)), "FORCE", "JUSTID", "LASTID",
        Bytes(group.lastDelivered),
      ], database: database)
  }

  /// A group has got further (`streamPropagateGroupID` in t_stream.c).
  mutating func propagateGroupID(_ key: Bytes, _ group: ConsumerGroup, _ database: Int) {
    propagate(
      [
        "XGROUP", "SETID", key, group.name, Bytes(group.lastDelivered), "ENTRIESREAD", Bytes(group.entriesRead),
      ], database: database)
  }

  // MARK: Serving who has waited

  /// XREAD or XREADGROUP gets what it has waited for; false if there is nothing yet (`serveClientsBlockedOnStreamKey` in
  /// blocked.c).
  mutating func serveStream(_ call: inout Call, _ key: Bytes, _ wait: StreamWait, index: Int) -> Bool {
    guard let stream = databases[call.database][key].flatMap({ StreamValue($0.value) }) else { return false }
    var after = index < wait.ids.count ? wait.ids[index] : .max
    if let group = wait.group {
      guard let held = stream.group(group.name) else {
        call.reply.error("NOGROUP the consumer group this client was blocked on no longer exists")
        return true
      }
      after = held.lastDelivered
    }
    guard stream.lastID > after else { return false }
    if call.reply.version == .resp2 {
      call.reply.array(1)
      call.reply.array(2)
    } else {
      call.reply.map(1)
    }
    call.reply.bulk(key)
    let start = after.next ?? .min
    if let group = wait.group {
      _ = withStream(key, in: call.database) { node, stream in
        node.readGroup(
          &stream, key, call.database, group, from: start, limit: wait.count,
          needsNoAcknowledgement: wait.needsNoAcknowledgement, isHistory: false, &call.reply)
      }
    } else {
      call.reply.streamRange(stream, from: start, through: .max, limit: wait.count)
    }
    return true
  }
}
