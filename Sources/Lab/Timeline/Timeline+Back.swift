import Redis

extension Timeline {
  /// `back [N]`: to the N-th moment before this one at which `step` would have stopped, or to the beginning.
  package mutating func back(_ count: Int = 1) -> StopReply { back(count) { $0.isStop } }

  /// `back` by packets.
  package mutating func backPacket(_ count: Int = 1) -> StopReply { back(count) { !$0.packets.isEmpty || $0.isStop } }

  private mutating func back(_ count: Int, _ isStop: (Step) -> Bool) -> StopReply {
    let from = position
    var (target, left) = (position, count)
    while left > 0, target > 0 {
      target -= 1
      if target == 0 || isStop(self[target]) { left -= 1 }
    }
    travel(to: target)
    return StopReply(from: from, to: target, stop: left > 0 ? .beginning : .done)
  }

  /// `reverse-continue`: to the last moment before this one at which a breakpoint would have stopped, or to the
  /// beginning. It goes through history a stretch at a time, each of them forwards.
  package mutating func reverseContinue(_ monitor: ProgressMonitor = .none) -> StopReply {
    let (from, there) = (position, world)
    let interval = there.keepingInterval
    var end = from
    while end > 0 {
      let start = max(0, (end - 1) / interval * interval)
      travel(to: start)
      var last: (moment: Int, stop: Stop)?
      var watcher = Watcher(breakpoints, world)
      while position < end {
        if monitor.shouldStop() {
          restore(there)
          return StopReply(from: from, to: from, stop: .interrupted)
        }
        guard let step = proceed() else { break }
        if let stop = watcher.stop(after: step, world), position < from { last = (position, stop) }
      }
      if let last {
        travel(to: last.moment)
        if case .breakpoint(let number) = last.stop { forgetTemporary(number) }
        return StopReply(from: from, to: position, stop: last.stop)
      }
      end = start
    }
    travel(to: 0)
    return StopReply(from: from, to: 0, stop: .beginning)
  }
}
