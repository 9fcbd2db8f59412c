import FlyingFox
import Foundation
import Synchronization

/// The pages that are connected, what they have asked, and what each is still to be sent. (It is shared between the threads
/// of the server and the session's.)
final class Pages: Sendable {
  private let state = Mutex(State())
  private let wake: Wake
  private let urgent: @Sendable (PageRequest) -> Bool

  private struct State {
    var boxes: [WebServer.PageID: Outbox] = [:]
    var last = 0
    var events: [WebServer.Event] = []
    /// Requests of each page that the session has not taken.
    var waiting: [WebServer.PageID: Int] = [:]
  }

  /// So many pages look at once, and each has so many requests under way.
  static let limit = 100
  private static let requestLimit = 256

  init(wake: Wake, urgent: @escaping @Sendable (PageRequest) -> Bool) {
    self.wake = wake
    self.urgent = urgent
  }

  var count: Int { state.withLock { $0.boxes.count } }
  var hasRoom: Bool { count < Self.limit }

  func open(_ box: Outbox) -> WebServer.PageID {
    let page = state.withLock { state in
      state.last += 1
      state.boxes[state.last] = box
      state.events.append(.opened(state.last))
      return state.last
    }
    wake.ring()
    return page
  }

  func close(_ page: WebServer.PageID) {
    let box = state.withLock { state -> Outbox? in
      guard let box = state.boxes.removeValue(forKey: page) else { return nil }
      state.waiting[page] = nil
      state.events.append(.closed(page))
      return box
    }
    box?.finish()
    wake.ring()
  }

  /// Takes a request; false: the page asks for more than it waits for.
  func take(_ request: PageRequest, of page: WebServer.PageID) -> Bool {
    if urgent(request) { return true }
    let isTaken = state.withLock { state in
      guard state.waiting[page, default: 0] < Self.requestLimit else { return false }
      state.waiting[page, default: 0] += 1
      state.events.append(.asked(page, request))
      return true
    }
    wake.ring()
    return isTaken
  }

  func takeEvents() -> [WebServer.Event] {
    wake.silence()
    return state.withLock { state in
      defer { (state.events, state.waiting) = ([], [:]) }
      return state.events
    }
  }

  func send(_ text: String, to page: WebServer.PageID) {
    state.withLock { $0.boxes[page] }?.push(text)
  }

  func sendToAll(_ text: String) {
    for box in state.withLock({ Array($0.boxes.values) }) { box.push(text) }
  }

  func closeAll() {
    for page in state.withLock({ Array($0.boxes.keys) }) { close(page) }
  }
}

/// What a page is still to be sent. One that does not read is let go once too much waits for it, as Redis does with a client's
/// output buffer: it may connect again, and is then told all anew.
final class Outbox: Sendable {
  private let state = Mutex(State())
  /// Closes the connection under a write that nobody takes.
  private let abort: @Sendable () -> Void

  private struct State {
    var frames: [WSFrame] = []
    var first = 0
    var size = 0
    var isOver = false
    var waiter: CheckedContinuation<WSFrame?, Never>?
  }

  /// Bytes that wait at most.
  private static let limit = 32 << 20

  init(abort: @escaping @Sendable () -> Void) { self.abort = abort }

  func push(_ text: String) { push(WSFrame(fin: true, opcode: .text, mask: nil, payload: Data(text.utf8))) }

  func push(_ frame: WSFrame) {
    let isTooMuch = state.withLock { state in
      if state.isOver { return false }
      if let waiter = state.waiter {
        state.waiter = nil
        waiter.resume(returning: frame)
        return false
      }
      state.frames.append(frame)
      state.size += frame.payload.count
      return state.size > Self.limit
    }
    if isTooMuch {
      finish()
      abort()
    }
  }

  /// Nothing more is sent than what waits; and nothing of that, if it is too much.
  func finish() {
    state.withLock { state in
      if state.size > Self.limit { (state.frames, state.first, state.size) = ([], 0, 0) }
      state.isOver = true
      state.waiter?.resume(returning: nil)
      state.waiter = nil
    }
  }

  /// The next frame, once there is one; nil at the end.
  func next() async -> WSFrame? {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.first < state.frames.count {
          let frame = state.frames[state.first]
          state.first += 1
          state.size -= frame.payload.count
          if state.first == state.frames.count { (state.frames, state.first) = ([], 0) }
          continuation.resume(returning: frame)
        } else if state.isOver {
          continuation.resume(returning: nil)
        } else {
          state.waiter = continuation
        }
      }
    }
  }
}
