import Capture
import CaptureFiles
import RealRedis
import TestSupport
import Testing

@Suite("Recordings")
struct RecordingTests {
  @Test(
    "A recording of the real tcpdump, read through libpcap and written again, is the same file",
    arguments: Captures.names)
  func roundTrip(name: String) throws {
    let bytes = try Captures.bytes(name)
    let records = try Captures.records(bytes)
    var ours = Pcap.header(linkType: .ethernet)
    for record in records { Pcap.append(record.frame, to: &ours) }
    #expect(ours == bytes)
    // What is read of the packets is enough to write them again.
    #expect(Pcap.file(records.compactMap(\.packet)) == bytes)
  }

  @Test("A filter selects what the real tcpdump selects", .enabled(if: Tool.isInstalled("tcpdump")))
  func filters() throws {
    for name in ["chain", "types"] {
      for filter in ["port 7000", "dst port 7001 and greater 100", "tcp[tcpflags] & tcp-syn != 0", "udp"] {
        let theirs = try Tool.run(
          "tcpdump", ["-nn", "-A", "-r", Captures.path(name), filter], environment: ["TZ": "UTC0"])
        var printer = TcpdumpText(.ascii)
        var ours = TextBuffer()
        let recording = try Recording(path: Captures.path(name), filter: filter)
        for record in try Captures.all(recording) { printer.append(record.frame, to: &ours) }
        #expect(ours.bytes == theirs)
        #expect(recording.counts.packets + recording.counts.filtered == 120)
      }
    }
  }

  @Test("A filter that is none is refused in libpcap's words")
  func wrongFilter() throws {
    let bytes = try Captures.bytes("chain")
    let error = #expect(throws: RecordingError.self) { try Captures.records(bytes, filter: "prot 7000") }
    #expect(error?.kind == .filter && error?.what.contains("syntax error") == true)
  }

  @Test("pcapng, both resolutions, gives the same frames", arguments: [false, true])
  func pcapng(isNanoseconds: Bool) throws {
    let records = try Captures.records(Captures.bytes("types"))
    var file = Pcapng.header(linkType: .ethernet, isNanoseconds: isNanoseconds)
    for record in records {
      var frame = record.frame
      if isNanoseconds { frame.timestamp += 7 }
      Pcapng.append(frame, isNanoseconds: isNanoseconds, to: &file)
    }
    let recording = try Recording(bytes: file)
    #expect(recording.format == .pcapng && recording.isNanoseconds == isNanoseconds)
    var frames = try Captures.all(recording).map(\.frame)
    for index in frames.indices where isNanoseconds { frames[index].timestamp -= 7 }
    #expect(frames == records.map(\.frame))
  }

  @Test("A file cut anywhere gives what stands before the cut, then an error that says where it ends")
  func cut() throws {
    let bytes = try Captures.bytes("fullsync-disk")
    var ends: [Int] = []
    for packet in try Pcap.packets(in: bytes) { ends.append((ends.last ?? 24) + 16 + packet.frame.count) }
    for length in stride(from: 1, to: 900, by: 7) {
      var count = 0
      do throws(RecordingError) {
        let recording = try Recording(bytes: Array(bytes[..<length]))
        while try recording.next() != nil { count += 1 }
      } catch {
        if length > 24 { #expect(error.place == .byte(length) && !ends.contains(length), "\(error)") }
      }
      #expect(count == ends.count { $0 <= length })
    }
  }

  @Test(
    "gzip-compressed files are read, and a damaged one gives what can be had", .enabled(if: Tool.isInstalled("gzip")))
  func gzip() throws {
    let bytes = try Captures.bytes("types")
    let compressed = try Tool.run("gzip", ["-c", Captures.path("types")])
    #expect(try Captures.records(compressed).map(\.frame) == Captures.records(bytes).map(\.frame))
    // Two members, one behind the other.
    let halves = try [bytes[..<5_000], bytes[5_000...]].map { half in
      try Tool.withFile(Array(half)) { try Tool.run("gzip", ["-c", $0]) }
    }
    #expect(try Captures.records(halves[0] + halves[1]).map(\.frame) == Captures.records(bytes).map(\.frame))
    let error = #expect(throws: RecordingError.self) { try Captures.records(Array(compressed.dropLast(40))) }
    #expect(error?.kind == .input)
  }

  @Test("pcapng mutated anywhere is read or refused, never a trap")
  func mutated() throws {
    var random = TestRandom(seed: 11)
    var file = Pcapng.header(linkType: .ethernet)
    for record in try Captures.records(Captures.bytes("fullsync-disk")) { Pcapng.append(record.frame, to: &file) }
    for _ in 0..<300 {
      var mutated = file
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      var printer = TcpdumpText(.hexAndASCII)
      var text = TextBuffer()
      if let recording = try? Recording(bytes: mutated) {
        while let record = try? recording.next() {
          printer.append(record.frame, to: &text)
          _ = record.packet?.frame
        }
      }
    }
  }
}
