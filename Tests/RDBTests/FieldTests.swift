import RDB
import Testing

@Suite struct `The fields of a snapshot` {
  let notes = fixture("notes-full-sync.rdb")

  /// One line a field: indented name, its bytes, what it says.
  func lines(_ tree: FieldTree, _ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    func add(_ indices: [Int], _ depth: Int) {
      for index in indices {
        let field = tree.fields[index]
        let hex = bytes[field.range].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let meaning = field.meaning == .group ? "" : " \(field.meaning)"
        lines.append(String(repeating: "  ", count: depth) + "\(field.name) \(hex)" + meaning)
        add(tree.children(of: index), depth + 1)
      }
    }
    add(tree.roots, 0)
    return lines
  }

  func lines(_ record: String) throws -> [String] {
    let bytes = snapshot([UInt8](hex: record))
    var reader = Reader(recordsFields: true)
    reader.feed(bytes)
    _ = try reader.skip()
    _ = try reader.skip()
    return lines(reader.fields, bytes)
  }

  @Test func `go from the magic down to each length byte`() throws {
    #expect(
      try lines("fc 0100000000000000 00 02 7878 c1 e803") == [
        "expire time fc0100000000000000",
        "  opcode fc opcode(RDB.Opcode.expireTimeMilliseconds)",
        "  time 0100000000000000 milliseconds(1)",
        "entry 00027878c1e803",
        "  type 00 type(RDB.ValueType.string)",
        "  key 027878",
        "    length 02 length(2, RDB.LengthForm.bits6)",
        "    data 7878 bytes",
        "  value c1e803",
        "    encoding c1 encoding(RDB.StringEncoding.int16)",
        "    integer e803 integer(1000)",
      ])
    #expect(
      try lines("00 00 c3 05 4100 0061 e0f600") == [
        "entry 0000c30541000061e0f600",
        "  type 00 type(RDB.ValueType.string)",
        "  key 00",
        "    length 00 length(0, RDB.LengthForm.bits6)",
        "  value c30541000061e0f600",
        "    encoding c3 encoding(RDB.StringEncoding.lzf)",
        "    compressed length 05 length(5, RDB.LengthForm.bits6)",
        "    original length 4100 length(256, RDB.LengthForm.bits14)",
        "    compressed data 0061e0f600 compressed(nil)",
      ])
  }

  /// Every tree that `bytes` give in these pieces: after each record, and after each piece.
  func trees(_ pieces: [[UInt8]]) throws -> (records: [FieldTree], unfinished: [FieldTree]) {
    var reader = Reader(recordsFields: true)
    var records: [FieldTree] = []
    var unfinished: [FieldTree] = []
    for piece in pieces {
      reader.feed(piece)
      while try reader.next() != nil { records.append(reader.fields) }
      if !reader.isAtEnd { unfinished.append(reader.fields) }
    }
    return (records, unfinished)
  }

  /// Whether siblings follow each other without gap or overlap and fill their parent.
  func tiles(_ tree: FieldTree, from offset: Int) -> Bool {
    func fill(_ indices: [Int], _ range: Range<Int>) -> Bool {
      var next = range.lowerBound
      for index in indices {
        let field = tree.fields[index]
        let children = tree.children(of: index)
        guard field.offset == next, children.isEmpty || fill(children, field.range) else { return false }
        next = field.range.upperBound
      }
      return next == range.upperBound
    }
    return tree.isEmpty || tree.range?.lowerBound == offset && fill(tree.roots, tree.range ?? 0..<0)
  }

  @Test func `tile every record, and the records the snapshot`() throws {
    for bytes in [notes, `A reader fed in pieces`.bytes] {
      var offset = 0
      for tree in try trees([bytes]).records {
        #expect(tiles(tree, from: offset))
        offset = tree.range?.upperBound ?? -1
      }
      #expect(offset == bytes.count)
    }
  }

  @Test func `tile what is there of a record, byte by byte`() throws {
    let (records, unfinished) = try trees(notes.map { [$0] })
    #expect(try records == trees([notes]).records)
    for (count, tree) in zip(1..., unfinished) {
      #expect(tree.isEmpty || tree.range?.upperBound == count)
      #expect(tiles(tree, from: tree.range?.lowerBound ?? 0))
    }
  }

  @Test func `say how much is missing`() throws {
    var reader = Reader(recordsFields: true)
    reader.feed(Array(notes[..<14]))
    while try reader.next() != nil {}
    #expect(reader.fields.fields.last == Field(.incomplete, offset: 11, count: 3, meaning: .missing(6)))
    reader.feed(Array(notes[14..<16]))
    #expect(try reader.next() == nil)
    #expect(reader.fields.fields.last == Field(.incomplete, offset: 11, count: 5, meaning: .missing(4)))
    #expect(reader.fields.fields.map(\.name) == [.aux, .opcode, .name, .length, .incomplete])
  }

  @Test func `say from where on nothing can be read`() throws {
    var reader = Reader(recordsFields: true)
    reader.feed(Array(notes[..<9]) + [UInt8](hex: "00 01 6b c4 01 02"))
    _ = try reader.next()
    #expect(throws: RDBError.self) { try reader.next() }
    #expect(reader.fields.fields.last == Field(.unreadable, offset: 12, count: 3, meaning: .bytes))
    #expect(tiles(reader.fields, from: 9))
  }

  @Test(arguments: ["fb 00 01", "fe00 00 01 6b 80 0000f503 61", "f7 00 01 02 55", "ff 0102030405060708 09"])
  func `keep their names where the record ends in an error`(bytes: String) throws {
    let bytes = Array(notes[..<9]) + [UInt8](hex: bytes)
    var reader = Reader(recordsFields: true)
    reader.feed(bytes)
    let error = #expect(throws: RDBError.self) {
      while try reader.next() != nil {}
      try reader.finish()
    }
    #expect(tiles(reader.fields, from: reader.position))
    guard case .checksumMismatch = error?.reason else {
      #expect(reader.fields.range?.upperBound == bytes.count || reader.position == bytes.count)
      return
    }
    #expect(reader.fields.fields.map(\.name) == [.end, .opcode, .checksum])
  }

  @Test func `show both checksums`() throws {
    let trees = try trees([notes]).records
    let checksum: UInt64 = 0x3b75_15e4_38fe_50b9
    #expect(trees.last?.fields.last?.meaning == .checksum(stored: checksum, computed: checksum))
  }

  @Test func `are found by an offset`() throws {
    let trees = try trees([notes]).records
    let entry = try #require(trees.first { $0.range?.contains(0xab) == true })
    #expect(entry.path(to: 0xab).map { entry.fields[$0].name } == [.entry, .key, .data])
    #expect(entry.path(to: 0).isEmpty)
  }

  @Test func `are the same whether values are made or not`() throws {
    var reader = Reader(recordsFields: true)
    reader.feed(notes)
    var skipped: [FieldTree] = []
    while try reader.skip() { skipped.append(reader.fields) }
    #expect(try skipped == trees([notes]).records)
  }
}
