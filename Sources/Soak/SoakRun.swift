import RealRedis
import Synchronization

/// Many situations at the same time, since real servers mostly wait.
package final class SoakRun: Sendable {
  private struct State {
    var next = 0
    var running = 0
    var results: [Int: Soak.Result] = [:]
  }
  private let state = Mutex(State())
  private let situations: [Situation]
  private let judge: @Sendable (Situation) -> Soak.Result

  package init(_ situations: [Situation], judge: @escaping @Sendable (Situation) -> Soak.Result) {
    self.situations = situations
    self.judge = judge
  }

  /// - Parameter report: told each result as it comes, one at a time.
  package func run(parallel: Int, report: @escaping @Sendable (Soak.Result) -> Void) -> [Soak.Result] {
    state.withLock { $0.running = parallel }
    for _ in 0..<parallel {
      inThread { [self] in
        while let index = take() {
          let result = judge(situations[index])
          state.withLock {
            $0.results[index] = result
            report(result)
          }
        }
        state.withLock { $0.running -= 1 }
      }
    }
    while state.withLock({ $0.running > 0 }) { _ = RealRedis.wait(seconds: 1) { state.withLock { $0.running == 0 } } }
    return state.withLock { state in situations.indices.compactMap { state.results[$0] } }
  }

  private func take() -> Int? {
    state.withLock { state in
      guard state.next < situations.count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }
}
