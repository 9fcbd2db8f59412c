import Dissection
import Synchronization

extension Timeline {
  /// The annotated tree of a message that a step delivered; `worlds` are the moments around the step, the later first:
  /// connections that ended with it are known before.
  package func fields(of delivery: Delivery, inStep number: Int, worlds: [World]) -> Field? {
    plainFields(of: delivery, inStep: number, worlds: worlds)?.marked(delivery.marks)
  }

  private func plainFields(of delivery: Delivery, inStep number: Int, worlds: [World]) -> Field? {
    if case .payload = delivery.message.kind, let recorded = history as? RecordingHistory {
      // The step in which the transfer began.
      let transfer = worlds.lazy.compactMap { $0.recorded?.link(delivery.link)?.transferStep }.first
      return recorded.payloadFields(of: delivery, inStep: number, transfer: transfer)
    }
    return delivery.fields(in: worlds)
  }
}

extension Delivery {
  /// The annotated tree of the message, as the first of these worlds that knows its connection has it. Without what only the
  /// timeline knows: the marks, and where in a recorded snapshot a piece of it stands.
  package func fields(in worlds: [World]) -> Field? {
    worlds.lazy.compactMap { $0.dissector(of: link) }.first?.fields(of: message)
  }
}

extension RecordingHistory {
  /// Names the bytes of a piece of a snapshot. What is in front of it is read again, unless it was the piece before that
  /// was asked for last.
  fileprivate func payloadFields(of delivery: Delivery, inStep number: Int, transfer: Int?) -> Field? {
    guard case .payload(let range) = delivery.message.kind, let transfer else { return nil }
    var dissector = PayloadDissector()
    var first = transfer
    if let mark = payloadMark.withLock(\.self), mark.link == delivery.link, mark.transfer == transfer,
      mark.dissector.position <= range.lowerBound
    {
      dissector = mark.dissector
      first = mark.step
    }
    for step in first..<number + 1 {
      for earlier in self.step(step).delivered where earlier.link == delivery.link {
        guard case .payload(let piece) = earlier.message.kind, piece.lowerBound >= dissector.position else { continue }
        let fields = dissector.fields(of: earlier.message)
        guard piece == range, step == number else { continue }
        let mark = PayloadMark(link: delivery.link, transfer: transfer, step: number, dissector: dissector)
        payloadMark.withLock { $0 = mark }
        return fields
      }
    }
    return nil
  }
}

/// How far a snapshot's bytes have been named, to go on from there.
struct PayloadMark: Sendable {
  var link: Link.ID
  var transfer: Int
  /// The step of the last piece.
  var step: Int
  var dissector: PayloadDissector
}
