import Capture

/// Marks what a transcript that is text does not show, and restores the snapshots in it, as its records go through:
///
///     var restorer = TextRestorer()
///     restorer.feed(record)
///     while let record = restorer.next() { … }
///
/// Records wait in it while a snapshot that may be restored is not there whole: of no more than `longest` bytes.
package struct TextRestorer: Sendable {
  private var queue: [Record] = []
  /// How many of the queue's first records are as they will be.
  private var settled = 0
  private var isFinished = false
  /// The queue is looked through again once it has so many records: not for each that comes.
  private var wanted = 0
  private var hints = SnapshotRestoration.Hints()
  /// By how much restored snapshots are longer than their text, where a text without packets has made-up numbers.
  private var shift: UInt32 = 0

  /// No longer snapshot is restored.
  static let longest = 1 << 14
  private static let mostWaiting = 4_096

  private let effort: Int

  /// - Parameter effort: how many bytes may be tried for each snapshot, before it is given up.
  package init(effort: Int = SnapshotRestoration.usualEffort) { self.effort = effort }

  package mutating func feed(_ record: Record) { queue.append(record) }

  /// Says that nothing more will be fed.
  package mutating func finish() { isFinished = true }

  /// The next record; nil if there is none, or none yet.
  package mutating func next() -> Record? {
    guard !queue.isEmpty else { return nil }
    if settled == 0 {
      guard case .line = queue[0].place else { return queue.removeFirst() }
      guard queue.count >= wanted || isFinished else { return nil }
      learnHints(queue[0])
      wanted = 0
      switch TextTransfer.find(in: queue, isWhole: isFinished || queue.count > Self.mostWaiting) {
      case .none: settle(queue[0], at: 0)
      case .unfinished:
        wanted = min(queue.count + max(1, queue.count / 4), Self.mostWaiting + 1)
        return nil
      case .found(let transfer): restore(transfer)
      }
      settled = max(settled, 1)
    }
    settled -= 1
    return queue.removeFirst()
  }

  /// What the master said when it began the sync.
  private mutating func learnHints(_ record: Record) {
    guard let payload = record.packet?.payload, payload.first == UInt8(ascii: "+") else { return }
    let words = payload.prefix { $0 >= 0x20 }.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 3, words[0] == "+FULLRESYNC" else { return }
    hints = SnapshotRestoration.Hints(replicationID: words[1], offset: Int64(words[2]))
  }

  private mutating func restore(_ transfer: TextTransfer) {
    let restored = SnapshotRestoration.restore(transfer.text, hints: hints, effort: effort)
    let payloads = transfer.payloads(with: restored)
    for index in 0...transfer.pieces.last!.record {
      settle(queue[index], at: index, payload: payloads?[index], summary: index == 0 ? restored.summary : nil)
    }
    settled = transfer.pieces.last!.record + 1
  }

  /// Gives a record its payload and marks, and where it stands among numbers that are made up.
  private mutating func settle(_ record: Record, at index: Int, payload: MarkedBytes? = nil, summary: String? = nil) {
    guard var packet = record.packet else { return }
    var record = record
    let isMadeUp = record.text?.hidden == nil && packet.timestamp == 0
    let before = packet.nextSequence
    if let payload {
      packet.payload = SharedBytes(payload.bytes)
      packet.missing = 0
      packet.reading = PayloadReading(payload.marks, summary: summary)
    } else if let text = record.text {
      packet.reading = PayloadReading(MarkedBytes(filling: text).marks, summary: summary)
    }
    if packet.source.port > packet.destination.port {
      packet.acknowledgement &+= shift
    } else {
      packet.sequence &+= shift
      if isMadeUp { shift &+= packet.nextSequence &- shift &- before }
    }
    guard packet != record.packet else { return }
    record.content = .packet(packet)
    record.frame = Frame(
      timestamp: record.frame.timestamp, linkType: .ethernet, bytes: SharedBytes(packet.frame),
      wireLength: packet.wireLength)
    queue[index] = record
  }
}

/// Bytes, and what is known of those that were not seen.
struct MarkedBytes: Equatable {
  var bytes: [UInt8] = []
  var marks: [ByteMark] = []

  mutating func append(_ byte: UInt8, _ certainty: ByteMark.Certainty? = nil, _ reason: String = "") {
    if let certainty { marks.append(certainty, reason, at: bytes.count) }
    bytes.append(byte)
  }

  subscript(range: Range<Int>) -> MarkedBytes {
    MarkedBytes(
      bytes: Array(bytes[range]), marks: marks.clamped(to: range).shifted(by: -range.lowerBound))
  }
}

extension MarkedBytes {
  private static let dot = "the text has a dot"

  /// What text tells of a payload, with the carriage returns that it does not show in the first places that may have one.
  init(filling text: PartlyKnownBytes) {
    var hidden = text.hidden ?? 0
    var places = text.places[...]
    var unknown = text.unknown[...]
    func reason(_ isCertain: Bool) -> String {
      isCertain ? "text does not show it" : "the packet is longer than its text; here, or at another line's end"
    }
    let isCertain = hidden == places.count
    for index in 0...text.bytes.count {
      if hidden > 0, places.first == index {
        places.removeFirst()
        hidden -= 1
        append(0x0d, .inferred, reason(isCertain))
      }
      guard index < text.bytes.count else { break }
      while let first = unknown.first, first.upperBound <= index { unknown.removeFirst() }
      let isUnknown = unknown.first?.contains(index) ?? false
      append(text.bytes[index], isUnknown ? .unknown : nil, Self.dot)
    }
    for _ in 0..<max(0, hidden) { append(0x0d, .inferred, reason(isCertain)) }
  }

  /// A part of a text in which all lines end as Redis's do.
  init(lines text: PartlyKnownBytes, in range: Range<Int>) {
    for index in range {
      let byte = text.bytes[index]
      if byte == 0x0a, index == 0 || text.bytes[index - 1] != 0x0d {
        append(0x0d, .inferred, "Redis ends lines with CR and LF")
      }
      append(byte, text.isKnown(index) ? nil : .unknown, Self.dot)
    }
  }

  mutating func append(_ other: MarkedBytes) {
    marks += other.marks.shifted(by: bytes.count)
    bytes += other.bytes
  }

  mutating func append(_ restored: RestoredByte) {
    guard let byte = restored.byte, let reason = restored.reason else {
      return append(UInt8(ascii: "."), .unknown, Self.dot)
    }
    append(byte, reason.certainty, reason.description)
  }
}
