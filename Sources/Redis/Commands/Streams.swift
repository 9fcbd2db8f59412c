import RDB

// The stream commands (t_stream.c in Redis 7.0): adding, removing, reading by id. `Streams+Reading.swift` has those that
// wait for entries, `Streams+Groups.swift` and `Streams+Pending.swift` what is about consumer groups.

extension CommandTable {
  static let streams: [String: Command.Body] = [
    "xadd": { $0.xadd(&$1) },
    "xtrim": { $0.xtrim(&$1) },
    "xdel": { $0.xdel(&$1) },
    "xlen": { $0.xlen(&$1) },
    "xrange": { $0.xrange(&$1) },
    "xrevrange": { $0.xrevrange(&$1) },
    "xsetid": { $0.xsetid(&$1) },
    "xread": { $0.xread(&$1) },
    "xreadgroup": { $0.xreadgroup(&$1) },
    "xgroup|create": { $0.xgroupCreate(&$1) },
    "xgroup|setid": { $0.xgroupSetid(&$1) },
    "xgroup|destroy": { $0.xgroupDestroy(&$1) },
    "xgroup|createconsumer": { $0.xgroupCreateconsumer(&$1) },
    "xgroup|delconsumer": { $0.xgroupDelconsumer(&$1) },
    "xgroup|help": { $0.xgroupHelp(&$1) },
    "xack": { $0.xack(&$1) },
    "xpending": { $0.xpending(&$1) },
    "xclaim": { $0.xclaim(&$1) },
    "xautoclaim": { $0.xautoclaim(&$1) },
    "xinfo|consumers": { $0.xinfoConsumers(&$1) },
    "xinfo|groups": { $0.xinfoGroups(&$1) },
    "xinfo|stream": { $0.xinfoStream(&$1) },
    "xinfo|help": { $0.xinfoHelp(&$1) },
  ]
}

extension Node {
  /// Takes a stream out of the data set while it is changed, so that the node can be told of what happens, and puts it back.
  mutating func withStream<Result>(
    _ key: Bytes, in database: Int, _ body: (inout Node, inout StreamValue) -> Result
  ) -> Result? {
    var stream = StreamValue()
    guard change(StreamValue.self, key, in: database, { swap(&$0, &stream) }) != nil else { return nil }
    let result = body(&self, &stream)
    _ = change(StreamValue.self, key, in: database) { swap(&$0, &stream) }
    return result
  }

  // MARK: Adding and trimming

  /// What XADD and XTRIM are asked for (`streamAddTrimArgs`).
  private struct StreamOptions {
    var id: StreamID?
    var hasSequence = true
    /// Where the id stands, or the asterisk.
    var idPosition = 0
    var makesNoStream = false
    var trim: StreamValue.Trim?
    /// Where the length or the id stands that is trimmed to.
    var trimPosition = 0
    var isApproximate = false
    var limit: Int64 = 0
  }

  /// (`streamParseAddOrTrimArgsOrReply` in t_stream.c.)
  private func streamOptions(_ call: inout Call, isAdd: Bool) -> StreamOptions? {
    var options = StreamOptions()
    var hasLimit = false
    var position = 2
    parsing: while position < call.arguments.count {
      let option = call.arguments[position]
      let more = call.arguments.count - 1 - position
      if isAdd, option.matches("*") {
        break
      } else if option.matches("MAXLEN") || option.matches("MINID"), more > 0 {
        guard options.trim == nil else {
          call.reply.error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
          return nil
        }
        options.isApproximate = more >= 2 && call.arguments[position + 1].matches("~")
        if options.isApproximate || more >= 2 && call.arguments[position + 1].matches("=") { position += 1 }
        position += 1
        if option.matches("MAXLEN") {
          guard let length = call.integer(at: position) else { return nil }
          guard length >= 0 else {
            call.reply.error("ERR The MAXLEN argument must be >= 0.")
            return nil
          }
          options.trim = .length(length)
        } else {
          guard let id = call.streamID(at: position) else { return nil }
          options.trim = .id(id)
        }
        options.trimPosition = position
      } else if option.matches("LIMIT"), more > 0 {
        position += 1
        guard let limit = call.integer(at: position) else { return nil }
        guard limit >= 0 else {
          call.reply.error("ERR The LIMIT argument must be >= 0.")
          return nil
        }
        options.limit = limit
        hasLimit = true
      } else if isAdd, option.matches("NOMKSTREAM") {
        options.makesNoStream = true
      } else if isAdd {
        guard let (id, hasSequence) = StreamID.parse(option, allowsNext: true) else {
          call.reply.error("ERR Invalid stream ID specified as stream command argument")
          return nil
        }
        (options.id, options.hasSequence) = (id, hasSequence)
        break parsing
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    options.idPosition = position
    if options.limit > 0, options.trim == nil {
      call.reply.error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
      return nil
    }
    if !isAdd, options.trim == nil {
      call.reply.error("ERR syntax error, XTRIM must be called with a trimming strategy")
      return nil
    }
    if call.fromMaster {
      options.limit = 0
    } else if hasLimit {
      guard options.isApproximate else {
        call.reply.error("ERR syntax error, LIMIT cannot be used without the special ~ option")
        return nil
      }
    } else if options.isApproximate {
      let entries = configuration.streamNode.entries
      let limit = entries > 1_000_000 ? 1_000_000 : 100 * entries
      options.limit = limit <= 0 ? 10_000 : min(limit, 1_000_000)
    }
    return options
  }

  /// What the replicas are told of a trim that need not have been exact: what it came to (`streamRewriteApproxSpecifier`,
  /// `streamRewriteTrimArgument` in t_stream.c).
  private static func rewriteTrim(_ form: inout [Bytes], _ options: StreamOptions, _ stream: StreamValue) {
    guard options.isApproximate, let trim = options.trim else { return }
    form[options.trimPosition - 1] = "="
    form[options.trimPosition] =
      switch trim {
      case .length: Bytes(Int64(bitPattern: stream.length))
      case .id: Bytes(stream.edgeID(first: true, skippingDeleted: false))
      }
  }

  /// XADD (`xaddCommand` in t_stream.c).
  mutating func xadd(_ call: inout Call) {
    guard let options = streamOptions(&call, isAdd: true) else { return }
    let fields = call.arguments.dropFirst(options.idPosition + 1)
    guard fields.count >= 2, fields.count.isMultiple(of: 2) else { return call.wrongArity() }
    if options.hasSequence, options.id == .min {
      return call.reply.error("ERR The ID specified in XADD must be greater than 0-0")
    }
    let (key, database) = (call.arguments[1], call.database)
    switch find(StreamValue.self, &call) {
    case .wrongType: return
    case .held: break
    case .nothing:
      if options.makesNoStream { return call.reply.null() }
      addKey(key, StreamValue(), in: database)
    }
    let (now, limits, said) = (milliseconds, configuration.streamNode, call.arguments)
    let outcome = change(StreamValue.self, key, in: database) { stream in
      Node.add(fields, to: &stream, options, limits, at: now, said: said)
    }
    switch outcome {
    case .added(let id, let trimmed, let told)?:
      call.reply.bulk(id)
      signalModified(key, in: database)
      notify(.stream, "xadd", key, in: database)
      dirty += 1
      if trimmed > 0 { notify(.stream, "xtrim", key, in: database) }
      if let told { call.propagation = .rewritten(told) }
    case .refused(let complaint)?: call.reply.error(complaint)
    case nil: break
    }
    signalKeyAsReady(key, in: database)
  }

  private enum Added {
    /// The id; how many entries went for it; what the replicas are told, if it is not what was said.
    case added(Bytes, trimmed: Int64, told: [Bytes]?)
    case refused(String)
  }

  private static func add(
    _ fields: ArraySlice<Bytes>, to stream: inout StreamValue, _ options: StreamOptions, _ limits: StreamValue.Limits,
    at now: Int64, said: [Bytes]
  ) -> Added {
    guard stream.lastID != .max else {
      return .refused("ERR The stream has exhausted the last possible ID, unable to add more items")
    }
    var id: StreamID?
    if let given = options.id {
      id =
        options.hasSequence || given.milliseconds != stream.lastID.milliseconds
        ? given : stream.lastID.sequence < .max ? stream.lastID.next : nil
    } else {
      let now = UInt64(max(0, now))
      id = now > stream.lastID.milliseconds ? StreamID(now, 0) : stream.lastID.next
    }
    let failure = id.map { stream.append(fields, id: $0, limits) } ?? .notGreater
    guard let id, failure == nil else {
      return .refused(
        failure == .notGreater
          ? "ERR The ID specified in XADD is equal or smaller than the target stream top item"
          : "ERR Elements are too large to be stored")
    }
    let name = Bytes(id)
    var (told, trimmed): ([Bytes], Int64) = (said, 0)
    if let trim = options.trim {
      trimmed = stream.trim(trim, isApproximate: options.isApproximate, limit: options.limit)
      rewriteTrim(&told, options, stream)
    }
    let isChosen = options.id == nil || !options.hasSequence
    if isChosen { told[options.idPosition] = name }
    return .added(name, trimmed: trimmed, told: isChosen || told != said ? told : nil)
  }

  /// XTRIM (`xtrimCommand` in t_stream.c).
  mutating func xtrim(_ call: inout Call) {
    guard let options = streamOptions(&call, isAdd: false), let trim = options.trim else { return }
    switch find(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    _ = withStream(call.arguments[1], in: call.database) { node, stream in
      let deleted = stream.trim(trim, isApproximate: options.isApproximate, limit: options.limit)
      if deleted > 0 {
        node.notify(.stream, "xtrim", call.arguments[1], in: call.database)
        var form = call.arguments
        Node.rewriteTrim(&form, options, stream)
        if options.isApproximate { call.propagation = .rewritten(form) }
        node.signalModified(call.arguments[1], in: call.database)
        node.dirty += deleted
      }
      call.reply.integer(deleted)
    }
  }

  /// XDEL (`xdelCommand` in t_stream.c).
  mutating func xdel(_ call: inout Call) {
    switch find(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    guard let ids = call.streamIDs(from: 2) else { return }
    _ = withStream(call.arguments[1], in: call.database) { node, stream in
      var (deleted, wasFirst) = (0, false)
      for id in ids where stream.remove(id) {
        if id == stream.firstID { wasFirst = true }
        if id > stream.maxDeletedID { stream.maxDeletedID = id }
        deleted += 1
      }
      if deleted > 0 {
        if wasFirst || stream.length == 0 { stream.updateFirstID() }
        node.signalModified(call.arguments[1], in: call.database)
        node.notify(.stream, "xdel", call.arguments[1], in: call.database)
        node.dirty += Int64(deleted)
      }
      call.reply.integer(deleted)
    }
  }

  /// XSETID (`xsetidCommand` in t_stream.c).
  mutating func xsetid(_ call: inout Call) {
    guard let id = call.streamID(at: 2) else { return }
    var (added, deleted): (Int64?, StreamID) = (nil, .min)
    var position = 3
    while position < call.arguments.count {
      guard position + 1 < call.arguments.count else { return call.syntaxError() }
      if call.arguments[position].matches("ENTRIESADDED") {
        guard let number = call.integer(at: position + 1) else { return }
        guard number >= 0 else { return call.reply.error("ERR entries_added must be positive") }
        added = number
      } else if call.arguments[position].matches("MAXDELETEDID") {
        guard let given = call.streamID(at: position + 1) else { return }
        guard given <= id else {
          return call.reply.error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
        }
        deleted = given
      } else {
        return call.syntaxError()
      }
      position += 2
    }
    switch lookup(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.error(Call.Complaint.noSuchKey)
    case .held(let stream):
      guard stream.length > 0 else { break }
      if id < stream.lastValidID {
        return call.reply.error("ERR The ID specified in XSETID is smaller than the target stream top item")
      }
      if let added, stream.length > UInt64(added) {
        return call.reply.error("ERR The entries_added specified in XSETID is smaller than the target stream length")
      }
    }
    _ = withStream(call.arguments[1], in: call.database) { _, stream in
      stream.lastID = id
      if let added { stream.entriesAdded = UInt64(added) }
      if deleted != .min { stream.maxDeletedID = deleted }
    }
    call.reply.ok()
    dirty += 1
    notify(.stream, "xsetid", call.arguments[1], in: call.database)
  }

  // MARK: Reading

  /// XLEN (`xlenCommand` in t_stream.c).
  mutating func xlen(_ call: inout Call) {
    switch read(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let stream): call.reply.integer(Int64(bitPattern: stream.length))
    }
  }

  /// XRANGE (`xrangeCommand` in t_stream.c).
  mutating func xrange(_ call: inout Call) { range(&call, reversed: false) }
  /// XREVRANGE (`xrevrangeCommand` in t_stream.c).
  mutating func xrevrange(_ call: inout Call) { range(&call, reversed: true) }

  /// (`xrangeGenericCommand` in t_stream.c.)
  private mutating func range(_ call: inout Call, reversed: Bool) {
    guard let start = call.streamRangeID(at: reversed ? 3 : 2, isStart: true),
      let end = call.streamRangeID(at: reversed ? 2 : 3, isStart: false)
    else { return }
    var count: Int64?
    var position = 4
    while position < call.arguments.count {
      guard call.arguments[position].matches("COUNT"), position + 1 < call.arguments.count else {
        return call.syntaxError()
      }
      guard let given = call.integer(at: position + 1) else { return }
      count = max(0, given)
      position += 2
    }
    switch read(StreamValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.array(0)
    case .held(let stream):
      if count == 0 { return call.reply.nullArray() }
      call.reply.streamRange(stream, from: start, through: end, limit: count ?? 0, reversed: reversed)
    }
  }
}

extension ReplyBuffer {
  /// The entries of a range, at most so many (0: all of them); how many they are (`streamReplyWithRange`).
  @discardableResult
  mutating func streamRange(
    _ stream: StreamValue, from start: StreamID, through end: StreamID, limit: Int64 = 0, reversed: Bool = false,
    withHead: Bool = true
  ) -> Int {
    var entries = ReplyBuffer()
    entries.version = version
    var count = 0
    stream.forEach(from: start, through: end, reversed: reversed) { id, fields in
      entries.streamEntry(id, fields)
      count += 1
      return limit == 0 || count < limit
    }
    if withHead { array(count) }
    raw(entries.take())
    return count
  }
}
