/// What a person reads of results.
package enum Report {
  package static func text(_ result: Soak.Result) -> String {
    var lines = ["\(result.situation.name): \(headline(result))"]
    for difference in result.verdict?.differences ?? [] {
      let line = difference.line > 0 ? "line \(difference.line), " : ""
      lines.append("  \(difference.kind.rawValue): \(line)\(difference.place)")
      lines.append("    lab:  \(difference.lab.debugDescription)")
      lines.append("    real: \(difference.real.debugDescription)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func headline(_ result: Soak.Result) -> String {
    guard let verdict = result.verdict else { return "not played: \(result.failure ?? "")" }
    let passing = result.passing.isEmpty ? "" : "; \(result.passing.count) differences did not show again"
    return (result.isSame ? "the same, " : "different, ") + figures(verdict.counts) + passing
  }

  private static func figures(_ counts: [Verdict.Kind: Verdict.Count]) -> String {
    Verdict.Kind.allCases.compactMap { kind in
      counts[kind].map { "\($0.same)/\($0.all) \(names[kind] ?? "")" }
    }.joined(separator: ", ")
  }

  private static let names: [Verdict.Kind: String] = [
    .reply: "replies", .info: "INFO fields", .digest: "digests", .log: "log lines", .wire: "messages", .end: "ends",
  ]

  /// One line of figures, and before it each kind of difference with how often it was.
  package static func summary(_ results: [Soak.Result]) -> String {
    var kinds: [String: Int] = [:]
    var counts: [Verdict.Kind: Verdict.Count] = [:]
    for result in results {
      for difference in result.verdict?.differences ?? [] { kinds[kind(of: difference), default: 0] += 1 }
      counts.merge(result.verdict?.counts ?? [:], uniquingKeysWith: +)
    }
    let table = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value) × \($0.key)" }
    let (same, failed) = (results.count(where: \.isSame), results.count { $0.failure != nil })
    let passing = results.reduce(0) { $0 + $1.passing.count }
    let reordered = results.reduce(0) { $0 + ($1.verdict?.reordered ?? 0) }
    return
      (table + [
        "\(results.count) situations, \(same) the same, \(failed) not played; \(figures(counts)); "
          + "\(passing) differences did not show again, \(reordered) log lines in stretches whose order differs"
      ]).joined(separator: "\n") + "\n"
  }

  /// Without node, line and numbers.
  private static func kind(of difference: Verdict.Difference) -> String {
    switch difference.kind {
    case .info: return "info \(difference.place.split(separator: " ").last ?? "")"
    case .log:
      let side = difference.lab == "(not logged)" ? "only real" : difference.real == "(not logged)" ? "only lab" : "id"
      let line = difference.lab == "(not logged)" ? difference.real : difference.lab
      return "log \(side): \(withoutDigits(line))"
    case .reply:
      let words = difference.place.split(separator: " ").dropFirst().prefix(2).joined(separator: " ")
      return "reply \(words): \(withoutDigits(String(difference.lab.prefix(60)).debugDescription)) / "
        + withoutDigits(String(difference.real.prefix(60)).debugDescription)
    case .digest: return "digest"
    case .wire:
      return
        "wire \(withoutDigits(String(difference.lab.prefix(60)))) / \(withoutDigits(String(difference.real.prefix(60))))"
    case .end: return "end \(withoutDigits(difference.lab)) / \(withoutDigits(difference.real))"
    }
  }

  private static func withoutDigits(_ text: String) -> String { text.replacing(#/\d+/#, with: "#") }

  // MARK: One after the other

  /// What was done and what both logged, in the order of time: where they went different ways, one sees what was before.
  static func timeline(_ run: KeptRun, _ lab: Seen) -> String {
    var entries: [(time: Int64, text: String)] = []
    for beat in run.trace.beats {
      if case .done(let line) = beat.what { entries.append((beat.time, "---- \(line.text)")) }
      if beat.what == .rest { entries.append((beat.time, "---- (all at rest)")) }
    }
    for (who, seen) in [("real", run.seen), ("lab ", lab)] {
      for (node, stretches) in seen.logs {
        entries += stretches.joined().map { ($0.time, "\(who) \(node): \($0.text)") }
      }
    }
    let sorted = entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    return sorted.map { "\(seconds($0.element.time)) \($0.element.text)" }.joined(separator: "\n") + "\n"
  }

  private static func seconds(_ time: Int64) -> String {
    let digits = String("\(1_000_000 + max(0, time) % 1_000_000)".dropFirst())
    return "\(max(0, time) / 1_000_000).\(digits)"
  }
}
