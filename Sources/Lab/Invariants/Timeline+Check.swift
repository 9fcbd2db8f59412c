import Redis

// `check on`: what must hold is looked at after every step, and the first one that breaks it stops whatever runs.

extension Timeline {
  package var isChecking: Bool { checker != nil }

  /// What is broken at this moment, in a fixed order.
  package var standingBreaks: [BrokenInvariant] {
    checker.map { checker in checker.standing.sorted { $0.key < $1.key }.map(\.value) } ?? []
  }

  /// `check on`, `check off`. What is broken already is known then, and is told once. Interrupted, it stays off.
  package mutating func check(_ isOn: Bool, _ monitor: ProgressMonitor = .none) {
    checker = isOn ? InvariantChecker() : nil
    catchUpChecker(monitor)
    if checker?.moment != position { checker = nil }
  }

  /// Brings the checker to this moment, if it is at another one: the past is gone through again.
  mutating func catchUpChecker(_ monitor: ProgressMonitor = .none) {
    guard let old = checker, old.moment != position else { return }
    var checker = InvariantChecker()
    walk(monitor) { step, world in
      checker.note(step, world)
      return true
    }
    self.checker = checker
  }

  /// A step was done, and has led to this world.
  mutating func check(_ step: Step) {
    guard checker != nil, checker?.moment == step.number - 1 else { return }
    checker?.note(step, world)
  }

  /// What the last step broke.
  var broken: Stop? {
    guard let checker, checker.moment == position else { return nil }
    return checker.fresh.first.map { .broken($0) }
  }
}
