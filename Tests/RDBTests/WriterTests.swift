import RDB
import Testing

@Suite struct `A writer` {
  static let strings: [(String, String)] = [
    ("", "00"),
    ("abc", "03 616263"),
    ("0", "c0 00"),
    ("-1", "c0 ff"),
    ("127", "c0 7f"),
    ("128", "c1 8000"),
    ("-128", "c0 80"),
    ("-129", "c1 7fff"),
    ("32767", "c1 ff7f"),
    ("32768", "c2 00800000"),
    ("-32768", "c1 0080"),
    ("2147483647", "c2 ffffff7f"),
    ("2147483648", "0a 32313437343833363438"),
    ("-2147483648", "c2 00000080"),
    ("-2147483649", "0b 2d32313437343833363439"),
    // Only the canonical text is an integer.
    ("00", "02 3030"), ("-0", "02 2d30"), ("+1", "02 2b31"), ("01", "02 3031"), ("-", "01 2d"), ("1 ", "02 3120"),
    ("1a", "02 3161"), ("-01", "03 2d3031"), ("99999999999", "0b 3939393939393939393939"),
    // Twenty bytes are never compressed.
    (String(repeating: "a", count: 20), "14 6161616161616161616161616161616161616161"),
  ]

  @Test(arguments: strings) func `writes a string in the form that Redis chooses`(
    string: String, bytes: String
  ) {
    var writer = Writer()
    writer.entry(key: [UInt8](string), value: .string([]))
    #expect(writer.take() == [0] + [UInt8](hex: bytes) + [0])
  }

  @Test(arguments: [
    (0, "00"), (63, "3f"), (64, "4040"), (16383, "7fff"), (16384, "80 00004000"), (1 << 32, "81 0000000100000000"),
    (0xffff_ffff, "80 ffffffff"),
  ]) func `writes a number in the shortest form`(number: Int, bytes: String) {
    var writer = Writer()
    writer.resize(keys: number, expires: 0)
    #expect(writer.take() == [0xfb] + [UInt8](hex: bytes) + [0])
  }

  @Test func `puts expiry, idle time and frequency before a key`() {
    var writer = Writer()
    writer.entry(
      key: [0x6b], value: .string([0x76]), KeyAttributes(expiry: -2, idle: 64, frequency: 9))
    #expect(writer.take() == [UInt8](hex: "fc feffffffffffffff f8 4040 f9 09 00 01 6b 01 76"))
  }

  @Test func `leaves the checksum out when told so`() throws {
    var writer = Writer(checksums: false)
    writer.header()
    writer.end()
    #expect(writer.take() == [UInt8]("REDIS0010") + [0xff] + [UInt8](repeating: 0, count: 8))
  }

  @Test func `leaves strings as they are when told so`() {
    var writer = Writer(compresses: false)
    writer.entry(key: [], value: .string([UInt8](repeating: 0x61, count: 30)))
    #expect(writer.take() == [0, 0, 30] + [UInt8](repeating: 0x61, count: 30))
  }

  @Test(arguments: [1, 7, 16384]) func `gives the same bytes in blocks of any size`(size: Int) throws {
    let whole = `A reader fed in pieces`.bytes
    let events = try events(whole)
    // As a child does: it takes blocks while it writes.
    var writer = Writer()
    var bytes: [UInt8] = []
    for event in events {
      switch event {
      case .header: writer.header()
      case .aux(let name, let value): writer.aux(name, value)
      case .selectDatabase(let number): writer.selectDatabase(number)
      case .resize(let keys, let expires): writer.resize(keys: keys, expires: expires)
      case .entry(let entry): writer.entry(entry)
      case .function(let code): writer.function(code)
      case .end: writer.end()
      case .slotInfo, .slotImport, .moduleAux: break
      }
      while writer.pending >= size { bytes += writer.take(size) }
    }
    bytes += writer.take()
    #expect(bytes == whole && writer.position == whole.count && writer.pending == 0)
  }

  @Test func `gives each record by itself`() throws {
    var writer = Writer()
    var pieces: [[UInt8]] = []
    writer.header()
    pieces.append(writer.take())
    writer.selectDatabase(3)
    pieces.append(writer.take())
    writer.entry(key: [1], value: .string([2]))
    pieces.append(writer.take())
    writer.end()
    pieces.append(writer.take())
    #expect(pieces.map(\.count) == [9, 2, 5, 9])
    #expect(try events(pieces).count == 4)
  }
}

@Suite struct `CRC-64` {
  @Test func `is Redis's`() {
    #expect(CRC64.checksum([UInt8]("123456789")) == 0xe9c6_d914_c4b8_d9ca)
    #expect(CRC64.checksum([]) == 0)
    #expect(CRC64.checksum([0, 0]) == 0)
  }

  /// What the definition says, a bit at a time.
  func bitwise(_ bytes: [UInt8]) -> UInt64 {
    var crc: UInt64 = 0
    for byte in bytes {
      for bit in 0..<8 {
        let top = crc >> 63 ^ UInt64(byte >> UInt8(bit) & 1)
        crc = crc << 1 ^ (top == 1 ? 0xad93_d235_94c9_35a9 : 0)
      }
    }
    var reflected: UInt64 = 0
    for bit in 0..<64 where crc >> UInt64(bit) & 1 == 1 { reflected |= 1 << UInt64(63 - bit) }
    return reflected
  }

  @Test(arguments: [1, 7, 8, 9, 15, 16, 17, 100, 1001]) func `is that of its definition`(count: Int) {
    let bytes = [UInt8].noise(count, seed: UInt64(count))
    #expect(CRC64.checksum(bytes) == bitwise(bytes))
  }

  @Test func `carries on where it was`() {
    let bytes = [UInt8].noise(1000, seed: 5)
    for cut in stride(from: 0, through: 1000, by: 37) {
      let first = CRC64.update(0, with: bytes.span.extracting(0..<cut))
      #expect(CRC64.update(first, with: bytes.span.extracting(cut..<1000)) == CRC64.checksum(bytes))
    }
  }
}
