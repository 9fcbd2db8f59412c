/// Reads the text that tcpdump prints, with -A, -X, -XX, -x or -xx, whatever else was asked for, back into frames.
///
///     var reader = TcpdumpReader()
///     reader.feed(text)                     // in pieces of any size
///     reader.finish()                       // at the end
///     while let record = try reader.next() { … }
///
/// Hex gives the bytes again; the link's header, where it was not printed, is made up as that of Linux's loopback. -A gives
/// what it shows: `record.text` says which bytes of the payload are known, and the headers are made from the packet's line.
/// Without contents, only lines, all bytes of the payloads are unknown.
///
/// Until `finish()`, `next()` returns records only while there is enough text behind them to tell where they end. Lines
/// that belong to no packet are passed over.
package struct TcpdumpReader: Sendable {
  var buffer: [UInt8] = []
  /// What is not yet read begins here, in the line with this number.
  var position = 0
  var lineNumber = 1
  private var isFinished = false
  /// Whether lines end in CR LF, as they do once the text has been on Windows.
  private var isCRLF: Bool?
  var clock = Clock()
  package internal(set) var hosts = HostNames()
  var conversations: [TcpdumpText.Pair: Known] = [:]

  /// The numbers of a connection, in the order of its pair.
  struct Known: Sendable {
    var first: TcpdumpText.FirstNumbers
    /// What each end is expected to send next.
    var next: TcpdumpText.FirstNumbers
  }

  /// As much text as a packet with its contents can take, and the next one.
  private static let lookahead = 1 << 20

  package init() {}

  /// Takes more text.
  package mutating func feed(_ text: some Sequence<UInt8>) {
    if position > 1 << 16 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: text)
  }

  /// Says that no more text comes.
  package mutating func finish() { isFinished = true }

  /// Whether `next()` waits for more text.
  package var isHungry: Bool { !isFinished && buffer.count - position < Self.lookahead }

  /// The next record; nil if there is none, or none yet.
  package mutating func next() throws(TextError) -> Record? {
    while !isHungry, let line = line(at: position) {
      if !isFinished, line.end == buffer.count { throw TextError(line: lineNumber, reason: .lineTooLong) }
      guard let header = header(line) else {
        take(line)
        continue
      }
      return try record(header)
    }
    return nil
  }

  /// A line of the buffer.
  struct Line {
    /// Without its end.
    var text: Range<Int>
    /// Where the next one begins.
    var end: Int
  }

  /// The line that begins there; nil at the end of the text.
  func line(at start: Int) -> Line? {
    guard start < buffer.count else { return nil }
    let newline = buffer[start...].firstIndex(of: 0x0a)
    var end = newline ?? buffer.count
    if isCRLF == true, end > start, buffer[end - 1] == 0x0d { end -= 1 }
    return Line(text: start..<end, end: newline.map { $0 + 1 } ?? buffer.count)
  }

  mutating func take(_ line: Line) {
    position = line.end
    lineNumber += 1
  }

  /// The packet's line, if it is one. The first one tells how lines end.
  private mutating func header(_ line: Line) -> TcpdumpLine? {
    if isCRLF == nil {
      let ends = line.text.upperBound > line.text.lowerBound && buffer[line.text.upperBound - 1] == 0x0d
      let text = ends ? line.text.dropLast() : line.text
      guard let header = parse(text) else { return nil }
      isCRLF = ends
      return header
    }
    return parse(line.text)
  }

  func parse(_ range: Range<Int>) -> TcpdumpLine? {
    let range = range.prefix(TcpdumpLine.limit)
    guard range.count >= 12, buffer[range].contains(0x3e) || buffer[range].contains(0x28) else { return nil }
    return TcpdumpLine(String(decoding: buffer[range], as: UTF8.self))
  }

  /// Makes times of what is printed.
  struct Clock: Sendable {
    /// The time before, and the time of the day that it was.
    private var last: Int64 = 0
    private var lastOfDay: Int64 = 0
    private var isSinceLast = false
    private var lastDifference: Int64 = 0

    mutating func nanoseconds(_ time: TcpdumpLine.Time) -> Int64 {
      switch time {
      case .none: break
      case .whole(let time): last = time
      case .ofDay(let time):
        // Text does not tell the day: it begins on the first one. Over midnight is a jump of half a day back.
        let halfDay: Int64 = 43_200_000_000_000
        let day = last / 86_400_000_000_000 + (time < lastOfDay - halfDay ? 1 : 0)
        lastOfDay = time
        last = day &* 86_400_000_000_000 &+ time
      case .difference(let time):
        // -ttt counts from the packet before, -ttttt from the first: a number that falls tells which.
        if time < lastDifference { isSinceLast = true }
        lastDifference = time
        last = isSinceLast ? last &+ time : time
      }
      return last
    }
  }
}
