import Comparison
import Dissection
import Redis
import Views

/// Says what a comparison found.
struct ComparisonReport {
  let isJSON: Bool
  let showsAll: Bool
  let output: Output
  private let palette: Palette
  private let showsPasswords: Bool

  init(_ options: Options, showsAll: Bool, output: Output = .standardOutput) {
    (isJSON, self.showsAll, self.output) = (options.json, showsAll, output)
    palette = Palette(options.color ?? .auto, for: output)
    showsPasswords = options.showPasswords
  }

  /// The two that are compared, and what they are called.
  struct Pair {
    let names: [String]
    let transcripts: [NormalizedTranscript]
    /// The node that was rebuilt.
    let node: RecordedNode?

    init(
      _ first: String, _ mine: NormalizedTranscript, _ second: String, _ theirs: NormalizedTranscript,
      node: RecordedNode? = nil
    ) {
      names = [first, second]
      transcripts = [mine, theirs]
      self.node = node
    }
  }

  /// - Returns: whether they are the same.
  func tell(_ comparison: Comparison, _ pair: Pair, _ remarks: Rebuilding.Remarks = .init()) -> Bool {
    let found = showsAll ? comparison.differences[...] : comparison.differences.prefix(1)
    let shown = showsPasswords ? Array(found) : found.map(\.hidingPasswords)
    if isJSON {
      write(json(comparison, shown, pair, remarks))
    } else {
      for difference in shown { for line in lines(difference, pair) { write(line) } }
      for line in summary(comparison, pair, remarks) { write(line) }
    }
    return comparison.differences.isEmpty
  }

  /// A node that can't be rebuilt is no difference: nothing was compared, and that is said.
  func tell(_ obstacle: RecordedNode.Obstacle, of node: RecordedNode) {
    if isJSON {
      write(JSON.object([("node", .string(node.name)), ("notRebuilt", .string(obstacle.words))]))
    } else {
      write(Line("not rebuilt", .heading) + Line(": \(node.name)"))
      for line in Line.filled(obstacle.words, indent: 2) { write(line) }
    }
  }

  private func write(_ line: Line) { output.write(palette.text(of: line) + "\n") }
  private func write(_ json: JSON) { output.write(json.text + "\n") }
}

// MARK: - A difference

extension ComparisonReport {
  private func lines(_ difference: Comparison.Difference, _ pair: Pair) -> [Line] {
    let title =
      "\(difference.who.words), connection \(difference.connection), \(difference.speaker): \(difference.kind.words)"
    var lines = Line.filled(title, .heading)
    if !difference.records.isEmpty { return lines + recordLines(difference, pair) + [Line()] }
    for (index, normalized) in [difference.first, difference.second].enumerated() {
      lines += self.lines(normalized, difference.word, pair.names[index], pair.transcripts[index])
    }
    return lines + [Line()]
  }

  private func lines(_ normalized: NormalizedMessage?, _ word: Int?, _ name: String, _ transcript: NormalizedTranscript)
    -> [Line]
  {
    guard let normalized, let message = normalized.message else {
      let words = normalized == nil ? "nothing more is said" : normalized?.text ?? ""
      return [Line("  \(name): ", .heading) + Line(words, .fault)]
    }
    let place = Self.place(of: normalized.pieces.first ?? message, on: normalized.connection, in: transcript)
    var lines = [Line("  \(name):", .heading), Line("    \(place)", .dim)]
    // What completes a snapshot says nothing of it.
    if normalized.isSnapshot { return lines + Line.filled(normalized.title, .meaning, indent: 4) }
    lines += Line.filled(message.meaning, .meaning, indent: 4)
    let field = WordField(normalized, message, in: transcript).field(ofWord: word)
    return lines + FieldsView.lines(field)
  }

  private static func place(of message: Message, on connection: Int, in transcript: NormalizedTranscript) -> String {
    var parts = ["message \(message.number)"]
    if let place = transcript.place(of: message, on: connection), place.packet > 0 {
      parts.append("packet \(place.packet) at \(Instant(microseconds: place.time / 1_000).clockText)")
    }
    parts.append(message.stage.name)
    if let offsets = message.offsets { parts.append("offset \(offsets.lowerBound)") }
    return parts.joined(separator: ", ")
  }
}

// MARK: - Records of snapshots

extension ComparisonReport {
  /// How many records that differ are shown with their bytes; the others are counted, as a snapshot can have millions.
  private static let recordLimit = 16

  private func recordLines(_ difference: Comparison.Difference, _ pair: Pair) -> [Line] {
    guard let first = difference.first, let second = difference.second else { return [] }
    let shown = difference.records.prefix(showsAll ? Self.recordLimit : 1)
    let sides = [(first, shown.compactMap(\.first)), (second, shown.compactMap(\.second))]
    let found = sides.indices.map { index in
      let (normalized, words) = sides[index]
      guard let message = normalized.message else { return [Int: WordField.Record]() }
      return WordField(normalized, message, in: pair.transcripts[index]).records(ofWords: words)
    }
    var lines: [Line] = []
    for record in shown {
      let words = [record.first, record.second]
      lines += Line.filled(title(of: record, first, second, found), indent: 2)
      for (index, word) in words.enumerated() {
        guard let word else { continue }
        lines.append(Line("  \(pair.names[index]):", .heading))
        for part in found[index][word]?.parts ?? [] {
          let place = Self.place(of: part.piece, on: sides[index].0.connection, in: pair.transcripts[index])
          lines.append(Line("    \(place)", .dim))
          for field in part.fields { lines += FieldsView.lines(field) }
        }
        if let rest = found[index][word]?.omitted, rest > 0 {
          lines.append(Line("      … \(counted(rest, "byte")) of it in later messages", .dim))
        }
      }
    }
    let rest = difference.records.count - shown.count
    if rest > 0 {
      let words =
        rest == 1 ? "1 more record of these snapshots differs" : "\(rest) more records of these snapshots differ"
      lines.append(Line("  … \(words)", .dim))
    }
    return lines
  }

  /// `only the first has: key "b" holds "1"`
  private func title(
    of record: RecordDifference, _ first: NormalizedMessage, _ second: NormalizedMessage,
    _ found: [[Int: WordField.Record]]
  ) -> String {
    func meaning(_ word: Int?, _ normalized: NormalizedMessage, _ index: Int) -> String? {
      guard let word else { return nil }
      let text = found[index][word]?.meaning ?? NormalizedMessage.text(normalized.words[word])
      let database = normalized.records[word].database ?? 0
      return database == 0 ? text : "in database \(database), \(text)"
    }
    return switch (meaning(record.first, first, 0), meaning(record.second, second, 1)) {
    case (let mine?, nil): "only the first has: \(mine)"
    case (nil, let theirs?): "only the second has: \(theirs)"
    case (let mine, let theirs): "the first has: \(mine ?? ""); the second has: \(theirs ?? "")"
    }
  }
}

extension NormalizedMessage {
  /// What a snapshot is called, without its keys.
  fileprivate var title: String { words.first.map(NormalizedMessage.text) ?? "" }
}

extension RecordDifference {
  fileprivate func json(_ difference: Comparison.Difference) -> JSON {
    func says(_ normalized: NormalizedMessage?, _ word: Int?) -> JSON {
      guard let normalized, let word else { return .null }
      return .string(NormalizedMessage.text(normalized.words[word]))
    }
    return .object([
      ("kind", .string(kind.name)), ("first", says(difference.first, first)),
      ("second", says(difference.second, second)),
    ])
  }
}

extension Comparison.Difference {
  fileprivate var hidingPasswords: Self {
    var difference = self
    difference.first = first?.hidingPasswords
    difference.second = second?.hidingPasswords
    return difference
  }

  fileprivate var speaker: String {
    switch (who, side) {
    case (.replication, .opener): "replica"
    case (.replication, .acceptor): "master"
    case (.clients, .opener): "clients"
    case (.clients, .acceptor): "server"
    }
  }
}

extension Alignment.Kind {
  fileprivate var words: String {
    switch self {
    case .changed: "they say different things"
    case .onlyFirst: "only the first says this"
    case .onlySecond: "only the second says this"
    case .order: "they say this in another order"
    }
  }

  fileprivate var name: String {
    switch self {
    case .changed: "changed"
    case .onlyFirst: "only first"
    case .onlySecond: "only second"
    case .order: "order"
    }
  }
}

extension NormalizedTranscript.Who {
  fileprivate var words: String {
    switch self {
    case .replication(let replica, let master): "replica \(replica ?? "(unnamed)") → master \(master)"
    case .clients(let node): "clients of \(node)"
    }
  }
}

// MARK: - The sum

extension ComparisonReport {
  private func summary(_ comparison: Comparison, _ pair: Pair, _ remarks: Rebuilding.Remarks) -> [Line] {
    let isSame = comparison.differences.isEmpty
    let what = [counted(comparison.messages, "message"), counted(comparison.connections, "connection")]
    let subject = pair.node.map { "\($0.name) in the lab, " } ?? ""
    let verdict = isSame ? "the same" : "different"
    var lines = [Line(verdict, isSame ? .heading : .fault) + Line(": \(subject)\(what.joined(separator: " on "))")]
    lines += Self.paragraph("chance", comparison.chance.sorted { $0.key < $1.key }.map { $0.words($1) })
    lines += Self.paragraph("unknown", comparison.unknownWords)
    lines += Self.paragraph("not rebuilt", remarks.pastWords)
    lines += Self.paragraph("not the lab's own", remarks.words)
    if !showsAll, comparison.differences.count > 1 {
      lines.append(Line("  there is more: --all shows it", .dim))
    }
    return lines
  }

  private static func paragraph(_ title: String, _ parts: [String]) -> [Line] {
    guard !parts.isEmpty else { return [] }
    return Line.filled("\(title): " + parts.joined(separator: ", "), indent: 2)
  }

  private func json(
    _ comparison: Comparison, _ shown: [Comparison.Difference], _ pair: Pair, _ remarks: Rebuilding.Remarks
  ) -> JSON {
    var members: [(key: String, value: JSON)] = []
    if let node = pair.node { members.append(("node", .string(node.name))) }
    members += [
      ("same", .bool(comparison.differences.isEmpty)), ("connections", .number(comparison.connections)),
      ("messages", .number(comparison.messages)), ("taken", .number(remarks.taken)),
      ("chance", .object(comparison.chance.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .number($0.value)) })),
      ("unknownBytes", .number(comparison.unknownBytes)), ("unknownMessages", .number(comparison.unknownMessages)),
      ("remarks", .array((remarks.pastWords + remarks.words).map { .string($0) })),
      ("differences", .array(shown.map { json($0, pair) })),
    ]
    return .object(members)
  }

  private func json(_ difference: Comparison.Difference, _ pair: Pair) -> JSON {
    func normalized(_ index: Int) -> JSON {
      guard let normalized = index == 0 ? difference.first : difference.second else { return .null }
      var members: [(key: String, value: JSON)] = [("says", .string(normalized.text))]
      if let message = normalized.pieces.first ?? normalized.message {
        members += [
          ("connection", .number(normalized.connection)), ("message", .number(message.number)),
          ("stage", .string(message.stage.name)),
          ("meaning", .string(normalized.isSnapshot ? normalized.title : message.meaning)),
        ]
        if let place = pair.transcripts[index].place(of: message, on: normalized.connection) {
          members.append(("packet", .number(place.packet)))
        }
      }
      return .object(members)
    }
    return .object([
      ("who", .string(difference.who.words)), ("connection", .number(difference.connection)),
      ("speaker", .string(difference.speaker)), ("kind", .string(difference.kind.name)), ("first", normalized(0)),
      ("second", normalized(1)), ("records", .array(difference.records.map { $0.json(difference) })),
    ])
  }
}
