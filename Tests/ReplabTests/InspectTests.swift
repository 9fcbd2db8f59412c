import Foundation
import RealRedis
import Testing
import Views

@testable import replab

@Suite("replab inspect") struct InspectTests {
  /// A snapshot with three keys, as the notes' master sent it.
  private static func snapshot() throws -> [UInt8] {
    let stream = try Data(
      contentsOf: URL(fileURLWithPath: Program.root + "/Tests/Fixtures/full-sync.master-stream.bin"))
    let start = try #require(stream.range(of: Data("REDIS".utf8))?.lowerBound)
    return Array(stream[start..<start + 207])
  }

  private func inspect(_ bytes: [UInt8], _ arguments: String...) throws -> Program.Outcome {
    try Tool.withFile(bytes) { path in try Program.run(Program.replab, ["inspect", path] + arguments) }
  }

  @Test("Every byte of a snapshot stands in one row, at its address") func bytes() throws {
    let snapshot = try Self.snapshot()
    let run = try inspect(snapshot)
    #expect(run.status == 0, "\(run.errors)")
    var shown: [UInt8] = []
    for line in run.output.split(separator: "\n") {
      let hex = line.dropFirst(6).prefix(23).split(separator: " ").compactMap { UInt8($0, radix: 16) }
      guard !hex.isEmpty, let address = Int(line.prefix(4), radix: 16) else { continue }
      #expect(address == shown.count, "\(line)")
      shown += hex
    }
    #expect(shown == snapshot)
    #expect(run.output.contains("version: version 10 of the format"))
  }

  @Test(
    "A path picks out what it names",
    arguments: [
      ("key:titi/value/data", #"data: "toto""#), ("1/magic", #"magic: "REDIS""#), ("header/2", "version: version 10"),
      ("aux field#3/name/data", #"data: "ctime""#), ("end/checksum", "checksum: "), ("entry#3", "entry: key "),
    ])
  func paths(path: String, text: String) throws {
    let run = try inspect(Self.snapshot(), path)
    #expect(run.status == 0 && run.output.contains(text), "\(run.output)\(run.errors)")
  }

  @Test(
    "A path that leads nowhere is told what there is",
    arguments: [
      ("key:titi/valu", "Did you mean ‘value’?"), ("99", "There are 15, numbered from 1"),
      ("1/9", "It has: 1 magic, 2 version."), ("1/1/1", "‘magic’ has no parts"), ("/", "‘/’ is no path"),
    ])
  func wrongPaths(path: String, advice: String) throws {
    let run = try inspect(Self.snapshot(), path)
    #expect(run.status == 2)
    #expect(run.errors.replacing("\n  ", with: " ").contains(advice), "\(run.errors)")
  }

  @Test("Cut anywhere, what can be read is shown, then the offset, with status 3", arguments: [6, 9, 30, 100, 206])
  func cut(count: Int) throws {
    let run = try inspect(Array(Self.snapshot().prefix(count)))
    #expect(run.status == 3)
    #expect(run.errors.contains("at byte \(count)"), "\(run.errors)")
    #expect(run.output.split(separator: "\n").count > count / 8, "\(run.output)")
  }

  @Test("A wrong byte: the records before it, and what is wrong where") func corrupt() throws {
    var snapshot = try Self.snapshot()
    snapshot[200] ^= 1
    let run = try inspect(snapshot)
    #expect(run.status == 3)
    #expect(run.output.contains(#"key "titi" holds "toto""#))
    #expect(run.errors.contains("CRC") && run.errors.contains("byte 199"), "\(run.errors)")
  }

  @Test("JSON has an object for each record, with all its fields") func json() throws {
    let run = try inspect(Self.snapshot(), "--json")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 15)
    #expect(
      lines.first == """
        {"record":1,"field":{"name":"header","offset":0,"length":9,"meaning":"the beginning of a snapshot in version 10 \
        of the format","children":[{"name":"magic","offset":0,"length":5,"meaning":"\\"REDIS\\"","bytes":"5245444953"},\
        {"name":"version","offset":5,"length":4,"meaning":"version 10 of the format","bytes":"30303130"}]}}
        """)
    for line in lines {
      #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil)
    }
  }

  @Test("What a server would say of a record stands before its field, and in JSON") func remarks() throws {
    let entry: [UInt8] = [0, 1, 0x6b, 1, 0x76]
    let bytes = Array("REDIS0010".utf8) + [0xfe, 0] + entry + entry + [0xff] + [UInt8](repeating: 0, count: 8)
    let words = "redis-server 7.0 does not load the file: ‘RDB has duplicated key 'k' in DB 0’"
    let run = try inspect(bytes)
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex { $0.hasPrefix("  redis-server 7.0 does not load the file") })
    #expect(lines[place...].prefix(2).map { $0.drop { $0 == " " } }.joined(separator: " ").hasPrefix(words), "\(lines)")
    #expect(lines[place...].first { $0.contains("entry: key") }?.hasPrefix("0010") == true, "\(lines[place...])")
    let json = try inspect(bytes, "--json")
    #expect(
      json.output.split(separator: "\n").map { $0.contains(#""remarks":["\#(words)"]"#) } == [
        false, false, false, true, false,
      ])
  }

  @Test("An append-only file's manifest is told as what it is, with the files that it names") func manifest() throws {
    let text = """
      file appendonly.aof.2.base.rdb seq 2 type b
      file "an old one" seq 1 type h
      file appendonly.aof.2.incr.aof seq 2 type i

      """
    let run = try inspect(Array(text.utf8))
    #expect(run.status == 0, "\(run.errors)")
    let meanings = run.output.split(separator: "\n").map {
      String($0.dropFirst(41)).trimmingCharacters(in: .whitespaces)
    }
    let said = meanings.filter { !$0.isEmpty }.joined(separator: " ")
    for words in [
      "file: appendonly.aof.2.base.rdb is the base, which a server loads first",
      "file: an old one is history, which a server deletes",
      "file: appendonly.aof.2.incr.aof is an increment, which a server loads behind those before it",
    ] { #expect(said.contains(words), "\(said)") }
    let shown = run.output.split(separator: "\n").flatMap { line in
      line.dropFirst(6).prefix(23).split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }
    #expect(shown == Array(text.utf8))
    let part = try inspect(Array(text.utf8), "file#2/type")
    #expect(part.status == 0 && part.output.contains("h, history"), "\(part.output)\(part.errors)")
    // In a server's words.
    let twice = try inspect(Array((text + "file other seq 3 type b\n").utf8))
    #expect(twice.status == 3 && twice.errors.contains("line 4: Found duplicate base file information"))
    #expect(twice.output.contains("other is the base"), "\(twice.output)")
  }

  @Test("The messages of a transcript, or one of them") func transcript() throws {
    let path = Program.root + "/transcripts/fullsync-diskless.pcap"
    let all = try Program.run(Program.replab, ["inspect", path])
    #expect(all.status == 0 && all.output.contains("link 2, message 11, ") && all.output.contains("end mark"))
    let one = try Program.run(Program.replab, ["inspect", path, "2/7/replication id"])
    #expect(one.status == 0, "\(one.errors)")
    let link = try Program.run(Program.replab, ["inspect", path, "3"])
    #expect(link.status == 0 && !link.output.contains("link 2"))
    let none = try Program.run(Program.replab, ["inspect", path, "2/110"])
    #expect(none.status == 2 && none.errors.contains("1 with 2, 2 with"), "\(none.errors)")
  }

  @Test("A snapshot of many keys is printed as it is read, in little memory") func large() throws {
    // A string of 100 bytes for each of 100,000 keys, without a checksum; then the file ends too early.
    var snapshot = Array("REDIS0010".utf8) + [0xfe, 0]
    for number in 0..<100_000 {
      let key = Array("key:\(number)".utf8)
      snapshot += [0, UInt8(key.count)] + key + [0x40, 100] + [UInt8](repeating: 0x78, count: 100)
    }
    try Tool.withFile(snapshot) { path in
      // The limit is that of data: what the program itself allocates.
      let run = try Program.run(
        "/bin/sh", ["-c", "ulimit -d 60000; \(Program.replab) inspect \(path) --json | tail -n 1"])
      #expect(run.output.hasPrefix(#"{"record":100002,"#), "\(run.output) \(run.errors)")
      #expect(run.errors.contains("at byte \(snapshot.count)"), "\(run.errors)")
    }
  }
}
