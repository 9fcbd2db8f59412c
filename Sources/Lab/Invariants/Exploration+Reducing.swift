import Redis

// The shortest script: the fewest of the moves that still lead there, and time no longer than it has to be.

extension Exploration {
  /// To where the moves lead, if that is to the same kind of thing.
  private func hit(_ moves: [Move], _ kind: Kind, _ isStopped: () -> Bool) -> Hit? {
    var course = Course(start, checker)
    var hit: Hit?
    for (index, move) in moves.enumerated() {
      if isStopped() { return nil }
      play(move, index, &course) { found in
        if found.kind == kind { hit = found }
        return hit != nil
      }
      if hit != nil { return hit }
    }
    return nil
  }

  func discovery(_ attempt: Int, _ all: [Move], _ first: Hit, _ monitor: ProgressMonitor) -> Discovery {
    var (moves, hit) = (Array(all[...first.move]), first)
    /// Takes the first of these ways that leads there, too.
    func take(_ ways: [[Move]]) -> Bool {
      let hits = cores.map(ways.count, monitor.shouldStop) { way, isStopped in
        self.hit(ways[way], first.kind, isStopped)
      }
      for (way, other) in zip(ways, hits) {
        guard let other = other ?? nil else { continue }
        (moves, hit) = (Array(way[...other.move]), other)
        return true
      }
      return false
    }
    // What comes at the end may have done no more than take time.
    _ = take(moves.indices.map { moves[..<$0] + [.pass(.seconds(20))] })
    // A half, a quarter … of them, then each by itself.
    var size = moves.count / 2
    while size >= 1, !monitor.shouldStop() {
      let ways = stride(from: 0, to: moves.count, by: size).reversed().map { place in
        Array(moves[..<place] + moves[min(moves.count, place + size)...])
      }
      if take(ways) { size = min(size, max(1, moves.count / 2)) } else if size == 1 { break } else { size /= 2 }
    }
    // Or two at once, where neither can go without the other; two spans of time in a row are one; a write may do for a burst.
    while !monitor.shouldStop(), take(pairsLess(moves) + joined(moves) + settled(moves) + plain(moves)) {}
    // No time is longer than it has to be.
    for index in moves.indices where index < moves.count && !monitor.shouldStop() {
      guard case .pass(let interval) = moves[index] else { continue }
      _ = take(
        MoveDraw.spans.filter { $0 < interval }.map { shorter in
          var quicker = moves
          quicker[index] = .pass(shorter)
          return quicker
        })
    }
    if case .pass = moves[hit.move] { moves[hit.move] = .pass(hit.passed) }
    return Discovery(
      kind: hit.kind, attempt: attempt, drawn: all.count, moves: moves, lines: lines(moves), reason: hit.reason)
  }

  private func pairsLess(_ moves: [Move]) -> [[Move]] {
    // They grow with the square.
    guard moves.count <= Self.mostMoves else { return [] }
    return moves.indices.flatMap { first in
      moves.indices[(first + 1)...].map { second in
        moves.indices.filter { $0 != first && $0 != second }.map { moves[$0] }
      }
    }
  }

  /// The moves with two CONFIG SETs of one node made one, at the place of either.
  private func settled(_ moves: [Move]) -> [[Move]] {
    moves.indices.flatMap { first in
      moves.indices[(first + 1)...].flatMap { second -> [[Move]] in
        guard let (node, words) = configuration(moves[first]), let (other, others) = configuration(moves[second]),
          node == other
        else { return [] }
        let both = Move.act(.command(node: node, arguments: words + others.dropFirst(2)))
        return [(first, second), (second, first)].map { kept, gone in
          var fewer = moves
          fewer[kept] = both
          fewer.remove(at: gone)
          return fewer
        }
      }
    }
  }

  /// CONFIG SET.
  private func configuration(_ move: Move) -> (node: String, words: [[UInt8]])? {
    guard case .act(.command(let node, let words)) = move, words.count > 2, words[0] == Array("CONFIG".utf8) else {
      return nil
    }
    return (node, words)
  }

  /// The moves with a plain write in the place of a burst.
  private func plain(_ moves: [Move]) -> [[Move]] {
    moves.indices.compactMap { index in
      guard case .act(.command(let node, let words)) = moves[index], words.first == Array("EVAL".utf8) else {
        return nil
      }
      var others = moves
      others[index] = .act(.command(node: node, arguments: ["SET", "explored", "1"].map { Array($0.utf8) }))
      return others
    }
  }

  /// The moves with two spans of time made one, wherever that can be done.
  private func joined(_ moves: [Move]) -> [[Move]] {
    moves.indices.dropLast().compactMap { index in
      guard case .pass(let first) = moves[index], case .pass(let second) = moves[index + 1] else { return nil }
      var fewer = moves
      fewer[index] = .pass(first + second)
      fewer.remove(at: index + 1)
      return fewer
    }
  }

  private func lines(_ moves: [Move]) -> [String] {
    var course = Course(start, nil)
    return moves.enumerated().map { index, move in
      let world = course.world
      play(move, index, &course) { _ in false }
      switch move {
      case .act(let action): return action.line(in: world)
      case .pass(let interval): return "advance \(interval.text)"
      }
    }
  }
}
