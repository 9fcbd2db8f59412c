import Capture
import Dissection
import Glibc
import Lab
import LineEdit
import Views

import struct RDB.Objection
import struct RDB.RDBError
import struct Redis.AppendOnlyManifest

/// What `replab inspect` prints: the bytes of a file as an annotated tree, as they are read.
struct Inspection {
  var output = Output.standardOutput
  let isJSON: Bool
  let palette: Palette
  let path: FieldPath?
  /// How many fields are shown of a record's compressed values.
  let limit: Int

  init(_ options: Options, path: String?, limit: Int) {
    self.limit = limit
    isJSON = options.json
    palette = Palette(options.color ?? .auto, for: output)
    self.path = path.map { FieldPath($0) }
  }

  /// Prints a field; `place` is what a program is told besides, `title` what a person is.
  func show(
    _ field: Field, title: String? = nil, remarks: [String] = [],
    place: @autoclosure () -> [(key: String, value: JSON)], end: Int = 0
  ) {
    if isJSON {
      let place = place()
      let notes: [(key: String, value: JSON)] =
        remarks.isEmpty ? [] : [("remarks", .array(remarks.map { .string($0) }))]
      return output.write(JSON.object(place + notes + [("field", field.json(limit: limit))]).text + "\n")
    }
    var lines = LinesWriter(output, palette)
    if let title { lines.write(Line(title, .heading)) }
    for remark in remarks { Line.filled(remark, .dim, indent: 2).forEach { lines.write($0) } }
    FieldsView.forEachLine(field, end: end, limit: limit) { lines.write($0) }
    lines.flush()
  }
}

/// Writes the lines of a field together: a call of the system for each would take longer than to make them.
private struct LinesWriter {
  private let output: Output
  private let palette: Palette
  private var text = ""
  private static let limit = 1 << 16

  init(_ output: Output, _ palette: Palette) {
    self.output = output
    self.palette = palette
  }

  mutating func write(_ line: Line) {
    palette.append(line, to: &text)
    if text.utf8.count >= Self.limit { flush() }
  }

  mutating func flush() {
    output.write(text)
    text = ""
  }
}

// MARK: - A snapshot

extension Inspection {
  /// The records of an RDB file, one after another, and the commands behind them if it is the beginning of an append-only
  /// file; or what `path` says of one.
  ///
  /// - Throws: what is wrong with the file, with the offset, after all that could be read was shown.
  func snapshot(_ file: String) throws {
    let source = try FileReader(file)
    var dissector = SnapshotDissector()
    var sightings: [String: Int] = [:]
    do {
      while let block = try source.next() {
        dissector.feed(block)
        while let record = try dissector.next() {
          if Interrupt.requested { throw Complaint.interrupted }
          let number = dissector.count
          sightings[record.field.name, default: 0] += 1
          guard let path else {
            show(record, number, end: source.size)
            continue
          }
          guard Self.isMeant(path.parts[0], number, record, sightings) else { continue }
          for field in try path.resolve(in: record) { show(field, place: [("record", .number(number))]) }
          return
        }
        if dissector.isAtEnd, AppendOnlyDissector.isBeginning(dissector.remainder) {
          return try appendOnly(source, file, after: dissector, sightings)
        }
        if dissector.isAtEnd, path != nil { break }
      }
      if path == nil { showRest(dissector, source.size) }
      try dissector.finish()
    } catch let error as RDBError {
      if path == nil { showRest(dissector, source.size) }
      throw Complaint.input("\(file): \(error)")
    }
    if let path { throw missing(path, dissector.count) }
  }

  /// A record, and what a server would say of it, before the field that it is about.
  private func show(_ record: SnapshotDissector.Record, _ number: Int, end: Int) {
    let place: [(key: String, value: JSON)] = [("record", .number(number))]
    for field in record.attributes { show(field, place: place, end: end) }
    show(record.field, remarks: record.objection.map { [$0.remark] } ?? [], place: place, end: end)
  }

  /// The commands of an append-only file, from its beginning or behind the snapshot with which it begins.
  ///
  /// - Throws: what is wrong with the file, with the offset, after all that could be read was shown.
  func appendOnly(
    _ source: FileReader, _ file: String, after snapshot: SnapshotDissector? = nil, _ sightings: [String: Int] = [:]
  ) throws {
    var dissector = AppendOnlyDissector(at: snapshot?.position ?? 0)
    var count = snapshot?.count ?? 0
    var sightings = sightings
    var block: [UInt8]? = try snapshot?.remainder ?? source.next()
    do {
      while let bytes = block {
        dissector.feed(bytes)
        while let field = try dissector.next() {
          if Interrupt.requested { throw Complaint.interrupted }
          count += 1
          sightings[field.name, default: 0] += 1
          let place: [(key: String, value: JSON)] = [("record", .number(count))]
          if path == nil { show(field, place: place, end: source.size) }
          let record = SnapshotDissector.Record(attributes: [], field: field)
          guard let path, Self.isMeant(path.parts[0], count, record, sightings) else { continue }
          for field in try path.resolve(in: record) { show(field, place: place) }
          return
        }
        block = try source.next()
      }
    } catch is AppendOnlyDissector.Fault {
      // Told below, once what there is was shown.
    }
    if let path { throw missing(path, count) }
    guard let rest = dissector.rest else { return }
    show(rest, place: [("record", .number(count + 1))], end: source.size)
    throw Complaint.input("\(file): \(rest.meaning)")
  }

  /// A server's manifest has a line for each file, of which there are a few.
  private static let manifestLimit = 1 << 20

  /// The lines of an append-only file's manifest, or what `path` says of one.
  ///
  /// - Throws: why a server would not take it, in its words, after all of it was shown.
  func manifest(_ file: String) throws {
    let source = try FileReader(file)
    var bytes: [UInt8] = []
    while let block = try source.next() {
      bytes += block
      guard bytes.count <= Self.manifestLimit else { throw Complaint.input("\(file): this is too long for a manifest") }
    }
    let lines = ManifestDissector.fields(bytes)
    var sightings: [String: Int] = [:]
    for (number, line) in zip(1..., lines) {
      sightings[line.name, default: 0] += 1
      let place: [(key: String, value: JSON)] = [("record", .number(number))]
      guard let path else {
        show(line, place: place, end: bytes.count)
        continue
      }
      let record = SnapshotDissector.Record(attributes: [], field: line)
      guard Self.isMeant(path.parts[0], number, record, sightings) else { continue }
      for field in try path.resolve(in: record) { show(field, place: place) }
      return
    }
    if let path { throw missing(path, lines.count) }
    do throws(AppendOnlyManifest.Failure) { _ = try AppendOnlyManifest(reading: bytes) } catch {
      let place = error.line.map { "line \($0.number): " } ?? ""
      throw Complaint.input("\(file): \(place)\(error.reason)")
    }
  }

  /// The number of a record, `key:NAME`, or a record's name, `aux field#2`.
  private static func isMeant(
    _ part: String, _ number: Int, _ record: SnapshotDissector.Record, _ sightings: [String: Int]
  ) -> Bool {
    if let wanted = Int(part) { return wanted == number }
    if part.hasPrefix("key:") { return record.key == Array(part.dropFirst(4).utf8) }
    let (name, count) = FieldPath.counted(part)
    return record.field.name == name && sightings[name] == count
  }

  private func showRest(_ dissector: SnapshotDissector, _ end: Int) {
    for field in dissector.rest { show(field, place: [("record", .number(dissector.count + 1))], end: end) }
  }

  private func missing(_ path: FieldPath, _ count: Int) -> Complaint {
    .usage(
      "there is no record ‘\(path.parts[0])’",
      advice:
        "There are \(count), numbered from 1; `key:NAME` is the one that holds a key, and `header`, `aux field#2`, "
        + "`entry#3` or `end` are by what they are.")
  }
}

extension Objection {
  /// As `inspect` tells it.
  fileprivate var remark: String {
    switch severity {
    case .skipsKey: "a master of 7.0 leaves the key out: ‘\(words)’"
    case .refusesFile: "redis-server 7.0 does not load the file: ‘\(words)’"
    case .onlyWhenSanitized:
      "redis-server 7.0 loads it; redis-check-rdb, and a server with sanitize-dump-payload yes, do not: ‘\(words)’"
    }
  }
}

// MARK: - A transcript

extension Inspection {
  /// The messages of a transcript, connection by connection as they come; or what `path` says of one.
  ///
  /// - Parameter restored: where its first snapshot is to be written.
  func transcript(_ recording: PacketSource, restored: String? = nil) throws {
    try recording.requirePackets()
    var timeline = Timeline(recording)
    var counts: [Int: Int] = [:]
    var snapshot = restored.map { SnapshotFile($0) }
    let monitor = ProgressMonitor(shouldStop: { Interrupt.requested })
    while true {
      let run = timeline.stepAny(monitor)
      if run.to > run.from, let step = timeline.current {
        for delivery in step.delivered {
          counts[delivery.link.number, default: 0] += 1
          try snapshot?.take(delivery)
          guard try show(delivery, step, timeline) || snapshot != nil else { return }
        }
      }
      switch run.stop {
      case .done: continue
      case .end(let fault?):
        throw Complaint.input("\(recording.name): \(fault.what)", advice: Complaint.sentence(fault.advice))
      case .interrupted: throw Complaint.interrupted
      default:
        recording.tellPassedOver()
        try snapshot?.finish()
        if let path, snapshot == nil, path.parts.count > 1 || counts[path.number ?? 0] == nil {
          throw missing(path, counts)
        }
        return
      }
    }
  }

  /// Shows a message if it is meant; false if it was the only one.
  private func show(_ delivery: Delivery, _ step: Step, _ timeline: Timeline) throws(Complaint) -> Bool {
    let (link, number) = (delivery.link.number, delivery.message.number)
    if let path {
      guard path.number == link, path.parts.count == 1 || Int(path.parts[1]) == number else { return true }
    }
    guard var field = timeline.fields(of: delivery, inStep: step.number, worlds: [timeline.world]) else { return true }
    if let path, path.parts.count > 2 { field = try path.resolve(in: field, after: 2) }
    let title = "link \(link), message \(number), \(step.time.clockText), \(delivery.from.name) → \(delivery.to.name)"
    let isFirst = !step.remarks.isEmpty && step.delivered.first == delivery
    let remarks = isFirst ? remarks(step, timeline.world) : []
    show(
      field, title: title, remarks: remarks,
      place: [
        ("link", .number(link)), ("message", .number(number)), ("step", .number(step.number)),
        ("time", .string(TimeText.date(step.time))), ("from", .string(delivery.from.name)),
        ("to", .string(delivery.to.name)),
      ])
    return path == nil || path!.parts.count == 1
  }

  private func remarks(_ step: Step, _ world: World) -> [String] {
    step.remarks.compactMap { RemarkView.text($0.remark, on: world.recorded?.link($0.link)) }
  }

  private func missing(_ path: FieldPath, _ counts: [Int: Int]) -> Complaint {
    let list = counts.keys.sorted().prefix(20).map { "\($0) with \(counts[$0] ?? 0)" }.joined(separator: ", ")
    return .usage(
      "there is no message ‘\(path.text)’",
      advice: "Write LINK/MESSAGE, as in 1/4. The links and their messages: \(list)\(counts.count > 20 ? ", …" : "").")
  }
}

extension ByteMark {
  var json: JSON {
    JSON.object(
      [
        ("offset", .number(range.lowerBound)), ("length", .number(range.count)), ("as", .string(certainty.rawValue)),
      ] + (reason.isEmpty ? [] : [("why", .string(reason))]))
  }
}

extension Field {
  /// As `inspect --json` prints it, with at most so many fields of compressed values.
  func json(limit: Int) -> JSON {
    var limit = limit
    return json(&limit)
  }

  private func json(_ limit: inout Int) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("name", .string(name)), ("offset", .number(range.lowerBound)), ("length", .number(range.count)),
    ]
    if !meaning.isEmpty { members.append(("meaning", .string(meaning))) }
    if isFault { members.append(("fault", .bool(true))) }
    if children.isEmpty {
      members.append(("bytes", .string(Hex.text(bytes, marks: marks, from: range.lowerBound))))
      if !marks.isEmpty { members.append(("marks", .array(marks.map(\.json)))) }
    } else {
      members.append(("children", .array(children.map { $0.json(&limit) })))
    }
    if compressed != nil, limit > 0 {
      let unfolded = unfolded(limit: limit)
      limit -= unfolded.reduce(0) { $0 + $1.treeCount }
      members.append(("uncompressed", .array(unfolded.map { $0.json(&limit) })))
    }
    return .object(members)
  }
}
