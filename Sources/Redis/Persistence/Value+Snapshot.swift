import RDB

// Values in a snapshot: what is packed in memory is written as it is, and what is read becomes what Redis 7.0 would keep.

extension Value {
  /// The value as a snapshot of 7.0 writes it (`rdbSaveObjectType`, `rdbSaveObject` in rdb.c).
  func snapshotValue(compressing: Bool) -> RDB.Value {
    switch self {
    case .string(let string): .string(string.bytes.array)
    case .list(let list): .encoded(list.value.encoded(compressing))
    case .set(let set): .encoded(set.value.encoded(compressing))
    case .sortedSet(let set): .encoded(set.value.encoded(compressing))
    case .hash(let hash): .encoded(hash.value.encoded(compressing))
    case .stream(let stream): .encoded(stream.value.encoded(compressing))
    }
  }

  /// What loading a value leads to: what is small is packed, by these limits (`rdbLoadObject` in rdb.c).
  ///
  /// - Parameters:
  ///   - contents: what it holds, where that is known already.
  ///   - pieces: the same of what is kept in pieces as they are.
  init(_ value: RDB.Value, _ limits: PackingLimits, contents: Contents? = nil, pieces: [ValuePiece]? = nil) {
    guard case .encoded(let encoded) = value else {
      self = if case .string(let bytes) = value { .string(StringValue(Bytes(bytes))) } else { .none }
      return
    }
    self =
      switch encoded.type.kind {
      case .list: Quicklist(encoded, contents, pieces, limits).asValue
      case .set: SetValue(encoded, contents, pieces, limits).asValue
      case .sortedSet: SortedSet(encoded, contents, pieces, limits).asValue
      case .hash: HashValue(encoded, contents, pieces, limits).asValue
      case .stream:
        { StreamValue($0.stream, nodes: $0.pieces).asValue }(encoded.pieces)
      // No snapshot with a module's values is ever loaded.
      case .module, .string: .none
      }
  }

  /// What the value holds, for its digest.
  package var contents: Contents {
    switch self {
    case .string(let string): return .string(string.bytes.array)
    case .list(let list):
      var elements: [[UInt8]] = []
      list.value.forEach {
        elements.append($0.array)
        return true
      }
      return .list(elements)
    case .set(let set): return .set(set.value.members.map(\.array))
    case .sortedSet(let set):
      var members: [ScoredMember] = []
      set.value.forEach {
        members.append(ScoredMember($0.member.array, score: $0.score))
        return true
      }
      return .sortedSet(members)
    case .hash(let hash):
      var fields: [HashField] = []
      hash.value.forEach { fields.append(HashField($0.array, $1.array)) }
      return .hash(fields)
    case .stream(let stream):
      var contents = RDB.Stream()
      stream.value.forEach { id, fields in
        let pairs = stride(from: 0, to: fields.count - 1, by: 2).map {
          HashField(fields[$0].array, fields[$0 + 1].array)
        }
        contents.entries.append(.init(id: id, fields: pairs))
        return true
      }
      return .stream(contents)
    }
  }
}

extension Quicklist {
  fileprivate func encoded(_ compressing: Bool) -> EncodedValue {
    var encoder = ValueEncoder(.listQuicklist2, compresses: compressing)
    encoder.length(nodeCount)
    forEachNode { node in
      switch node {
      case .plain(let bytes):
        encoder.length(1)
        encoder.string(bytes.array)
      case .packed(let listpack, _):
        encoder.length(2)
        encoder.string(listpack.bytes)
      }
    }
    return encoder.value
  }

  fileprivate init(
    _ value: EncodedValue, _ contents: Contents?, _ pieces: [ValuePiece]?, _ limits: PackingLimits
  ) {
    self.init(fill: limits.listMaxListpackSize)
    if value.type == .list {
      value.forEachElement { push(Bytes($0), at: .tail) }
      return
    }
    for piece in pieces ?? value.pieces.pieces {
      switch piece {
      case .listpack(let bytes):
        let listpack = Listpack(approved: bytes)
        if !listpack.isEmpty { append(node: listpack) }
      case .plain(let bytes): append(plainNode: Bytes(bytes))
      case .elements(let elements):
        if !elements.isEmpty { append(node: Listpack(elements.lazy.map { Bytes($0) })) }
      case .intset, .streamNode: break
      }
    }
  }
}

extension SetValue {
  fileprivate func encoded(_ compressing: Bool) -> EncodedValue {
    switch storage {
    case .intset(let intset):
      var encoder = ValueEncoder(.setIntset, compresses: compressing)
      encoder.string(intset.bytes)
      return encoder.value
    case .hashtable(let table):
      var encoder = ValueEncoder(.set, compresses: compressing)
      encoder.length(table.count)
      table.forEach { encoder.string($0.key.array) }
      return encoder.value
    }
  }

  fileprivate init(
    _ value: EncodedValue, _ contents: Contents?, _ pieces: [ValuePiece]?, _ limits: PackingLimits
  ) {
    if value.type == .setIntset, case .intset(let bytes)? = (pieces ?? value.pieces.pieces).first {
      let intset = Intset(approved: bytes)
      self.init(.intset(intset))
      if intset.count > limits.setMaxIntsetEntries { convert() }
      return
    }
    self.init()
    // One that is going to be a table is one from the start.
    if let count = value.elementCount {
      if count > limits.setMaxIntsetEntries { convert(expecting: count) }
      value.forEachElement { insert(Bytes($0), limits) }
    } else if case .set(let members) = contents ?? value.contents {
      if members.count > limits.setMaxIntsetEntries { convert(expecting: members.count) }
      for member in members { insert(Bytes(member), limits) }
    }
  }
}

extension SortedSet {
  fileprivate func encoded(_ compressing: Bool) -> EncodedValue {
    switch storage {
    case .listpack(let listpack):
      var encoder = ValueEncoder(.sortedSetListpack, compresses: compressing)
      encoder.string(listpack.bytes)
      return encoder.value
    case .skiplist:
      var encoder = ValueEncoder(.sortedSet2, compresses: compressing)
      encoder.length(count)
      // From the greatest on, so that each that is loaded comes before all that are there.
      forEachReversed(from: count - 1) {
        encoder.string($0.member.array)
        encoder.score($0.score)
        return true
      }
      return encoder.value
    }
  }

  fileprivate init(
    _ value: EncodedValue, _ contents: Contents?, _ pieces: [ValuePiece]?, _ limits: PackingLimits
  ) {
    if value.type == .sortedSetListpack, case .listpack(let bytes)? = (pieces ?? value.pieces.pieces).first {
      self.init(.listpack(Listpack(approved: bytes)))
      if count > limits.zsetMaxListpackEntries { convert() }
      return
    }
    var entries: [Entry] = []
    if value.elementCount != nil {
      value.forEachMember { entries.append(Entry(Bytes($0), $1)) }
    } else if case .sortedSet(let members) = contents ?? value.contents {
      entries = members.map { Entry(Bytes($0.member), $0.score) }
    }
    if value.type == .sortedSetZiplist {
      // A ziplist becomes a listpack, however long its elements are.
      self.init(packing: entries)
      if count > limits.zsetMaxListpackEntries { convert() }
    } else {
      self.init(entries, limits, reserving: true)
    }
  }
}

extension HashValue {
  fileprivate func encoded(_ compressing: Bool) -> EncodedValue {
    switch storage {
    case .listpack(let listpack):
      var encoder = ValueEncoder(.hashListpack, compresses: compressing)
      encoder.string(listpack.bytes)
      return encoder.value
    case .hashtable(let table):
      var encoder = ValueEncoder(.hash, compresses: compressing)
      encoder.length(table.count)
      table.forEach {
        encoder.string($0.key.array)
        encoder.string($0.payload.array)
      }
      return encoder.value
    }
  }

  fileprivate init(
    _ value: EncodedValue, _ contents: Contents?, _ pieces: [ValuePiece]?, _ limits: PackingLimits
  ) {
    if value.type == .hashListpack, case .listpack(let bytes)? = (pieces ?? value.pieces.pieces).first {
      self.init(.listpack(Listpack(approved: bytes)))
      if count > limits.hashMaxListpackEntries { convert() }
      return
    }
    self.init()
    if let count = value.elementCount {
      if count > limits.hashMaxListpackEntries { convert(expecting: count) }
      var field: Bytes?
      value.forEachElement { element in
        if let name = field.take() { load(name, Bytes(element), limits) } else { field = Bytes(element) }
      }
      return
    }
    guard case .hash(let fields) = contents ?? value.contents else { return }
    switch value.type {
    case .hashZiplist, .hashZipmap:
      // These become a listpack; only one that was a zipmap may be too wide for it.
      let isWide =
        value.type == .hashZipmap
        && fields.contains { max($0.field.count, $0.value.count) > limits.hashMaxListpackValue }
      self.init(.listpack(Listpack(fields.lazy.flatMap { [Bytes($0.field), Bytes($0.value)] })))
      if isWide || fields.count > limits.hashMaxListpackEntries { convert() }
    default:
      if fields.count > limits.hashMaxListpackEntries { convert(expecting: fields.count) }
      for field in fields { load(Bytes(field.field), Bytes(field.value), limits) }
    }
  }
}

extension StreamValue {
  fileprivate func encoded(_ compressing: Bool) -> EncodedValue {
    var encoder = ValueEncoder(.stream2, compresses: compressing)
    func write(_ id: StreamID) {
      encoder.length(id.milliseconds)
      encoder.length(id.sequence)
    }
    encoder.length(nodeCount)
    forEachNode {
      encoder.string(ValueEncoder.key($0.master))
      encoder.string($0.bytes)
    }
    encoder.length(length)
    write(lastID)
    write(firstID)
    write(maxDeletedID)
    encoder.length(entriesAdded)
    encoder.length(groups.count)
    for group in groups {
      encoder.string(group.name.array)
      write(group.lastDelivered)
      encoder.length(UInt64(bitPattern: group.entriesRead))
      encoder.length(group.pending.count)
      group.pending.forEach {
        encoder.rawID($0.id)
        encoder.milliseconds($0.delivered)
        encoder.length($0.deliveries)
        return true
      }
      encoder.length(group.consumers.count)
      for consumer in group.consumers {
        encoder.string(consumer.name.array)
        encoder.milliseconds(consumer.seen)
        encoder.length(consumer.pending.count)
        consumer.pending.forEach {
          encoder.rawID($0.id)
          return true
        }
      }
    }
    return encoder.value
  }
}
