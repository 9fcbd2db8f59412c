import Capture
import RealRedis

/// What real servers did in one situation, and when: `FOLDER/name.N.run`, and beside it a `.pcap` of what crossed the wire.
/// The lab can be held to it again and again without the time that real servers take.
struct KeptRun: Sendable {
  var situation: Situation
  var trace: Trace
  var seen: Seen

  static func path(_ folder: String, _ situation: Situation, _ number: Int) -> String {
    let name = situation.name.split(separator: "/").last.map { $0.replacing(" ", with: "-") } ?? "situation"
    return "\(folder)/\(name).\(number).run"
  }
}

// MARK: - As text

/// A line is a word for what it is and its fields, with tabs between them.
extension KeptRun {
  var text: String {
    var lines = [["situation", situation.name], ["start", "\(trace.start)"]]
    lines += situation.lines.map { ["line", $0.text] }
    lines += trace.beats.map { ["beat", "\($0.time)", "\($0.end)", "\($0.line)"] + $0.what.fields }
    lines += seen.answers.map { answer in
      ["answer", "\(answer.line)", answer.node, "\(answer.command.count)"] + answer.command
        + (answer.reply.map { [String(decoding: $0, as: UTF8.self)] } ?? [])
    }
    for (node, stretches) in seen.logs.sorted(by: { $0.key < $1.key }) {
      for (number, stretch) in stretches.enumerated() {
        lines += stretch.map { ["log", node, "\(number)", "\($0.time)", $0.level, $0.text] }
      }
    }
    lines += seen.ends.map { ["end", $0] }
    return lines.map { $0.map(Self.escaped).joined(separator: "\t") }.joined(separator: "\n") + "\n"
  }

  /// - Throws: the line that is none.
  init(text: String) throws {
    (situation, trace, seen) = (Situation(name: "", lines: []), Trace(), Seen())
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { Self.unescaped($0) }
      guard try read(fields[0], Array(fields.dropFirst())) else { throw SoakError("‘\(line)’ is no line of a run") }
    }
  }

  private mutating func read(_ kind: String, _ fields: [String]) throws -> Bool {
    func number(_ place: Int) -> Int? { fields.indices.contains(place) ? Int(fields[place]) : nil }
    switch kind {
    case "situation": situation.name = fields.first ?? ""
    case "start": trace.start = Int64(number(0) ?? 0)
    case "line": situation.lines.append(try Situation.Line(fields.first ?? ""))
    case "beat":
      guard let time = number(0), let end = number(1), let line = number(2),
        let what = try Trace.What(Array(fields.dropFirst(3)))
      else { return false }
      trace.beats.append(Trace.Beat(time: Int64(time), end: Int64(end), what: what, line: line))
    case "answer":
      guard let line = number(0), let count = number(2), fields.count >= 3 + count else { return false }
      let reply = fields.count > 3 + count ? Array(fields[3 + count].utf8) : nil
      seen.answers.append(
        Seen.Answer(line: line, node: fields[1], command: Array(fields[3..<3 + count]), reply: reply))
    case "log":
      guard let stretch = number(1), let time = number(2), fields.count == 5 else { return false }
      seen.log(
        fields[0], Seen.LogLine(time: Int64(time), level: fields[3], text: fields[4]), stretch: stretch)
    case "end": seen.ends.append(fields.first ?? "")
    default: return false
    }
    return true
  }

  private static func escaped(_ field: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
      case "\r": text.append(contentsOf: "\\r".unicodeScalars)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      case "\t": text.append(contentsOf: "\\t".unicodeScalars)
      default: text.append(scalar)
      }
    }
    return String(text)
  }

  private static func unescaped(_ field: Substring) -> String {
    var (text, isEscaped) = (String.UnicodeScalarView(), false)
    for scalar in field.unicodeScalars {
      if isEscaped {
        text.append(scalar == "r" ? "\r" : scalar == "n" ? "\n" : scalar == "t" ? "\t" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }
}

extension Trace.What {
  fileprivate var fields: [String] {
    switch self {
    case .done(let line): ["done", line.text]
    case .poll(let node): ["poll", node]
    case .look(let node, let words): ["look", node] + words
    case .rest: ["rest"]
    }
  }

  fileprivate init?(_ fields: [String]) throws {
    switch (fields.first, fields.count) {
    case ("done", 2): self = .done(try Situation.Line(fields[1]))
    case ("poll", 2): self = .poll(fields[1])
    case ("look", 3...): self = .look(fields[1], Array(fields.dropFirst(2)))
    case ("rest", 1): self = .rest
    default: return nil
    }
  }
}

// MARK: - As files

extension KeptRun {
  func write(_ path: String) throws {
    try writeFile(path, Array(text.utf8))
    try writeFile(path + ".pcap", Pcap.file(seen.packets))
  }

  /// - Throws: what is wrong with the files.
  init(path: String) throws {
    try self.init(text: String(decoding: try readFile(path), as: UTF8.self))
    seen.packets = try Pcap.packets(in: try readFile(path + ".pcap"))
  }
}
