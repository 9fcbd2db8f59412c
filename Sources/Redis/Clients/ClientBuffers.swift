import RESP

/// How big a client's buffers are (`clientsCronResizeQueryBuffer`, `clientsCronResizeOutputBuffer` in server.c).
///
/// They grow with what is read and written, and the timer fits them to what was needed lately:
///
///     query   4 ──first read──► 20474 ──idle for 3 s──► 0        greater ones: to the most of the last turn
///     reply   16384 ──2 turns──► 1024 ──filled to the brim──► twice as much, up to 16384
///
/// Nobody is woken for that: the turns that have passed are made up for when something is read or asked.
package struct ClientBuffers: Equatable, Sendable {
  /// The query buffer's room, with what is in it, and the most that was in it since the last turn.
  private(set) var query = 4
  private var queryPeak = 0
  /// The reply buffer's size, and the most that was in it lately.
  private(set) var reply = 16_384
  private(set) var replyPeak = 16_384
  /// When the peak was last forgotten.
  private var forgotten: Instant?
  /// How often the timer made the reply buffer smaller or bigger.
  private(set) var shrinks: Int64 = 0
  private(set) var expands: Int64 = 0
  /// The last turn that was made up for; nil: none since the client came.
  private var turn: Instant?
  /// What all of the client's memory came to at that turn, which INFO adds up.
  private(set) var total = 0

  /// What is allocated for the query buffer, with its header and its final zero.
  var queryAllocation: Int { Jemalloc.size(forString: query) }

  /// A client comes.
  init(_ clock: Clock) { turn = clock.turn(atOrBefore: clock.now) }

  /// One that was away comes back: the timer has not looked at it meanwhile, and what it did before is counted.
  mutating func comeBack(_ clock: Clock) {
    turn = clock.turn(atOrBefore: clock.now)
    forgetFits()
  }

  // MARK: Reading and writing

  /// Makes room and reads: 16 KiB at least, and for a master twice as much as is needed (`readQueryFromClient` in
  /// networking.c).
  mutating func read(_ count: Int, behind pending: Int, isMaster: Bool) {
    if !isMaster, query < 16_384 {
      grow(to: pending + 16_384)
    } else if query - pending < 16_384 {
      let needed = pending + 16_384
      grow(to: needed < 1 << 20 ? needed * 2 : needed + (1 << 20))
    }
    grow(to: pending + count)
    queryPeak = max(queryPeak, pending + count)
  }

  private mutating func grow(to size: Int) {
    if size > query { query = Jemalloc.room(forString: size) }
  }

  mutating func write(_ count: Int) { replyPeak = max(replyPeak, min(count, reply)) }

  // MARK: The timer

  /// `CONFIG RESETSTAT`.
  mutating func forgetFits() { (shrinks, expands) = (0, 0) }

  func isBehind(_ clock: Clock) -> Bool {
    guard let last = clock.turn(atOrBefore: clock.now) else { return false }
    return turn.map { $0 < last } ?? true
  }

  /// Makes up for the turns up to now (`clientsCron` in server.c).
  ///
  /// - Parameter pending: what is in the query buffer.
  /// - Parameter other: the client's memory besides its two buffers.
  mutating func settle(_ clock: Clock, lastInteraction: Instant, pending: Int, other: Int) {
    guard isBehind(clock), let last = clock.turn(atOrBefore: clock.now) else { return }
    var next = turn.map { $0 + clock.period } ?? last
    while next < last || next == last && turn != last {
      let before = self
      take(next, lastInteraction: lastInteraction, pending: pending)
      turn = next
      next = next + clock.period
      guard (query, queryPeak, reply, replyPeak) == (before.query, before.queryPeak, before.reply, before.replyPeak)
      else { continue }
      // Nothing happens before the peak is forgotten, if it is more than nought, or the client has been idle for long.
      var due = (forgotten ?? next) + Self.memory
      if replyPeak == 0, reply < 2_048 {
        forgetUp(to: last, clock)
        due = last + clock.period
      }
      let idle = Instant(microseconds: (lastInteraction.seconds +| 3) *| 1_000_000)
      if idle >= next { due = min(due, idle) }
      if due > next { next = clock.turn(atOrAfter: due) }
    }
    turn = last
    total = other + queryAllocation + reply
  }

  /// One turn of the timer (`clientsCronResizeQueryBuffer`, `clientsCronResizeOutputBuffer` in server.c).
  private mutating func take(_ moment: Instant, lastInteraction: Instant, pending: Int) {
    if query - pending > 4_096 {
      if moment.seconds - lastInteraction.seconds > 2 {
        query = pending
      } else if query > 32_768, query / 2 > queryPeak {
        query = max(pending, queryPeak)
      }
    }
    queryPeak = pending

    let size = reply
    if size / 2 >= 1_024, replyPeak < size / 2 {
      reply = Jemalloc.size(for: max(1_024, replyPeak + 1))
      shrinks += 1
    } else if size * 2 < 32_768, replyPeak == size {
      reply = size * 2
      expands += 1
    }
    if let forgotten, moment < forgotten + Self.memory { return }
    replyPeak = 0
    forgotten = moment
  }

  /// How long the reply buffer's peak counts (`reply-buffer-peak-reset-time`).
  private static let memory = Interval.milliseconds(5_000)

  /// A peak of nought is forgotten as often as any other: at the first turn after so long a time.
  private mutating func forgetUp(to last: Instant, _ clock: Clock) {
    guard let first = forgotten else { return }
    let turns = (Self.memory.microseconds + (clock.period.microseconds - 1)) / clock.period.microseconds
    let span = clock.period * turns
    forgotten = first + span * ((last - first).microseconds / span.microseconds)
  }

  /// When the node's timer turns.
  struct Clock {
    var now: Instant
    var started: Instant
    var period: Interval

    func turn(atOrBefore moment: Instant) -> Instant? {
      let since = moment.microseconds -| started.microseconds
      return since < 0 ? nil : Instant(microseconds: moment.microseconds - since % period.microseconds)
    }

    func turn(atOrAfter moment: Instant) -> Instant {
      guard let turn = turn(atOrBefore: moment) else { return started }
      return turn == moment ? turn : turn + period
    }
  }
}
