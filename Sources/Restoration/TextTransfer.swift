import Capture

/// A snapshot's way through the records of a text: from the line that announces it to its end.
struct TextTransfer {
  /// A record, and which part of what its text tells is the snapshot's.
  struct Piece {
    var record: Int
    var text: PartlyKnownBytes
    var range: Range<Int>
    /// How many bytes the packet has; nil if that is not known.
    var length: Int?
  }

  private(set) var pieces: [Piece]
  /// The snapshot, as its text has it.
  let text: ObscuredText

  enum Search {
    case none
    /// More records are needed.
    case unfinished
    case found(TextTransfer)
  }

  /// What ends the snapshot.
  private enum Form {
    case sized(Int)
    case streamed(mark: [UInt8])
  }

  /// The transfer that begins in the first record.
  ///
  /// - Parameter isWhole: no more records will come.
  static func find(in records: [Record], isWhole: Bool) -> Search {
    guard let first = records.first, let packet = first.packet else { return .none }
    let beginning = first.known
    guard let (form, start) = header(in: beginning.bytes) else { return .none }
    var pieces = [Piece(record: 0, text: beginning, range: start..<beginning.bytes.count, length: first.length)]
    var joined = PartlyKnownBytes(bytes: [], unknown: [])
    var expected = packet.nextSequence
    var next = 1
    while true {
      let before = joined.bytes.count
      joined.append(pieces[pieces.count - 1])
      guard joined.bytes.starts(with: Array("REDIS".utf8).prefix(joined.bytes.count)) else { return .none }
      switch end(of: joined, form, from: before) {
      case .some(let end?): return found(pieces, joined, end)
      case .some(nil): return .none
      case nil: break
      }
      while next < records.count, !records[next].goesOn(packet) { next += 1 }
      guard next < records.count else { return isWhole ? .none : .unfinished }
      // Out of order, or again: too much for a text with dots.
      guard let more = records[next].packet, more.sequence == expected else { return .none }
      expected = more.nextSequence
      let known = records[next].known
      pieces.append(Piece(record: next, text: known, range: 0..<known.bytes.count, length: records[next].length))
      next += 1
    }
  }

  /// The line that announces a snapshot, and where what follows it begins.
  private static func header(in bytes: [UInt8]) -> (form: Form, start: Int)? {
    for index in bytes.indices
    where bytes[index] == UInt8(ascii: "$") && (index == 0 || bytes[index - 1] == 0x0a) {
      guard let newline = bytes[index...].firstIndex(of: 0x0a) else { return nil }
      let line = bytes[index + 1..<newline].filter { $0 != 0x0d }
      let rest = bytes[(newline + 1)...].prefix(5)
      guard rest.elementsEqual("REDIS".utf8.prefix(rest.count)) else { continue }
      if line.starts(with: Array("EOF:".utf8)), line.count == 44 {
        return (.streamed(mark: Array(line.dropFirst(4))), newline + 1)
      }
      if let size = Int(String(decoding: line, as: UTF8.self)), (9...TextRestorer.longest).contains(size) {
        return (.sized(size), newline + 1)
      }
    }
    return nil
  }

  /// Where the snapshot ends; nil if that is not there yet, `.some(nil)` if it never can be told. Without the bytes from
  /// `new` on it was not there.
  private static func end(of joined: PartlyKnownBytes, _ form: Form, from new: Int) -> Int?? {
    let count = joined.bytes.count
    if count > TextRestorer.longest + 1_024 { return .some(nil) }
    switch form {
    case .streamed(let mark):
      let end = (max(0, new - mark.count)..<count).first { joined.bytes[$0...].starts(with: mark) }
      return end.map { .some($0) }
    case .sized(let size):
      let hidden = joined.hidden ?? 0
      if hidden == 0 { return count >= size ? .some(size) : nil }
      if count + hidden < size { return nil }
      return .some(count + hidden == size ? count : nil)
    }
  }

  private static func found(_ pieces: [Piece], _ joined: PartlyKnownBytes, _ end: Int) -> Search {
    // What was seen whole needs no restoring.
    guard !joined.isWhole else { return .none }
    var left = end
    var cut = pieces
    for index in cut.indices {
      let taken = min(left, cut[index].range.count)
      cut[index].range = cut[index].range.lowerBound..<cut[index].range.lowerBound + taken
      left -= taken
    }
    return .found(TextTransfer(pieces: cut, text: ObscuredText(joined, in: 0..<end)))
  }

  /// The payload of each record that has a part of the snapshot, by its index; nil if the lengths of the packets don't
  /// agree with it.
  func payloads(with restored: RestoredSnapshot) -> [Int: MarkedBytes]? {
    var all = MarkedBytes()
    let (first, last) = (pieces[0], pieces[pieces.count - 1])
    all.append(MarkedBytes(lines: first.text, in: 0..<first.range.lowerBound))
    for byte in restored.bytes { all.append(byte) }
    all.append(MarkedBytes(lines: last.text, in: last.range.upperBound..<last.text.bytes.count))
    if pieces.count == 1, first.length == nil { return [first.record: all] }
    let lengths = pieces.compactMap(\.length)
    guard lengths.count == pieces.count, lengths.reduce(0, +) == all.bytes.count else { return nil }
    var payloads: [Int: MarkedBytes] = [:]
    var start = 0
    for piece in pieces {
      let end = start + (piece.length ?? 0)
      payloads[piece.record] = all[start..<end]
      start = end
    }
    return payloads
  }
}

extension PartlyKnownBytes {
  fileprivate mutating func append(_ piece: TextTransfer.Piece) {
    let shift = bytes.count - piece.range.lowerBound
    bytes += piece.text.bytes[piece.range]
    unknown += piece.text.unknown.map { $0.clamped(to: piece.range) }.filter { !$0.isEmpty }
      .map { $0.lowerBound + shift..<$0.upperBound + shift }
    places += piece.text.places.filter { $0 >= piece.range.lowerBound }.map { $0 + shift }
    hidden = hidden.flatMap { sum in piece.text.hidden.map { sum + $0 } }
  }
}

extension Record {
  /// What is known of the payload.
  fileprivate var known: PartlyKnownBytes {
    text ?? PartlyKnownBytes(bytes: Array(packet?.payload ?? .empty), unknown: [])
  }

  /// How many bytes the payload has; nil if the text does not say.
  fileprivate var length: Int? { text.map { $0.hidden == nil } == true ? nil : packet?.length }

  /// Whether it carries what the same end says next on the same connection.
  fileprivate func goesOn(_ first: Packet) -> Bool {
    guard let packet, packet.length > 0 else { return false }
    return packet.source == first.source && packet.destination == first.destination
  }
}
