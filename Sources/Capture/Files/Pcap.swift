/// Capture files in the classic format of libpcap: a header of 24 bytes, then records.
///
/// ```
///   a1b2c3d4 (µs) or a1b23c4d (ns), in the writer's byte order
///   version 2, 4 · time zone 0 · accuracy 0 · snapshot length · link type
///   record: seconds · µs or ns · bytes captured · bytes on the wire · the frame
/// ```
package enum Pcap {
  static let microseconds: UInt32 = 0xa1b2_c3d4
  static let nanoseconds: UInt32 = 0xa1b2_3c4d
  /// What tcpdump captures of a packet unless told otherwise, and the most that it believes a packet to have.
  package static let snapshotLength = 262_144
  package static let fileHeaderLength = 24
  package static let recordHeaderLength = 16
}

// MARK: - Writing

extension Pcap {
  /// A file as `tcpdump -i lo -w` writes it on a little-endian machine: times in microseconds. All packets have the
  /// link type of the first one.
  package static func file(_ packets: some Sequence<Packet>) -> [UInt8] {
    var bytes: [UInt8] = []
    for packet in packets {
      if bytes.isEmpty { bytes = header(linkType: packet.linkType) }
      append(packet, to: &bytes)
    }
    return bytes.isEmpty ? header : bytes
  }

  /// The header of such a file; records may follow one by one.
  package static var header: [UInt8] { header(linkType: .ethernet) }

  package static func header(linkType: LinkType, isNanoseconds: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: isNanoseconds ? nanoseconds : microseconds)
    bytes.append(littleEndian: UInt16(2))
    bytes.append(littleEndian: UInt16(4))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: UInt32(snapshotLength))
    bytes.append(littleEndian: linkType.rawValue)
    return bytes
  }

  /// Appends one packet's record, in microseconds.
  package static func append(_ packet: Packet, to bytes: inout [UInt8]) {
    append(Frame(packet), to: &bytes)
  }

  /// Appends one frame's record, in the resolution that the header has promised.
  package static func append(_ frame: Frame, isNanoseconds: Bool = false, to bytes: inout [UInt8]) {
    let (seconds, rest) = frame.timestamp.quotientAndRemainder(dividingBy: 1_000_000_000)
    bytes.append(littleEndian: UInt32(truncatingIfNeeded: seconds))
    bytes.append(littleEndian: UInt32(truncatingIfNeeded: isNanoseconds ? rest : rest / 1_000))
    bytes.append(littleEndian: UInt32(truncatingIfNeeded: frame.bytes.count))
    bytes.append(littleEndian: UInt32(truncatingIfNeeded: frame.wireLength))
    bytes.append(contentsOf: frame.bytes.slice)
  }
}

// MARK: - Reading from memory

// Files are read by libpcap, in the target CaptureFiles. What is here needs neither C nor a file: it reads what the lab
// has just written, fixtures of tests, and what the fuzzer makes up.
extension Pcap {
  /// Reads a file of either byte order and resolution. The packets' payloads share `bytes`.
  package static func packets(in bytes: [UInt8]) throws(CaptureError) -> [Packet] {
    var reader = try Reader(bytes)
    var packets: [Packet] = []
    while let packet = try reader.next() { packets.append(packet) }
    return packets
  }

  /// Reads a file packet by packet: what stands before an error can still be had.
  package struct Reader {
    private let bytes: SharedBytes
    private var position = Pcap.fileHeaderLength
    private let isBigEndian: Bool
    private let nanosecondsPerUnit: Int64
    package let linkType: LinkType

    package init(_ file: [UInt8]) throws(CaptureError) {
      guard UInt32(exactly: file.count) != nil else {
        throw CaptureError(offset: Int(UInt32.max), reason: .recordTooLong(file.count))
      }
      bytes = SharedBytes(file)
      // A file too short for its header is still known by its first four bytes.
      guard file.count >= 4 else { throw CaptureError(offset: 0, reason: .notPcap) }
      switch file[..<4].reduce(0, { $0 << 8 | UInt32($1) }) {
      case microseconds: (isBigEndian, nanosecondsPerUnit) = (true, 1_000)
      case nanoseconds: (isBigEndian, nanosecondsPerUnit) = (true, 1)
      case microseconds.byteSwapped: (isBigEndian, nanosecondsPerUnit) = (false, 1_000)
      case nanoseconds.byteSwapped: (isBigEndian, nanosecondsPerUnit) = (false, 1)
      default: throw CaptureError(offset: 0, reason: .notPcap)
      }
      guard file.count >= fileHeaderLength else {
        throw CaptureError(
          offset: file.count, reason: .truncated(.fileHeader, missing: fileHeaderLength - file.count))
      }
      let swapped = !isBigEndian
      func word(_ at: Int) -> UInt32 {
        let value = file[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
        return swapped ? value.byteSwapped : value
      }
      let version = word(4)
      let (major, minor) = swapped ? (version & 0xffff, version >> 16) : (version >> 16, version & 0xffff)
      guard major == 2 else {
        throw CaptureError(offset: 4, reason: .unsupportedVersion(major: Int(major), minor: Int(minor)))
      }
      // The upper bits tell the length of a checksum at each frame's end; tcpdump ignores them, too.
      let number = word(20) & 0x03ff_ffff
      guard let linkType = LinkType(number: number) else {
        throw CaptureError(offset: 20, reason: .unsupportedLinkType(Int(number)))
      }
      self.linkType = linkType
    }

    /// The next packet, or nil at the end of the file.
    package mutating func next() throws(CaptureError) -> Packet? {
      guard let frame = try nextFrame() else { return nil }
      return try Packet(frame, offset: position - frame.bytes.count)
    }

    /// The next record, whatever it holds; nil at the end of the file.
    package mutating func nextFrame() throws(CaptureError) -> Frame? {
      guard position < bytes.count else { return nil }
      try need(recordHeaderLength, at: position, .recordHeader)
      let timestamp =
        Int64(word(at: position)) * 1_000_000_000 + Int64(word(at: position + 4)) * nanosecondsPerUnit
      let captured = Int(word(at: position + 8))
      guard captured <= snapshotLength else {
        throw CaptureError(offset: position + 8, reason: .recordTooLong(captured))
      }
      let start = position + recordHeaderLength
      try need(captured, at: start, .record)
      let wireLength = Int(word(at: position + 12))
      position = start + captured
      return Frame(timestamp: timestamp, linkType: linkType, bytes: bytes[start..<position], wireLength: wireLength)
    }

    private func need(_ count: Int, at start: Int, _ part: CaptureError.Part) throws(CaptureError) {
      let missing = start + count - bytes.count
      if missing > 0 { throw CaptureError(offset: bytes.count, reason: .truncated(part, missing: missing)) }
    }

    private func word(at index: Int) -> UInt32 {
      let value = bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
      return isBigEndian ? value : value.byteSwapped
    }
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) { append(word: value.byteSwapped) }
}
