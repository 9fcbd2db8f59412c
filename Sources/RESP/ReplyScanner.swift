/// Finds replies in a span without copying: what `ReplyDecoder` reads, for who only wants to know where a reply ends and
/// what kind it is. Resumable at any byte; the errors are those of `ReplyDecoder`.
package struct ReplyScanner: Equatable, Sendable {
  /// The type byte of the reply that `next` found.
  package private(set) var type: UInt8 = 0
  /// It is nothing: `$-1`, `*-1`, `_`.
  package private(set) var isNull = false
  /// What `:` says; of an aggregate how many elements it has, or pairs.
  package private(set) var number: Int64 = 0
  /// The first element of an aggregate, if it is a bulk string, counted from the reply's first byte.
  package private(set) var firstWord: Range<Int>?
  /// How long an unfinished reply must get, at least, before looking again can tell more.
  package private(set) var wanted = 1

  // The reply in work, counted from its first byte.
  /// Elements still to come, for each aggregate that is open, the outermost first.
  private var open: [Int] = []
  private var hasBegun = false
  /// Bytes behind which nothing has to be looked at again.
  private var scanned = 0
  /// How far the end of the line at `scanned` has been looked for in vain.
  private var searched = 0

  package init() {}

  /// What was found last is of no account once the next is looked for.
  package static func == (a: Self, b: Self) -> Bool {
    guard a.hasBegun == b.hasBegun, a.scanned == b.scanned, a.searched == b.searched else { return false }
    return !a.hasBegun || a.type == b.type && a.number == b.number && a.open == b.open && a.firstWord == b.firstWord
  }

  /// Looks for the reply that starts at `position`. If it is complete, moves `position` past it and returns true; else
  /// returns false, and must be called again with the same bytes, from the same reply's first byte on, and more.
  package mutating func next(in input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Bool {
    let start = position
    var cursor = start + scanned
    while true {
      guard try element(in: input, &cursor, start) else { return false }
      guard close() else { continue }
      position = cursor
      (hasBegun, scanned, searched, wanted) = (false, 0, 0, 1)
      return true
    }
  }

  /// One more element is there. Returns whether nothing is open any more.
  private mutating func close() -> Bool {
    while let top = open.indices.last {
      open[top] -= 1
      if open[top] > 0 { return false }
      open.removeLast()
    }
    return true
  }

  /// Takes elements until one is complete; false if it isn't all there.
  private mutating func element(
    in input: Span<UInt8>, _ cursor: inout Int, _ start: Int
  ) throws(ProtocolError) -> Bool {
    while true {
      let first = cursor
      guard let end = try lineEnd(in: input, first, start) else { return false }
      let type = input[first]
      let isFirst = !hasBegun
      switch type {
      case UInt8(ascii: "$"), UInt8(ascii: "="):
        guard let length = Number.integer(input.extracting(first + 1..<end)), length >= -1,
          length <= Int64(Int.max - 2 - (end + 2))
        else { throw ProtocolError(.badBulkLength, offset: first) }
        if isFirst { note(type, isNull: length < 0) }
        if length < 0 { return take(end + 2, &cursor, start) }
        return try bulk(type, in: input, end + 2..<end + 2 + Int(length), isFirst, &cursor, start)
      case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
        guard let count = Number.integer(input.extracting(first + 1..<end)), count >= -1, count <= Int64(Int32.max)
        else { throw ProtocolError(.badAggregateLength, offset: first) }
        if count >= 0, open.count >= ReplyDecoder.maxDepth { throw ProtocolError(.tooDeep, offset: first) }
        if isFirst { note(type, isNull: count < 0, number: count) }
        _ = take(end + 2, &cursor, start)
        let elements =
          switch type {
          case UInt8(ascii: "%"): Int(count) * 2
          case UInt8(ascii: "|"): Int(count) * 2 + 1
          default: Int(count)
          }
        if elements <= 0 { return true }
        open.append(elements)
      default:
        let number = try Self.single(type, input.extracting(first + 1..<end), at: first)
        if isFirst { note(type, isNull: type == UInt8(ascii: "_"), number: number) }
        return take(end + 2, &cursor, start)
      }
    }
  }

  private mutating func note(_ type: UInt8, isNull: Bool, number: Int64 = 0) {
    hasBegun = true
    self.type = type
    self.isNull = isNull
    self.number = number
    firstWord = nil
  }

  private mutating func take(_ end: Int, _ cursor: inout Int, _ start: Int) -> Bool {
    cursor = end
    scanned = end - start
    searched = scanned
    return true
  }

  private mutating func bulk(
    _ type: UInt8, in input: Span<UInt8>, _ data: Range<Int>, _ isFirst: Bool, _ cursor: inout Int, _ start: Int
  ) throws(ProtocolError) -> Bool {
    let first = cursor
    guard input.count >= data.upperBound + 2 else {
      // What it is is noted again when it is all there.
      if isFirst { hasBegun = false }
      scanned = first - start
      searched = data.lowerBound - 2 - start
      wanted = data.upperBound + 2 - start
      return false
    }
    guard input[data.upperBound] == 0x0D, input[data.upperBound + 1] == 0x0A else {
      throw ProtocolError(.badBulkEnd, offset: data.upperBound)
    }
    if type == UInt8(ascii: "="), data.count < 4 || input[data.lowerBound + 3] != UInt8(ascii: ":") {
      throw ProtocolError(.badVerbatim, offset: first)
    }
    if open.count == 1, firstWord == nil, open[0] == number, self.type != UInt8(ascii: "%") {
      firstWord = data.lowerBound - start..<data.upperBound - start
    }
    return take(data.upperBound + 2, &cursor, start)
  }

  /// Where the CRLF of the line at `first` begins; nil while it isn't there.
  private mutating func lineEnd(
    in input: Span<UInt8>, _ first: Int, _ start: Int
  ) throws(ProtocolError) -> Int? {
    var end = max(first, start + searched)
    while end + 1 < input.count, input[end] != 0x0D || input[end + 1] != 0x0A { end += 1 }
    if end - first > ReplyDecoder.maxLineLength { throw ProtocolError(.tooLongReplyLine, offset: first) }
    guard end + 1 < input.count else {
      scanned = first - start
      searched = max(first, min(end, input.count)) - start
      wanted = input.count - start + 1
      return nil
    }
    guard end > first else { throw ProtocolError(.badReplyType(input[first]), offset: first) }
    return end
  }

  private static func single(
    _ type: UInt8, _ line: Span<UInt8>, at offset: Int
  ) throws(ProtocolError) -> Int64 {
    switch type {
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return 0
    case UInt8(ascii: ":"):
      guard let number = Number.integer(line) else { throw ProtocolError(.badInteger, offset: offset) }
      return number
    default:
      var bytes = [type]
      for index in 0..<line.count { bytes.append(line[index]) }
      var decoder = ReplyDecoder()
      decoder.feed(bytes + [0x0D, 0x0A])
      do throws(ProtocolError) { _ = try decoder.next() } catch { throw ProtocolError(error.reason, offset: offset) }
      return 0
    }
  }
}
