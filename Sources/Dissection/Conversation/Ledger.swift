/// The account of one link's replication offsets: each entry names the message whose bytes moved one.
package struct Ledger: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    /// The number of the message; of what was lost, the last one before.
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
    /// The master sent the bytes with these offsets, but the recording has them not.
    case missed(ClosedRange<Int64>)
    /// The recording began in the middle of the link: an acknowledgement tells that the bytes in it follow `offset`.
    case learned(offset: Int64)
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
  /// Whether `opening` was concluded from an acknowledgement, which may have come before all was applied.
  private var isLearned = false
  /// What was sent before the account was open: how many bytes, and which messages had how many.
  private var countBefore: Int64 = 0
  private var before = SharedList<Uncounted>()
  private let keepsEntries: Bool

  private struct Uncounted: Sendable, Hashable {
    var message: Int
    var count: Int64
    var isMissed: Bool
  }

  /// Without entries it needs the same room however much is sent.
  package init(keepsEntries: Bool = true) { self.keepsEntries = keepsEntries }

  /// How many bytes were sent and not acknowledged.
  package var outstanding: Int64? {
    guard let sent else { return nil }
    return acknowledged.map { sent.subtractingReportingOverflow($0).partialValue }
  }

  mutating func open(id: [UInt8]?, offset: Int64, isFull: Bool, message: Int) {
    self.id = id
    sent = offset
    opening = offset
    isLearned = false
    acknowledged = nil
    (before, countBefore) = (SharedList(), 0)
    note(.opened(id: id, offset: offset, isFull: isFull), message)
  }

  /// Counts `count` bytes and returns their offsets; nil while no account is open, or if offsets have come to an end.
  mutating func send(_ count: Int, message: Int) -> ClosedRange<Int64>? { move(count, message, isMissed: false) }

  /// Counts `count` bytes that the recording has not.
  mutating func miss(_ count: Int, after message: Int) { _ = move(count, message, isMissed: true) }

  private mutating func move(_ count: Int, _ message: Int, isMissed: Bool) -> ClosedRange<Int64>? {
    guard count > 0 else { return nil }
    guard let sent else {
      countBefore = countBefore.addingReportingOverflow(Int64(count)).partialValue
      if keepsEntries { before.append(Uncounted(message: message, count: Int64(count), isMissed: isMissed)) }
      return nil
    }
    let (end, overflowed) = sent.addingReportingOverflow(Int64(count))
    guard !overflowed else { return nil }
    self.sent = end
    let offsets = sent + 1...end
    note(isMissed ? .missed(offsets) : .sent(offsets), message)
    return offsets
  }

  private mutating func note(_ event: Event, _ message: Int) {
    if keepsEntries { entries.append(Entry(message: message, event: event)) }
  }

  /// Notes what the replica says it has; returns how many bytes of that are news, nil while no account is open.
  mutating func acknowledge(_ offset: Int64, message: Int) -> Int64? {
    guard sent != nil else { return nil }
    // What was learned too early is put right: no replica has more than was sent.
    if isLearned, let sent, offset > sent { self.sent = offset }
    let (difference, overflowed) = offset.subtractingReportingOverflow(acknowledged ?? opening)
    let newBytes = overflowed ? 0 : max(0, difference)
    acknowledged = offset
    note(.acknowledged(offset: offset, newBytes: newBytes), message)
    return newBytes
  }

  /// Opens the account of a link whose beginning was not seen: a replica that has nothing else to do has all that it was
  /// sent when it acknowledges.
  mutating func learn(_ offset: Int64, message: Int) {
    let (opening, overflowed) = offset.subtractingReportingOverflow(countBefore)
    guard sent == nil, !overflowed else { return }
    self.opening = opening
    sent = opening
    acknowledged = opening
    isLearned = true
    note(.learned(offset: opening), message)
    let before = before
    (self.before, countBefore) = (SharedList(), 0)
    for part in before { _ = move(Int(part.count), part.message, isMissed: part.isMissed) }
    sent = offset
  }
}
