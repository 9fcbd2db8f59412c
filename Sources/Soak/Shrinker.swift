/// Looks for the shortest situation that still shows one of the differences, by leaving lines out.
package struct Shrinker {
  private var soak: Soak
  private let parallel: Int

  /// - Parameter parallel: how many shorter ones are played beside each other.
  package init(_ soak: Soak, parallel: Int) {
    self.soak = soak
    // Shorter ones have never been played.
    self.soak.keptRuns = .none
    self.parallel = max(1, parallel)
  }

  package func shortest(_ result: Soak.Result) -> Situation {
    guard let wanted = result.verdict?.differences.first else { return result.situation }
    var situation = result.situation
    var size = max(1, situation.lines.count / 2)
    while size >= 1 {
      var start = 0
      while start < situation.lines.count {
        let starts = Array(stride(from: start, to: situation.lines.count, by: size).prefix(parallel))
        if let (place, shorter) = firstThatShows(wanted, of: situation, without: size, from: starts) {
          (start, situation) = (place, shorter)
        } else {
          start += size * starts.count
        }
      }
      size /= 2
    }
    return situation
  }

  private func firstThatShows(
    _ wanted: Verdict.Difference, of situation: Situation, without size: Int, from starts: [Int]
  ) -> (Int, Situation)? {
    let shorter = starts.map { start in
      var shorter = situation
      shorter.lines.removeSubrange(start..<min(start + size, shorter.lines.count))
      return shorter
    }
    let results = SoakRun(shorter) { [soak] in soak.judge($0) }.run(parallel: parallel) { _ in }
    let place = results.firstIndex { !$0.situation.lines.isEmpty && Self.shows($0, wanted) }
    return place.map { (starts[$0], shorter[$0]) }
  }

  /// The same kind at the same place; the number of the line is another one now.
  private static func shows(_ result: Soak.Result, _ wanted: Verdict.Difference) -> Bool {
    let differences = result.verdict?.differences ?? []
    return differences.contains { $0.kind == wanted.kind && place($0) == place(wanted) }
  }

  private static func place(_ difference: Verdict.Difference) -> String {
    difference.kind == .log ? difference.lab + difference.real : difference.place
  }
}
