import CNamespaces
import RealRedis
import Synchronization

/// Plays a situation to real servers and in the lab, and compares.
package struct Soak: Sendable {
  package var program = "redis-server"
  /// A difference counts that shows in each of so many runs: what shows in one alone was a matter of time.
  package var runs = 2
  /// What is compared.
  package var kinds = Set(Verdict.Kind.allCases)
  package var keptRuns = KeptRuns.none

  /// What becomes of real servers' runs, and where they come from.
  package enum KeptRuns: Sendable, Equatable {
    case none
    /// They are played, and kept in this folder.
    case written(String)
    /// They were played before, and are in this folder.
    case read(String)
  }

  package init() {}

  package struct Result: Sendable {
    package var situation: Situation
    package var verdict: Verdict?
    /// Differences that another run of the same situation did not show, or that two runs of real servers have, too.
    package var passing: [Verdict.Difference] = []
    /// Why it was not played to its end.
    package var failure: String?

    package var isSame: Bool { failure == nil && verdict?.differences.isEmpty ?? false }
  }

  /// Blocks until the situation is over.
  package func judge(_ situation: Situation) -> Result {
    var result = Result(situation: situation)
    do {
      var verdicts: [Verdict] = []
      var played: [Seen] = []
      for number in 1...max(runs, 1) {
        let run = try realRun(situation, number)
        played.append(run.seen)
        if verdicts.last?.differences.isEmpty ?? false { continue }
        var verdict = Verdict(lab: try LabStage.play(run, seed: 1), real: run.seen)
        verdict.leave(kinds)
        verdicts.append(verdict)
        if verdict.differences.isEmpty, keptRuns == .none { break }
      }
      result.settle(verdicts, chance: Self.likenesses(of: played))
    } catch {
      result.failure = "\(error)"
    }
    return result
  }

  /// Real servers against real servers: what differs is chance.
  package func judgeReal(_ situation: Situation) -> Result {
    var result = Result(situation: situation)
    do {
      let (first, second) = (try realRun(situation, 1), try realRun(situation, 2))
      var verdict = Verdict(lab: first.seen, real: second.seen)
      // Both ran at times of their own.
      verdict.keep { difference in !["lru_clock", "rdb_last_save_time"].contains { difference.place.hasSuffix($0) } }
      result.verdict = verdict
    } catch {
      result.failure = "\(error)"
    }
    return result
  }

  /// What was done and logged in the first of the runs, one after the other.
  ///
  /// - Throws: why it can't be played.
  package func timeline(_ situation: Situation) throws -> String {
    let run = try realRun(situation, 1)
    return Report.timeline(run, try LabStage.play(run, seed: 1))
  }

  /// What real servers themselves did otherwise the next time.
  private static func likenesses(of played: [Seen]) -> Set<[String]> {
    var likenesses: Set<[String]> = []
    for (a, b) in zip(played, played.dropFirst()) {
      likenesses.formUnion(Verdict(lab: a, real: b).differences.map(\.likeness))
    }
    return likenesses
  }

  private func realRun(_ situation: Situation, _ number: Int) throws -> KeptRun {
    if case .read(let folder) = keptRuns { return try KeptRun(path: KeptRun.path(folder, situation, number)) }
    let (trace, seen) = try Self.inNamespaces { [program] in try RealStage.play(situation, program: program) }
    let run = KeptRun(situation: situation, trace: trace, seen: seen)
    if case .written(let folder) = keptRuns { try run.write(KeptRun.path(folder, situation, number)) }
    return run
  }

  /// The namespaces are a thread's, and go with it.
  private static func inNamespaces<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let outcome = Mutex<Swift.Result<Value, any Error>?>(nil)
    let box = Outcome(outcome)
    inThread {
      let value = Swift.Result { try body() }
      box.outcome.withLock { $0 = value }
    }
    while true {
      if let value = box.outcome.withLock({ $0 }) { return try value.get() }
      _ = RealRedis.wait(seconds: 1) { box.outcome.withLock { $0 != nil } }
    }
  }

  private final class Outcome<Value: Sendable>: Sendable {
    let outcome: Mutex<Swift.Result<Value, any Error>?>
    init(_ outcome: consuming Mutex<Swift.Result<Value, any Error>?>) { self.outcome = outcome }
  }
}

extension Soak.Result {
  /// A difference counts that each run showed, unless real servers differ from themselves there.
  fileprivate mutating func settle(_ verdicts: [Verdict], chance: Set<[String]>) {
    guard var last = verdicts.last else { return }
    for verdict in verdicts.dropLast() {
      let known = Set(verdict.differences.map(\.likeness))
      passing += verdict.differences.filter { !Set(last.differences.map(\.likeness)).contains($0.likeness) }
      last.keep { known.contains($0.likeness) }
    }
    passing += last.differences.filter { chance.contains($0.likeness) }
    last.keep { !chance.contains($0.likeness) }
    verdict = last
  }
}

extension Verdict {
  mutating func leave(_ kinds: Set<Kind>) {
    counts = counts.filter { kinds.contains($0.key) }
    differences.removeAll { !kinds.contains($0.kind) }
  }

  /// What a second run did not show is not counted as a difference.
  mutating func keep(_ isReal: (Difference) -> Bool) {
    for difference in differences where !isReal(difference) { counts[difference.kind]?.same += 1 }
    differences.removeAll { !isReal($0) }
  }
}

extension Soak {
  /// Whether this machine has a redis-server, and gives this process networks and disks of its own.
  package static var isPossible: Bool {
    RealServer.isInstalled && (try? inNamespaces { replab_leave_namespaces() }) == 0
  }
}
