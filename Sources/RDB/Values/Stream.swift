// A stream (rdb.c, t_stream.c): nodes of entries, what is known of the whole, consumer groups.
//
//     nodes  (id (a string of 16 bytes)  listpack)…
//     length  last id  [first id  greatest deleted id  entries added]
//     groups  (name  last delivered id  [entries read]
//              pending  (id (16 bytes)  delivered (8)  deliveries)…
//              consumers  (name  seen (8)  [active (8)]  pending  (id (16 bytes))…)…)…
//
// What is in brackets came with 7.0 (type 19), the time of activity with 7.2 (type 21). An id among lengths is two of them.
extension Scan {
  mutating func streamNode(_ bytes: Span<UInt8>) throws(Stop) {
    let group = begin(.node)
    let start = position
    let key = try string(.id, bytes).string(in: bytes)
    guard key.count == 16 else { throw .corrupt(.malformed(.streamKey), at: start) }
    let id = StreamID(bigEndian(key.span, from: 0, count: 8), bigEndian(key.span, from: 8, count: 8))
    recorder.explain(.data, .streamID(id))
    if let count = collector?.stream.entries.count {
      collector?.nodes.append(id)
      collector?.nodeStarts.append(count)
    }
    try blob(.streamNode(id), bytes)
    end(group)
  }

  /// - Returns: how many groups follow.
  mutating func streamTail(_ bytes: Span<UInt8>) throws(Stop) -> UInt64 {
    let isSecond = value?.type != .stream
    let length = try length(.entries, bytes)
    let last = try streamID(.lastID, bytes)
    var (first, deleted, added): (StreamID?, StreamID?, UInt64?)
    if isSecond {
      first = try streamID(.firstID, bytes)
      deleted = try streamID(.maxDeletedID, bytes)
      added = try self.length(.entriesAdded, bytes)
    }
    let groups = try self.length(.groups, bytes)
    if collector != nil {
      collector?.stream.length = length
      collector?.stream.last = last
      collector?.stream.first = first
      collector?.stream.maxDeleted = deleted
      collector?.stream.entriesAdded = added
    }
    return groups
  }

  /// - Returns: the group of fields that it begins, and how many pending entries follow.
  mutating func consumerGroup(_ bytes: Span<UInt8>) throws(Stop) -> (group: Int, pending: UInt64) {
    let isSecond = value?.type != .stream
    let group = begin(.consumerGroup)
    let name = try string(.name, bytes)
    let last = try streamID(.lastID, bytes)
    let read = isSecond ? Int64(bitPattern: try length(.entriesRead, bytes)) : nil
    let pending = try length(.pending, bytes)
    if collector != nil {
      collector?.stream.groups.append(.init(name: name.string(in: bytes), lastDelivered: last, entriesRead: read))
    }
    return (group, pending)
  }

  mutating func groupPending(_ bytes: Span<UInt8>) throws(Stop) {
    let group = begin(.pendingEntry)
    let id = try rawStreamID(bytes)
    let delivered = try milliseconds(.delivered, bytes)
    let deliveries = try length(.deliveries, bytes)
    end(group)
    guard let last = collector?.stream.groups.indices.last else { return }
    collector?.stream.groups[last].pending.append(.init(id: id, delivered: delivered, deliveries: deliveries))
  }

  mutating func consumer(_ bytes: Span<UInt8>) throws(Stop) -> (group: Int, pending: UInt64) {
    let group = begin(.consumer)
    let name = try string(.name, bytes)
    let seen = try milliseconds(.seen, bytes)
    let active = value?.type == .stream3 ? try milliseconds(.active, bytes) : nil
    let pending = try length(.pending, bytes)
    if let last = collector?.stream.groups.indices.last {
      let consumer = Stream.Consumer(name: name.string(in: bytes), seen: seen, active: active)
      collector?.stream.groups[last].consumers.append(consumer)
    }
    return (group, pending)
  }

  mutating func consumerPending(_ bytes: Span<UInt8>) throws(Stop) {
    let id = try rawStreamID(bytes)
    guard let group = collector?.stream.groups.indices.last,
      let consumer = collector?.stream.groups[group].consumers.indices.last
    else { return }
    collector?.stream.groups[group].consumers[consumer].pending.append(id)
  }

  private mutating func streamID(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> StreamID {
    let group = begin(name)
    let id = StreamID(try length(.milliseconds, bytes), try length(.sequence, bytes))
    end(group)
    return id
  }

  private mutating func rawStreamID(_ bytes: Span<UInt8>) throws(Stop) -> StreamID {
    try require(16, bytes)
    let id = StreamID(bigEndian(bytes, from: position, count: 8), bigEndian(bytes, from: position + 8, count: 8))
    take(16, as: .id, .streamID(id))
    return id
  }
}

// A node's listpack. Its head is the master entry, whose fields' names most entries share:
//
//     count  deleted  n  name…  0       then for each entry:
//     flags (1 deleted, 2 the master's fields)  milliseconds  sequence  [n]  [name] value…  elements before this one
//
// Milliseconds and sequence are counted from the node's id.
extension Scan {
  /// Reads a node of a stream whole (`streamValidateListpackIntegrity` in t_stream.c).
  mutating func streamListpack(_ master: StreamID, _ bytes: Span<UInt8>) throws(Broken) {
    let start = position
    let group = begin(.listpack)
    // How many elements it says it has nobody compares with those there are.
    _ = try listpackHeader(bytes)
    let head = begin(.masterEntry)
    let count = try streamInteger(.entries, bytes)
    let deleted = try streamInteger(.deleted, bytes)
    let fields = try streamInteger(.fields, bytes)
    var names: [[UInt8]] = []
    try repeated(fields) { scan throws(Broken) in
      let name = try scan.streamElement(.field, bytes)
      if scan.collector != nil { names.append(name.string(in: bytes)) }
    }
    guard try streamInteger(.end, bytes) == 0 else { throw Broken(at: position) }
    end(head)
    var entries: Int64 = 0
    while try !isAtTerminator(bytes) {
      try streamEntry(master, fields, names, bytes)
      entries += 1
    }
    guard count >= 0, deleted >= 0, entries == count &+ deleted else { throw Broken(at: start + 4) }
    end(group)
  }

  private mutating func streamEntry(
    _ master: StreamID, _ masterFields: Int64, _ names: [[UInt8]], _ bytes: Span<UInt8>
  ) throws(Broken) {
    let group = begin(.streamEntry)
    let flags = try streamInteger(.flags, bytes)
    let milliseconds = UInt64(bitPattern: try streamInteger(.milliseconds, bytes))
    let sequence = UInt64(bitPattern: try streamInteger(.sequence, bytes))
    let isSame = flags & 2 != 0
    let fields = isSame ? masterFields : try streamInteger(.fields, bytes)
    var entry = Stream.Entry(
      id: StreamID(master.milliseconds &+ milliseconds, master.sequence &+ sequence), fields: [])
    var index = 0
    try repeated(fields) { scan throws(Broken) in
      let field = isSame ? nil : try scan.streamElement(.field, bytes)
      let value = try scan.streamElement(.value, bytes)
      if scan.collector != nil {
        entry.fields.append(HashField(field?.string(in: bytes) ?? names[index], value.string(in: bytes)))
      }
      index += 1
    }
    // The number is so many because of the entries' own: flags, milliseconds, sequence, and the number of fields.
    let before = isSame ? fields &+ 3 : fields &* 2 &+ 4
    guard try streamInteger(.size, bytes) == before else { throw Broken(at: position) }
    end(group)
    if flags & 1 == 0 { collector?.stream.entries.append(entry) }
  }

  /// Whatever the number claims, each time takes a byte at least.
  private mutating func repeated(
    _ count: Int64, _ body: (inout Scan) throws(Broken) -> Void
  ) throws(Broken) {
    guard count >= 0 else { throw Broken(at: position) }
    var left = count
    while left > 0 {
      try body(&self)
      left -= 1
    }
  }

  private mutating func streamElement(
    _ name: Field.Name, _ bytes: Span<UInt8>
  ) throws(Broken) -> StringForm {
    try listpackElement(name, bytes)
  }

  private mutating func streamInteger(
    _ name: Field.Name, _ bytes: Span<UInt8>
  ) throws(Broken) -> Int64 {
    let start = position
    guard case .integer(let integer) = try streamElement(name, bytes) else { throw Broken(at: start) }
    return integer
  }
}
