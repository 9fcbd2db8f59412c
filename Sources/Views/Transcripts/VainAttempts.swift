import Dissection
import Lab

/// Finds connections that came to nothing in the same way as the one before them between the same two: a replica that asks
/// a master each second and is refused, say. What was said on one is known to be so only once it has ended, so events wait
/// here until then, a few hundred at most.
struct VainAttempts: Sendable {
  /// An event, and whether it is a part of such an attempt.
  struct Told: Sendable {
    var event: TranscriptEvent
    var isAgain = false
    /// It is the last event of the attempt.
    var isLast = false
  }

  private struct Attempt: Sendable {
    var ends: [String]
    var said: [String] = []
    /// Which events of all these are.
    var places: [Int] = []
  }

  private var queue: [Told] = []
  /// The number of the queue's first event, counted from the transcript's.
  private var first = 0
  private var open: [Link.ID: Attempt] = [:]
  /// What was said on the last attempt of two.
  private var last: [[String]: [String]] = [:]
  /// Connections are numbered as they begin; this one was heard already.
  private var newest = 0

  private static let mostWaiting = 400
  private static let longest = 24
  private static let mostPairs = 1_000

  /// What is known now, in order.
  mutating func add(_ event: TranscriptEvent) -> [Told] {
    let place = first + queue.count
    queue.append(Told(event: event))
    switch event {
    case .said(let said): note(said, at: place)
    case .packet(let packet) where packet.kind != .refused: end(packet, at: place)
    case .packet, .note: break
    }
    if queue.count > Self.mostWaiting { open = [:] }
    return known()
  }

  mutating func flush() -> [Told] {
    open = [:]
    return known()
  }

  private mutating func note(_ said: Said, at place: Int) {
    let link = said.delivery.link
    if open[link] == nil, link.number > newest, Chapter(said.message) == .handshake {
      open[link] = Attempt(ends: [said.ends.opener, said.ends.acceptor])
    }
    newest = max(newest, link.number)
    guard var attempt = open.removeValue(forKey: link) else { return }
    guard Chapter(said.message) == .handshake, attempt.said.count < Self.longest else {
      // Something came of it.
      last[attempt.ends] = nil
      return
    }
    attempt.said.append((said.message.side == .opener ? ">" : "<") + said.message.title)
    attempt.places.append(place)
    open[link] = attempt
  }

  private mutating func end(_ packet: TranscriptPacket, at place: Int) {
    guard var attempt = open.removeValue(forKey: packet.link) else { return }
    attempt.places.append(place)
    if last[attempt.ends] == attempt.said {
      for place in attempt.places where place >= first { queue[place - first].isAgain = true }
      queue[place - first].isLast = true
    }
    if last.count >= Self.mostPairs { last = [:] }
    last[attempt.ends] = attempt.said
  }

  /// All before the first one of which nothing is known yet.
  private mutating func known() -> [Told] {
    let waiting = open.values.compactMap(\.places.first).min() ?? first + queue.count
    let told = queue.prefix(waiting - first)
    queue.removeFirst(told.count)
    first += told.count
    return Array(told)
  }
}
