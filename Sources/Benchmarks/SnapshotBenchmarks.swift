import Glibc
import RDB
import RealRedis

/// A snapshot of `count` small strings, as Redis would write it.
func smallStrings(_ count: Int) -> [UInt8] {
  var writer = Writer()
  writer.header()
  writer.aux("redis-ver", "7.0.15")
  writer.aux("redis-bits", 64)
  writer.aux("ctime", 1_686_319_013)
  writer.aux("used-mem", 1_033_936)
  writer.aux("aof-base", 0)
  writer.selectDatabase(0)
  writer.resize(keys: count, expires: 0)
  for number in 0..<count {
    writer.entry(key: Array("key:\(number)".utf8), value: .string(Array("value of \(number)".utf8)))
  }
  writer.end()
  return writer.take()
}

func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let size = ftell(file)
  rewind(file)
  return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    count = fread(buffer.baseAddress, 1, size, file)
  }
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
  guard let file = fopen(path, "wb") else { return }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

/// Every field of every record named, the checksum compared, from the file on.
func walkFields() throws -> Row {
  guard let checker = RealServer.find("redis-check-rdb") else { return missing("RDB field walk", "redis-tools") }
  let path = "/tmp/replab-bench-\(getpid()).rdb"
  writeFile(path, smallStrings(1_000_000))
  defer { unlink(path) }
  return try contest(
    "RDB: name the fields of 1M strings / redis-check-rdb", rounds: 7, goal: "≤ 0.50", rate: milliseconds,
    ours: {
      try measure {
        var reader = Reader(recordsFields: true)
        var fields = 0
        reader.feed(readFile(path))
        while try reader.skip() { fields += reader.fields.fields.count }
        precondition(reader.isAtEnd && fields > 8_000_000)
      }
    },
    peer: {
      let before = childrensProcessorTime()
      let (status, _) = try runProgram(checker, [path])
      precondition(status == 0)
      return childrensProcessorTime() - before
    })
}

/// Parts of the above that have no peer to run beside.
func snapshotParts() throws -> [Row] {
  let bytes = smallStrings(1_000_000)
  func row(_ what: String, _ work: () throws -> Void) rethrows -> Row {
    let times = try (0..<5).map { _ in try measure(work) }
    return Row(what: what, ours: milliseconds(times.median))
  }
  return [
    row("RDB: checksum of its \(bytes.count / 1_000_000) MB") { precondition(CRC64.checksum(bytes) != 1) },
    try row("RDB: its million keys and values as arrays") {
      var reader = Reader()
      reader.feed(bytes)
      while try reader.next() != nil {}
      precondition(reader.isAtEnd)
    },
    row("RDB: write it") { precondition(smallStrings(1_000_000).count == bytes.count) },
  ]
}

func missing(_ what: String, _ package: String) -> Row {
  Row(what: what, ours: "not measured", peer: "install \(package)")
}
