/// Elements one behind the other in one piece of memory, each readable from both ends: how Redis keeps what is small, and
/// the pieces of what is great (listpack.c). A snapshot holds the bytes as they are here; how an element is encoded is
/// drawn in `RDB/Values/Listpack.swift`.
///
/// Invariant: the bytes are a listpack in good order. What comes from strangers is looked at by `RDB` first.
package struct Listpack: Equatable, Sendable {
  /// All of it, with the header and the mark at the end.
  package private(set) var bytes: [UInt8]

  /// What the header can't count is counted by walking.
  private static let unknownCount = 65535
  private static let headerSize = 6
  private static let end: UInt8 = 0xff

  package init() { bytes = [7, 0, 0, 0, 0, 0, Listpack.end] }

  /// Bytes that a scan has approved of.
  package init(approved bytes: [UInt8]) { self.bytes = bytes }

  package init(_ elements: some Sequence<Bytes>) {
    self.init()
    for element in elements { append(element) }
  }

  /// How many elements there are (`lpLength`).
  package var count: Int {
    let count = Int(bytes[4]) | Int(bytes[5]) << 8
    guard count == Listpack.unknownCount else { return count }
    var walked = 0
    var position = first
    while let here = position {
      walked += 1
      position = after(here)
    }
    return walked
  }

  package var isEmpty: Bool { bytes[Listpack.headerSize] == Listpack.end }
  package var byteCount: Int { bytes.count }

  /// Whether so many more bytes fit in what a listpack may be, which is 1 GB (`lpSafeToAdd`).
  package func isSafe(toAdd count: Int) -> Bool { count <= 1 << 30 - bytes.count }

  // MARK: Positions

  /// Where an element begins.
  package typealias Position = Int

  package var first: Position? { isEmpty ? nil : Listpack.headerSize }
  package var last: Position? { before(bytes.count - 1) }

  /// The next element (`lpNext`).
  package func after(_ position: Position) -> Position? {
    let next = end(of: position)
    return bytes[next] == Listpack.end ? nil : next
  }

  /// The element before, or before the end (`lpPrev`).
  package func before(_ position: Position) -> Position? {
    guard position > Listpack.headerSize else { return nil }
    // Seven bits a byte, read backwards: the last to come has its eighth bit clear.
    var index = position - 1
    var length = 0
    var shift = 0
    while true {
      length |= Int(bytes[index] & 0x7f) << shift
      if bytes[index] & 0x80 == 0 || shift >= 28 { break }
      shift += 7
      index -= 1
    }
    return index - length
  }

  /// The element of that index, counted from the end if it is negative (`lpSeek`).
  package func position(at index: Int) -> Position? {
    let count = count
    let index = index < 0 ? index + count : index
    guard index >= 0, index < count else { return nil }
    if index <= count / 2 {
      var position = Listpack.headerSize
      for _ in 0..<index { position = end(of: position) }
      return position
    }
    var position = bytes.count - 1
    for _ in 0..<count - index { position = before(position) ?? Listpack.headerSize }
    return position
  }

  /// Where the element's own bytes end: its encoding and its data (`lpCurrentEncodedSizeUnsafe`).
  private func dataEnd(of position: Position) -> Int {
    let first = bytes[position]
    switch first {
    case ..<0x80: return position + 1
    case ..<0xc0: return position + 1 + Int(first & 0x3f)
    case ..<0xe0: return position + 2
    case ..<0xf0: return position + 2 + (Int(first & 0x0f) << 8 | Int(bytes[position + 1]))
    case 0xf0: return position + 5 + wideLength(at: position)
    case 0xf1: return position + 3
    case 0xf2: return position + 4
    case 0xf3: return position + 5
    default: return position + 9
    }
  }

  /// Where the next element begins, or the mark at the end stands.
  private func end(of position: Position) -> Int {
    let end = dataEnd(of: position)
    return end + Listpack.backLengthSize(end - position)
  }

  private func wideLength(at position: Position) -> Int {
    Int(bytes[position + 1]) | Int(bytes[position + 2]) << 8 | Int(bytes[position + 3]) << 16
      | Int(bytes[position + 4]) << 24
  }

  // MARK: Reading

  package enum Element: Equatable, Sendable {
    case integer(Int64)
    /// Where its bytes are.
    case string(Range<Int>)
  }

  /// How the element is kept (`lpGet`).
  package subscript(position: Position) -> Element {
    let first = bytes[position]
    switch first {
    case ..<0x80: return .integer(Int64(first))
    case ..<0xc0: return .string(position + 1..<dataEnd(of: position))
    case ..<0xe0:
      let unsigned = Int64(first & 0x1f) << 8 | Int64(bytes[position + 1])
      return .integer(unsigned < 1 << 12 ? unsigned : unsigned - 1 << 13)
    case ..<0xf0: return .string(position + 2..<dataEnd(of: position))
    case 0xf0: return .string(position + 5..<dataEnd(of: position))
    default:
      let size = dataEnd(of: position) - position - 1
      var pattern: UInt64 = 0
      for index in 0..<size { pattern |= UInt64(bytes[position + 1 + index]) << UInt64(8 * index) }
      let shift = Int64(64 - 8 * size)
      return .integer(Int64(bitPattern: pattern << UInt64(shift)) >> shift)
    }
  }

  /// The element as the string that it is (`lpGetValue`).
  package func string(at position: Position) -> Bytes {
    switch self[position] {
    case .integer(let number): Bytes(number)
    case .string(let range): Bytes(bytes[range])
    }
  }

  /// The element as a number, if it is kept as one or reads as one (`lpGetIntegerValue`).
  package func integer(at position: Position) -> Int64? {
    switch self[position] {
    case .integer(let number): number
    case .string(let range): Integer.parse(Bytes(bytes[range]))
    }
  }

  /// Whether the element is that string; `number` is what it reads as (`lpCompare`).
  package func matches(_ position: Position, _ string: Bytes, _ number: Int64?) -> Bool {
    switch self[position] {
    case .integer(let own): return own == number
    case .string(let range):
      guard range.count == string.count else { return false }
      return string.withSpan { bytes.span.extracting(range).isEqual(to: $0) }
    }
  }

  /// The first element from there on that is that string, looking at one and skipping so many (`lpFind`).
  package func find(_ string: Bytes, from start: Position?, skipping skipped: Int = 0) -> Position? {
    let number = Listpack.number(of: string)
    var position = start
    while let here = position {
      if matches(here, string, number) { return here }
      position = after(here)
      for _ in 0..<skipped { position = position.flatMap { after($0) } }
    }
    return nil
  }

  /// All elements as strings.
  package var strings: [Bytes] {
    var all: [Bytes] = []
    all.reserveCapacity(count)
    var position = first
    while let here = position {
      all.append(string(at: here))
      position = after(here)
    }
    return all
  }

  // MARK: Changing

  package mutating func append(_ string: Bytes) { insert(string, at: bytes.count - 1) }
  package mutating func append(_ number: Int64) { insert(Encoding(number), at: bytes.count - 1) }
  package mutating func prepend(_ string: Bytes) { insert(string, at: Listpack.headerSize) }

  /// Puts an element before the one at that position, or at the end (`lpInsertString`).
  package mutating func insert(_ string: Bytes, at position: Position) { insert(Encoding(string), at: position) }

  private mutating func insert(_ encoding: Encoding, at position: Position) {
    write(encoding, over: position..<position)
    changed(countBy: 1)
  }

  /// Removes so many elements from there on (`lpDelete`, `lpDeleteRangeWithEntry`). What followed is at the same position.
  package mutating func remove(at position: Position, count: Int = 1) {
    var next = position
    var removed = 0
    while removed < count, bytes[next] != Listpack.end {
      next = end(of: next)
      removed += 1
    }
    bytes.removeSubrange(position..<next)
    changed(countBy: -removed)
  }

  /// Puts another element in the place of one (`lpReplace`).
  package mutating func replace(at position: Position, with string: Bytes) {
    replace(at: position, with: Encoding(string))
  }

  /// Puts a number in the place of one (`lpReplaceInteger`).
  package mutating func replace(at position: Position, with number: Int64) {
    replace(at: position, with: Encoding(number))
  }

  private mutating func replace(at position: Position, with encoding: Encoding) {
    write(encoding, over: position..<end(of: position))
    changed(countBy: 0)
  }

  /// Adds what another one holds at the end (`lpMerge`).
  package mutating func append(contentsOf other: Listpack) {
    let added = other.count
    bytes.removeLast()
    bytes += other.bytes[Listpack.headerSize...]
    changed(countBy: added)
  }

  /// Writes the header again (`lpSetTotalBytes`, `lpSetNumElements`).
  private mutating func changed(countBy change: Int) {
    let total = bytes.count
    var header = bytes.mutableSpan
    for index in 0..<4 { header[index] = UInt8(truncatingIfNeeded: total >> (8 * index)) }
    let old = Int(header[4]) | Int(header[5]) << 8
    guard old != Listpack.unknownCount, change != 0 else { return }
    let new = min(max(old + change, 0), Listpack.unknownCount)
    header[4] = UInt8(new & 0xff)
    header[5] = UInt8(new >> 8)
  }

  // MARK: Encoding

  /// What a string is kept as, if as a number: one that has 64 bits and no other text (`lpStringToInt64`).
  package static func number(of string: Bytes) -> Int64? { string.count > 20 ? nil : Integer.parse(string) }

  /// How an element is written: a head that says what it is, the bytes of a string, and how long that is, to be read from the
  /// end (`lpEncodeGetType`, `lpEncodeString`, `lpEncodeBacklen`).
  private struct Encoding {
    /// Up to 9 bytes.
    private(set) var head = InlineArray<9, UInt8>(repeating: 0)
    private(set) var headCount = 0
    let string: Bytes
    var count: Int { headCount + string.count }

    init(_ string: Bytes) {
      if let number = Listpack.number(of: string) {
        self = Encoding(number)
        return
      }
      self.string = string
      switch string.count {
      case ..<64: add(0x80 | UInt8(string.count))
      case ..<4096:
        add(0xe0 | UInt8(string.count >> 8))
        add(UInt8(string.count & 0xff))
      default:
        add(0xf0)
        add(Int64(string.count), bytes: 4)
      }
    }

    /// In as few bytes as there are for it (`lpEncodeIntegerGetType`).
    init(_ number: Int64) {
      string = Bytes()
      switch number {
      case 0...127: add(UInt8(number))
      case -4096...4095:
        add(0xc0 | UInt8(truncatingIfNeeded: number >> 8 & 0x1f))
        add(UInt8(truncatingIfNeeded: number))
      case -32768...32767: add(0xf1, number, bytes: 2)
      case -8_388_608...8_388_607: add(0xf2, number, bytes: 3)
      case Int64(Int32.min)...Int64(Int32.max): add(0xf3, number, bytes: 4)
      default: add(0xf4, number, bytes: 8)
      }
    }

    private mutating func add(_ byte: UInt8) {
      head[headCount] = byte
      headCount += 1
    }

    private mutating func add(_ number: Int64, bytes count: Int) {
      for index in 0..<count { add(UInt8(truncatingIfNeeded: number >> Int64(8 * index))) }
    }

    private mutating func add(_ mark: UInt8, _ number: Int64, bytes count: Int) {
      add(mark)
      add(number, bytes: count)
    }
  }

  /// Adds so many bytes. Memory is taken in powers of two, which are the sizes of a list's full nodes.
  private mutating func grow(by growth: Int) {
    let needed = bytes.count + growth
    if needed > bytes.capacity { bytes.reserveCapacity(1 << (Int.bitWidth - (needed - 1).leadingZeroBitCount)) }
    bytes.append(contentsOf: repeatElement(0, count: growth))
  }

  private static func backLengthSize(_ length: Int) -> Int {
    length < 128 ? 1 : length < 16383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5
  }

  /// Writes an element in the place of what is there.
  private mutating func write(_ encoding: Encoding, over old: Range<Int>) {
    precondition(old.lowerBound >= 0 && old.upperBound <= bytes.count)
    let length = encoding.count
    let backLengthSize = Self.backLengthSize(length)
    let growth = length + backLengthSize - old.count
    let rest = old.upperBound..<bytes.count
    if growth > 0 { grow(by: growth) }
    // There is room for all of it: what follows is moved to where it will end, and the element takes what is before that.
    unsafe bytes.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      if growth != 0 {
        unsafe (start + rest.lowerBound + growth).copyMemory(from: start + rest.lowerBound, byteCount: rest.count)
      }
      var position = old.lowerBound
      for index in 0..<encoding.headCount { unsafe bytes[position + index] = encoding.head[index] }
      position += encoding.headCount
      encoding.string.withSpan { string in
        unsafe string.withUnsafeBytes { string in
          if let from = string.baseAddress { unsafe (start + position).copyMemory(from: from, byteCount: string.count) }
        }
      }
      position += encoding.string.count
      for index in 0..<backLengthSize {
        let bits = UInt8(truncatingIfNeeded: length >> (7 * (backLengthSize - 1 - index)) & 0x7f)
        unsafe bytes[position + index] = index == 0 ? bits : bits | 0x80
      }
    }
    if growth < 0 { bytes.removeLast(-growth) }
  }
}
