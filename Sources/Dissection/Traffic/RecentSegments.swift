import Capture

/// The last segments of all connections, to see whether what is sent again is the same.
struct RecentSegments: Equatable, Sendable {
  struct Segment: Equatable, Sendable {
    var connection: Int
    var side: Side
    var streamOffset: Int
    var bytes: SharedBytes
  }

  private static let countLimit = 256
  private static let byteLimit = 1 << 20

  /// A ring once it is full: the oldest stands at `oldest`.
  private var segments: [Segment] = []
  private var oldest = 0
  private var byteCount = 0

  mutating func note(_ segment: Segment) {
    if byteCount + segment.bytes.count > Self.byteLimit {
      (segments, oldest, byteCount) = ([], 0, 0)
    }
    byteCount += segment.bytes.count
    if segments.count < Self.countLimit {
      segments.append(segment)
      return
    }
    byteCount -= segments[oldest].bytes.count
    segments[oldest] = segment
    oldest = (oldest + 1) % Self.countLimit
  }

  /// Whether bytes that came again are the same; nil if all of them have been forgotten.
  func agree(_ connection: Int, _ side: Side, _ bytes: SharedBytes, at streamOffset: Int, _ common: Range<Int>) -> Bool?
  {
    var known = false
    for segment in segments where segment.connection == connection && segment.side == side {
      let both = common.clamped(to: segment.streamOffset..<segment.streamOffset + segment.bytes.count)
        .clamped(to: streamOffset..<streamOffset + bytes.count)
      if both.isEmpty { continue }
      known = true
      if !Reassembly.agree(bytes, streamOffset, segment.bytes, segment.streamOffset, both) { return false }
    }
    return known ? true : nil
  }
}
