import Capture

extension Recording {
  /// Tells the format by the first bytes, without taking them.
  static func sniff(
    _ source: ByteSource, path: String
  ) throws(RecordingError) -> (format: Format, isNanoseconds: Bool) {
    let start = Array(source.peek(4).prefix(4))
    switch start {
    case [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0x34, 0xcd, 0xb2, 0xa1], [0xa1, 0xb2, 0xcd, 0x34]:
      return (.pcap, false)
    case [0x4d, 0x3c, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d]: return (.pcap, true)
    case [0x0a, 0x0d, 0x0d, 0x0a]: return (.pcapng, firstInterfaceIsInNanoseconds(source))
    default: break
    }
    if let failure = source.failure { throw RecordingError(.input, path: path, failure, at: .byte(source.position)) }
    guard !start.isEmpty else { throw RecordingError(.input, path: path, "is empty") }
    return (try sniffText(source, path: path), false)
  }

  /// The first line that is one of tcpdump's, or an arrow, decides; it must come within the first 64 KiB.
  private static func sniffText(_ source: ByteSource, path: String) throws(RecordingError) -> Format {
    var wanted = 1
    while true {
      let bytes = source.peek(wanted)
      let isAll = bytes.count < wanted || bytes.count >= 65_536
      for line in bytes.split(separator: 0x0a) {
        if TcpdumpLine.isHeader(line) { return .tcpdump }
        if ArrowsReader.isArrow(line) { return .arrows }
      }
      if isAll { break }
      wanted = bytes.count + 1
    }
    let isRDB = source.peek(5).starts(with: Array("REDIS".utf8))
    throw RecordingError(
      .format, path: path,
      isRDB ? "is an RDB file, not a transcript" : "is neither a capture file, nor text of tcpdump, nor arrows",
      at: .byte(0),
      advice: isRDB
        ? "`replab inspect` shows what is in it."
        : "Record one with: tcpdump -i lo -s 0 -w FILE port 7000")
  }

  /// The resolution is option 9 of the interface: a power of ten, six unless told otherwise.
  private static func firstInterfaceIsInNanoseconds(_ source: ByteSource) -> Bool {
    let isBigEndian = source.peek(9).dropFirst(8).first == 0x1a
    func number(_ at: Int, _ count: Int) -> Int? {
      guard at + count <= 65_536 else { return nil }
      let field = source.peek(at + count).dropFirst(at).prefix(count)
      guard field.count == count else { return nil }
      return (isBigEndian ? Array(field) : field.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
    var block = 0
    while let type = number(block, 4), let length = number(block + 4, 4), length >= 12 {
      if type == 1 {
        var option = block + 16
        while let code = number(option, 2), let count = number(option + 2, 2), code != 0, option < block + length {
          if code == 9, let value = number(option + 4, 1) { return value & 0x7f > 6 }
          option += 4 + (count + 3) / 4 * 4
        }
        return false
      }
      block += length
    }
    return false
  }
}
