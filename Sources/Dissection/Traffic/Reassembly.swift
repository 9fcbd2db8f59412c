import Capture

/// One direction of a connection: brings segments into the sender's order.
///
///      sequence numbers (32 bits, they wrap)        places (from 0, they don't)
///      initial + 1 … next                           0 … position
///
/// Bytes before `next` are delivered; bytes behind it wait in `held` for what is missing. Where segments overlap, the
/// bytes that came first are kept.
struct Reassembly: Equatable, Sendable {
  /// A segment, or a part of one, that waits.
  struct Held: Equatable, Sendable {
    var streamOffset: Int
    var bytes: SharedBytes
    /// How many bytes that the capture has not follow `bytes`.
    var cut: Int
    var end: Int { streamOffset + bytes.count + cut }
  }

  /// The sequence number of the SYN, if it was seen.
  private(set) var initial: UInt32?
  /// The sequence number of the next byte; nil before any is known.
  private(set) var next: UInt32?
  /// The place of the next byte.
  private(set) var position = 0
  // Invariant: by place, without overlaps, all behind `position`.
  private(set) var held: [Held] = []
  private(set) var heldByteCount = 0
  /// The place of the FIN.
  private(set) var end: Int?

  /// What may be between two segments of a connection: the largest window that TCP knows (RFC 7323).
  static let largestWindow = 1 << 30
  static let heldByteLimit = 4 << 20
  static let heldCountLimit = 4096

  var isFinished: Bool { end.map { position >= $0 } ?? false }
  var holdsTooMuch: Bool { heldByteCount > Self.heldByteLimit || held.count > Self.heldCountLimit }

  mutating func begin(syn: UInt32) {
    initial = syn
    next = syn &+ 1
  }

  mutating func begin(inTheMiddle sequence: UInt32) { next = sequence }

  /// The place of a sequence number; nil if it can't be of this connection.
  func streamOffset(_ sequence: UInt32) -> Int? {
    guard let next else { return nil }
    let distance = Int(Int32(bitPattern: sequence &- next))
    guard distance.magnitude <= Self.largestWindow else { return nil }
    return position + distance
  }

  mutating func advance(_ count: Int) {
    position += count
    next = next.map { $0 &+ UInt32(truncatingIfNeeded: count) }
  }

  /// Notes a FIN. A second one elsewhere is taken as little as its receiver takes it.
  mutating func finish(at streamOffset: Int) {
    if end == nil, streamOffset >= position { end = streamOffset }
  }

  /// Keeps a segment that comes too early. Returns the parts of it that were held already, and whether they agree.
  mutating func hold(_ bytes: SharedBytes, cut: Int, at streamOffset: Int) -> [(range: Range<Int>, agrees: Bool)] {
    var overlaps: [(range: Range<Int>, agrees: Bool)] = []
    var start = streamOffset
    let end = streamOffset + bytes.count + cut
    var index = firstIndex(endingAfter: start)
    while start < end {
      let following = index < held.count ? held[index] : nil
      let freeEnd = min(end, following?.streamOffset ?? end)
      if start < freeEnd {
        insert(bytes, from: start - streamOffset, to: freeEnd - streamOffset, at: start, index)
        index += 1
      }
      guard let following, following.streamOffset < end else { break }
      let common = max(start, following.streamOffset)..<min(end, following.end)
      overlaps.append((common, Self.agree(bytes, streamOffset, following.bytes, following.streamOffset, common)))
      start = max(start, following.end)
      index += 1
    }
    return overlaps
  }

  private mutating func insert(_ bytes: SharedBytes, from: Int, to: Int, at streamOffset: Int, _ index: Int) {
    let there = min(from, bytes.count)..<min(to, bytes.count)
    held.insert(Held(streamOffset: streamOffset, bytes: bytes[there], cut: to - from - there.count), at: index)
    heldByteCount += there.count
  }

  private func firstIndex(endingAfter streamOffset: Int) -> Int {
    // Most segments come behind all others.
    if let last = held.last, last.end <= streamOffset { return held.count }
    return held.firstIndex { $0.end > streamOffset } ?? held.count
  }

  /// Whether two stretches have the same bytes at the places of `common` that both have.
  static func agree(_ a: SharedBytes, _ aPlace: Int, _ b: SharedBytes, _ bPlace: Int, _ common: Range<Int>) -> Bool {
    let end = min(common.upperBound, aPlace + a.count, bPlace + b.count)
    guard common.lowerBound < end else { return true }
    return a[common.lowerBound - aPlace..<end - aPlace].slice
      .elementsEqual(b[common.lowerBound - bPlace..<end - bPlace].slice)
  }

  /// The first segment that waits, if nothing is missing before it (any more); without what is delivered already.
  mutating func takeHeld() -> Held? {
    while var first = held.first, first.streamOffset <= position {
      held.removeFirst()
      heldByteCount -= first.bytes.count
      guard first.end > position else { continue }
      let old = position - first.streamOffset
      let oldBytes = min(old, first.bytes.count)
      first.bytes = first.bytes[oldBytes..<first.bytes.count]
      first.cut -= old - oldBytes
      first.streamOffset = position
      return first
    }
    return nil
  }

  /// The parts of a segment that is delivered now which waited already, and whether they agree. The new bytes are taken.
  func overlaps(_ bytes: SharedBytes, at streamOffset: Int) -> [(range: Range<Int>, agrees: Bool)] {
    let end = streamOffset + bytes.count
    return held.prefix { $0.streamOffset < end }.map { waiting in
      let common = max(streamOffset, waiting.streamOffset)..<min(end, waiting.end)
      return (common, Self.agree(bytes, streamOffset, waiting.bytes, waiting.streamOffset, common))
    }
  }
}
