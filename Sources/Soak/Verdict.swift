import Comparison

/// How far the lab did the same as real servers in one situation, and where it did not.
package struct Verdict: Sendable {
  package enum Kind: String, Sendable, CaseIterable { case reply, info, digest, log, wire, end }

  /// How many were compared of each kind, and how many were equal.
  package struct Count: Sendable {
    package var all = 0
    package var same = 0
    package static func + (a: Self, b: Self) -> Self { Count(all: a.all + b.all, same: a.same + b.same) }
  }

  package struct Difference: Sendable, Hashable {
    package var kind: Kind
    /// The number of the line of the situation, from 1; 0: none in particular.
    package var line: Int
    /// A node, a field, a command: what two runs of the same situation have in common.
    package var place: String
    package var lab: String
    package var real: String

    /// What makes it the same difference in another run.
    var likeness: [String] { [kind.rawValue, "\(line)", place] }
  }

  package var counts: [Kind: Count] = [:]
  package var differences: [Difference] = []
  /// Log lines that both have, in another order within what happened between two rests.
  package var reordered = 0
  private var ids = Ids()

  package init(lab: Seen, real: Seen) {
    compareAnswers(lab, real)
    compareEnds(lab, real)
    compareLogs(lab, real)
    compareWire(lab, real)
  }

  private mutating func count(_ kind: Kind, _ isSame: Bool) {
    counts[kind, default: Count()].all += 1
    if isSame { counts[kind, default: Count()].same += 1 }
  }

  private mutating func judge(
    _ kind: Kind, _ isSame: Bool, _ line: Int, _ place: String, _ lab: @autoclosure () -> String,
    _ real: @autoclosure () -> String
  ) {
    count(kind, isSame)
    if !isSame { differences.append(Difference(kind: kind, line: line, place: place, lab: lab(), real: real())) }
  }

  // MARK: Answers

  private mutating func compareAnswers(_ lab: Seen, _ real: Seen) {
    for (mine, theirs) in zip(lab.answers, real.answers) {
      let (a, b) = (Self.text(mine.reply), Self.text(theirs.reply))
      let (line, node) = (theirs.line + 1, theirs.node)
      let command = theirs.command.map { $0.lowercased() }
      switch command {
      case ["info", "everything"]: compareInfo(a, mine.later.map { Self.text($0) }, b, line, node)
      case ["debug", "digest"]: judge(.digest, a == b, line, node, a, b)
      default:
        let tellsTime = Exceptions.commands.contains { $0.name == command.first } && a.first != "-" && b.first != "-"
        let isUnordered = Exceptions.unordered.contains { command.joined(separator: " ").hasPrefix($0.name) }
        let isSame =
          tellsTime ? a.first == b.first : isUnordered ? Self.sorted(a) == Self.sorted(b) : ids.match(a, b)
        judge(.reply, isSame, line, "\(node) \(theirs.command.joined(separator: " "))", a, b)
      }
    }
  }

  private static func text(_ reply: [UInt8]?) -> String {
    reply.map { String(decoding: $0, as: UTF8.self) } ?? "(none)"
  }

  private static func sorted(_ reply: String) -> [Substring] { reply.split(whereSeparator: \.isNewline).sorted() }

  /// A field of INFO that tells how far replication is.
  private static func isOfReplication(_ field: String) -> Bool {
    ["slave", "master", "connected_slaves", "role", "repl_", "second_"].contains { field.hasPrefix($0) }
  }

  static func differInReplication(_ lab: [UInt8]?, _ real: [UInt8]?) -> Bool {
    var verdict = Verdict()
    verdict.compareInfo(text(lab), nil, text(real), 0, "")
    return verdict.differences.contains { isOfReplication(String($0.place.split(separator: " ").last ?? "")) }
  }

  private init() {}

  private mutating func compareInfo(_ lab: String, _ later: String?, _ real: String, _ line: Int, _ node: String) {
    let (mine, theirs) = (Self.bySlavePort(Self.fields(lab)), Self.bySlavePort(Self.fields(real)))
    let values = Dictionary(mine, uniquingKeysWith: { first, _ in first })
    let laterValues = Dictionary(
      later.map { Self.bySlavePort(Self.fields($0)) } ?? [], uniquingKeysWith: { first, _ in first })
    for (field, value) in theirs {
      if case .chance = Exceptions.rule(field) { continue }
      guard let own = values[field] else {
        judge(.info, false, line, "\(node) \(field)", "(no such field)", value)
        continue
      }
      let isSame =
        isSame(field, own, value)
        || Self.isOfReplication(field) && laterValues[field].map { self.isSame(field, $0, value) } ?? false
      judge(.info, isSame, line, "\(node) \(field)", own, value)
    }
    let names = Set(theirs.map(\.0))
    for (field, value) in mine where !names.contains(field) {
      if case .chance = Exceptions.rule(field) { continue }
      judge(.info, false, line, "\(node) \(field)", value, "(no such field)")
    }
  }

  private static func fields(_ info: String) -> [(String, String)] {
    info.split(whereSeparator: \.isNewline).compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 && !line.hasPrefix("#") && !line.hasPrefix("$")
        ? (String(parts[0]), String(parts[1])) : nil
    }
  }

  /// `slave0` is the one that came first, and who that is is chance where several come at once: their ports name them.
  private static func bySlavePort(_ fields: [(String, String)]) -> [(String, String)] {
    fields.map { name, value in
      guard name.hasPrefix("slave"), Int(name.dropFirst(5)) != nil,
        let port = value.split(separator: ",").first(where: { $0.hasPrefix("port=") })
      else { return (name, value) }
      return ("slave:\(port.dropFirst(5))", value)
    }
  }

  private mutating func isSame(_ field: String, _ lab: String, _ real: String) -> Bool {
    if case .within(let tolerance) = Exceptions.rule(field) { return Self.isNear(lab, real, tolerance) }
    if !real.contains("=") { return ids.match(lab, real) }
    let (mine, theirs) = (lab.split(separator: ","), real.split(separator: ","))
    guard mine.count == theirs.count else { return false }
    for (a, b) in zip(mine, theirs) where a != b {
      let (a, b) = (a.split(separator: "=").map(String.init), b.split(separator: "=").map(String.init))
      guard a.count == 2, b.count == 2, a[0] == b[0] else { return false }
      switch Exceptions.parts.first(where: { $0.name == a[0] })?.rule {
      case .chance: continue
      case .within(let tolerance): if !Self.isNear(a[1], b[1], tolerance) { return false }
      case nil:
        guard let count = Exceptions.counts.first(where: { field.hasPrefix($0.field) }), Self.counts.contains(a[0]),
          Self.isNear(a[1], b[1], count.tolerance)
        else { return false }
      }
    }
    return true
  }

  private static let counts: Set = ["calls", "rejected_calls", "failed_calls", "count"]

  private static func isNear(_ a: String, _ b: String, _ tolerance: Int) -> Bool {
    if a == b { return true }
    guard let a = Int(a), let b = Int(b), a >= 0, b >= 0 else { return false }
    return abs(a - b) <= tolerance
  }

  // MARK: Ends

  private mutating func compareEnds(_ lab: Seen, _ real: Seen) {
    for index in 0..<max(lab.ends.count, real.ends.count) {
      let a = index < lab.ends.count ? lab.ends[index] : "(nothing more)"
      let b = index < real.ends.count ? real.ends[index] : "(nothing more)"
      judge(.end, a == b, 0, "the end of a process", a, b)
    }
  }

  // MARK: Logs

  private mutating func compareLogs(_ lab: Seen, _ real: Seen) {
    for node in Set(lab.logs.keys).union(real.logs.keys).sorted() {
      let (mine, theirs) = (lab.logs[node] ?? [], real.logs[node] ?? [])
      for stretch in 0..<max(mine.count, theirs.count) {
        compareLogs(
          stretch < mine.count ? LogText.lines(mine[stretch]) : [],
          stretch < theirs.count ? LogText.lines(theirs[stretch]) : [], "\(node), stretch \(stretch + 1)")
      }
    }
  }

  private mutating func compareLogs(_ lab: [String], _ real: [String], _ place: String) {
    let plain = (lab.map { Ids.split($0).text }, real.map { Ids.split($0).text })
    if plain.0 == plain.1 {
      for (a, b) in zip(lab, real) { judge(.log, ids.match(a, b), 0, place, a, b) }
      return
    }
    var rest = plain.0
    var missing: [String] = []
    for line in plain.1 {
      if let index = rest.firstIndex(of: line) {
        rest.remove(at: index)
        count(.log, true)
        reordered += 1
      } else {
        missing.append(line)
      }
    }
    for line in missing { judge(.log, false, 0, place + ": " + line, "(not logged)", line) }
    for line in rest { judge(.log, false, 0, place + ": " + line, line, "(not logged)") }
  }

  // MARK: The wire

  private mutating func compareWire(_ lab: Seen, _ real: Seen) {
    let comparison = Comparison(Self.transcript(lab), Self.transcript(real), findsAll: true)
    let found = comparison.differences.filter { !Self.isSignOfLife($0) }
    counts[.wire] = Count(all: comparison.messages + found.count, same: comparison.messages)
    for difference in found {
      let place: String =
        switch difference.who {
        case .replication(let replica, let master): "\(replica ?? "?") → \(master), \(difference.side)"
        case .clients(let node): "a client of \(node), \(difference.side)"
        }
      differences.append(
        Difference(
          kind: .wire, line: 0, place: "\(place), connection \(difference.connection)",
          lab: difference.first.map { String($0.text.prefix(200)) } ?? "(nothing)",
          real: difference.second.map { String($0.text.prefix(200)) } ?? "(nothing)"))
    }
  }

  /// An acknowledgement goes out every second: whether one did before a connection ended is a matter of time.
  private static func isSignOfLife(_ difference: Comparison.Difference) -> Bool {
    guard difference.first == nil || difference.second == nil else { return false }
    return (difference.first ?? difference.second)?.text == "REPLCONF ACK"
  }

  private static func transcript(_ seen: Seen) -> NormalizedTranscript {
    var transcript = NormalizedTranscript()
    for packet in seen.packets { transcript.consume(packet) }
    transcript.end()
    return transcript
  }
}
