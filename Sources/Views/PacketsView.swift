import Capture
import Lab

/// The packets of a step as tcpdump prints them: `-A` for `view tcpdump`, `-X` for `view hex`.
package enum PacketsView {
  /// - Parameters:
  ///   - worlds: the moments before and after the step; sequence numbers count from the beginning of the connections
  ///     that they know, as in a tcpdump that has watched all along.
  ///   - secondsFromUTC: what local time is ahead of UTC; tcpdump prints local time.
  package static func lines(
    _ packets: [Packet], _ contents: TcpdumpText.Contents, worlds: [World], secondsFromUTC: Int = 0
  ) -> [Line] {
    var text = TcpdumpText(contents, secondsFromUTC: secondsFromUTC)
    for world in worlds {
      for link in world.links { text.know(link.conversation) }
    }
    // In a recording the packet itself may be what the numbers are learned from.
    for link in worlds.first?.recorded?.links ?? [] {
      guard let first = link.firstNumbers else { continue }
      text.know(link.opener.endpoint, first.opener, link.acceptor.endpoint, first.acceptor)
    }
    return packets.flatMap { packet in
      text.text(of: packet).dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
        Line(String($1), $0 == 0 ? .plain : .dim)
      }
    }
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
