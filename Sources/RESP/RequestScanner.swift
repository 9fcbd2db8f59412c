/// Finds commands in a span without copying: what a server does with a client's bytes, resumable at any byte
/// (`processInlineBuffer`, `processMultibulkBuffer` in networking.c).
///
///     *2 CRLF  $3 CRLF  GET CRLF  $3 CRLF  key CRLF          an array of bulk strings …
///     GET key CRLF  or  GET key LF                           … or, if it does not begin with *, a line
///
/// Limits, order of checks and errors are those of Redis 7.0, oddities included: a line is judged only once it is complete, the
/// byte after a CR is not looked at, nor are the two after a bulk string, and a zero byte hides the end of a line. Where
/// Redis's verdict on a line of over 64 KB depends on how its reads happened to fall, the verdict here is that of the
/// smallest reads.
package struct RequestScanner: Equatable, Sendable {
  /// What Redis limits, and for whom.
  package struct Limits: Equatable, Sendable {
    /// `proto-max-bulk-len`, in bytes. A master may send longer ones.
    package var maxBulkLength = 512 * 1024 * 1024
    /// A client that has to AUTH first gets at most 10 arguments of 16,384 bytes.
    package var isAuthenticated = true
    /// The peer is this node's master, which never sends commands as lines.
    package var isMaster = false

    package init(maxBulkLength: Int = 512 * 1024 * 1024, isAuthenticated: Bool = true, isMaster: Bool = false) {
      self.maxBulkLength = maxBulkLength
      self.isAuthenticated = isAuthenticated
      self.isMaster = isMaster
    }
  }

  /// PROTO_INLINE_MAX_SIZE: bytes in which an inline command or a length must find its end.
  package static let maxLineLength = 64 * 1024

  /// Takes effect with the next line, so an AUTH can free the command behind it in the same packet.
  package var limits: Limits

  /// The arguments of the command that `next` found, counted from the command's first byte; for a line, none.
  package var arguments: ArraySlice<Range<Int>> { slots[..<argumentCount] }
  /// One of `arguments`, without sharing the rest.
  package func argument(_ index: Int) -> Range<Int> { slots[index] }
  /// The arguments of the command that `next` found if it was a line, else nil.
  package private(set) var inlineArguments: [[UInt8]]?
  /// How long an unfinished command must get, at least, before looking again can tell more.
  package private(set) var wanted = 1

  /// The arguments, and room for more: emptied and filled again for every command, so it is not given up each time.
  private var slots: [Range<Int>] = []
  /// How many arguments the command that `next` found has.
  package private(set) var argumentCount = 0

  // The command in work, all counted from its first byte.
  /// Bytes behind which nothing has to be looked at again.
  private var scanned = 0
  /// How far the end of the line at `scanned` has been looked for in vain.
  private var searched = 0
  /// Bulk strings still to come; nil before the count is known.
  private var remaining: Int?
  /// Length of the bulk string at `scanned`; nil before it is known.
  private var bulkLength: Int?

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// How far the command in work is known.
  package var scannedByteCount: Int { scanned }

  /// Which of its arguments are.
  package var foundArguments: (bytes: Int, count: Int) {
    guard remaining != nil else { return (0, 0) }
    return (slots[..<argumentCount].reduce(0) { $0 + $1.count }, argumentCount)
  }

  /// Looks for the command that starts at `position`. If it is complete, moves `position` past it and returns true;
  /// else returns false, and must be called again with the same bytes, from the same command's first byte on, and more.
  package mutating func next(in input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Bool {
    let start = position
    guard start + scanned < input.count else { return false }
    if remaining == nil {
      argumentCount = 0
      if slots.count > 1024 { slots = [] }
      if inlineArguments != nil { inlineArguments = nil }
      guard input[start] == UInt8(ascii: "*") else { return try nextLine(in: input, at: &position) }
    }
    guard try scanArray(in: input, from: start) else { return false }
    position = start + scanned
    reset()
    return true
  }

  private mutating func reset() {
    scanned = 0
    searched = 0
    remaining = nil
    bulkLength = nil
    wanted = 1
  }

  // MARK: Arrays of bulk strings

  private mutating func scanArray(in input: Span<UInt8>, from start: Int) throws(ProtocolError) -> Bool {
    var cursor = start + scanned
    var left: Int
    if let remaining {
      left = remaining
    } else {
      guard let count = try arrayLength(in: input, &cursor, start) else { return false }
      left = max(count, 0)
      remaining = left
    }
    var length = bulkLength
    while left > 0 {
      if length == nil {
        left = scanPlain(left, in: input, &cursor, start)
        if left == 0 { break }
        guard let number = try bulkLength(in: input, &cursor, start) else {
          suspend(left, nil, at: cursor - start, wanting: input.count - start + 1)
          return false
        }
        length = number
      }
      let size = length ?? 0
      // The CRLF behind the string is counted, not checked.
      guard input.count - cursor >= 2, input.count - cursor - 2 >= size else {
        suspend(left, size, at: cursor - start, wanting: (cursor - start) +| size +| 2)
        return false
      }
      if argumentCount == slots.count { makeRoom() }
      slots[argumentCount] = cursor - start..<cursor - start + size
      argumentCount += 1
      cursor += size + 2
      length = nil
      left -= 1
    }
    scanned = cursor - start
    return true
  }

  private mutating func makeRoom() {
    slots.append(contentsOf: repeatElement(0..<0, count: max(8, slots.count)))
  }

  /// Takes bulk strings as long as they are all there and their lengths are written in one or two digits or another plain
  /// way; returns how many are left. This loop is where the time goes.
  @inline(__always)
  private mutating func scanPlain(_ left: Int, in input: Span<UInt8>, _ cursor: inout Int, _ start: Int) -> Int {
    let limit = limits.isMaster ? Int.max - 2 : limits.maxBulkLength
    let longest = limits.isAuthenticated ? limit : min(limit, 16_384)
    var left = left
    while true {
      if argumentCount == slots.count { makeRoom() }
      let end = min(slots.count, argumentCount + left)
      let first = argumentCount
      var index = first
      var room = slots.mutableSpan
      while index < end {
        guard cursor + 4 <= input.count, input[cursor] == UInt8(ascii: "$") else { break }
        var data = cursor
        guard let size = Self.plainNumber(in: input, &data), size <= longest else { break }
        guard input.count - data >= 2, input.count - data - 2 >= size else { break }
        room[index] = data - start..<data - start + size
        index += 1
        cursor = data + size + 2
      }
      left -= index - first
      argumentCount = index
      if left == 0 || index < end { return left }
    }
  }

  private mutating func suspend(_ left: Int, _ length: Int?, at offset: Int, wanting: Int) {
    remaining = left
    bulkLength = length
    if offset != scanned {
      scanned = offset
      searched = max(searched, offset)
    }
    wanted = wanting
  }

  @inline(__always)
  private mutating func arrayLength(
    in input: Span<UInt8>, _ cursor: inout Int, _ start: Int
  ) throws(ProtocolError) -> Int? {
    let line = cursor
    var length: Int
    if let plain = Self.plainNumber(in: input, &cursor) {
      length = plain
    } else {
      guard let end = try lineEnd(in: input, line, start, orThrow: .tooBigMultibulkCount) else { return nil }
      guard let number = Number.integer(input.extracting(line + 1..<end)) else {
        throw ProtocolError(.invalidMultibulkLength, offset: line)
      }
      length = Int(number)
      cursor = end + 2
    }
    if length > Int(Int32.max) { throw ProtocolError(.invalidMultibulkLength, offset: line) }
    if length > 10, !limits.isAuthenticated { throw ProtocolError(.unauthenticatedMultibulkLength, offset: line) }
    return length
  }

  @inline(__always)
  private mutating func bulkLength(
    in input: Span<UInt8>, _ cursor: inout Int, _ start: Int
  ) throws(ProtocolError) -> Int? {
    let line = cursor
    var length: Int
    if line < input.count, input[line] == UInt8(ascii: "$"), let plain = Self.plainNumber(in: input, &cursor) {
      length = plain
    } else {
      guard let end = try lineEnd(in: input, line, start, orThrow: .tooBigBulkCount) else { return nil }
      guard input[line] == UInt8(ascii: "$") else {
        throw ProtocolError(.expectedBulk(got: input[line]), offset: line)
      }
      guard let number = Number.integer(input.extracting(line + 1..<end)), number >= 0 else {
        throw ProtocolError(.invalidBulkLength, offset: line)
      }
      length = Int(number)
      cursor = end + 2
    }
    // Two bytes less than an Int holds, because Redis adds the CRLF to it.
    if length > (limits.isMaster ? Int.max - 2 : limits.maxBulkLength) {
      throw ProtocolError(.invalidBulkLength, offset: line)
    }
    if length > 16_384, !limits.isAuthenticated { throw ProtocolError(.unauthenticatedBulkLength, offset: line) }
    return length
  }

  /// The usual case, quickly: a complete line with up to 9 digits and no zero in front. Else nil, and nothing moves.
  @inline(__always)
  private static func plainNumber(in input: Span<UInt8>, _ cursor: inout Int) -> Int? {
    guard cursor + 3 < input.count else { return nil }
    let first = Int(input[cursor + 1]) &- 0x30
    guard first >= 0, first <= 9 else { return nil }
    if input[cursor + 2] == 0x0D {
      cursor += 4
      return first
    }
    guard first > 0 else { return nil }
    var end = cursor + 2
    var value = first
    while end < input.count, end - cursor <= 9 {
      let digit = Int(input[end]) &- 0x30
      guard digit >= 0, digit <= 9 else { break }
      value = value &* 10 &+ digit
      end += 1
    }
    guard end + 1 < input.count, input[end] == 0x0D else { return nil }
    cursor = end + 2
    return value
  }

  /// Where the CR of the line at `line` is, once the byte after it is there as well. Nil while it isn't.
  private mutating func lineEnd(
    in input: Span<UInt8>, _ line: Int, _ start: Int, orThrow reason: ProtocolError.Reason
  ) throws(ProtocolError) -> Int? {
    let limit = min(input.count, line + Self.maxLineLength + 1)
    var end = max(line, start + searched)
    // A zero byte ends Redis's search, as it ends a C string.
    while end < limit, input[end] != 0x0D, input[end] != 0 { end += 1 }
    searched = end - start
    guard end < limit, input[end] == 0x0D else {
      if input.count - line > Self.maxLineLength { throw ProtocolError(reason, offset: line) }
      return nil
    }
    return end + 1 < input.count ? end : nil
  }

  // MARK: Comparing

  /// What `slots` holds behind the arguments is of no account.
  package static func == (a: Self, b: Self) -> Bool {
    a.limits == b.limits && a.arguments == b.arguments && a.inlineArguments == b.inlineArguments
      && a.wanted == b.wanted && a.scanned == b.scanned && a.searched == b.searched && a.remaining == b.remaining
      && a.bulkLength == b.bulkLength
  }

  // MARK: Lines

  private mutating func nextLine(in input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Bool {
    let start = position
    let limit = min(input.count, start + Self.maxLineLength + 1)
    var end = start + searched
    while end < limit, input[end] != 0x0A, input[end] != 0 { end += 1 }
    searched = end - start
    guard end < limit, input[end] == 0x0A else {
      if input.count - start > Self.maxLineLength { throw ProtocolError(.tooBigInlineRequest, offset: start) }
      wanted = input.count - start + 1
      return false
    }
    let lineEnd = end > start && input[end - 1] == 0x0D ? end - 1 : end
    let line = input.extracting(start..<lineEnd)
    guard let words = InlineCommand.split(line) else { throw ProtocolError(.unbalancedQuotes, offset: start) }
    // A bare newline from a master keeps the link alive.
    if limits.isMaster, !line.isEmpty { throw ProtocolError(.inlineFromMaster, offset: start) }
    inlineArguments = words
    position = end + 1
    reset()
    return true
  }
}
