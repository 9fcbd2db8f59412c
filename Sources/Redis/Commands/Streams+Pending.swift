import RDB

// What was delivered to a group's consumers and not acknowledged: XACK, XPENDING, XCLAIM, XAUTOCLAIM (t_stream.c in Redis
// 7.0).

extension Node {
  /// XACK (`xackCommand` in t_stream.c).
  mutating func xack(_ call: inout Call) {
    switch read(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held(let stream):
      guard stream.groupIndex(call.arguments[2]) != nil else { return call.reply.integer(0) }
    }
    guard let ids = call.streamIDs(from: 3) else { return }
    let acknowledged =
      withStream(call.arguments[1], in: call.database) { _, stream in
        guard let index = stream.groupIndex(call.arguments[2]) else { return 0 }
        return ids.reduce(0) { $0 + (stream.groups[index].acknowledge($1) ? 1 : 0) }
      } ?? 0
    dirty += Int64(acknowledged)
    call.reply.integer(acknowledged)
  }

  /// The group that a command names at its second place; without it the client is told.
  private mutating func namedGroup(_ call: inout Call, _ found: Found<StreamValue>) -> ConsumerGroup? {
    if case .wrongType = found { return nil }
    if case .held(let stream) = found, let group = stream.group(call.arguments[2]) { return group }
    call.reply.error(
      "NOGROUP No such key '\(call.arguments[1].printed)' or consumer group '\(call.arguments[2].printed)'")
    return nil
  }

  /// XPENDING (`xpendingCommand` in t_stream.c).
  mutating func xpending(_ call: inout Call) {
    let count = call.arguments.count
    guard count == 3 || (6...9).contains(count) else { return call.syntaxError() }
    if count == 3 {
      guard let group = namedGroup(&call, read(StreamValue.self, &call)) else { return }
      return call.reply.summary(of: group)
    }
    var (start, leastIdle) = (3, Int64(0))
    if call.arguments[3].matches("IDLE") {
      guard let idle = call.integer(at: 4) else { return }
      leastIdle = idle
      guard count >= 8 else { return call.syntaxError() }
      start = 5
    }
    guard let limit = call.integer(at: start + 2), let first = call.streamRangeID(at: start, isStart: true),
      let last = call.streamRangeID(at: start + 1, isStart: false)
    else { return }
    let consumer = start + 3 < count ? call.arguments[start + 3] : nil
    guard let group = namedGroup(&call, read(StreamValue.self, &call)) else { return }
    if let consumer, group.consumer(consumer) == nil { return call.reply.array(0) }
    var entries: [ConsumerGroup.Pending] = []
    group.pending.forEach(from: group.pending.partitioningIndex { $0 >= first }) { pending in
      guard pending.id <= last, entries.count < limit else { return false }
      let isOthers = consumer != nil && pending.consumer != consumer
      if !isOthers, leastIdle == 0 || milliseconds &- pending.delivered >= leastIdle { entries.append(pending) }
      return true
    }
    call.reply.array(entries.count)
    for pending in entries {
      call.reply.array(4)
      call.reply.streamID(pending.id)
      call.reply.bulk(pending.consumer)
      call.reply.integer(max(0, milliseconds &- pending.delivered))
      call.reply.integer(Int64(bitPattern: pending.deliveries))
    }
  }

  // MARK: Claiming

  private struct ClaimOptions {
    var ids: [StreamID] = []
    var leastIdle: Int64 = 0
    var time: Int64?
    var deliveries: Int64?
    var isForced = false
    var idsOnly = false
    var lastID = StreamID.min
  }

  private func claimOptions(_ call: inout Call) -> ClaimOptions? {
    var options = ClaimOptions()
    guard let idle = call.integer(at: 4, complaint: "ERR Invalid min-idle-time argument for XCLAIM") else { return nil }
    options.leastIdle = max(0, idle)
    var position = 5
    while position < call.arguments.count, let id = StreamID.parse(call.arguments[position])?.id {
      options.ids.append(id)
      position += 1
    }
    while position < call.arguments.count {
      let option = call.arguments[position]
      let hasMore = position + 1 < call.arguments.count
      func complaint(_ name: String) -> String { "ERR Invalid \(name) option argument for XCLAIM" }
      if option.matches("FORCE") {
        options.isForced = true
      } else if option.matches("JUSTID") {
        options.idsOnly = true
      } else if option.matches("IDLE"), hasMore {
        position += 1
        guard let idle = call.integer(at: position, complaint: complaint("IDLE")) else { return nil }
        options.time = milliseconds &- idle
      } else if option.matches("TIME"), hasMore {
        position += 1
        guard let time = call.integer(at: position, complaint: complaint("TIME")) else { return nil }
        options.time = time
      } else if option.matches("RETRYCOUNT"), hasMore {
        position += 1
        guard let count = call.integer(at: position, complaint: complaint("RETRYCOUNT")) else { return nil }
        options.deliveries = count
      } else if option.matches("LASTID"), hasMore {
        position += 1
        guard let id = call.streamID(at: position) else { return nil }
        options.lastID = id
      } else {
        call.reply.error(
          "ERR Unrecognized XCLAIM option '\(option.printed)'")
        return nil
      }
      position += 1
    }
    return options
  }

  /// XCLAIM (`xclaimCommand` in t_stream.c).
  mutating func xclaim(_ call: inout Call) {
    guard namedGroup(&call, read(StreamValue.self, &call)) != nil, let options = claimOptions(&call) else { return }
    call.propagation = .never
    _ = withStream(call.arguments[1], in: call.database) { $0.claim(&call, options, in: &$1) }
  }

  private mutating func claim(_ call: inout Call, _ options: ClaimOptions, in stream: inout StreamValue) {
    guard let index = stream.groupIndex(call.arguments[2]) else { return }
    let key = call.arguments[1]
    var tellsLastID = false
    if options.lastID > stream.groups[index].lastDelivered {
      stream.groups[index].lastDelivered = options.lastID
      tellsLastID = true
    }
    // -1 says that there is none.
    var time = options.time.map { $0 == -1 ? milliseconds : $0 } ?? milliseconds
    if time < 0 || time > milliseconds { time = milliseconds }
    var replies = ReplyBuffer()
    replies.version = call.reply.version
    var claimed = 0
    for (offset, id) in options.ids.enumerated() {
      let pending = stream.groups[index][id]
      let text = call.arguments[5 + offset]
      guard stream.contains(id) else {
        if pending != nil {
          propagateClaim(key, stream.groups[index], id, call.database, as: text)
          tellsLastID = false
          dirty += 1
          stream.groups[index].acknowledge(id)
        }
        continue
      }
      guard pending != nil || options.isForced else { continue }
      if let pending, options.leastIdle > 0, milliseconds &- pending.delivered < options.leastIdle { continue }
      var deliveries = pending?.deliveries ?? 1
      if let given = options.deliveries, given >= 0 {
        deliveries = UInt64(given)
      } else if !options.idsOnly {
        deliveries &+= 1
      }
      claim(id, at: index, of: &stream, call, time: time, deliveries: deliveries)
      replies.claimed(id, stream, idsOnly: options.idsOnly)
      claimed += 1
      propagateClaim(key, stream.groups[index], id, call.database, as: text)
      tellsLastID = false
      dirty += 1
    }
    if tellsLastID {
      propagateGroupID(key, stream.groups[index], call.database)
      dirty += 1
    }
    call.reply.array(claimed)
    call.reply.raw(replies.take())
  }

  /// An entry becomes the consumer's who is named at the third place, and who is made if need be.
  private mutating func claim(
    _ id: StreamID, at index: Int, of stream: inout StreamValue, _ call: Call, time: Int64, deliveries: UInt64
  ) {
    let consumer = call.arguments[3]
    if stream.groups[index].addConsumer(consumer, seen: milliseconds) {
      dirty += 1
      notify(.stream, "xgroup-createconsumer", call.arguments[1], in: call.database)
    } else {
      stream.groups[index].sawConsumer(consumer, at: milliseconds)
    }
    stream.groups[index].deliver(id, to: consumer, at: time, deliveries: deliveries)
  }

  /// XAUTOCLAIM (`xautoclaimCommand` in t_stream.c).
  mutating func xautoclaim(_ call: inout Call) {
    // The key is looked for first, whatever the arguments are.
    let value = read(call.arguments[1], in: call.database)
    guard let idle = call.integer(at: 4, complaint: "ERR Invalid min-idle-time argument for XAUTOCLAIM"),
      let start = call.streamRangeID(at: 5, isStart: true)
    else { return }
    var (count, idsOnly) = (Int64(100), false)
    var position = 6
    while position < call.arguments.count {
      if call.arguments[position].matches("COUNT"), position + 1 < call.arguments.count {
        position += 1
        guard
          let given = call.integer(at: position, in: 1...Int64.max / 16, complaint: "ERR COUNT must be > 0")
        else { return }
        count = given
      } else if call.arguments[position].matches("JUSTID") {
        idsOnly = true
      } else {
        return call.syntaxError()
      }
      position += 1
    }
    guard namedGroup(&call, call.found(value)) != nil else { return }
    call.propagation = .never
    _ = withStream(call.arguments[1], in: call.database) {
      $0.autoclaim(&call, from: start, count: count, leastIdle: max(0, idle), idsOnly: idsOnly, in: &$1)
    }
  }

  private mutating func autoclaim(
    _ call: inout Call, from start: StreamID, count: Int64, leastIdle: Int64, idsOnly: Bool,
    in stream: inout StreamValue
  ) {
    guard let index = stream.groupIndex(call.arguments[2]) else { return }
    let key = call.arguments[1]
    var replies = ReplyBuffer()
    replies.version = call.reply.version
    var (claimed, left, attempts) = (0, count, count * 10)
    var deleted: [StreamID] = []
    var place = stream.groups[index].pending.partitioningIndex { $0 >= start }
    while attempts > 0, left > 0, place < stream.groups[index].pending.count {
      attempts -= 1
      let pending = stream.groups[index].pending[place]
      guard stream.contains(pending.id) else {
        propagateClaim(key, stream.groups[index], pending.id, call.database)
        dirty += 1
        stream.groups[index].acknowledge(pending.id)
        deleted.append(pending.id)
        left -= 1
        continue
      }
      place += 1
      if leastIdle > 0, milliseconds &- pending.delivered < leastIdle { continue }
      claim(
        pending.id, at: index, of: &stream, call, time: milliseconds,
        deliveries: idsOnly ? pending.deliveries : pending.deliveries &+ 1)
      replies.claimed(pending.id, stream, idsOnly: idsOnly)
      claimed += 1
      left -= 1
      propagateClaim(key, stream.groups[index], pending.id, call.database)
      dirty += 1
    }
    let pending = stream.groups[index].pending
    call.reply.array(3)
    call.reply.streamID(place < pending.count ? pending[place].id : .min)
    call.reply.array(claimed)
    call.reply.raw(replies.take())
    call.reply.array(deleted.count)
    for id in deleted { call.reply.streamID(id) }
  }
}

extension ReplyBuffer {
  /// XPENDING's short form: how many, from which id to which, and of whom.
  fileprivate mutating func summary(of group: ConsumerGroup) {
    array(4)
    integer(group.pending.count)
    guard let first = group.pending.first, let last = group.pending.last else {
      null()
      null()
      return nullArray()
    }
    streamID(first.id)
    streamID(last.id)
    let consumers = group.consumers.filter { !$0.pending.isEmpty }
    array(consumers.count)
    for consumer in consumers {
      array(2)
      bulk(consumer.name)
      bulk(Bytes(consumer.pending.count))
    }
  }

  /// An entry that has been claimed.
  fileprivate mutating func claimed(_ id: StreamID, _ stream: StreamValue, idsOnly: Bool) {
    if idsOnly { return streamID(id) }
    streamRange(stream, from: id, through: id, limit: 1, withHead: false)
  }
}
