import Dissection
import RESP

// In which order the commands of several clients were done, where the stream does not tell.

extension Rebuilding {
  /// What a server has done in one turn of its event loop is answered at the end of that turn, the client first that was
  /// served last (measured: three INCRs that waited for a DEBUG SLEEP are answered 3, 2, 1). So commands that were under
  /// way together and whose replies follow each other were done in the order of the replies, in turns of their own, or in
  /// the opposite order.
  ///
  /// The replicas are served at the end of the turn, too: where one of them is sent what was written, the commands whose replies
  /// follow may all have been done before.
  ///
  /// - Parameter connection: who is answered; nil: a replica is sent the stream.
  mutating func playTurned(before connection: Int?) {
    let batch = repliesAtOnce.filter { $0.connection != connection }
    // What one command wrote goes out before its own reply in any case.
    guard batch.count > (connection == nil ? 1 : 0) else { return }
    turnable.append(event)
    guard turned.contains(event) else { return }
    for other in batch.reversed() { playOutstanding(on: other.connection, through: other.number) }
  }

  /// The replies that follow with nothing said to the node between, to commands that it had been told by now.
  private var repliesAtOnce: [(connection: Int, number: Int)] {
    let end = time +| 1_000_000
    var replies: [(connection: Int, number: Int)] = []
    for index in event + 1..<max(event + 1, min(life.events.upperBound, event + 64)) {
      let later = source.events[index]
      guard let side = recorded.sides[later.connection] else { continue }
      guard later.time <= end, case .message(let message) = later.what, message.side == side else { break }
      guard side == .acceptor, let number = message.answers?.number, let line = lines[later.connection],
        line.outstanding.contains(where: { $0.message.number == number })
      else { continue }
      replies.append((later.connection, number))
    }
    return replies
  }

  // MARK: The order that is no difference

  /// How often a node is rebuilt to find an order of what was done at once in which it says what the recorded one said.
  private var triesLimit: Int { max(2, min(24, 200_000 / max(1, source.events.count))) }

  mutating func findOrder() {
    guard !turnable.isEmpty, var difference = firstDifference else { return }
    var tries = 0
    while let better = laterDifference(than: difference, &tries) {
      self = better.rebuilding
      guard let next = better.difference else { return }
      difference = next
    }
  }

  /// The same with one more of the replies turned, where what is said otherwise then comes later, or never.
  private func laterDifference(
    than difference: Int64, _ tries: inout Int
  ) -> (rebuilding: Rebuilding, difference: Int64?)? {
    for event in turnable.reversed() where source.events[event].time <= difference && !turned.contains(event) {
      guard tries < triesLimit else { return nil }
      tries += 1
      guard let other = try? Rebuilding(recorded, from: source, turning: turned.union([event])) else { continue }
      let next = other.firstDifference
      if next.map({ $0 > difference }) ?? true { return (other, next) }
    }
    return nil
  }

  /// When the node first says something else than the recorded one: nanoseconds since 1970.
  private var firstDifference: Int64? {
    let comparison = Comparison(source, transcript, of: recorded.name, without: leftOut)
    return comparison.differences.compactMap { difference in
      difference.first.flatMap { place(of: $0, in: source) }
        ?? difference.second.flatMap { place(of: $0, in: transcript) }
    }.min()
  }

  private func place(of normalized: NormalizedMessage, in transcript: NormalizedTranscript) -> Int64? {
    normalized.message.flatMap { transcript.place(of: $0, on: normalized.connection)?.time }
  }
}
