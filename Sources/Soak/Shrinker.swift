/// Looks for the shortest situation that still shows one of the differences, by leaving lines out.
package struct Shrinker {
  private let soak: Soak

  package init(_ soak: Soak) { self.soak = soak }

  package func shortest(_ result: Soak.Result) -> Situation {
    guard let wanted = result.verdict?.differences.first else { return result.situation }
    var situation = result.situation
    var size = max(1, situation.lines.count / 2)
    while size >= 1 {
      var start = 0
      while start < situation.lines.count {
        var shorter = situation
        shorter.lines.removeSubrange(start..<min(start + size, shorter.lines.count))
        if !shorter.lines.isEmpty, shows(shorter, wanted) { situation = shorter } else { start += size }
      }
      size /= 2
    }
    return situation
  }

  /// The same kind at the same place; the number of the line is another one now.
  private func shows(_ situation: Situation, _ wanted: Verdict.Difference) -> Bool {
    let differences = soak.judge(situation).verdict?.differences ?? []
    return differences.contains { $0.kind == wanted.kind && Self.place($0) == Self.place(wanted) }
  }

  private static func place(_ difference: Verdict.Difference) -> String {
    difference.kind == .log ? difference.lab + difference.real : difference.place
  }
}
