extension Timeline {
  /// Goes through all that has led to this moment, from the beginning on, step by step.
  ///
  /// - Parameter body: is given each step and the world that it led to; false ends the walk.
  /// - Returns: false if the monitor has ended it.
  @discardableResult
  package func walk(_ monitor: ProgressMonitor = .none, upTo last: Int? = nil, _ body: (Step, World) throws -> Bool)
    rethrows -> Bool
  {
    var walker = self
    walker.checker = nil
    walker.travel(to: 0)
    let last = last ?? position
    while walker.position < last {
      if monitor.shouldStop() { return false }
      guard let step = walker.proceed() else { return true }
      monitor.tell(walker.position, walker.world.now)
      guard try body(step, walker.world) else { return true }
    }
    return true
  }

  /// Where the writes are that clients were told of, at this moment or at another one of the branch; nil if the monitor has
  /// ended it.
  package func acknowledgedWrites(_ monitor: ProgressMonitor = .none, at moment: Int? = nil) -> AcknowledgedWrites? {
    var writes = AcknowledgedWrites()
    let isWhole = walk(monitor, upTo: moment) { step, world in
      writes.note(step, world)
      return true
    }
    return isWhole ? writes : nil
  }
}

extension Step {
  /// Whether data may have gone with it: a process has ended, a disk has lost something, or a snapshot takes the place of
  /// what was there.
  package var mayLoseWrites: Bool {
    !losses.isEmpty
      || changes.contains { change in
        change.property == .life || change.property == .loading
          || change.property == .state && change.before == .text("transfer")
      }
  }
}
