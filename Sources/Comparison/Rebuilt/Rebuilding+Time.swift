import Dissection
import RESP
import Redis

// When things happen: what the recorded node had not read yet when something else was done, and how time passes.

extension Rebuilding {
  // MARK: What was read later than it came

  /// A master's snapshot has come, but the recorded node had not read it when it said afterwards that it had none.
  mutating func isHeldBack(_ event: NormalizedTranscript.Event, _ side: Side) -> Bool {
    guard side == .opener, lines[event.connection] != nil else { return false }
    if held[event.connection] != nil { return true }
    guard case .message(let message) = event.what, message.side == .acceptor else { return false }
    switch message.kind {
    case .payloadHeader, .payload, .endMark: break
    default: return false
    }
    guard let last = lastWithoutLink(before: event.connection) else { return false }
    held[event.connection] = (until: last, events: [])
    return true
  }

  /// The last event within a second by which the recorded node says that its link is down, before it acknowledges
  /// anything on it. What it had been asked by then it may say after that: what it has done in one turn of its event loop is
  /// answered at the turn's end.
  private func lastWithoutLink(before connection: Int) -> Int? {
    let end = time +| 1_000_000_000
    var last: Int?
    var asked: [Int: Int] = [:]
    var hasAcknowledged = false
    for index in event + 1..<max(event + 1, life.events.upperBound) {
      let later = source.events[index]
      guard later.time <= end, let side = recorded.sides[later.connection] else {
        if later.time > end { break }
        continue
      }
      guard case .message(let message) = later.what else {
        // What it says from here on is about the link after this one.
        if later.connection == connection { break }
        continue
      }
      if later.connection == connection, side == message.side, case .ack = message.kind { hasAcknowledged = true }
      if hasAcknowledged, asked.isEmpty { break }
      guard side == .acceptor else { continue }
      if message.side == .opener {
        if !hasAcknowledged { asked[later.connection] = index }
      } else {
        let question = asked.removeValue(forKey: later.connection)
        guard Self.denials.contains(where: { message.bytes.starts(with: $0.utf8) }) else { continue }
        if let denied = hasAcknowledged ? question : index { last = max(last ?? denied, denied) }
      }
    }
    return last
  }

  private static let denials = ["-NOMASTERLINK", "-MASTERDOWN"]

  mutating func release() {
    for connection in held.keys.sorted() {
      guard let (until, events) = held[connection], event >= until else { continue }
      held[connection] = nil
      for event in events { play(event, .opener) }
    }
  }

  // MARK: Time

  var time: Int64 { now.microseconds *| 1_000 }

  /// Nothing that matters to a node takes longer than an hour.
  mutating func advance(to time: Instant) {
    if time - now > .seconds(3_600) { now = time + .seconds(-3_600) }
    while let next = node.nextWakeup, next <= time, wakeUp(at: next) {}
    now = max(now, time)
  }

  /// Lets the node go on until something is so.
  ///
  /// - Returns: whether it came to that; if it does not, no time has passed.
  @discardableResult mutating func wait(until isDone: (Rebuilding) -> Bool) -> Bool {
    if isDone(self) { return true }
    // What was said so far is not copied: there may be much of it.
    var before = self
    before.wire = PacketWriter()
    let end = now + Self.patience
    while !isDone(self), let next = node.nextWakeup, next <= end, wakeUp(at: next) {}
    if isDone(self) { return true }
    let hasSaidNothing = lines.allSatisfy { before.lines[$0.key]?.said == $0.value.said }
    if hasSaidNothing, connections.count == before.connections.count { goBack(to: before) }
    return false
  }

  /// Nothing has happened meanwhile but signs of life.
  private mutating func goBack(to before: Rebuilding) {
    let (wire, readEvents, turns) = (wire, readEvents, turns)
    self = before
    (self.wire, self.readEvents, self.turns) = (wire, readEvents, turns)
  }

  /// What the recorded node has said on a connection is said here, too; what is not, later or never.
  mutating func waitForWords(on connection: Int) {
    guard !wait(until: { $0.hasSaidAll(on: connection) }), let line = lines[connection] else { return }
    lines[connection]?.late = line.heard - line.said
  }

  private mutating func wakeUp(at time: Instant) -> Bool {
    turns += 1
    now = max(now, time)
    handle(.wakeUp)
    return turns < Self.turnLimit
  }

  func hasSaidAll(on connection: Int) -> Bool {
    guard let line = lines[connection], connections[line.id] != nil else { return true }
    return line.said + line.late >= line.heard
  }
}
