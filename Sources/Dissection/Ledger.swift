/// The account of one link's replication offsets: each entry names the message whose bytes moved one.
package struct Ledger: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    /// The number of the message.
    package var message: Int
    package var event: Event

    package init(message: Int, event: Event) {
      self.message = message
      self.event = event
    }
  }

  package enum Event: Sendable, Hashable {
    /// The account opens: all bytes up to `offset` are in the snapshot, or the replica had them.
    case opened(id: [UInt8]?, offset: Int64, isFull: Bool)
    /// The master sent the bytes with these offsets.
    case sent(ClosedRange<Int64>)
    /// The replica has all bytes up to `offset`, `newBytes` more than it had said before.
    case acknowledged(offset: Int64, newBytes: Int64)
  }

  package private(set) var entries = SharedList<Entry>()
  /// The replication id whose bytes are counted.
  package private(set) var id: [UInt8]?
  /// The offset of the last byte sent; nil before the account is open.
  package private(set) var sent: Int64?
  /// The offset of the last byte acknowledged; nil before the first acknowledgement.
  package private(set) var acknowledged: Int64?
  /// The offset at which the account opened.
  private var opening: Int64 = 0

  package init() {}

  /// How many bytes were sent and not acknowledged.
  package var outstanding: Int64? {
    guard let sent else { return nil }
    return acknowledged.map { sent.subtractingReportingOverflow($0).partialValue }
  }

  mutating func open(id: [UInt8]?, offset: Int64, isFull: Bool, message: Int) {
    self.id = id
    sent = offset
    opening = offset
    acknowledged = nil
    entries.append(Entry(message: message, event: .opened(id: id, offset: offset, isFull: isFull)))
  }

  /// Counts `count` bytes and returns their offsets; nil while no account is open, or if offsets have come to an end.
  mutating func send(_ count: Int, message: Int) -> ClosedRange<Int64>? {
    guard let sent, count > 0 else { return nil }
    let (end, overflowed) = sent.addingReportingOverflow(Int64(count))
    guard !overflowed else { return nil }
    self.sent = end
    let offsets = sent + 1...end
    entries.append(Entry(message: message, event: .sent(offsets)))
    return offsets
  }

  /// Notes what the replica says it has; returns how many bytes of that are news, nil while no account is open.
  mutating func acknowledge(_ offset: Int64, message: Int) -> Int64? {
    guard sent != nil else { return nil }
    let (difference, overflowed) = offset.subtractingReportingOverflow(acknowledged ?? opening)
    let newBytes = overflowed ? 0 : max(0, difference)
    acknowledged = offset
    entries.append(Entry(message: message, event: .acknowledged(offset: offset, newBytes: newBytes)))
    return newBytes
  }
}
