import Capture
import Dissection
import Lab

/// What TCP did in a recording, where it was more than to carry bytes in their order: the words, made here and nowhere
/// else.
package enum RemarkView {
  static func lines(_ remarked: Step.Remarked, in world: World) -> [Line] {
    guard let text = text(remarked.remark, on: world.recorded?.link(remarked.link)) else { return [] }
    return Line.filled(text, isFault(remarked.remark) ? .fault : .dim, indent: 2)
  }

  /// One line without a full stop; nil for what the step's heading says already. Ends go by the names that the link has
  /// for them.
  package static func text(_ remark: Remark, on link: RecordedConnection?) -> String? {
    func name(_ side: Side) -> String {
      link?[side].party.name ?? (side == .opener ? "the opener" : "the acceptor")
    }
    switch remark {
    case .begins, .finished, .reset: return nil
    case .underWay: return ArrowsReader.underWay
    case .portsUsedAgain(let earlier): return "a new connection between the ports of link \(earlier)"
    case .joined(let other):
      return "one sync with link \(other): the stream comes over one, the snapshot over the other"
    case .sidesTurned:
      return "who had been taken for the opener is the acceptor, and the other way round"
    case .sidesGuessed:
      return "nothing said so far tells who opened this connection: it is read as if the ports told"
    case .retransmission(let stretch, let agrees):
      guard !stretch.range.isEmpty else { return "a SYN that came before, again" }
      return "\(bytes(stretch)) of \(name(stretch.side)) came before: a retransmission\(verdict(agrees))"
    case .overlap(let stretch, let agrees):
      return "\(bytes(stretch)) of \(name(stretch.side)) came before; the first are kept\(verdict(agrees))"
    case .outOfOrder(let stretch, let missing):
      return "out of order: \(bytes(stretch)) of \(name(stretch.side)) wait for \(counted(missing, "byte")) before them"
    case .lost(let stretch, let reason):
      return
        "\(bytes(stretch)) of \(name(stretch.side)) are not in the recording: \(text(reason, name(stretch.side.other)))"
    case .found(let side, let offset):
      return "from byte \(offset) on it is clear again what \(name(side)) says"
    case .readFromText(_, let reading):
      if let summary = reading.summary { return summary }
      let count = reading.unknownCount
      return count == 0
        ? nil : "\(counted(count, "byte")) of this \(count == 1 ? "is" : "are") not known: the text has dots"
    case .keepAliveProbe(let side): return "TCP's keep-alive: \(name(side)) asks whether the other end is there"
    case .windowProbe(let side): return "TCP's window probe: \(name(side)) asks whether the other end has room again"
    case .outOfWindow(let side, let count):
      return "\(counted(count, "byte")) of \(name(side)) that cannot belong to this connection; they are ignored"
    case .abandoned: return "other packets took this connection's ports before it had ended"
    case .forgotten: return "too many connections are open at once; this one, long silent, is given up"
    }
  }

  /// `bytes 120–180`, counted as in the messages' fields.
  private static func bytes(_ stretch: Stretch) -> String {
    stretch.range.count == 1
      ? "byte \(stretch.range.lowerBound)" : "bytes \(stretch.range.lowerBound)–\(stretch.range.upperBound - 1)"
  }

  private static func verdict(_ agrees: Bool?) -> String {
    switch agrees {
    case true?: ""
    case false?: ", but the bytes are others"
    case nil: "; what they were then is not known any more"
    }
  }

  private static func text(_ reason: Remark.Reason, _ receiver: String) -> String {
    switch reason {
    case .acknowledged: "\(receiver) acknowledged them, so it has them"
    case .cut: "the snapshot length of the capture cut them off"
    case .ended: "they have not come by the end"
    case .tooMuchHeld: "too much waits behind them"
    }
  }

  /// Whether something is missing, or not as it was.
  private static func isFault(_ remark: Remark) -> Bool {
    switch remark {
    case .lost, .sidesTurned, .sidesGuessed, .outOfWindow, .abandoned, .forgotten: true
    case .retransmission(_, let agrees), .overlap(_, let agrees): agrees == false
    default: false
    }
  }
}
