/// The value of a key as a snapshot holds it: a string by itself, anything else in the bytes it was written in.
package enum Value: Hashable, Sendable {
  case string([UInt8])
  case encoded(EncodedValue)

  /// The layout in which it stands, or in which Redis 7.0 writes it.
  package var type: ValueType {
    switch self {
    case .string: .string
    case .encoded(let value): value.type
    }
  }

  /// What the value holds, whatever its layout. It is read anew at each call.
  package var contents: Contents {
    switch self {
    case .string(let bytes): .string(bytes)
    case .encoded(let value): value.contents
    }
  }
}

/// A value in one of the layouts of a snapshot: how a server that does not look into it keeps it and passes it on.
///
/// Invariant: a scan has approved of the bytes.
package struct EncodedValue: Hashable, Sendable {
  package let type: ValueType
  /// What follows the key: neither the type nor the key is in it.
  package let bytes: [UInt8]

  /// Bytes that a scan has approved of, or that `ValueEncoder` wrote.
  package init(_ type: ValueType, approved bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  /// - Throws: what is wrong with the bytes; offsets count from the first of them.
  package init(_ type: ValueType, _ bytes: [UInt8]) throws(RDBError) {
    var scan = Scan(recordsFields: false)
    do throws(Stop) {
      try scan.wholeValue(type, bytes.span)
      if scan.position < bytes.count { throw .corrupt(.malformed(.trailing), at: scan.position) }
    } catch {
      switch error {
      case .short: throw RDBError(.unexpectedEnd, offset: bytes.count)
      case .corrupt(let reason, let index): throw RDBError(reason, offset: index)
      }
    }
    self.init(type, approved: bytes)
  }

  /// Whether it is a collection without elements; a stream may be one.
  package var isEmpty: Bool { type.kind != .stream && contents.count == 0 }

  package var contents: Contents { collected.contents(of: type) }

  var collected: Collector {
    var scan = Scan(recordsFields: false)
    scan.collector = Collector()
    // The bytes are approved of: nothing is thrown.
    try? scan.wholeValue(type, bytes.span)
    return scan.collector ?? Collector()
  }

  /// How many elements it says that it has; nil if it is in pieces of memory. A hash's field and its value count as one.
  package var elementCount: Int? {
    guard type.isElementByElement else { return nil }
    var scan = Scan(recordsFields: false)
    return (try? scan.length(.count, bytes.span)).map { Int(clamping: $0) }
  }

  /// The elements of a list or a set, or a hash's fields and values in turn, where they are: what is not compressed is not
  /// copied. None if the value is in pieces of memory, or a sorted set.
  package func forEachElement(_ body: (Span<UInt8>) -> Void) {
    let bytes = bytes.span
    var scan = Scan(recordsFields: false)
    guard type.isElementByElement, type.kind != .sortedSet, let count = try? scan.length(.count, bytes) else { return }
    for _ in 0..<(type == .hash ? 2 * count : count) {
      guard let form = try? scan.string(.element, bytes) else { return }
      form.withSpan(in: bytes, body)
    }
  }

  /// The same of a sorted set, with the scores.
  package func forEachMember(_ body: (Span<UInt8>, Double) -> Void) {
    let bytes = bytes.span
    var scan = Scan(recordsFields: false)
    guard type == .sortedSet || type == .sortedSet2, let count = try? scan.length(.count, bytes) else { return }
    for _ in 0..<count {
      guard let form = try? scan.string(.member, bytes),
        let score = try? type == .sortedSet ? scan.textScore(bytes) : scan.binaryScore(bytes)
      else { return }
      form.withSpan(in: bytes) { body($0, score) }
    }
  }

  /// The value in the pieces in which a server keeps it: those of a layout of Redis 7.0 are not looked into.
  package var pieces: (pieces: [ValuePiece], stream: Stream) {
    var scan = Scan(recordsFields: false, pieces: .kept)
    if type.kind == .stream { scan.collector = Collector() }
    try? scan.wholeValue(type, bytes.span)
    return (scan.takePieces() ?? [], scan.collector?.stream ?? Stream())
  }
}

/// What a server keeps as one piece of memory.
package enum ValuePiece: Hashable, Sendable {
  case listpack([UInt8])
  case intset([UInt8])
  /// An element by itself, in a list.
  case plain([UInt8])
  /// The elements of a ziplist.
  case elements([[UInt8]])
  /// A node of a stream: the id by which it is found, and its listpack.
  case streamNode(StreamID, [UInt8])

  /// Of bytes that were approved of.
  init(_ layout: Layout, _ bytes: [UInt8]) {
    switch layout {
    case .listpack: self = .listpack(bytes)
    case .intset: self = .intset(bytes)
    case .streamNode(let id): self = .streamNode(id, bytes)
    case .ziplist, .zipmap:
      var scan = Scan(recordsFields: false)
      scan.collector = Collector()
      try? scan.read(layout, bytes.span)
      self = .elements(scan.collector?.strings ?? [])
    }
  }
}

/// What stands before a key, and stays true until the next key, whatever stands between.
package struct KeyAttributes: Hashable, Sendable {
  /// When the key expires, in milliseconds since 1970; nil if never.
  package var expiry: Int64?
  /// Seconds since the key was used, where the writer ran under an LRU policy.
  package var idle: UInt64?
  /// The logarithmic use counter, where the writer ran under an LFU policy.
  package var frequency: UInt8?

  package init(expiry: Int64? = nil, idle: UInt64? = nil, frequency: UInt8? = nil) {
    self.expiry = expiry
    self.idle = idle
    self.frequency = frequency
  }
}

/// A key with its value and all that the snapshot says about it.
package struct Entry: Hashable, Sendable {
  package var key: [UInt8]
  package var value: Value
  package var attributes: KeyAttributes
  /// The pieces of the value, where the reader was asked to keep them and the layout is one of them.
  package var pieces: [ValuePiece]?

  package init(
    key: [UInt8], value: Value, attributes: KeyAttributes = KeyAttributes(), pieces: [ValuePiece]? = nil
  ) {
    self.key = key
    self.value = value
    self.attributes = attributes
    self.pieces = pieces
  }
}
