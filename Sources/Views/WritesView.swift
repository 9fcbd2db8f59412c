import Lab
import RESP
import Redis

/// `info writes`: the writes that clients were told of, where each of them is, and what became of those that are lost.
package enum WritesView {
  /// How many rows a person is shown; beyond them, neighbours of one fate share a row.
  private static let mostRows = 16

  package static func lines(_ writes: AcknowledgedWrites, in world: World) -> [Line] {
    let rows = rows(writes, world)
    let table = table(rows.count > mostRows ? folded(rows) : rows, widest: 80)
    return table.lines + alone(writes, world) + writes.losses.flatMap { lines($0, of: writes) }
  }

  /// Every write in a row of its own, with nothing cut short.
  package static func table(_ writes: AcknowledgedWrites, in world: World) -> Table { table(rows(writes, world)) }

  /// What became of the writes that a step lost, where it lost any.
  package static func lines(lostIn step: Int, _ writes: AcknowledgedWrites) -> [Line] {
    writes.losses.filter { $0.step == step }.flatMap { lines($0, of: writes) }
  }

  // MARK: The table

  private struct Row {
    var numbers: ClosedRange<Int>
    var steps: ClosedRange<Int>
    var node: String
    var command: String
    var id: String?
    var offsets: ClosedRange<Int64>?
    var acknowledged: String
    var memory: String
    var disk: String

    var isFolded: Bool { numbers.count > 1 }

    func isLike(_ other: Row) -> Bool {
      (node, id, acknowledged, memory, disk) == (other.node, other.id, other.acknowledged, other.memory, other.disk)
        && (offsets == nil) == (other.offsets == nil)
    }
  }

  private static func rows(_ writes: AcknowledgedWrites, _ world: World) -> [Row] {
    let files = writes.holders.map { holder in holder.files.sorted { $0.key < $1.key } }
    let flights = writes.flights(in: world)
    return writes.writes.map { write in
      let loss = writes.loss(of: write.number)
      let holders = writes.holders.filter { $0.memory.contains(write.number) }.map(\.name)
      let flying = flights.filter { $0.writes.contains(write.number) && !holders.contains($0.to) }.map { "→\($0.to)" }
      let memory = (holders + flying).joined(separator: " ")
      let disks = writes.holders.indices.compactMap { index -> String? in
        let holder = writes.holders[index]
        let kept = Set(
          files[index].compactMap { safety(of: write.number, in: $0.value, $0.key, on: holder.name, world) })
        // Who has it in the base of the append-only file has it safe.
        let best = kept.filter { !$0.isAppended || $0 == kept.filter(\.isAppended).min() }.sorted()
        return best.isEmpty ? nil : "\(holder.name) \(best.map(\.rawValue).joined(separator: ", "))"
      }
      let names = writes.acknowledgers(of: write).joined(separator: " ")
      let waited = write.waited.map { "WAIT \($0.count)" }
      let acknowledged = [names.isEmpty ? nil : names, waited].compactMap(\.self).joined(separator: ", ")
      return Row(
        numbers: write.number...write.number, steps: write.step...write.step, node: write.node,
        command: write.request.map { InlineCommand.word($0) }.joined(separator: " "), id: write.place?.id,
        offsets: write.place.map { $0.offset...$0.offset }, acknowledged: acknowledged.isEmpty ? "–" : acknowledged,
        memory: loss.map { "lost: \($0.step)" } ?? (memory.isEmpty ? "–" : memory),
        disk: disks.isEmpty ? "–" : disks.joined(separator: "; "))
    }
  }

  /// How safe a write is in a file.
  private enum Safety: String, Comparable {
    case synced = "AOF"
    case unsynced = "AOF unsynced"
    case unwritten = "AOF unwritten"
    case snapshot = "RDB"

    var isAppended: Bool { self != .snapshot }
    private var rank: Int { [.synced, .unsynced, .unwritten, .snapshot].firstIndex(of: self) ?? 0 }
    static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  }

  /// Nil if the file has it not.
  private static func safety(
    of number: Int, in holding: WriteHolder.Holding, _ name: String, on node: String, _ world: World
  ) -> Safety? {
    guard let file = world.machine(node)?.disk.files[name] else { return nil }
    switch holding {
    case .whole(let writes, _, _, let isBase): return writes.contains(number) ? isBase ? .synced : .snapshot : nil
    case .appended(let appended):
      guard let end = appended.end(of: number) else { return nil }
      if end <= file.safeCount(at: world.now) { return .synced }
      return end <= file.bytes.count ? .unsynced : .unwritten
    }
  }

  private static func folded(_ rows: [Row]) -> [Row] {
    var folded: [Row] = []
    for row in rows {
      guard let last = folded.last, last.isLike(row) else {
        folded.append(row)
        continue
      }
      var both = last
      both.numbers = last.numbers.lowerBound...row.numbers.upperBound
      both.steps = last.steps.lowerBound...max(last.steps.lowerBound, row.steps.upperBound)
      if let first = last.offsets, let next = row.offsets {
        both.offsets = min(first.lowerBound, next.lowerBound)...max(first.upperBound, next.upperBound)
      }
      folded[folded.count - 1] = both
    }
    return folded
  }

  private static func table(_ rows: [Row], widest: Int? = nil) -> Table {
    var table = Table(
      [
        .init("write", .right), .init("step", .right), .init("node"), .init("command"), .init("offset", .right),
        .init("acknowledged"), .init("in memory"), .init("on disk"),
      ], empty: "no write was answered yet: no command has changed data")
    let cells = rows.map { row in
      [
        text(row.numbers), text(row.steps), row.node, row.command, row.offsets.map(text) ?? "–", row.acknowledged,
        row.memory, row.disk,
      ]
    }
    let others = table.columns.indices.filter { $0 != 3 }.map { column in
      cells.reduce(table.columns[column].name.count) { max($0, $1[column].count) } + 2
    }
    // Commands get the room that the others leave.
    let room = widest.map { max(16, $0 - others.reduce(0, +)) } ?? .max
    table.rows = zip(rows, cells).map { row, cells in
      var cells = cells
      cells[3] = row.isFolded ? shortened(row.command, room - 2) + " …" : shortened(row.command, room)
      return cells
    }
    return table
  }

  // MARK: Words

  /// What one of two masters has and the other will never get.
  private static func alone(_ writes: AcknowledgedWrites, _ world: World) -> [Line] {
    let masters = writes.holders.filter { holder in
      world.machine(holder.name).map { $0.life == .running && $0.node?.replication.isMaster == true } ?? false
    }
    var lines: [Line] = []
    for holder in masters {
      for other in masters where other.name != holder.name {
        let alone = holder.memory.subtracting(other.memory).numbers.filter { number in
          guard let place = writes.writes[number - 1].place, let id = world.machine(other.name)?.node?.replication.ids
          else { return false }
          return writes.parting(of: id.current, from: place) != nil
        }
        guard !alone.isEmpty else { continue }
        lines += Line.filled(
          "\(holder.name) and \(other.name) are both masters, and \(other.name) has not \(list(alone)): whichever of them "
            + "becomes the other's replica loses what it has alone", .fault)
      }
    }
    return lines
  }

  private static func lines(_ loss: WriteLoss, of writes: AcknowledgedWrites) -> [Line] {
    let numbers = loss.writes.numbers
    var sentences: [String] = []
    // What was in memory explains more than what was in files.
    let departures = loss.departures.filter { $0.file == nil } + loss.departures.filter { $0.file != nil }
    for departure in departures { sentences.append(text(departure, loss, writes)) }
    if loss.wasOnItsWay { sentences.append("What was on its way to a replica has not arrived.") }
    let title = "\(list(numbers)) \(numbers.count == 1 ? "is" : "are") lost since step \(loss.step)"
    return Line.filled(title, .fault) + sentences.flatMap { Line.filled($0, indent: 2) }
  }

  private static func text(_ departure: WriteLoss.Departure, _ loss: WriteLoss, _ writes: AcknowledgedWrites) -> String
  {
    let node = departure.node
    switch (departure.cause, departure.file) {
    case (.fullSync(let master, let place), _):
      let name = master ?? "its master"
      return "\(node) threw its data away for a full sync with \(name). "
        + absence(of: loss, from: name, place, writes)
    case (.processEnded(let isKilled), nil):
      return "\(node) \(isKilled ? "was killed" : "ended") with what was in its memory alone. " + lag(loss, writes)
    case (.processEnded, let file?): return "\(node) had not yet written it to \(file)."
    case (.powerLost, nil): return "\(node)'s machine lost its power, and with it all memory. " + lag(loss, writes)
    case (.powerLost, let file?):
      return "The end of \(file) on \(node) was written, but not synced: it is gone with the power."
    case (.reloaded(let file), _): return "\(node) was told to take what \(file) has in the place of its data."
    case (.fileReplaced, let file): return "\(node) wrote \(file ?? "a file") anew, of data that had not got them."
    case (.fileDeleted, let file): return "\(node) deleted \(file ?? "a file")."
    }
  }

  /// Why a master did not have what its replica threw away.
  private static func absence(
    of loss: WriteLoss, from master: String, _ place: AcknowledgedWrite.Place, _ writes: AcknowledgedWrites
  ) -> String {
    let first = loss.writes.numbers.first.map { writes.writes[$0 - 1] }
    let isOne = loss.writes.count == 1
    let them = isOne ? "it" : "them"
    if let first, let own = first.place, !writes.hasBegunAnew(master, since: first) {
      let (theirs, placed) = (
        "\(master)'s history \(short(place.id))", "\(isOne ? "it is" : "they are") \(offsets(loss, writes))"
      )
      if let parting = writes.parting(of: place.id, from: own), own.offset > parting {
        return "\(theirs) went off from \(short(own.id)) after offset \(parting), and "
          + "\(placed) of that: \(master) never had \(them)."
      }
      // Neither of the two goes on from the other, or the write's own does.
      if let parting = writes.parting(of: place.id, and: own.id), own.offset > parting {
        return "\(theirs) and \(first.node)'s \(short(own.id)) part after offset \(parting), and "
          + "\(placed) of the latter: \(master) never had \(them)."
      }
    }
    guard let beginning = writes.holders.first(where: { $0.name == master })?.beginning else {
      return "\(master) did not have \(them)."
    }
    return beginning.files.isEmpty
      ? "\(master) began empty at step \(beginning.step): it found no file to load."
      : "\(master) began at step \(beginning.step) with what \(beginning.files.joined(separator: " and ")) had, which has not got \(them)."
  }

  /// How far the others were when the only one died that had it.
  private static func lag(_ loss: WriteLoss, _ writes: AcknowledgedWrites) -> String {
    guard let first = loss.writes.numbers.first, let own = writes.writes[first - 1].place else {
      return loss.others.isEmpty
        ? "No replica had been there to be told." : "It went into no stream, so no replica was told of it."
    }
    let others = loss.others.filter { writes.parting(of: $0.id, from: own) != nil }
    guard !others.isEmpty else { return "No replica was there." }
    let lags = others.map { other in
      let shared = min(other.offset, writes.parting(of: other.id, from: own) ?? other.offset)
      return "\(other.node) had \(short(own.id)) up to offset \(shared)"
    }
    return
      "\(lags.joined(separator: ", ")); lost \(loss.writes.numbers.count == 1 ? "is" : "are") \(offsets(loss, writes))."
  }

  private static func offsets(_ loss: WriteLoss, _ writes: AcknowledgedWrites) -> String {
    let all = loss.writes.numbers.compactMap { writes.writes[$0 - 1].place?.offset }
    guard let first = all.min(), let last = all.max() else { return "in no history" }
    return first == last ? "offset \(first)" : "offsets \(first) to \(last)"
  }

  private static func list(_ numbers: [Int]) -> String {
    let ranges = numbers.reduce(into: RangeSet<Int>()) { $0.insert(contentsOf: $1..<$1 + 1) }.ranges
    let parts = ranges.map { text($0.lowerBound...$0.upperBound - 1) }
    let all = parts.count > 8 ? parts.prefix(8).joined(separator: ", ") + " …" : parts.joined(separator: ", ")
    return "\(numbers.count == 1 ? "write" : "writes") \(all)"
  }

  private static func text<Number: BinaryInteger>(_ range: ClosedRange<Number>) -> String {
    range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
  }

  private static func shortened(_ text: String, _ room: Int) -> String {
    text.count <= room ? text : text.prefix(max(1, room - 1)) + "…"
  }
}
