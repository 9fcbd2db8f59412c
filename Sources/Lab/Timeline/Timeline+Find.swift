import Redis

extension Timeline {
  /// Moments in a row at which an expression holds.
  package struct Finding: Sendable, Hashable {
    package var first: Int
    package var time: Instant
    /// The first moment after them; nil: it holds at the last one there is.
    package var end: Int?
  }

  /// `find EXPR`: when it became true, on the whole of the current branch; of a recording, in all of it.
  ///
  /// - Parameter body: is given each finding once it is known how long it lasts; at last how many moments there are.
  /// - Returns: how many moments were looked at; nil if the monitor has ended it.
  /// - Throws: where it asks about a node of which nothing was ever seen.
  package func find(
    _ expression: Expression, _ monitor: ProgressMonitor = .none, _ body: (Finding) -> Void
  ) throws(LabError) -> Int? {
    let asksForLosses = expression.asksForLosses && recording == nil
    try requireNodes(of: expression, monitor)
    _ = try (asksForLosses ? expression.binding(lost: 0) : expression).holds(in: world)
    var writes = AcknowledgedWrites()
    var walker = self
    walker.checker = nil
    walker.travel(to: 0)
    var finding: Finding?
    func look(_ world: World) {
      let bound = asksForLosses ? expression.binding(lost: writes.lostCount) : expression
      let holds = (try? bound.holds(in: world)) == true
      if holds, finding == nil {
        finding = Finding(first: world.number, time: world.now)
      } else if !holds, var whole = finding {
        whole.end = world.number
        body(whole)
        finding = nil
      }
    }
    look(walker.world)
    while recording != nil || walker.position < end {
      if monitor.shouldStop() { return nil }
      guard let step = walker.proceed() else { break }
      if asksForLosses { writes.note(step, walker.world) }
      monitor.tell(walker.position, walker.world.now)
      look(walker.world)
    }
    if let finding { body(finding) }
    return walker.position + 1
  }

  /// The world at a moment of a branch, the current one if none is named.
  package func world(at number: Int, ofBranch branch: Int? = nil, _ monitor: ProgressMonitor = .none) throws(LabError)
    -> World
  {
    var walker = self
    walker.checker = nil
    if let branch { try walker.switchBranch(to: branch) }
    guard (0...walker.end).contains(number) else {
      let place = branch.map { "branch \($0)" } ?? (recording == nil ? "this branch" : "what was read of the recording")
      throw LabError("there is no moment \(number)", advice: "the last one of \(place) is \(walker.end)")
    }
    walker.travel(to: number)
    return walker.world
  }
}
