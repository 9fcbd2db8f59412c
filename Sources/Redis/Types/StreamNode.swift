import RDB

/// A node of a stream: its listpack, of which `RDB/Values/Stream.swift` has a drawing.
extension StreamValue.Node {
  init(master: StreamID, fields: ArraySlice<Bytes>) {
    self.master = master
    hasRoom = true
    listpack = Listpack()
    listpack.append(0)
    listpack.append(0)
    listpack.append(Int64(fields.count / 2))
    for index in stride(from: fields.startIndex, to: fields.endIndex, by: 2) { listpack.append(fields[index]) }
    listpack.append(0)
  }

  private func integer(at position: Listpack.Position?) -> Int64 { position.flatMap { listpack.integer(at: $0) } ?? 0 }

  /// Entries that are there.
  var live: Int64 { integer(at: listpack.first) }
  private var deletedPosition: Listpack.Position? { listpack.first.flatMap { listpack.after($0) } }
  /// Entries that are there or were.
  var total: Int64 { live &+ integer(at: deletedPosition) }

  /// How many names the master has, and where the first one is.
  private var masterFields: (count: Int, position: Listpack.Position?) {
    let count = deletedPosition.flatMap { listpack.after($0) }
    return (Int(clamping: integer(at: count)), count.flatMap { listpack.after($0) })
  }

  /// All entries in their order, deleted ones, too.
  var entries: [StreamValue.Entry] {
    let (masterCount, firstName) = masterFields
    var position = firstName
    func skip(_ count: Int) {
      var left = count
      while left > 0, let here = position {
        position = listpack.after(here)
        left -= 1
      }
    }
    // The names, and the zero behind them.
    skip(masterCount)
    skip(1)
    var entries: [StreamValue.Entry] = []
    while let start = position {
      let flags = integer(at: start)
      skip(1)
      let milliseconds = integer(at: position)
      skip(1)
      let sequence = integer(at: position)
      skip(1)
      var count = masterCount
      if flags & 2 == 0 {
        count = Int(clamping: integer(at: position))
        skip(1)
      }
      let id = StreamID(
        master.milliseconds &+ UInt64(bitPattern: milliseconds), master.sequence &+ UInt64(bitPattern: sequence))
      entries.append(.init(id: id, flags: flags, position: start, fields: position, fieldCount: count))
      skip(flags & 2 == 0 ? count.multipliedReportingOverflow(by: 2).partialValue : count)
      skip(1)
    }
    return entries
  }

  /// Names and values in turn.
  func fields(of entry: StreamValue.Entry) -> [Bytes] {
    var fields: [Bytes] = []
    var name = entry.hasMastersFields ? masterFields.position : entry.fields
    var position = entry.fields
    for _ in 0..<max(0, entry.fieldCount) {
      if entry.hasMastersFields {
        guard let here = name else { break }
        fields.append(listpack.string(at: here))
        name = listpack.after(here)
      } else {
        guard let here = position else { break }
        fields.append(listpack.string(at: here))
        position = listpack.after(here)
      }
      guard let value = position else { break }
      fields.append(listpack.string(at: value))
      position = listpack.after(value)
    }
    return fields
  }

  /// Adds an entry; the first one has the names that the master was made with.
  mutating func append(_ fields: ArraySlice<Bytes>, id: StreamID, isFirst: Bool) {
    if let count = listpack.first { listpack.replace(at: count, with: live &+ 1) }
    let (masterCount, firstName) = masterFields
    var hasMastersFields = isFirst || masterCount == fields.count / 2
    if hasMastersFields, !isFirst {
      var name = firstName
      for index in stride(from: fields.startIndex, to: fields.endIndex, by: 2) {
        guard let here = name, listpack.matches(here, fields[index], Listpack.number(of: fields[index])) else {
          hasMastersFields = false
          break
        }
        name = listpack.after(here)
      }
    }
    let count = fields.count / 2
    listpack.append(hasMastersFields ? 2 : 0)
    listpack.append(Int64(bitPattern: id.milliseconds &- master.milliseconds))
    listpack.append(Int64(bitPattern: id.sequence &- master.sequence))
    if !hasMastersFields { listpack.append(Int64(count)) }
    for index in fields.indices where !hasMastersFields || !(index - fields.startIndex).isMultiple(of: 2) {
      listpack.append(fields[index])
    }
    listpack.append(Int64(hasMastersFields ? count + 3 : 2 * count + 4))
  }

  /// Marks entries as deleted; their bytes stay.
  mutating func delete(_ entries: [StreamValue.Entry]) {
    // From the last on: a mark may take more bytes than what it replaces.
    for entry in entries.reversed() { listpack.replace(at: entry.position, with: entry.flags | 1) }
    if let count = listpack.first { listpack.replace(at: count, with: live &- Int64(entries.count)) }
    if let deleted = deletedPosition {
      listpack.replace(at: deleted, with: integer(at: deleted) &+ Int64(entries.count))
    }
  }
}
