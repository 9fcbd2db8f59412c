/// How much an end lets its peer send: Linux's arithmetic with a receive buffer of 128 KiB that does not grow.
///
/// A packet takes more room in the buffer than its bytes (`footprint`), so the window is the free room times a share,
/// 1/2 at first, then what the last full-sized segment showed. The share is in 1/256. The captures: 64 (KiB) until larger
/// segments come, 107 after one of 6,754 bytes (types.pcap), 106 after one of 16,384.
struct ReceiveWindow: Hashable, Sendable {
  /// The window last advertised, in bytes, and the byte that was expected then (Linux's `rcv_wnd`, `rcv_wup`).
  private(set) var advertised: UInt32
  private(set) var start: UInt32 = 0
  /// The most that we would advertise, whatever the room (`rcv_ssthresh`).
  private var threshold: UInt32
  /// The most that the buffer may be worth (`window_clamp`).
  private var clamp: UInt32 = 65_536
  private var share: UInt32 = 128
  /// What arrived and is not read yet takes so much room.
  private var occupied: UInt32 = 0

  private static let buffer: UInt32 = 131_072
  private static let unit: UInt32 = 1 << UInt32(TCPSocket.windowScale)

  init(initial: UInt32) {
    advertised = initial
    threshold = initial
  }

  /// What a segment takes in the buffer: its bytes and the kernel's own 832 beside them (measured: windows of 69, 89, 106
  /// and 107 after segments of 1,000, 2,000, 16,384 and 6,754 bytes).
  static func footprint(_ length: UInt32) -> UInt32 { length + 832 }

  private func worth(_ room: UInt32) -> UInt32 { UInt32(UInt64(room) * UInt64(share) / 256) }
  private var free: UInt32 { worth(Self.buffer - min(occupied, Self.buffer)) }

  mutating func begin(at receiveNext: UInt32) { start = receiveNext }

  /// A segment came in that was as large as any before: its share of the buffer counts from now on.
  mutating func learnShare(_ length: UInt32) {
    share = max(1, length * 256 / Self.footprint(length))
    let newClamp = worth(Self.buffer)
    if newClamp < clamp {
      threshold = min(threshold, newClamp)
    } else if newClamp > clamp {
      threshold = max(min(advertised, newClamp), threshold)
    }
    clamp = newClamp
  }

  /// A segment takes its room in the buffer. Returns whether it made the window grow; one of fewer than 128 bytes, which
  /// wastes most of its room, never does.
  mutating func segmentArrived(_ length: UInt32) -> Bool {
    occupied += Self.footprint(length)
    let room = min(clamp, free)
    guard length >= 128, room > threshold else { return false }
    threshold = room
    return true
  }

  var isOccupied: Bool { occupied > 0 }
  mutating func read() { occupied = 0 }

  private func rounded(_ bytes: UInt32) -> UInt32 { (bytes + Self.unit - 1) / Self.unit * Self.unit }

  /// What is left of the advertised window.
  func remaining(_ receiveNext: UInt32) -> UInt32 {
    let used = receiveNext &- start
    return used < advertised ? advertised - used : 0
  }

  /// What we would advertise had we never advertised more.
  private func wanted(largestSegment: UInt32) -> UInt32 {
    var room = free
    let full = min(clamp, worth(Self.buffer))
    if room < full / 2 {
      room = room / Self.unit * Self.unit
      if room < worth(Self.buffer) / 16 || room < min(largestSegment, full) { return 0 }
    }
    return rounded(min(room, threshold))
  }

  /// The window for a packet that is sent now. Its right edge never moves back.
  mutating func advertise(_ receiveNext: UInt32, largestSegment: UInt32) -> UInt16 {
    let left = remaining(receiveNext)
    let wanted = wanted(largestSegment: largestSegment)
    advertised = wanted < left ? rounded(left) : wanted
    start = receiveNext
    return UInt16(min(advertised / Self.unit, 65_535))
  }

  /// Whether reading has made so much room that the peer should know.
  func deservesUpdate(_ receiveNext: UInt32, largestSegment: UInt32) -> Bool {
    let left = remaining(receiveNext)
    guard left <= clamp / 2 else { return false }
    let wanted = wanted(largestSegment: largestSegment)
    return wanted > 0 && wanted >= 2 * left
  }

  /// Whether an acknowledgement now would not take back any of the window.
  func wouldNotShrink(largestSegment: UInt32) -> Bool { wanted(largestSegment: largestSegment) >= advertised }
}
