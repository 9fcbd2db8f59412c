import Dispatch
import Synchronization

/// Does independent pieces of work on several cores, and gives what came of them in the order of the pieces: how many
/// cores there are changes how long it takes, and nothing else.
struct Cores: Sendable {
  let count: Int

  /// - Parameters:
  ///   - shouldStop: is asked between two pieces, by the caller's own thread. Once it says so, nothing more is begun.
  ///   - body: is given the number of a piece, from 0, and whether it is to break off.
  /// - Returns: what came of each piece; nil where it was not begun.
  func map<Result: Sendable>(
    _ pieces: Int, _ shouldStop: () -> Bool, _ body: @escaping @Sendable (Int, _ isStopped: () -> Bool) -> Result
  ) -> [Result?] {
    let state = State<Result>(pieces)
    let group = DispatchGroup()
    for _ in 1..<max(1, min(count, pieces)) {
      DispatchQueue.global().async(group: group) { while state.perform(body) {} }
    }
    repeat {
      if shouldStop() { state.stop() }
    } while state.perform(body)
    group.wait()
    return state.results
  }

  private final class State<Result: Sendable>: Sendable {
    private let pieces: Int
    private let begun = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let done: Mutex<[Result?]>

    init(_ pieces: Int) {
      self.pieces = pieces
      done = Mutex(Array(repeating: nil, count: pieces))
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    var results: [Result?] { done.withLock { $0 } }

    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Does the next piece; false if there is none.
    func perform(_ body: (Int, () -> Bool) -> Result) -> Bool {
      guard !isStopped else { return false }
      let piece = begun.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return false }
      let result = body(piece) { isStopped }
      done.withLock { $0[piece] = result }
      return true
    }
  }
}
