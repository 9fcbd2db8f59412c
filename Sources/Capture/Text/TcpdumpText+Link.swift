/// Where a frame ends too soon: tcpdump says in which protocol, and then prints all of the frame or only the datagram.
enum Cut: Error {
  /// The printer of the protocol saw it coming, and said so.
  case told
  /// It ran over the end: the link's header is printed with the rest.
  case jumped(StaticString)
}

extension TcpdumpText {
  /// Prints what follows the time. Returns how many bytes of the frame are not printed with the contents.
  mutating func appendLine(_ frame: Frame, _ bytes: Span<UInt8>, to out: inout TextBuffer) -> Int {
    do throws(Cut) {
      return try appendLink(frame, bytes, to: &out)
    } catch {
      if case .jumped(let name) = error { out.appendCut(name) }
      return 0
    }
  }

  private mutating func appendLink(
    _ frame: Frame, _ bytes: Span<UInt8>, to out: inout TextBuffer
  ) throws(Cut) -> Int {
    switch frame.linkType {
    case .raw:
      switch bytes[0] >> 4 {
      case 4: try appendIPv4(bytes, at: 0, length: frame.wireLength, to: &out)
      case 6: try appendIPv6(bytes, at: 0, length: frame.wireLength, to: &out)
      case let version: out.append("ip: unknown ip version \(version)")
      }
      return 0
    case .linuxCooked2:
      guard bytes.count >= 20 else { throw .jumped("sll2") }
      let name = interfaceNames[bytes.word32(at: 4)] ?? "?"
      out.append(name.padded(to: 5) + " " + (Self.directions[bytes[10]] ?? "?").padded(to: 3) + " ")
    case .linuxCooked where bytes.count < 16: throw .jumped("sll")
    case .null where bytes.count < 4, .loop where bytes.count < 4: throw .jumped("null")
    case .ethernet where bytes.count < 14:
      out.appendCut("ether")
      return bytes.count
    default: break
    }
    guard let (offset, type) = frame.linkType.network(in: bytes) else {
      out.appendCut("vlan")
      return bytes.count
    }
    do throws(Cut) {
      try appendNetwork(type, bytes, at: offset, frame, to: &out)
    } catch {
      guard case .told = error else { throw error }
    }
    return offset
  }

  /// What a cooked header says of a packet's way.
  private static let directions: [UInt8: String] = [0: "In", 1: "B", 2: "M", 3: "P", 4: "Out"]

  private mutating func appendNetwork(
    _ type: UInt16, _ bytes: Span<UInt8>, at offset: Int, _ frame: Frame, to out: inout TextBuffer
  ) throws(Cut) {
    let length = frame.wireLength - offset
    if frame.linkType == .linuxCooked || frame.linkType == .linuxCooked2 {
      appendTags(frame.linkType, bytes, to: &out)
    }
    switch type {
    case 0x0800: try appendIPv4(bytes, at: offset, length: length, to: &out)
    case 0x86dd: try appendIPv6(bytes, at: offset, length: length, to: &out)
    case 0x0806: try appendARP(bytes, at: offset, length: length, to: &out)
    default:
      out.append("ethertype 0x")
      out.append(hex: type, width: 4)
      out.append(", length \(length)")
    }
  }

  /// In cooked captures, each tag is said, even without -e.
  private func appendTags(_ linkType: LinkType, _ bytes: Span<UInt8>, to out: inout TextBuffer) {
    var type = bytes.word16(at: linkType == .linuxCooked ? 14 : 0)
    var position = linkType == .linuxCooked ? 16 : 20
    while LinkType.isTag(type) {
      type = bytes.word16(at: position + 2)
      position += 4
      let names: [UInt16: String] = [0x0800: "IPv4", 0x0806: "ARP", 0x86dd: "IPv6", 0x8100: "802.1Q"]
      out.append("ethertype \(names[type] ?? "Unknown"), ")
    }
  }

  private func appendARP(
    _ bytes: Span<UInt8>, at start: Int, length: Int, to out: inout TextBuffer
  ) throws(Cut) {
    guard start + 28 <= bytes.count else { return out.appendCut("arp") }
    func address(_ at: Int) -> IPv4Address { IPv4Address(rawValue: bytes.word32(at: start + at)) }
    func hardware(_ at: Int) -> String {
      (0..<6).map { index in
        let digits = String(bytes[start + at + index], radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
      }.joined(separator: ":")
    }
    out.append("ARP, ")
    switch bytes.word16(at: start + 6) {
    case 1:
      out.append("Request who-has \(address(24))")
      if (0..<6).contains(where: { bytes[start + 18 + $0] != 0 }) { out.append(" (\(hardware(18)))") }
      out.append(" tell \(address(14))")
    case 2: out.append("Reply \(address(14)) is-at \(hardware(8))")
    case let operation: out.append("Unknown (\(operation)) ")
    }
    out.append(", length \(length)")
  }
}

extension TextBuffer {
  mutating func appendCut(_ name: StaticString) {
    append(" [|")
    append(name)
    append("]")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - utf8.count)) }
}

extension Span<UInt8> {
  func word16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }
  func word32(at index: Int) -> UInt32 { UInt32(word16(at: index)) << 16 | UInt32(word16(at: index + 2)) }
  func word64(at index: Int) -> UInt64 { UInt64(word32(at: index)) << 32 | UInt64(word32(at: index + 4)) }
}
