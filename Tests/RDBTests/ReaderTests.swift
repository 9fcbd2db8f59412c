import RDB
import TestSupport
import Testing

@Suite struct `A reader` {
  static let strings: [(String, String, String)] = [
    ("raw, 6 bits", "03 616263", "abc"),
    ("raw, empty", "00", ""),
    ("raw, 14 bits", "4003 616263", "abc"),
    ("raw, 32 bits", "80 00000003 616263", "abc"),
    ("raw, 64 bits", "81 0000000000000003 616263", "abc"),
    ("int8", "c0 7f", "127"),
    ("int8, negative", "c0 80", "-128"),
    ("int16", "c1 ff7f", "32767"),
    ("int16, negative", "c1 0080", "-32768"),
    ("int32", "c2 ffffff7f", "2147483647"),
    ("int32, negative", "c2 00000080", "-2147483648"),
    ("LZF, literal only", "c3 04 03 02616263", "abc"),
    ("LZF, a run", "c3 05 0a 00 61 e0 00 00", "aaaaaaaaaa"),
    ("LZF, empty", "c3 00 00", ""),
    ("LZF, of nothing, which a server does not look at", "c3 02 00 0061", ""),
  ]

  @Test(arguments: strings) func `decodes each string form`(_ form: (name: String, bytes: String, value: String)) throws
  {
    let expected = Event.entry(Entry(key: [UInt8]("k"), value: .string([UInt8](form.value))))
    #expect(try body([0, 1, 0x6b] + [UInt8](hex: form.bytes)) == [expected], "\(form.name)")
  }

  static let records: [(String, Event)] = [
    ("fe 00", .selectDatabase(0)),
    ("fe 4100", .selectDatabase(256)),
    ("fe 81 ffffffffffffffff", .selectDatabase(.max)),
    // No string can stand here; Redis takes the low bits.
    ("fe c5", .selectDatabase(5)),
    ("fb 03 01", .resize(keys: 3, expires: 1)),
    ("fb 80 000f4240 00", .resize(keys: 1_000_000, expires: 0)),
    ("fa 01 61 c0 05", .aux(name: [0x61], value: [0x35])),
    ("f5 03 616263", .function([UInt8]("abc"))),
    ("f6 01 6d 03 6c7561 00 02 7878", .function([UInt8]("#!lua name=m\nxx"))),
    ("f6 01 6d 03 6c7561 01 01 64 02 7878", .function([UInt8]("#!lua name=m\nxx"))),
    ("fc 0102030405060708 00 01 6b 01 76", entry(expiry: 0x0807_0605_0403_0201)),
    ("fd 01000000 00 01 6b 01 76", entry(expiry: 1000)),
    ("fd ffffffff 00 01 6b 01 76", entry(expiry: -1000)),
    ("f8 4100 00 01 6b 01 76", entry(idle: 256)),
    ("f9 ff 00 01 6b 01 76", entry(frequency: 255)),
    ("fc 0100000000000000 f8 02 00 01 6b 01 76", entry(expiry: 1, idle: 2)),
  ]

  static func entry(expiry: Int64? = nil, idle: UInt64? = nil, frequency: UInt8? = nil) -> Event {
    let attributes = KeyAttributes(expiry: expiry, idle: idle, frequency: frequency)
    return .entry(Entry(key: [0x6b], value: .string([0x76]), attributes: attributes))
  }

  @Test(arguments: records) func `decodes each record`(bytes: String, event: Event) throws {
    #expect(try body([UInt8](hex: bytes)) == [event])
  }

  @Test func `carries an expiry on to the next key, whatever stands between`() throws {
    let bytes = [UInt8](hex: "fc 0100000000000000 fe 01 00 01 6b 01 76 00 01 6c 01 76")
    let second = Event.entry(Entry(key: [0x6c], value: .string([0x76])))
    #expect(try body(bytes) == [.selectDatabase(1), Self.entry(expiry: 1), second])
  }

  @Test func `reads a module's data up to its end, and names the module`() throws {
    // The id that Redis packs from "ReJSON-RL" and version 3; then an integer, a string, a float, a double.
    var id: UInt64 = 0
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for character in "ReJSON-RL".utf8 { id = id << 6 | UInt64(try #require(alphabet.firstIndex(of: character))) }
    id = id << 10 | 3
    let idBytes = (0..<8).map { UInt8(id >> (56 - 8 * UInt64($0)) & 0xff) }
    let bytes = [0xf7, 0x81] + idBytes + [UInt8](hex: "02 02  01 07  05 02 6869  03 00000000  04 0000000000000000  00")
    let aux = try #require(try body(bytes).first)
    guard case .moduleAux(let aux) = aux else { throw RDBError(.unexpectedEnd, offset: 0) }
    #expect(aux.id.name == "ReJSON-RL" && aux.id.version == 3 && aux.when == 2)
  }

  @Test func `takes versions 1 to 10, and up to 12 when told so`() throws {
    #expect(try events([UInt8]("REDIS0004") + [0xff]) == [.header(version: 4), .end(.none)])
    #expect(throws: RDBError(.unsupportedVersion(11), offset: 5, path: [.header])) {
      try events([UInt8]("REDIS0011"))
    }
    #expect(throws: RDBError(.unsupportedVersion(0), offset: 5, path: [.header])) {
      try events([UInt8]("REDIS00x9"))
    }
    var reader = Reader(newestVersion: 12)
    reader.feed([UInt8]("REDIS0012") + [0xf4, 0x05, 0x02, 0x01])
    #expect(try reader.next() == .header(version: 12))
    #expect(try reader.next() == .slotInfo(slot: 5, keys: 2, expires: 1))
  }

  @Test func `takes eight zeros for "not checked"`() throws {
    #expect(try events([UInt8]("REDIS0010") + [0xff] + [UInt8](repeating: 0, count: 8)).last == .end(.disabled))
  }

  @Test func `does not look at the checksum when told so`() throws {
    var reader = Reader(verifiesChecksum: false)
    reader.feed([UInt8]("REDIS0010") + [0xff, 1, 0, 0, 0, 0, 0, 0, 0])
    _ = try reader.next()
    #expect(try reader.next() == .end(.unchecked(1)))
  }

  static let errors: [(String, RDBError.Reason, Int, [Field.Name])] = [
    ("82", .unreadableType(0x82), 9, [.entry]),
    ("14 01 6b", .unreadableType(20), 9, [.entry]),
    ("f4 01 6b", .unreadableType(244), 9, [.entry]),
    ("fe 82", .unknownLengthEncoding(0x82), 10, [.selectDatabase]),
    ("00 c4", .unknownStringEncoding(4), 10, [.entry, .key]),
    ("00 01 6b c3 02 03 0261", .invalidLZF, 15, [.entry, .value]),
    ("00 01 6b c3 03 09 2000ff", .invalidLZF, 15, [.entry, .value]),
    ("00 81 1000000000000000", .lengthTooLarge(1 << 60), 10, [.entry, .key]),
    ("00 81 ffffffffffffffff", .lengthTooLarge(.max), 10, [.entry, .key]),
    ("f7 00 01 00", .badModuleWhenOpcode(1), 11, [.moduleAux]),
    ("fa 01 61 c3 81 1000000000000000", .lengthTooLarge(1 << 60), 13, [.aux, .value]),
  ]

  @Test(arguments: errors) func `says what is wrong, where and in which field`(
    bytes: String, reason: RDBError.Reason, offset: Int, path: [Field.Name]
  ) throws {
    let error = RDBError(reason, offset: offset, path: path)
    for recordsFields in [false, true] {
      var reader = Reader(recordsFields: recordsFields)
      reader.feed([UInt8]("REDIS0010") + [UInt8](hex: bytes))
      _ = try reader.next()
      #expect(throws: error) { try reader.next() }
      #expect(throws: error) { try reader.next() }
      #expect(reader.position == 9)
    }
  }

  @Test func `complains about a type as Redis does`() {
    #expect(RDBError(.unreadableType(99), offset: 9).description == "Unknown RDB encoding type 99 at byte 9")
  }

  @Test func `takes Valkey's signature when told so`() throws {
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed([UInt8]("VALKEY080") + [0xff] + [UInt8](repeating: 0, count: 8))
    #expect(try reader.next() == .header(version: 80))
    #expect(throws: RDBError(.wrongSignature, offset: 0, path: [.header])) { try events([UInt8]("VALKEY080")) }
    for (header, number) in [("VALKEY079", 79), ("VALKEY081", 81), ("REDIS0080", 80), ("REDIS0013", 13)] {
      var reader = Reader(newestVersion: Reader.everyVersion)
      reader.feed([UInt8](header))
      let offset = number == 79 || number == 81 ? 6 : 5
      #expect(throws: RDBError(.unsupportedVersion(number), offset: offset, path: [.header])) { try reader.next() }
    }
  }

  @Test func `reports a wrong checksum with both numbers`() throws {
    var bytes = snapshot([])
    let right = CRC64.checksum(Array(bytes[..<10]))
    bytes[10] ^= 1
    #expect(
      throws: RDBError(.checksumMismatch(stored: right ^ 1, computed: right), offset: 10, path: [.end, .checksum])
    ) {
      try events(bytes)
    }
  }

  @Test func `leaves what follows the end to the caller`() throws {
    let bytes = fixture("notes-full-sync.rdb")
    var reader = Reader()
    reader.feed(bytes + [UInt8]("garbage"))
    while try reader.next() != nil {}
    reader.feed([UInt8]("!"))
    #expect(try reader.next() == nil)
    #expect(reader.isAtEnd && reader.position == 207 && reader.unread == [UInt8]("garbage!"))
    try reader.finish()
  }
}

@Suite struct `A reader fed in pieces` {
  /// Strings of every form and size around the bounds, in two databases, some with an expiry.
  static let bytes: [UInt8] = {
    var writer = Writer()
    writer.header()
    writer.aux("redis-ver", "7.0.15")
    writer.function([UInt8]("#!lua name=lib\nredis.register_function('f', function() return 1 end)"))
    for database in 0...1 {
      writer.selectDatabase(database)
      writer.resize(keys: 24, expires: 12)
      for (index, count) in [0, 1, 10, 20, 21, 63, 64, 100, 300, 16383, 16384, 40000].enumerated() {
        let attributes = KeyAttributes(expiry: index.isMultiple(of: 2) ? 1_686_319_013_000 + Int64(index) : nil)
        let repeated = (0..<count).map { UInt8($0 / 7 % 26 + 97) }
        writer.entry(key: [UInt8]("repeated:\(count)"), value: .string(repeated), attributes)
        writer.entry(key: [UInt8]("\(count)"), value: .string(.noise(count, seed: UInt64(count))), attributes)
      }
    }
    writer.end()
    return writer.take()
  }()

  @Test func `returns the same byte by byte`() throws {
    #expect(try events(Self.bytes.map { [$0] }) == events(Self.bytes))
    #expect(try events(Self.bytes.map { [$0] }, recordsFields: true) == events(Self.bytes))
  }

  @Test(arguments: 1...20) func `returns the same in random pieces`(seed: UInt64) throws {
    var random = TestRandom(seed: seed)
    var pieces: [[UInt8]] = []
    var index = 0
    while index < Self.bytes.count {
      let count = Int.random(in: 1...(seed.isMultiple(of: 2) ? 50 : 20000), using: &random)
      pieces.append(Array(Self.bytes[index..<min(index + count, Self.bytes.count)]))
      index += count
    }
    #expect(try events(pieces) == events(Self.bytes))
  }

  @Test func `returns the same when nobody asks before all is there`() throws {
    var reader = Reader()
    for byte in Self.bytes { reader.feed([byte]) }
    var found: [Event] = []
    while let event = try reader.next() { found.append(event) }
    #expect(try found == events(Self.bytes))
  }

  @Test func `shows the strings that it else makes arrays of`() throws {
    for pieces in [[Self.bytes], Self.bytes.map { [$0] }] {
      var reader = Reader()
      var found: [Event] = []
      for piece in pieces {
        reader.feed(piece)
        while let event = try reader.nextShown() { found.append(event) }
      }
      #expect(try found == events(Self.bytes))
    }
  }

  @Test func `resumes from a copy`() throws {
    var first = Reader()
    first.feed(Array(Self.bytes[..<20000]))
    while try first.next() != nil {}
    var second = first
    first.feed(Array(Self.bytes[20000...]))
    second.feed(Array(Self.bytes[20000...]))
    while let event = try first.next() { #expect(try second.next() == event) }
    #expect(first == second && first.isAtEnd)
  }

  @Test func `reads a module's endless values as they come, keeping none`() throws {
    var reader = Reader()
    reader.feed([UInt8]("REDIS0010") + [0xf7, 0x00, 0x02, 0x01])
    _ = try reader.next()
    for _ in 0..<10000 {
      reader.feed([0x05, 0x01, 0x61, 0x05])
      #expect(try reader.next() == nil)
      reader.feed([0x01])
      #expect(try reader.next() == nil)
      reader.feed([0x62])
      #expect(try reader.next() == nil)
    }
    #expect(reader.unread.count < 10)
    reader.feed([0x00])
    #expect(try reader.next() == .moduleAux(ModuleAux(id: ModuleID(rawValue: 0), when: 1)))
  }
}

@Suite struct `Hostile bytes` {
  /// Reads as far as it goes: what was made, or the error.
  func outcome(_ pieces: [[UInt8]], recordsFields: Bool, showing: Bool = false) -> Result<[Event], RDBError> {
    Result { () throws(RDBError) in
      var reader = Reader(recordsFields: recordsFields)
      var events: [Event] = []
      for piece in pieces {
        reader.feed(piece)
        while let event = try showing ? reader.nextShown() : reader.next() { events.append(event) }
      }
      try reader.finish()
      return events
    }
  }

  /// Snapshots with some bytes changed, cut, doubled or made up.
  static func mutations(_ seed: UInt64) -> [UInt8] {
    var random = TestRandom(seed: seed)
    var bytes = fixture("notes-full-sync.rdb") + [UInt8](hex: "fc01 c304 0361 e0 00 00 8100 c1 f7 f6 f5 82 40")
    if seed.isMultiple(of: 3) { bytes = [UInt8]("REDIS0010") + .noise(60, seed: seed) }
    random.mutate(
      &bytes, times: 1...6, from: 9, words: [0xc3, 0x81, 0x80, 0xff, 0xf7, 0xfc, 0xc0],
      longest: seed.isMultiple(of: 2) ? 1 : 400)
    return bytes
  }

  /// What fuzzing found; the file's name says what it did.
  static let brokeUs = ["fields-left-a-gap-when-the-input-ended-in-a-value.rdb"]

  @Test(arguments: brokeUs) func `that broke us once do so no more`(name: String) {
    let bytes = fixture("broke-us/\(name)")
    #expect(!bytes.isEmpty)
    #expect(outcome([bytes], recordsFields: false) == outcome(bytes.map { [$0] }, recordsFields: true))
    var reader = Reader(recordsFields: true)
    reader.feed(bytes)
    do {
      while try reader.next() != nil {}
      try reader.finish()
    } catch {}
    #expect(`The fields of a snapshot`().tiles(reader.fields, from: reader.position))
  }

  @Test func `give the same whole and in pieces, with fields and without, and never a trap`() {
    for seed in UInt64(0)..<4000 {
      let bytes = Self.mutations(seed)
      let whole = outcome([bytes], recordsFields: false)
      #expect(whole == outcome(bytes.map { [$0] }, recordsFields: true), "seed \(seed)")
      #expect(whole == outcome([bytes], recordsFields: false, showing: true), "seed \(seed)")
    }
  }
}
