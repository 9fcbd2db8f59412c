/// What `tcpdump -nn` 4.99.3 prints of frames, to the byte, with `-A` or `-X` if wanted.
///
/// It remembers the first sequence numbers of each connection that it has seen, as tcpdump does: they are what the later
/// ones are counted from. So one value prints one session, from its first packet on; or it is told of the connections.
///
/// TCP is printed whole, over IPv4 and IPv6 and every `LinkType`. What tcpdump decodes of the payload is decoded here for
/// port 6379 (Redis). Its decoders for other well-known ports are not imitated: such packets print as those of any other port
/// do. Of other protocols there are the ends and the length. `TcpdumpDifferences` counts both.
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
  /// The interfaces of Linux cooked captures v2: tcpdump prints how the machine that it runs on calls them.
  package var interfaceNames: [UInt32: String] = [:]

  /// The connections seen, by their two ends.
  var conversations: [Pair: FirstNumbers] = [:]

  /// Both ends of a connection, in an order that does not depend on who sends.
  struct Pair: Hashable {
    var lower: Endpoint
    var upper: Endpoint

    /// tcpdump's order: by port, then by address.
    init(_ source: Endpoint, _ destination: Endpoint) {
      let isSwapped = Self.isSwapped(source, destination)
      (lower, upper) = isSwapped ? (destination, source) : (source, destination)
    }

    static func isSwapped(_ source: Endpoint, _ destination: Endpoint) -> Bool {
      source.port == destination.port ? destination.address < source.address : source.port > destination.port
    }
  }

  /// The sequence number before the first byte of each end.
  struct FirstNumbers: Hashable {
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
    know(opener.local, opener.initialSequence, opener.remote, conversation[.acceptor].initialSequence)
  }

  /// Learns the sequence numbers before the first bytes of both ends of a connection.
  package mutating func know(_ one: Endpoint, _ first: UInt32, _ other: Endpoint, _ second: UInt32) {
    conversations[Pair(one, other)] =
      Pair.isSwapped(one, other)
      ? FirstNumbers(lower: second, upper: first) : FirstNumbers(lower: first, upper: second)
  }

  /// The packet's line and contents, each line with its newline.
  package mutating func text(of packet: Packet) -> String {
    var out = TextBuffer()
    append(Frame(packet), to: &out)
    return out.string
  }

  /// Appends the frame's line and contents, each line with its newline.
  package mutating func append(_ frame: Frame, to out: inout TextBuffer) {
    guard isPlausible(frame, &out) else { return }
    appendTime(frame.timestamp, to: &out)
    out.append(" ")
    let bytes = frame.bytes.slice.span
    let headerLength = appendLine(frame, bytes, to: &out)
    if headerLength < bytes.count {
      let datagram = bytes.extracting(headerLength..<bytes.count)
      switch contents {
      case .none: break
      case .ascii:
        out.append("\n")
        out.append(ascii: datagram)
      case .hexAndASCII: out.append(hexAndASCII: datagram)
      }
    }
    out.append("\n")
  }

  /// A record of nothing, or longer than its frame, has no line but this.
  private func isPlausible(_ frame: Frame, _ out: inout TextBuffer) -> Bool {
    let (captured, length) = (frame.bytes.count, frame.wireLength)
    var faults: [String] = captured == 0 ? [" caplen==0"] : []
    if length == 0 {
      faults.append(" len==0")
    } else if length < captured {
      faults.append(" len(\(length)) < caplen(\(captured))")
    }
    if captured > Pcap.snapshotLength { faults.append(" caplen(\(captured)) > \(Pcap.snapshotLength)") }
    if length > Pcap.snapshotLength { faults.append(" len(\(length)) > \(Pcap.snapshotLength)") }
    guard !faults.isEmpty else { return true }
    out.append("[Invalid header:" + faults.joined(separator: ",") + "]\n")
    return false
  }

  private func appendTime(_ timestamp: Int64, to out: inout TextBuffer) {
    let seconds = timestamp / 1_000_000_000
    guard timestamp >= 0, seconds < 0x8000_0000 else { return out.append("[Error converting time]") }
    let day = ((seconds + Int64(secondsFromUTC)) % 86_400 + 86_400) % 86_400
    out.append(decimal: UInt64(day / 3_600), width: 2)
    out.append(":")
    out.append(decimal: UInt64(day / 60 % 60), width: 2)
    out.append(":")
    out.append(decimal: UInt64(day % 60), width: 2)
    out.append(".")
    out.append(decimal: UInt64(timestamp / 1_000 % 1_000_000), width: 6)
  }
}

extension TextBuffer {
  /// A number with zeros before it.
  fileprivate mutating func append(decimal number: UInt64, width: Int) {
    var scale: UInt64 = 1
    for _ in 1..<width { scale *= 10 }
    while scale > 0 {
      append(byte: 0x30 + UInt8(truncatingIfNeeded: number / scale % 10))
      scale /= 10
    }
  }
}

extension TcpdumpText {
  /// What -A prints of these bytes.
  package static func ascii(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    var out = TextBuffer()
    out.append(ascii: Array(bytes).span)
    return out.string
  }
}
