import Glibc
import Lab
import Views

/// Searching for what must not be: `explore`.
extension Verb {
  static let exploringVerbs: [Verb] = [
    Verb(
      name: "explore", family: .faults, arguments: "[N] [until EXPR|broken|lost]",
      summary: "search for ways to what must not be",
      details: """
        From this moment on it tries writes and bursts of them, faults, promotions by
        hand and by FAILOVER, small buffers and spans of time, N times (1000), each time
        by another seed, on all cores, until
          broken   something is broken that must hold (`help check`)
          lost     a write that a client was told of is lost (`info writes`)
          EXPR     an expression becomes true
        or, if nothing is said, until it has found one of each kind. What it finds it
        reduces to the fewest commands, and writes to explore-1.lab, -2 … as a script.
        This moment stays as it is. Ctrl-C ends it.
        """,
      example: "explore 500 until lost",
      offers: [.words(["until"]), .after(["until": .words(["broken", "lost"])]), .nothing],
      run: { try $0.explore($1) })
  ]
}

extension Session {
  fileprivate mutating func explore(_ arguments: Arguments) throws {
    let number = arguments.words.first.flatMap { Int($0.text) }
    let attempts = number ?? 1_000
    guard (1...1_000_000).contains(attempts) else {
      throw Complaint.usage(
        "‘\(attempts)’ is no number of attempts", advice: "From 1 to 1000000.", column: arguments.words.first?.column)
    }
    let goal = try goal(Array(arguments.words.dropFirst(number == nil ? 0 : 1)), arguments)
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    var trouble: Complaint?
    let outcome = try timeline.explore(goal, attempts: attempts, seed: seed, cores: max(1, cores), monitor) {
      do throws(Complaint) {
        clearProgress()
        try show($0)
      } catch {
        trouble = trouble ?? error
      }
    }
    clearProgress()
    if let trouble { throw trouble }
    let count = counted(outcome.attempts, "attempt")
    if outcome.isInterrupted {
      say(
        outcome.found.isEmpty ? "stopped after \(count), of which none has led there" : "stopped after \(count)",
        outcome)
    } else if outcome.found.isEmpty {
      say("\(count), and none has led there", outcome)
    }
  }

  private func goal(_ words: [Word], _ arguments: Arguments) throws -> Exploration.Goal {
    guard let first = words.first else { return .any }
    guard first.text == "until", words.count > 1 else {
      throw Complaint.usage(
        "explore does not understand ‘\(first.text)’", advice: "Usage: \(arguments.verb.synopsis)", column: first.column
      )
    }
    if words.count == 2, words[1].text == "broken" { return .broken }
    if words.count == 2, words[1].text == "lost" { return .lost }
    let text = String(decoding: arguments.line.utf8.dropFirst(words[1].column - 1), as: UTF8.self)
    do {
      return .expression(try Expression(text, isCondition: true, names: nodeNames))
    } catch {
      throw Complaint.usage(
        error.what, advice: Complaint.sentence(error.advice), column: error.column.map { $0 + words[1].column - 1 })
    }
  }

  private func say(_ text: String, _ outcome: Exploration.Outcome) {
    answer(
      [text],
      json: .object([("found", .bool(!outcome.found.isEmpty)), ("attempts", .number(outcome.attempts))]))
  }

  private func show(_ discovery: Exploration.Discovery) throws(Complaint) {
    let (lines, _) = timeline.script(hidesPasswords: !showsPasswords)
    let reason = self.reason(discovery.reason)
    let head = "#!/usr/bin/env -S replab run\nseed \(seed)\nclock \(TimeText.date(clock))\n"
    let comment = "# What was found, from here on:\n"
    let body = lines.map { $0 + "\n" }.joined() + comment + discovery.lines.map { $0 + "\n" }.joined()
    let path = freeName
    try writeFile(path, Array((head + body).utf8))
    guard !isJSON else {
      return output.write(
        JSON.object([
          ("found", .bool(true)), ("attempts", .number(discovery.attempt)),
          ("lines", .array(discovery.lines.map { .string($0) })), ("reason", .array(reason.map { .string($0.text) })),
          ("file", .string(path)),
        ]).text + "\n")
    }
    let count = discovery.lines.count
    show(
      Line.filled(
        "attempt \(discovery.attempt) has led there, by \(counted(discovery.drawn, "move")); \(count) "
          + "\(count == 1 ? "is" : "are") enough:") + discovery.lines.map { Line("  " + $0, .heading) } + reason
        + [Line("written to \(path), with the way to here before it", .dim)])
  }

  private func reason(_ reason: Exploration.Reason) -> [Line] {
    switch reason {
    case .expression: []
    case .broken(let broken): Line.filled("broken: \(InvariantView.text(broken))", .changed)
    case .lost(let loss, let writes): WritesView.lines(lostIn: loss.step, writes)
    }
  }

  /// A name that no file has.
  private var freeName: String {
    var number = 1
    while access("explore-\(number).lab", F_OK) == 0, number < 10_000 { number += 1 }
    return "explore-\(number).lab"
  }
}
