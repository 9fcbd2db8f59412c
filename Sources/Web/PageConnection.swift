import FlyingFox
import Foundation

/// One page's WebSocket: its requests on the way in, what it is sent on the way out.
struct PageConnection: WSHandler {
  let pages: Pages
  let guardian: ConnectionGuard
  /// The page's port.
  let peer: UInt16

  /// So long is a message at most, in however many frames.
  static let messageLimit = 1 << 16

  func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
    guardian.admit(peer)
    let box = Outbox { [guardian, peer] in guardian.shut(peer) }
    let page = pages.open(box)
    Task.detached { [self] in
      let code = await read(client, of: page, box)
      box.push(.close(code: code))
      pages.close(page)
      guardian.forget(peer)
    }
    // One frame is taken at a time, when the one before it has been written: what is not read waits in the box.
    return AsyncStream { await box.next() }
  }

  /// Takes what the page says until it goes, or says what can't be.
  private func read(
    _ client: AsyncThrowingStream<WSFrame, any Error>, of page: WebServer.PageID, _ box: Outbox
  ) async -> WSCloseCode {
    var message = Data()
    var isInMessage = false
    do {
      for try await frame in client {
        guardian.heard(peer)
        // RFC 6455, 5.2: no extension was agreed on that would give the reserved bits a meaning.
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .protocolError }
        switch frame.opcode {
        case .close: return .normalClosure
        case .ping:
          guard frame.payload.count <= 125, frame.fin else { return .protocolError }
          box.push(WSFrame(fin: true, opcode: .pong, mask: nil, payload: frame.payload))
          continue
        case .pong: continue
        case .text where !isInMessage, .continuation where isInMessage: message.append(frame.payload)
        default: return .protocolError
        }
        guard message.count <= Self.messageLimit else { return .messageTooBig }
        isInMessage = !frame.fin
        guard frame.fin else { continue }
        guard let request = try? PageRequest(message) else { return .unsupportedData }
        guard pages.take(request, of: page) else { return .policyViolation }
        message = Data()
      }
    } catch {
      return .goingAway
    }
    return .goingAway
  }
}
