/// A value that is read part by part, each part once and for all: what comes in pieces is gone on with where it stopped,
/// so that a big value costs no more in small pieces than in one.
struct ValueInProgress: Equatable, Sendable {
  /// What is left to read of one kind of part, however many its count claims there are.
  struct Loop: Equatable, Sendable {
    let part: Part
    var remaining: UInt64
    /// The group of fields that ends with it.
    var group: Int?
  }

  let type: ValueType
  // Offsets in the snapshot. The record begins with what is said about the key.
  var start = 0
  var key = 0
  var value = 0
  // Groups of fields.
  var entryGroup = 0
  var valueGroup = 0
  /// What each field's expiry is counted from.
  var leastExpiry: UInt64 = 0
  /// The innermost last.
  var loops: [Loop] = []

  /// What is read at a time.
  enum Part: Sendable {
    case element, member, textScored, binaryScored, pair, expiringPair, valkeyPair
    case ziplistNode, quicklistNode
    case streamNode, streamTail, consumerGroup, groupPending, consumers, consumer, consumerPending
    case moduleValue

    /// What encloses the parts of a loop that ends a group.
    var groupName: Field.Name? {
      switch self {
      case .consumers: .consumerGroup
      case .consumerPending: .consumer
      default: nil
      }
    }
  }
}

extension Scan {
  /// Type, key and a value that is no string (`rdbLoadObject` in rdb.c).
  mutating func beginValue(_ type: ValueType, entryGroup: Int, _ bytes: Span<UInt8>) throws(Stop) -> Record {
    var progress = ValueInProgress(type: type)
    beginPieces(of: type)
    progress.start = checkpointOffset
    progress.entryGroup = entryGroup
    take(1, as: .type, .type(type))
    progress.key = offset
    _ = try string(.key, bytes)
    progress.valueGroup = begin(.value)
    progress.value = offset
    try head(of: &progress, bytes)
    value = progress
    checkpoint()
    return try goOnWithValue(bytes)
  }

  mutating func goOnWithValue(_ bytes: Span<UInt8>) throws(Stop) -> Record {
    try parts(bytes)
    // It is there: only now is it worth the while to look at the key again.
    guard let progress = value else { throw .short(needed: position) }
    end(progress.valueGroup)
    end(progress.entryGroup)
    var again = Scan(recordsFields: false)
    again.position = progress.key - base
    let key = try again.string(.key, bytes)
    let attributes = attributes
    self.attributes = KeyAttributes()
    value = nil
    return .entry(key: key, value: .encoded(progress.type, progress.value - base..<position), attributes)
  }

  /// A value by itself, all of it there.
  mutating func wholeValue(_ type: ValueType, _ bytes: Span<UInt8>) throws(Stop) {
    guard type != .modulePreGA else { throw .corrupt(.unreadableType(type.byte), at: position) }
    var progress = ValueInProgress(type: type)
    beginPieces(of: type)
    try head(of: &progress, bytes)
    value = progress
    try parts(bytes)
  }

  /// Everything after the head.
  private mutating func parts(_ bytes: Span<UInt8>) throws(Stop) {
    while let index = value?.loops.indices.last, let loop = value?.loops[index] {
      if loop.remaining == 0 {
        if let group = loop.group { end(group) }
        value?.loops.removeLast()
      } else {
        // A part adds loops, if any, once it is read: it can stop short before.
        let ends = try part(loop.part, bytes)
        value?.loops[index].remaining = ends ? 0 : loop.remaining - 1
      }
      checkpoint()
    }
  }

  private mutating func push(_ part: ValueInProgress.Part, _ count: UInt64, group: Int? = nil) {
    value?.loops.append(.init(part: part, remaining: count, group: group))
  }

  /// What comes before the parts; a value in one string is read whole (`rdbLoadObject` in rdb.c).
  private mutating func head(of progress: inout ValueInProgress, _ bytes: Span<UInt8>) throws(Stop) {
    func loop(_ part: ValueInProgress.Part, _ count: UInt64) -> ValueInProgress.Loop {
      .init(part: part, remaining: count)
    }
    switch progress.type {
    case .string: collect(try string(.data, bytes), bytes)
    case .list: progress.loops = [loop(.element, try length(.count, bytes))]
    case .set: progress.loops = [loop(.member, try length(.count, bytes))]
    case .sortedSet: progress.loops = [loop(.textScored, try length(.count, bytes))]
    case .sortedSet2: progress.loops = [loop(.binaryScored, try length(.count, bytes))]
    case .hash: progress.loops = [loop(.pair, try length(.count, bytes))]
    case .hashMetadataPreGA: progress.loops = [loop(.expiringPair, try length(.count, bytes))]
    case .hashMetadata:
      progress.leastExpiry = UInt64(bitPattern: try milliseconds(.leastExpiry, bytes))
      progress.loops = [loop(.expiringPair, try length(.count, bytes))]
    case .valkeyHash2: progress.loops = [loop(.valkeyPair, try length(.count, bytes))]
    case .listQuicklist: progress.loops = [loop(.ziplistNode, try length(.count, bytes))]
    case .listQuicklist2: progress.loops = [loop(.quicklistNode, try length(.count, bytes))]
    case .stream, .stream2, .stream3:
      progress.loops = [loop(.streamTail, 1), loop(.streamNode, try length(.count, bytes))]
    case .module2:
      let id = ModuleID(rawValue: try length(.moduleID, bytes))
      recorder.explain(.moduleID, .moduleID(id))
      collector?.module = id
      progress.loops = [loop(.moduleValue, .max)]
    case .modulePreGA: throw .corrupt(.unreadableType(progress.type.byte), at: position)
    case .hashZipmap: try blob(.zipmap, bytes)
    case .listZiplist: try blob(.ziplist(.elements), bytes)
    case .setIntset: try blob(.intset, bytes)
    case .sortedSetZiplist: try blob(.ziplist(.scored), bytes)
    case .hashZiplist: try blob(.ziplist(.pairs), bytes)
    case .hashListpack: try blob(.listpack(.pairs), bytes)
    case .sortedSetListpack: try blob(.listpack(.scored), bytes)
    case .setListpack: try blob(.listpack(.members), bytes)
    case .hashListpackExPreGA: try blob(.listpack(.expiring), bytes)
    case .hashListpackEx:
      _ = try milliseconds(.leastExpiry, bytes)
      try blob(.listpack(.expiring), bytes)
    }
  }

  /// One part; true if it is the last of its kind whatever its count (`rdbLoadObject` in rdb.c).
  private mutating func part(_ part: ValueInProgress.Part, _ bytes: Span<UInt8>) throws(Stop) -> Bool {
    switch part {
    case .element: collect(try string(.element, bytes), bytes)
    case .member: collect(try string(.member, bytes), bytes)
    case .textScored:
      let member = try string(.member, bytes)
      collect(member, score: try textScore(bytes), bytes)
    case .binaryScored:
      let member = try string(.member, bytes)
      collect(member, score: try binaryScore(bytes), bytes)
    case .pair: try pair(bytes)
    case .expiringPair:
      let expiry = try fieldExpiry(bytes)
      try pair(bytes)
      collector?.expiries.append(expiry)
    case .valkeyPair:
      try pair(bytes)
      let time = try milliseconds(.expiresAt, bytes)
      let expiry = time == -1 ? nil : time
      recorder.explain(.expiresAt, .expiry(expiry))
      collector?.expiries.append(expiry)
    case .ziplistNode: try ziplistNode(bytes)
    case .quicklistNode: try quicklistNode(bytes)
    case .streamNode: try streamNode(bytes)
    case .streamTail: push(.consumerGroup, try streamTail(bytes))
    case .consumerGroup:
      let (group, pending) = try consumerGroup(bytes)
      push(.consumers, 1, group: group)
      push(.groupPending, pending)
    case .groupPending: try groupPending(bytes)
    case .consumers: push(.consumer, try length(.consumers, bytes))
    case .consumer:
      let (group, pending) = try consumer(bytes)
      push(.consumerPending, pending, group: group)
    case .consumerPending: try consumerPending(bytes)
    case .moduleValue: return try moduleValue(bytes)
    }
    return false
  }

  /// 0 says that there is none. Else it is the time itself or, since 7.4 was released, that less the least one of the
  /// hash, and one more.
  private mutating func fieldExpiry(_ bytes: Span<UInt8>) throws(Stop) -> Int64? {
    let isDelta = value?.type == .hashMetadata
    let name: Field.Name = isDelta ? .expiryDelta : .expiresAt
    let number = try length(name, bytes)
    let least = value?.leastExpiry ?? 0
    let time = Int64(bitPattern: isDelta ? number &+ least &- 1 : number)
    let expiry = number == 0 ? nil : time
    recorder.explain(name, .expiry(expiry))
    return expiry
  }

  private mutating func pair(_ bytes: Span<UInt8>) throws(Stop) {
    let field = try string(.field, bytes)
    let value = try string(.value, bytes)
    collect(field, bytes)
    collect(value, bytes)
  }

  /// One byte that says infinity or none, or how long the text is that follows (`rdbLoadDoubleValue` in rdb.c).
  mutating func textScore(_ bytes: Span<UInt8>) throws(Stop) -> Double {
    try require(1, bytes)
    let first = bytes[position]
    guard first < 253 else {
      guard first > 253 else { throw .corrupt(.malformed(.notANumber), at: position) }
      let score: Double = first == 254 ? .infinity : -.infinity
      take(1, as: .score, .double(bits: score.bitPattern))
      return score
    }
    let group = begin(.score)
    let count = Int(first)
    take(1, as: .length, .length(UInt64(first), .special))
    try require(count, bytes)
    guard let score = Double(leading: copy(bytes, position..<position + count)), !score.isNaN else {
      throw .corrupt(.malformed(.notANumber), at: position)
    }
    take(count, as: .data, .double(bits: score.bitPattern))
    end(group)
    return score
  }

  /// A number as the machine keeps it (`rdbLoadBinaryDoubleValue` in rdb.c).
  mutating func binaryScore(_ bytes: Span<UInt8>) throws(Stop) -> Double {
    try require(8, bytes)
    let score = Double(bitPattern: littleEndian(bytes, count: 8))
    guard !score.isNaN else { throw .corrupt(.malformed(.notANumber), at: position) }
    take(8, as: .score, .double(bits: score.bitPattern))
    return score
  }

  /// Eight bytes of time (`rdbLoadMillisecondTime` in rdb.c).
  mutating func milliseconds(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> Int64 {
    try require(8, bytes)
    let time = Int64(bitPattern: littleEndian(bytes, count: 8))
    take(8, as: name, .milliseconds(time))
    return time
  }

  @inline(__always)
  mutating func collect(_ string: StringForm, _ bytes: Span<UInt8>) {
    if collector != nil { collector?.strings.append(string.string(in: bytes)) }
  }

  private mutating func collect(_ member: StringForm, score: Double, _ bytes: Span<UInt8>) {
    collect(member, bytes)
    collector?.scores.append(score)
  }
}
