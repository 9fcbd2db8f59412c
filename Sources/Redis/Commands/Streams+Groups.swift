import RDB

// Consumer groups: making, changing and showing them (`xgroupCommand`, `xinfoCommand` in t_stream.c of Redis 7.0).

extension Node {
  /// What XGROUP's subcommands have in common: the options behind the id, the stream and the group (`xgroupCommand` in
  /// t_stream.c).
  private struct GroupCall {
    var stream: StreamValue?
    var entriesRead: Int64 = -1
    var makesStream = false
  }

  private mutating func groupCall(_ call: inout Call, needsGroup: Bool) -> GroupCall? {
    var result = GroupCall()
    let isCreate = call.command.name == "xgroup|create"
    var position = 5
    while position < call.arguments.count {
      let option = call.arguments[position]
      if isCreate, option.matches("MKSTREAM") {
        result.makesStream = true
        position += 1
      } else if isCreate || call.command.name == "xgroup|setid", option.matches("ENTRIESREAD"),
        position + 1 < call.arguments.count
      {
        guard let number = call.integer(at: position + 1) else { return nil }
        guard number >= -1 else {
          call.reply.error("ERR value for ENTRIESREAD must be positive or -1")
          return nil
        }
        result.entriesRead = number
        position += 2
      } else {
        call.wrongSubcommand()
        return nil
      }
    }
    switch lookup(StreamValue.self, at: 2, &call) {
    case .wrongType: return nil
    case .held(let stream): result.stream = stream
    case .nothing: break
    }
    guard !result.makesStream else { return result }
    guard let stream = result.stream else {
      call.reply.error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
          + "to create an empty stream automatically.")
      return nil
    }
    if needsGroup, stream.groupIndex(call.arguments[3]) == nil {
      call.noSuchGroup(call.arguments[3], key: call.arguments[2])
      return nil
    }
    return result
  }

  /// XGROUP CREATE (`xgroupCommand` in t_stream.c).
  mutating func xgroupCreate(_ call: inout Call) {
    guard var group = groupCall(&call, needsGroup: false) else { return }
    guard call.arguments.count <= 8 else { return call.wrongSubcommand() }
    let (key, name) = (call.arguments[2], call.arguments[3])
    var id = group.stream?.lastID ?? .min
    if !call.arguments[4].matches("$") {
      guard let given = call.streamID(at: 4) else { return }
      id = given
    }
    group.stream = nil
    if lookup(key, in: call.database) == nil {
      addKey(key, StreamValue(), in: call.database)
      signalModified(key, in: call.database)
    }
    let isNew = withStream(key, in: call.database) { _, stream in
      stream.addGroup(ConsumerGroup(name, lastDelivered: id, entriesRead: group.entriesRead))
    }
    guard isNew == true else { return call.reply.error("BUSYGROUP Consumer Group name already exists") }
    call.reply.ok()
    dirty += 1
    notify(.stream, "xgroup-create", key, in: call.database)
  }

  /// XGROUP SETID (`xgroupCommand` in t_stream.c).
  mutating func xgroupSetid(_ call: inout Call) {
    guard let group = groupCall(&call, needsGroup: true) else { return }
    guard [5, 7].contains(call.arguments.count) else { return call.wrongSubcommand() }
    var id = group.stream?.lastID ?? .min
    if !call.arguments[4].matches("$") {
      guard let given = call.streamID(at: 4, isStrict: false) else { return }
      id = given
    }
    _ = withStream(call.arguments[2], in: call.database) { _, stream in
      guard let index = stream.groupIndex(call.arguments[3]) else { return }
      stream.groups[index].lastDelivered = id
      stream.groups[index].entriesRead = group.entriesRead
    }
    call.reply.ok()
    dirty += 1
    notify(.stream, "xgroup-setid", call.arguments[2], in: call.database)
  }

  /// XGROUP DESTROY (`xgroupCommand` in t_stream.c).
  mutating func xgroupDestroy(_ call: inout Call) {
    guard groupCall(&call, needsGroup: false) != nil else { return }
    let isDestroyed = withStream(call.arguments[2], in: call.database) { _, stream in
      stream.groupIndex(call.arguments[3]).map { stream.groups.remove(at: $0) } != nil
    }
    guard isDestroyed == true else { return call.reply.integer(0) }
    call.reply.integer(1)
    dirty += 1
    notify(.stream, "xgroup-destroy", call.arguments[2], in: call.database)
    signalKeyAsReady(call.arguments[2], in: call.database)
  }

  /// XGROUP CREATECONSUMER (`xgroupCommand` in t_stream.c).
  mutating func xgroupCreateconsumer(_ call: inout Call) {
    guard groupCall(&call, needsGroup: true) != nil else { return }
    let time = milliseconds
    let isNew = withStream(call.arguments[2], in: call.database) { _, stream in
      stream.groupIndex(call.arguments[3]).map { stream.groups[$0].addConsumer(call.arguments[4], seen: time) } ?? false
    }
    if isNew == true {
      dirty += 1
      notify(.stream, "xgroup-createconsumer", call.arguments[2], in: call.database)
    }
    call.reply.integer(isNew == true ? 1 : 0)
  }

  /// XGROUP DELCONSUMER (`xgroupCommand` in t_stream.c).
  mutating func xgroupDelconsumer(_ call: inout Call) {
    guard groupCall(&call, needsGroup: true) != nil else { return }
    let pending = withStream(call.arguments[2], in: call.database) { _, stream in
      stream.groupIndex(call.arguments[3]).flatMap { stream.groups[$0].removeConsumer(call.arguments[4]) }
    }
    if case .some(.some) = pending {
      dirty += 1
      notify(.stream, "xgroup-delconsumer", call.arguments[2], in: call.database)
    }
    call.reply.integer((pending ?? nil) ?? 0)
  }

  /// XGROUP HELP (`xgroupCommand` in t_stream.c).
  mutating func xgroupHelp(_ call: inout Call) {
    call.help([
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a new consumer group. Options are:",
      "    * MKSTREAM",
      "      Create the empty stream if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Set the group's entries_read counter (internal use).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a new consumer in the specified group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove the specified consumer.",
      "DESTROY <key> <groupname>",
      "    Remove the specified group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set the current group ID and entries_read counter.",
    ])
  }

  // MARK: Showing

  private mutating func shownStream(_ call: inout Call) -> StreamValue? {
    switch read(StreamValue.self, at: 2, &call) {
    case .wrongType: return nil
    case .held(let stream): return stream
    case .nothing:
      call.reply.error(Call.Complaint.noSuchKey)
      return nil
    }
  }

  /// XINFO CONSUMERS (`xinfoCommand` in t_stream.c).
  mutating func xinfoConsumers(_ call: inout Call) {
    guard let stream = shownStream(&call) else { return }
    guard let group = stream.group(call.arguments[3]) else {
      return call.noSuchGroup(call.arguments[3], key: call.arguments[2])
    }
    call.reply.array(group.consumers.count)
    for consumer in group.consumers {
      call.reply.map(3)
      call.reply.bulk("name")
      call.reply.bulk(consumer.name)
      call.reply.field("pending", consumer.pending.count)
      call.reply.field("idle", Int(clamping: max(0, milliseconds &- consumer.seen)))
    }
  }

  /// XINFO GROUPS (`xinfoCommand` in t_stream.c).
  mutating func xinfoGroups(_ call: inout Call) {
    guard let stream = shownStream(&call) else { return }
    call.reply.array(stream.groups.count)
    for group in stream.groups {
      call.reply.map(6)
      call.reply.bulk("name")
      call.reply.bulk(group.name)
      call.reply.field("consumers", group.consumers.count)
      call.reply.field("pending", group.pending.count)
      call.reply.field("last-delivered-id", group.lastDelivered)
      call.reply.entriesRead(of: group, in: stream)
    }
  }

  /// XINFO STREAM (`xinfoReplyWithStreamInfo` in t_stream.c).
  mutating func xinfoStream(_ call: inout Call) {
    guard let stream = shownStream(&call) else { return }
    let isFull = call.arguments.count > 3
    var count: Int64 = 10
    if isFull {
      guard [4, 6].contains(call.arguments.count), call.arguments[3].matches("FULL"),
        call.arguments.count == 4 || call.arguments[4].matches("COUNT")
      else { return call.wrongSubcommand() }
      if call.arguments.count == 6 {
        guard let given = call.integer(at: 5) else { return }
        count = given < 0 ? 10 : given
      }
    }
    call.reply.map(isFull ? 9 : 10)
    call.reply.field("length", Int(truncatingIfNeeded: stream.length))
    call.reply.field("radix-tree-keys", stream.nodeCount)
    call.reply.field("radix-tree-nodes", stream.radixTreeNodes)
    call.reply.field("last-generated-id", stream.lastID)
    call.reply.field("max-deleted-entry-id", stream.maxDeletedID)
    call.reply.field("entries-added", Int(truncatingIfNeeded: stream.entriesAdded))
    call.reply.field("recorded-first-entry-id", stream.firstID)
    if isFull {
      call.reply.bulk("entries")
      call.reply.streamRange(stream, from: .min, through: .max, limit: count)
      call.reply.bulk("groups")
      call.reply.array(stream.groups.count)
      for group in stream.groups { call.reply.fullGroup(group, in: stream, limit: count) }
    } else {
      call.reply.field("groups", stream.groups.count)
      for (name, isReversed) in [("first-entry", false), ("last-entry", true)] {
        call.reply.bulk(name)
        let found = call.reply.streamRange(
          stream, from: .min, through: .max, limit: 1, reversed: isReversed, withHead: false)
        if found == 0 { call.reply.null() }
      }
    }
  }

  /// XINFO HELP (`xinfoCommand` in t_stream.c).
  mutating func xinfoHelp(_ call: inout Call) {
    call.help([
      "CONSUMERS <key> <groupname>",
      "    Show consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the stream consumer groups.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    Show information about the stream.",
    ])
  }
}

extension Call {
  /// There is no such group.
  fileprivate mutating func noSuchGroup(_ group: Bytes, key: Bytes) {
    reply.error(
      "NOGROUP No such consumer group '\(group.printed)' for key name '\(key.printed)'")
  }
}

extension ReplyBuffer {
  fileprivate mutating func field(_ name: String, _ number: Int) {
    bulk(name)
    integer(number)
  }

  fileprivate mutating func field(_ name: String, _ id: StreamID) {
    bulk(name)
    streamID(id)
  }

  fileprivate mutating func entriesRead(of group: ConsumerGroup, in stream: StreamValue) {
    bulk("entries-read")
    if group.entriesRead == -1 { null() } else { integer(group.entriesRead) }
    bulk("lag")
    if let lag = stream.lag(of: group) { integer(lag) } else { null() }
  }

  fileprivate mutating func fullGroup(_ group: ConsumerGroup, in stream: StreamValue, limit: Int64) {
    func shown(_ count: Int) -> Int { limit == 0 ? count : min(count, Int(clamping: limit)) }
    map(7)
    bulk("name")
    bulk(group.name)
    field("last-delivered-id", group.lastDelivered)
    entriesRead(of: group, in: stream)
    field("pel-count", group.pending.count)
    bulk("pending")
    array(shown(group.pending.count))
    for index in 0..<shown(group.pending.count) {
      let pending = group.pending[index]
      array(4)
      streamID(pending.id)
      bulk(pending.consumer)
      integer(pending.delivered)
      integer(Int64(bitPattern: pending.deliveries))
    }
    bulk("consumers")
    array(group.consumers.count)
    for consumer in group.consumers {
      map(4)
      bulk("name")
      bulk(consumer.name)
      bulk("seen-time")
      integer(consumer.seen)
      field("pel-count", consumer.pending.count)
      bulk("pending")
      array(shown(consumer.pending.count))
      for index in 0..<shown(consumer.pending.count) {
        let id = consumer.pending[index].id
        array(3)
        streamID(id)
        integer(group[id]?.delivered ?? 0)
        integer(Int64(bitPattern: group[id]?.deliveries ?? 0))
      }
    }
  }
}
