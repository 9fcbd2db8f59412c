import RDB
import Testing

@Suite struct `Values that are no strings` {
  func read(_ pieces: [[UInt8]], fields: Bool = false) throws -> (events: [Event], trees: [FieldTree]) {
    var reader = Reader(recordsFields: fields, newestVersion: Reader.everyVersion)
    var events: [Event] = []
    var trees: [FieldTree] = []
    for piece in pieces {
      reader.feed(piece)
      while let event = try reader.next() {
        events.append(event)
        trees.append(reader.fields)
      }
      #expect(reader.isAtEnd || reader.fields.range.map { $0.upperBound == reader.fed } ?? true)
    }
    try reader.finish()
    return (events, trees)
  }

  func value(_ event: Event) -> Value? { if case .entry(let entry) = event { entry.value } else { nil } }

  @Test(arguments: LayoutExample.all) func `are read in every layout, and kept as they came`(_ example: LayoutExample)
    throws
  {
    let events = try read([example.snapshot]).events
    let value = try #require(events.count > 2 ? value(events[2]) : nil)
    #expect(value.contents == example.contents)
    #expect(value == .encoded(try EncodedValue(example.type, example.bytes)))
    #expect(events.last?.isVerifiedEnd == true)
  }

  @Test(arguments: LayoutExample.all) func `are handed over element by element, and in the pieces that a server keeps`(
    _ example: LayoutExample
  ) throws {
    let encoded = try EncodedValue(example.type, example.bytes)
    var elements: [[UInt8]] = []
    encoded.forEachElement { elements.append($0.array) }
    var members: [ScoredMember] = []
    encoded.forEachMember { members.append(ScoredMember($0.array, score: $1)) }
    switch (example.type, example.contents) {
    case (.list, .list(let expected)), (.set, .set(let expected)):
      #expect(elements == expected && encoded.elementCount == expected.count)
    case (.hash, .hash(let expected)):
      #expect(elements == expected.flatMap { [$0.field, $0.value] } && encoded.elementCount == expected.count)
    case (.sortedSet, .sortedSet(let expected)), (.sortedSet2, .sortedSet(let expected)):
      #expect(members == expected && encoded.elementCount == expected.count)
    default: #expect(elements.isEmpty && members.isEmpty && encoded.elementCount == nil)
    }

    // However the bytes come, the pieces are those of the value by itself.
    for pieces in [[example.snapshot], example.snapshot.map { [$0] }] {
      var reader = Reader(newestVersion: Reader.everyVersion, keepsPieces: true)
      for piece in pieces {
        reader.feed(piece)
        while let event = try reader.next() {
          guard case .entry(let entry) = event, case .encoded(let value) = entry.value, value == encoded else {
            continue
          }
          let keeps: Set<ValueType> = [.listQuicklist2, .setIntset, .hashListpack, .sortedSetListpack]
          #expect(entry.pieces == (keeps.contains(example.type) ? encoded.pieces.pieces : nil))
        }
      }
    }
  }

  @Test(arguments: LayoutExample.all) func `are the same byte by byte, with every byte named`(_ example: LayoutExample)
    throws
  {
    let whole = try read([example.snapshot], fields: true)
    let bytes = try read(example.snapshot.map { [$0] }, fields: true)
    #expect(whole.events == bytes.events && whole.trees == bytes.trees)
    var offset = 0
    for tree in whole.trees {
      #expect(`The fields of a snapshot`().tiles(tree, from: offset))
      offset = tree.range?.upperBound ?? -1
    }
    #expect(offset == example.snapshot.count)
  }

  @Test(arguments: LayoutExample.all) func `lead to an error and never a trap when a byte is wrong or missing`(
    _ example: LayoutExample
  ) {
    for index in example.bytes.indices {
      for flip: UInt8 in [0x01, 0x10, 0x80, 0xff] {
        var wrong = example.bytes
        wrong[index] ^= flip
        if let value = try? EncodedValue(example.type, wrong) { _ = value.contents }
      }
      #expect(throws: RDBError.self) { try EncodedValue(example.type, Array(example.bytes[..<index])) }
    }
  }

  @Test func `are found in compressed strings as well`() throws {
    let elements = (0..<40).map { _ in "the same words" }
    let plain = listpack(elements)
    let packed = LZF.compress(plain.span, limit: plain.count) ?? []
    let lengths = [packed.count, plain.count].flatMap { [0x40 | UInt8($0 >> 8), UInt8($0 & 0xff)] }
    let value = try EncodedValue(.listQuicklist2, join([1, 2, 0xc3], lengths, packed))
    #expect(value.contents == .list(elements.map { [UInt8]($0) }))
    let cut = plain.dropLast() + [0 as UInt8]
    let broken = LZF.compress(cut.span, limit: plain.count) ?? []
    let brokenLengths = [broken.count, plain.count].flatMap { [0x40 | UInt8($0 >> 8), UInt8($0 & 0xff)] }
    #expect(throws: RDBError(.malformed(.listpack), offset: 2)) {
      try EncodedValue(.listQuicklist2, join([1, 2, 0xc3], brokenLengths, broken))
    }
  }

  static let errors: [(UInt8, String, RDBError.Reason, Int, [Field.Name])] = [
    (6, "", .unreadableType(6), 9, [.entry]),
    (20, "", .unreadableType(20), 9, [.entry]),
    (99, "", .unreadableType(99), 9, [.entry]),
    (1, "02 0161 c4", .unknownStringEncoding(4), 14, [.entry, .value, .element]),
    (5, "01 0161 000000000000f87f", .malformed(.notANumber), 14, [.entry, .value]),
    (3, "01 0161 fd", .malformed(.notANumber), 14, [.entry, .value]),
    (11, "0a 03000000 01000000 0100", .malformed(.intset), 12, [.entry, .value, .intset]),
    (11, "0c 02000000 02000000 0200 0100", .malformed(.intset), 22, [.entry, .value, .intset]),
    (16, "0a 0a000000 0100 0101 05 ff", .malformed(.hashListpack), 21, [.entry, .value, .listpack, .value]),
    (18, "01 03 00", .malformed(.quicklist), 12, [.entry, .value, .node]),
    (19, "01 03616263", .malformed(.streamKey), 12, [.entry, .value, .node]),
  ]

  @Test(arguments: errors) func `say what is wrong, where and in which field`(
    type: UInt8, bytes: String, reason: RDBError.Reason, offset: Int, path: [Field.Name]
  ) {
    for pieces in [false, true] {
      for recordsFields in [false, true] {
        var reader = Reader(recordsFields: recordsFields)
        let all = [UInt8]("REDIS0010") + [type, 0] + [UInt8](hex: bytes)
        let error = #expect(throws: RDBError.self) {
          for piece in pieces ? all.map({ [$0] }) : [all] {
            reader.feed(piece)
            while try reader.next() != nil {}
          }
          try reader.finish()
        }
        #expect(error == RDBError(reason, offset: offset, path: path), "\(error.map { "\($0)" } ?? "")")
      }
    }
  }

  @Test func `allocate nothing for what a count claims`() throws {
    for type: UInt8 in [1, 2, 3, 4, 5, 14, 18, 15, 19] {
      var reader = Reader(recordsFields: true)
      reader.feed([UInt8]("REDIS0010") + [type, 0, 0x81] + [UInt8](repeating: 0xff, count: 8))
      _ = try reader.next()
      #expect(try reader.next() == nil)
      #expect(throws: RDBError.self) { try reader.finish() }
    }
  }

  @Test func `cost no more in small pieces than whole`() throws {
    // Read anew with each piece, this would take minutes.
    let members = (0..<300_000).flatMap { string("member:\($0)") }
    let bytes = snapshot(record(2, [0x80, 0, 0x04, 0x93, 0xe0] + members))
    let pieces = stride(from: 0, to: bytes.count, by: 64).map { Array(bytes[$0..<min($0 + 64, bytes.count)]) }
    let events = try events(pieces)
    #expect(value(events[1])?.contents.count == 300_000)
  }

  @Test func `are named down to each byte of a listpack`() throws {
    let bytes = snapshot(record(17, [0x13] + listpack(["ab", "7", "c", "300"])))
    var reader = Reader(recordsFields: true)
    reader.feed(bytes)
    _ = try reader.next()
    _ = try reader.next()
    #expect(
      `The fields of a snapshot`().lines(reader.fields, bytes) == [
        "entry 110013130000000400826162030701816302c12c02ff",
        "  type 11 type(RDB.ValueType.sortedSetListpack)",
        "  key 00",
        "    length 00 length(0, RDB.LengthForm.bits6)",
        "  value 13130000000400826162030701816302c12c02ff",
        "    length 13 length(19, RDB.LengthForm.bits6)",
        "    listpack 130000000400826162030701816302c12c02ff",
        "      total bytes 13000000 integer(19)",
        "      count 0400 integer(4)",
        "      member 82616203",
        "        length 82 integer(2)",
        "        data 6162 bytes",
        "        back length 03 integer(3)",
        "      score 0701",
        "        integer 07 integer(7)",
        "        back length 01 integer(1)",
        "      member 816302",
        "        length 81 integer(1)",
        "        data 63 bytes",
        "        back length 02 integer(2)",
        "      score c12c02",
        "        integer c12c integer(300)",
        "        back length 02 integer(2)",
        "      terminator ff bytes",
      ])
  }
}

extension Event {
  var isVerifiedEnd: Bool { if case .end(.verified) = self { true } else { false } }
}
