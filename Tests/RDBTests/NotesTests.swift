import RDB
import Testing

@Suite struct `The snapshot in the notes` {
  let bytes = fixture("notes-full-sync.rdb")

  @Test func `has 207 bytes and the values that the notes show`() throws {
    #expect(bytes.count == 207)
    let expected: [Event] = [
      .header(version: 10),
      .aux(name: [UInt8]("redis-ver"), value: [UInt8]("7.0.11")),
      .aux(name: [UInt8]("redis-bits"), value: [UInt8]("64")),
      .aux(name: [UInt8]("ctime"), value: [UInt8]("1686319013")),
      .aux(name: [UInt8]("used-mem"), value: [UInt8]("1033936")),
      .aux(name: [UInt8]("repl-stream-db"), value: [UInt8]("0")),
      .aux(name: [UInt8]("repl-id"), value: [UInt8]("4af7360b506843f9346c234825cbf3a4dfffe375")),
      .aux(name: [UInt8]("repl-offset"), value: [UInt8]("2614")),
      .aux(name: [UInt8]("aof-base"), value: [UInt8]("0")),
      .selectDatabase(0),
      .resize(keys: 3, expires: 0),
      .entry(Entry(key: [UInt8]("xx"), value: .string([UInt8]("yy")))),
      .entry(Entry(key: [UInt8]("titi"), value: .string([UInt8]("toto")))),
      .entry(Entry(key: [UInt8]("toto"), value: .string([UInt8]("tutu")))),
      .end(.verified(0x3b75_15e4_38fe_50b9)),
    ]
    #expect(try events(bytes) == expected)
  }

  @Test func `is written again from its values to the byte`() throws {
    var writer = Writer()
    writer.header()
    writer.aux("redis-ver", "7.0.11")
    writer.aux("redis-bits", 64)
    writer.aux("ctime", 1_686_319_013)
    writer.aux("used-mem", 1_033_936)
    writer.aux("repl-stream-db", 0)
    writer.aux("repl-id", "4af7360b506843f9346c234825cbf3a4dfffe375")
    writer.aux("repl-offset", 2614)
    writer.aux("aof-base", 0)
    writer.selectDatabase(0)
    writer.resize(keys: 3, expires: 0)
    for (key, value) in [("xx", "yy"), ("titi", "toto"), ("toto", "tutu")] {
      writer.entry(key: [UInt8](key), value: .string([UInt8](value)))
    }
    writer.end()
    #expect(writer.position == 207)
    #expect(writer.take() == bytes)
  }

  @Test func `is an error, and never a trap, when any byte is another`() {
    for index in bytes.indices {
      for flip: UInt8 in [0x01, 0x80, 0xff] {
        var wrong = bytes
        wrong[index] ^= flip
        do throws(RDBError) {
          var reader = Reader()
          reader.feed(wrong)
          while try reader.next() != nil {}
          try reader.finish()
          // What makes it a version without a checksum leaves the checksum's bytes behind.
          #expect(index == 8 && reader.unread.count == 8, "byte \(index) changed by \(flip) went unnoticed")
        } catch {
          #expect((0...bytes.count).contains(error.offset))
        }
      }
    }
  }

  @Test func `is an unexpected end wherever it is cut`() {
    for count in 0..<bytes.count {
      #expect {
        _ = try events(Array(bytes[..<count]))
      } throws: { error in
        (error as? RDBError)?.reason == .unexpectedEnd && (error as? RDBError)?.offset == count
      }
    }
  }

  @Test func `says in which field it was cut`() {
    var reader = Reader()
    reader.feed(Array(bytes[..<13]))
    #expect(throws: RDBError(.unexpectedEnd, offset: 13, path: [.aux, .name])) {
      while try reader.next() != nil {}
      try reader.finish()
    }
  }
}
