/// A layout in which a whole value, or a node of one, stands in one string of the snapshot, as it stood in memory.
package enum Layout: Hashable, Sendable {
  case listpack(Role)
  case ziplist(Role)
  case zipmap
  case intset
  case streamNode(StreamID)

  /// What the elements of a list are to the value.
  package enum Role: Sendable {
    case elements, members, pairs, scored, expiring

    func name(_ index: Int) -> Field.Name {
      switch self {
      case .elements: .element
      case .members: .member
      case .pairs: index % 2 == 0 ? .field : .value
      case .scored: index % 2 == 0 ? .member : .score
      case .expiring: [.field, .value, .expiresAt][index % 3]
      }
    }

    /// How many elements make one of the value's.
    var stride: Int {
      switch self {
      case .elements, .members: 1
      case .pairs, .scored: 2
      case .expiring: 3
      }
    }
  }

  /// What Redis complains about if the bytes make no sense.
  var malformation: Malformation {
    switch self {
    case .listpack(.elements): .listpack
    case .listpack(.members): .setListpack
    case .listpack(.pairs): .hashListpack
    case .listpack(.scored): .sortedSetListpack
    case .listpack(.expiring): .hashListpackEx
    case .ziplist(.pairs): .hashZiplist
    case .ziplist(.scored): .sortedSetZiplist
    case .ziplist: .ziplist
    case .zipmap: .zipmap
    case .intset: .intset
    case .streamNode: .streamListpack
    }
  }
}

/// Where the bytes of a blob make no sense.
struct Broken: Error {
  var at: Int
}

extension Scan {
  /// A string that is a value in one of the layouts.
  ///
  /// Its bytes have names of their own where they are as they were in memory. A compressed one is looked at all the same,
  /// but its field only says how to name what it unfolds to (`Unfolded`), since that has addresses of its own.
  mutating func blob(_ layout: Layout, _ bytes: Span<UInt8>) throws(Stop) {
    try require(1, bytes)
    if pieceHandling == .kept {
      let unfolded = try string(.data, bytes).string(in: bytes)
      return keep(.init(layout, unfolded))
    }
    guard bytes[position] >= 0xc0 else { return try plainBlob(layout, bytes) }
    let start = position
    let form = try specialString(bytes)
    if case .compressed = form { recorder.explain(.compressedData, .compressed(layout)) }
    let unfolded = form.string(in: bytes)
    var inner = Scan(recordsFields: false)
    swap(&inner.collector, &collector)
    do throws(Broken) {
      try inner.read(layout, unfolded.span)
    } catch {
      throw .corrupt(.malformed(malformation(of: layout)), at: start)
    }
    swap(&inner.collector, &collector)
    keep(.init(layout, unfolded))
  }

  private mutating func plainBlob(_ layout: Layout, _ bytes: Span<UInt8>) throws(Stop) {
    let count = try byteCount(.length, bytes)
    try require(count, bytes)
    let range = position..<position + count
    do throws(Broken) {
      // The blob's end is the end of all that can be read within it.
      try read(layout, bytes.extracting(0..<range.upperBound))
    } catch {
      throw .corrupt(.malformed(malformation(of: layout)), at: error.at)
    }
    keep(.init(layout, copy(bytes, range)))
  }

  /// A list in one ziplist has words of its own, other than one in many.
  private func malformation(of layout: Layout) -> Malformation {
    value?.type == .listZiplist ? .listZiplist : layout.malformation
  }

  mutating func read(_ layout: Layout, _ bytes: Span<UInt8>) throws(Broken) {
    switch layout {
    case .listpack(let role): try listpack(role, bytes)
    case .ziplist(let role): try ziplist(role, bytes)
    case .zipmap: try zipmap(bytes)
    case .intset: try intset(bytes)
    case .streamNode(let master): try streamListpack(master, bytes)
    }
    if position != bytes.count { throw Broken(at: position) }
  }

  @inline(__always)
  func need(_ count: Int, _ bytes: Span<UInt8>) throws(Broken) {
    if count > bytes.count - position { throw Broken(at: position) }
  }

  /// An unsigned number, the low byte first.
  mutating func number(_ name: Field.Name, _ bytes: Span<UInt8>, count: Int) throws(Broken) -> Int {
    try need(count, bytes)
    let number = Int(littleEndian(bytes, count: count))
    take(count, as: name, .integer(Int64(number)))
    return number
  }

  /// Bytes that are themselves.
  mutating func data(_ bytes: Span<UInt8>, count: Int) throws(Broken) -> StringForm {
    try need(count, bytes)
    let range = position..<position + count
    if count > 0 { take(count, as: .data, .bytes) }
    return .raw(range)
  }

  /// A signed number of so many bytes, the low one first.
  mutating func signed(_ name: Field.Name, _ bytes: Span<UInt8>, count: Int) throws(Broken) -> Int64 {
    try need(count, bytes)
    let shift = UInt64(64 - 8 * count)
    let number = Int64(bitPattern: littleEndian(bytes, count: count) << shift) >> Int64(shift)
    take(count, as: name, .integer(number))
    return number
  }

  /// Hands an element of a list to whoever collects the value.
  mutating func collect(
    _ form: StringForm, _ role: Layout.Role, _ index: Int, _ bytes: Span<UInt8>
  ) throws(Broken) {
    switch (role, index % role.stride) {
    case (.scored, 1):
      // Whoever asks for it later takes what the text begins with, or 0 (`zzlStrtod` in t_zset.c).
      let score: Double
      switch form {
      case .integer(let integer): score = Double(integer)
      case .raw(let range), .compressed(let range, _): score = Double(leading: copy(bytes, range)) ?? 0
      }
      guard !score.isNaN else { throw Broken(at: position) }
      collector?.scores.append(score)
    case (.expiring, 2):
      guard case .integer(let time) = form else { throw Broken(at: position) }
      let expiry = time == 0 ? nil : time
      recorder.explain(.expiresAt, .expiry(expiry))
      collector?.expiries.append(expiry)
    default: collect(form, bytes)
    }
  }
}
