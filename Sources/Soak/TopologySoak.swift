import Dispatch
import Synchronization

/// One tree after the other under random faults, until so many steps were made.
package struct TopologySoak: Sendable {
  package struct Result: Sendable {
    package var seed: UInt64
    package var steps: Int
    /// What is wrong, and the script that brings it about.
    package var complaint: (text: String, script: String)?
  }

  private let events: Int

  /// - Parameter events: how many happen to each.
  package init(events: Int = 60) { self.events = events }

  package func play(_ seed: UInt64) -> Result {
    do {
      var run = try TopologyRun(seed: seed)
      let complaint = run.play(events: events)
      return Result(seed: seed, steps: run.steps, complaint: complaint.map { ($0, run.script) })
    } catch {
      return Result(seed: seed, steps: 0, complaint: ("\(error)", ""))
    }
  }

  /// - Parameter report: is told each result in the order of the seeds, and how many steps were made by then.
  /// - Returns: whether nothing is wrong.
  package func run(steps: Int, first: UInt64, parallel: Int, _ report: (Result, Int) -> Void) -> Bool {
    var (done, seed, isSound) = (0, first, true)
    while done < steps {
      let group = DispatchGroup()
      let results = Results()
      for number in 0..<max(1, parallel) {
        let seed = seed &+ UInt64(number)
        DispatchQueue.global().async(group: group) { results.add(play(seed)) }
      }
      group.wait()
      seed &+= UInt64(max(1, parallel))
      for result in results.all.sorted(by: { $0.seed < $1.seed }) {
        done += result.steps
        if result.complaint != nil { isSound = false }
        report(result, done)
      }
      // A tree that makes no step would never end.
      if results.all.allSatisfy({ $0.steps == 0 }) { return false }
    }
    return isSound
  }

  private final class Results: Sendable {
    private let list = Mutex<[Result]>([])
    var all: [Result] { list.withLock { $0 } }
    func add(_ result: Result) { list.withLock { $0.append(result) } }
  }
}
