import Dissection
import Lab

/// Where in the protocol a step is, in a few words.
package enum Place {
  /// For a message: its place among those of its phase.
  package static func text(of message: Message) -> String? {
    switch message.kind {
    case .payloadHeader, .payload, .endMark: return "transfer"
    case .stream, .streamPing, .streamSelect, .getAck, .ack: return "stream"
    case .fullResync, .partialResync: return "handshake 6/6, PSYNC is answered"
    case .malformed, .truncated, .unknown: return nil
    default: return number(of: message).map { "handshake \($0)/6" }
    }
  }

  /// Redis's six states of the handshake that wait for a reply, counted as they come: PING, AUTH, listening-port,
  /// ip-address, capa, PSYNC. Two of them are passed over where nothing is configured that calls for them.
  private static func number(of message: Message) -> Int? {
    switch message.stage {
    case .receivePingReply: 1
    case .receiveAuthReply: 2
    case .receivePortReply: 3
    case .receiveIPReply: 4
    case .receiveCapaReply: 5
    case .receivePsyncReply: 6
    case .commands, .sendHandshake, .sendPsync, .transfer, .connected, .broken: nil
    }
  }

  /// For a phase alone, where no message became whole.
  package static func text(of phase: Phase) -> String {
    switch phase {
    case .connect: "connecting"
    case .handshake: "handshake"
    case .psync: "handshake 6/6, PSYNC waits for its answer"
    case .wait: "waiting for the snapshot"
    case .transfer: "transfer"
    case .load: "loading the snapshot"
    case .stream: "stream"
    }
  }
}
