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

  package init() {}

  package struct Result: Sendable {
    package var situation: Situation
    package var verdict: Verdict?
    /// Differences that another run of the same situation did not show.
    package var passing: [Verdict.Difference] = []
    /// Why it was not played to its end.
    package var failure: String?

    package var isSame: Bool { failure == nil && verdict?.differences.isEmpty ?? false }
  }

  /// Blocks until the situation is over.
  package func judge(_ situation: Situation) -> Result {
    var result = Result(situation: situation)
    do {
      var verdict = try play(situation)
      for _ in 1..<max(runs, 1) where !verdict.differences.isEmpty {
        let again = try play(situation)
        let known = Set(again.differences.map(\.likeness))
        if again.differences.isEmpty {
          (result.passing, verdict) = (result.passing + verdict.differences, again)
        } else {
          result.passing += verdict.differences.filter { !known.contains($0.likeness) }
          verdict.keep { known.contains($0.likeness) }
        }
      }
      result.verdict = verdict
    } catch {
      result.failure = "\(error)"
    }
    return result
  }

  private func play(_ situation: Situation) throws -> Verdict {
    let (trace, real) = try Self.inNamespaces { [program] in try RealStage.play(situation, program: program) }
    var verdict = Verdict(lab: try LabStage.play(trace, seed: 1), real: real)
    verdict.leave(kinds)
    return verdict
  }

  /// Real servers against real servers: what differs is chance.
  package func judgeReal(_ situation: Situation) -> Result {
    var result = Result(situation: situation)
    do {
      let (_, first) = try Self.inNamespaces { [program] in try RealStage.play(situation, program: program) }
      let (_, second) = try Self.inNamespaces { [program] in try RealStage.play(situation, program: program) }
      result.verdict = Verdict(lab: first, real: second)
    } catch {
      result.failure = "\(error)"
    }
    return result
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
