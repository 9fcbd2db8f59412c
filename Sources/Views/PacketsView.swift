import Capture
import Lab

/// The packets of a step as tcpdump prints them: `-A` for `view tcpdump`, `-X` for `view hex`.
package enum PacketsView {
  /// - Parameters:
  ///   - worlds: the moments before and after the step; sequence numbers count from the beginning of the connections
  ///     that they know, as in a tcpdump that has watched all along.
  ///   - secondsFromUTC: what local time is ahead of UTC; tcpdump prints local time.
  ///   - page: how much of a packet is shown.
  package static func lines(
    _ packets: [Packet], _ contents: TcpdumpText.Contents, worlds: [World], secondsFromUTC: Int = 0, page: Page = .whole
  ) -> [Line] {
    var text = TcpdumpText(contents, secondsFromUTC: secondsFromUTC)
    for world in worlds {
      for link in world.links { text.know(link.conversation) }
    }
    // In a recording the packet itself may be what the numbers are learned from.
    for packet in packets {
      guard let link = worlds.first?.recorded?.link(of: packet), let first = link.firstNumbers else { continue }
      text.know(link.opener.endpoint, first.opener, link.acceptor.endpoint, first.acceptor)
    }
    return packets.flatMap { packet -> [Line] in
      let rows = text.text(of: packet).dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      let (shown, rest) = beginning(Array(rows.dropFirst()), of: packet, contents, page)
      let lines = shown.map { Line(hidingUnknown($0, of: packet), .dim) } + (rest > 0 ? [page.more(rest)] : [])
      return (page.wraps ? Line.hanging(rows[0]) : [Line(rows[0])]) + lines
    }
  }

  /// What a page shows of the rows under a packet's line, and how many bytes are left.
  private static func beginning(
    _ rows: [String], of packet: Packet, _ contents: TcpdumpText.Contents, _ page: Page
  ) -> (rows: [String], rest: Int) {
    guard let rowLimit = page.rowLimit, let most = page.wholeRows, contents != .none else { return (rows, 0) }
    // The frame's header is not among what is printed.
    let datagram = Array(packet.frame.dropFirst(14))
    if contents == .hexAndASCII {
      guard rows.count > most else { return (rows, 0) }
      return (Array(rows.prefix(rowLimit)), max(0, datagram.count - 16 * min(rowLimit, datagram.count / 16 + 1)))
    }
    let count = Excerpt.fitting(datagram, on: page)
    guard count < datagram.count else { return (rows, 0) }
    let text = TcpdumpText.ascii(Array(datagram[..<count]))
    return (text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), datagram.count - count)
  }

  /// A row of -X, `\t0x0010:  7f00 0001 …`, with `··` for each byte that the text of a recording does not show.
  private static func hidingUnknown(_ row: String, of packet: Packet) -> String {
    guard let reading = packet.reading, reading.unknownCount > 0, row.hasPrefix("\t0x"),
      let offset = Int(row.dropFirst(3).prefix { $0 != ":" }, radix: 16)
    else { return row }
    var characters = Array(row)
    // The payload is what the datagram ends with.
    let payload = packet.length + 14 - packet.wireLength
    for index in 0..<16 where reading.marks.mark(at: offset + index + payload)?.certainty == .unknown {
      let column = 11 + 2 * index + index / 2
      guard column + 1 < characters.count else { break }
      characters[column] = "·"
      characters[column + 1] = "·"
    }
    return String(characters)
  }

  /// The same as one text, byte for byte what tcpdump prints of a whole session: its packets in order, from the first
  /// one on.
  package static func text(
    ofSession packets: some Sequence<Packet>, _ contents: TcpdumpText.Contents, secondsFromUTC: Int = 0
  ) -> String {
    var text = TcpdumpText(contents, secondsFromUTC: secondsFromUTC)
    return packets.reduce(into: "") { $0 += text.text(of: $1) }
  }
}
