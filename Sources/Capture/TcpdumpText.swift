/// What `tcpdump -nn` 4.99.3 prints of packets, to the byte, with `-A` or `-X` if wanted.
///
/// It remembers the first sequence numbers of each connection that it has seen, as tcpdump does: they are what the later
/// ones are counted from. So one value prints one session, from its first packet on; or it is told of the connections.
///
/// What tcpdump decodes of the payload is decoded here for port 6379 (Redis). Its decoders for other well-known ports
/// (21, 22, 23, 25, 43, 53, 80, 139, 179, 323, 445, 554, 639, 646, 1723, 2049, 6633, 6653, 8080, 8554, 10288) are not
/// imitated: such packets print as those of any other port do.
package struct TcpdumpText: Hashable, Sendable {
  /// What is printed under a packet's line.
  package enum Contents: Hashable, Sendable {
    case none
    /// `-A`: the datagram as text.
    case ascii
    /// `-X`: the datagram in hex and as text.
    case hexAndASCII
  }

  /// What local time is ahead of UTC, in seconds: tcpdump prints local time.
  package var secondsFromUTC: Int
  package var contents: Contents

  /// The connections seen, by their two ends.
  private var conversations: [Pair: FirstNumbers] = [:]

  /// Both ends of a connection, in an order that does not depend on who sends.
  private struct Pair: Hashable {
    var lower: Endpoint
    var upper: Endpoint
  }

  /// The sequence number before the first byte of each end.
  private struct FirstNumbers: Hashable {
    var lower: UInt32
    var upper: UInt32
  }

  package init(_ contents: Contents = .none, secondsFromUTC: Int = 0) {
    self.contents = contents
    self.secondsFromUTC = secondsFromUTC
  }

  /// Learns what tcpdump would know had it seen the connection's first packets.
  package mutating func know(_ conversation: TCPConversation) {
    let opener = conversation[.opener]
    let (pair, isSwapped) = Self.pair(opener.local, opener.remote)
    let (first, second) = (opener.initialSequence, conversation[.acceptor].initialSequence)
    conversations[pair] =
      isSwapped ? FirstNumbers(lower: second, upper: first) : FirstNumbers(lower: first, upper: second)
  }

  /// The packet's line and contents, each line with its newline.
  package mutating func text(of packet: Packet) -> String {
    var out = TextBuffer()
    out.append(time(packet.timestamp))
    out.append(" IP \(packet.source) > \(packet.destination): ")
    appendSegment(packet, to: &out)
    switch contents {
    case .none: break
    case .ascii: Self.appendASCII(packet.datagram, to: &out)
    case .hexAndASCII: Self.appendHexAndASCII(packet.datagram, to: &out)
    }
    out.append("\n")
    return out.string
  }

  private static func pair(_ source: Endpoint, _ destination: Endpoint) -> (Pair, isSwapped: Bool) {
    let isSwapped =
      source.port == destination.port
      ? source.address.rawValue > destination.address.rawValue : source.port > destination.port
    return isSwapped
      ? (Pair(lower: destination, upper: source), true) : (Pair(lower: source, upper: destination), false)
  }

  private func time(_ timestamp: Int64) -> String {
    let seconds = timestamp / 1_000_000_000
    guard seconds >= 0, seconds < 0x8000_0000 else { return "[Error converting time]" }
    let day = ((seconds + Int64(secondsFromUTC)) % 86_400 + 86_400) % 86_400
    return "\(two(day / 3_600)):\(two(day / 60 % 60)):\(two(day % 60)).\(six(timestamp / 1_000 % 1_000_000))"
  }

  private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
  private func six(_ number: Int64) -> String { String(String(1_000_000 + number).dropFirst()) }
}

extension TcpdumpText {
  private mutating func appendSegment(_ packet: Packet, to out: inout TextBuffer) {
    out.append("Flags [\(Self.text(of: packet.flags))]")
    let base = packet.flags.contains(.acknowledgement) ? firstNumbers(for: packet) : nil
    let (sequence, acknowledgement) = numbers(of: packet, base: base)
    if packet.length > 0 || !packet.flags.isDisjoint(with: [.syn, .fin, .reset]) {
      out.append(", seq \(sequence)")
      if packet.length > 0 { out.append(":\(sequence &+ UInt32(packet.length))") }
    }
    if packet.flags.contains(.acknowledgement) { out.append(", ack \(acknowledgement)") }
    out.append(", win \(packet.window)")
    if packet.flags.contains(.urgent) { out.append(", urg \(packet.urgentPointer)") }
    if packet.options.count > 0 {
      out.append(", options [")
      // A selective acknowledgement counts from the receiver's own first number.
      let peersFirst = base.map { $0.isSwapped ? $0.first.lower : $0.first.upper } ?? 0
      guard Self.appendOptions(packet.options.bytes, peersFirst: peersFirst, to: &out) else { return }
      out.append("]")
    }
    out.append(", length \(packet.length)")
    if packet.length > 0, packet.source.port == 6379 || packet.destination.port == 6379 {
      Self.appendRESP(packet.payload, isCut: packet.missing > 0, to: &out)
    }
  }

  private struct Base {
    var first: FirstNumbers
    var isSwapped: Bool
    /// Whether this very packet taught us the numbers: its own are then printed as they are.
    var isNew: Bool
  }

  private mutating func firstNumbers(for packet: Packet) -> Base {
    let (pair, isSwapped) = Self.pair(packet.source, packet.destination)
    if let known = conversations[pair], !packet.flags.contains(.syn) {
      return Base(first: known, isSwapped: isSwapped, isNew: false)
    }
    let (ours, theirs) = (packet.sequence, packet.acknowledgement &- 1)
    let first = isSwapped ? FirstNumbers(lower: theirs, upper: ours) : FirstNumbers(lower: ours, upper: theirs)
    conversations[pair] = first
    return Base(first: first, isSwapped: isSwapped, isNew: true)
  }

  private func numbers(of packet: Packet, base: Base?) -> (sequence: UInt32, acknowledgement: UInt32) {
    guard let base, !base.isNew else { return (packet.sequence, packet.acknowledgement) }
    let (ours, theirs) =
      base.isSwapped ? (base.first.upper, base.first.lower) : (base.first.lower, base.first.upper)
    return (packet.sequence &- ours, packet.acknowledgement &- theirs)
  }

  private static func text(of flags: TCPFlags) -> String {
    var text = ""
    for (bit, letter) in zip(0..., "FSRP.UEW") where flags.rawValue >> bit & 1 == 1 { text.append(letter) }
    return text.isEmpty ? "none" : text
  }
}
