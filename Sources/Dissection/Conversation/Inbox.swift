import Capture
import RESP

/// One side's bytes that belong to no message yet: those being read, in one stretch, and behind them what came later.
///
/// Bytes are read where the packet that brought them has them. Only a message that goes over the end of a packet is
/// joined: as much of the next packets as it needs, no more.
struct Inbox: Equatable, Sendable {
  /// The stretch being read is `start..<end` of this.
  private var buffer: [UInt8] = []
  private var start = 0
  private var end = 0
  /// The end of `buffer` is a copy of the beginning of this, which would begin in `buffer` at `from`.
  private var bridged: (bytes: SharedBytes, from: Int)?
  /// What came later, from the element at `laterIndex` on.
  private var later = SharedList<SharedBytes>()
  private var laterIndex = 0
  /// How many bytes are waiting.
  private(set) var count = 0
  /// The place of the first byte that waits among all bytes of its side.
  private(set) var position = 0

  init(position: Int = 0) { self.position = position }

  /// How many of the bytes that wait are in one stretch.
  var joinedCount: Int { end - start }

  mutating func append(_ bytes: SharedBytes) {
    if count == 0 {
      bridged = nil
      read(bytes, from: 0)
    } else {
      later.append(bytes)
    }
    count += bytes.count
  }

  private mutating func read(_ bytes: SharedBytes, from index: Int) {
    buffer = bytes.array
    start = bytes.stretch.lowerBound + index
    end = bytes.stretch.upperBound
  }

  /// Bytes that are not there are gone through, too.
  mutating func skip(_ count: Int) { position += count }

  /// The bytes that wait, as far as they are in one stretch.
  var joined: SharedBytes { SharedBytes(buffer, start..<end) }

  subscript(index: Int) -> UInt8 { buffer[start + index] }

  /// Takes the first `count` bytes, which must be in one stretch.
  mutating func take(_ count: Int) -> (bytes: SharedBytes, range: Range<Int>) {
    let bytes = SharedBytes(buffer, start..<start + count)
    let range = position..<position + count
    start += count
    position += count
    self.count -= count
    if let bridge = bridged, start >= bridge.from {
      bridged = nil
      read(bridge.bytes, from: start - bridge.from)
    }
    if start == end { goOn() }
    return (bytes, range)
  }

  /// The stretch is used up: the next one is what came later.
  private mutating func goOn() {
    guard count > 0 else {
      if !later.isEmpty { (later, laterIndex) = (SharedList(), 0) }
      (buffer, start, end) = ([], 0, 0)
      return
    }
    read(later[laterIndex], from: 0)
    laterIndex += 1
  }

  /// Brings at least the first `wanted` bytes into one stretch, if so many wait.
  mutating func join(_ wanted: Int) {
    guard joinedCount < min(wanted, count) else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(wanted, count))
    bytes += buffer[start..<end]
    // A bridge's end is not all of its bytes: go on with the rest of them.
    if let bridge = bridged {
      let there = end - bridge.from
      append(to: &bytes, bridge.bytes, from: there, wanted, base: bytes.count - there)
    }
    while bytes.count < wanted, laterIndex < later.count {
      append(to: &bytes, later[laterIndex], from: 0, wanted, base: bytes.count)
      laterIndex += 1
    }
    (start, end) = (0, bytes.count)
    buffer = bytes
  }

  /// Appends what is wanted of a stretch, and notes it as the bridge if something is left of it.
  private mutating func append(
    to bytes: inout [UInt8], _ next: SharedBytes, from: Int, _ wanted: Int, base: Int
  ) {
    let taken = min(next.count - from, max(0, wanted - bytes.count))
    bytes += next[from..<from + taken].slice
    bridged = from + taken < next.count ? (next, base) : nil
  }

  /// How many bytes the next message takes; they are in one stretch then. Nil while it isn't all there.
  mutating func scan(_ scanner: inout some MessageScanner) throws(ProtocolError) -> Int? {
    var wanted = scanner.wanted
    while count >= scanner.wanted {
      join(wanted)
      var length = 0
      if try scanner.next(in: buffer.span.extracting(start..<end), at: &length) { return length }
      // Twice as many each time, lest a long message be joined again and again.
      guard joinedCount < count else { return nil }
      wanted = max(scanner.wanted, 2 * joinedCount)
    }
    return nil
  }

  /// A command's name among the bytes in one stretch.
  func name(at range: Range<Int>) -> CommandName {
    CommandName(buffer.span, start + range.lowerBound..<start + range.upperBound)
  }

  static func == (a: Self, b: Self) -> Bool {
    a.count == b.count && a.position == b.position && a.joined == b.joined && a.later == b.later
      && a.laterIndex == b.laterIndex && a.bridged?.from == b.bridged?.from && a.bridged?.bytes == b.bridged?.bytes
  }
}

/// What finds a message's end, given the same bytes again and more until it does.
protocol MessageScanner {
  var wanted: Int { get }
  mutating func next(in input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Bool
}

extension RequestScanner: MessageScanner {}
extension ReplyScanner: MessageScanner {}
