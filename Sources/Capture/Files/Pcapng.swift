/// Capture files in the format of Wireshark: blocks, each with its length before and behind it
/// (ietf.org/archive/id/draft-ietf-opsawg-pcapng). Those written here have one section with one interface.
///
/// ```
///   section header    0a0d0d0a · length · 1a2b3c4d · version 1, 0 · section length -1 · length
///   interface         1 · length · link type · 0 · snapshot length · [option 9: 1 byte, 9 for ns] · length
///   packet            6 · length · interface 0 · time, upper and lower half · captured · on the wire · frame, padded · length
/// ```
package enum Pcapng {
  /// The section and its interface; packets may follow one by one.
  package static func header(linkType: LinkType, isNanoseconds: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    for word: UInt32 in [0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, .max, .max, 28] { bytes.append(littleEndian: word) }
    let length: UInt32 = isNanoseconds ? 32 : 20
    for word in [1, length, linkType.rawValue, UInt32(Pcap.snapshotLength)] { bytes.append(littleEndian: word) }
    if isNanoseconds { bytes += [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0] }
    bytes.append(littleEndian: length)
    return bytes
  }

  /// Appends one frame's block, in the resolution that the header has promised.
  package static func append(_ frame: Frame, isNanoseconds: Bool = false, to bytes: inout [UInt8]) {
    let padding = (4 - frame.bytes.count % 4) % 4
    let length = UInt32(truncatingIfNeeded: 32 + frame.bytes.count + padding)
    let time = UInt64(bitPattern: isNanoseconds ? frame.timestamp : frame.timestamp / 1_000)
    let words = [
      6, length, 0, UInt32(time >> 32), UInt32(truncatingIfNeeded: time),
      UInt32(truncatingIfNeeded: frame.bytes.count), UInt32(truncatingIfNeeded: frame.wireLength),
    ]
    for word in words { bytes.append(littleEndian: word) }
    bytes.append(contentsOf: frame.bytes.slice)
    bytes.append(contentsOf: repeatElement(0, count: padding))
    bytes.append(littleEndian: length)
  }
}
