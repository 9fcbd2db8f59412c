import Capture
import Foundation
import RESP
import RealRedis
import Testing

@Suite("The notes' full sync")
struct NotesTests {
  static let script = Program.root + "/transcripts/notes-full-sync.lab"

  @Test("is the notes' to the byte: all that each side sent up to the first acknowledgements")
  func bytes() throws {
    let folder = Folder()
    let run = try Program.lab("source \(Self.script)\nexport \(folder.path("notes.pcap"))\n")
    #expect(run.status == 0, "\(run.errors)")
    let file = try #require(FileManager.default.contents(atPath: folder.path("notes.pcap")))
    let packets = try Pcap.packets(in: Array(file))

    // The last connection to the master that begins with a replica's PING is the notes' replica.
    let opening = try #require(packets.last { $0.destination.port == 7000 && $0.payload.elementsEqual(Self.ping) })
    let said = { (side: KeyPath<Packet, Endpoint>) in
      packets.filter { $0[keyPath: side] == opening.source }.flatMap { Array($0.payload) }
    }
    let recorded = try #require(
      FileManager.default.contents(atPath: Program.root + "/Tests/Fixtures/full-sync.master-stream.bin"))
    #expect(said(\.destination) == Array(recorded))
    #expect(String(decoding: said(\.source), as: UTF8.self) == Self.replicaSide)
  }

  @Test("reads as the notes have it, but for the number of empty lines")
  func arrows() throws {
    let run = try Program.run(Program.replab, ["run", Self.script])
    let lines = run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let start = try #require(lines.lastIndex(of: "replica>>> PING"))
    #expect(lines[start...].joined(separator: "\n") == Self.transcript)
  }

  private static let ping = Array("*1\r\n$4\r\nPING\r\n".utf8)

  private static let replicaSide: String = {
    let commands = [
      ["PING"], ["REPLCONF", "listening-port", "7001"], ["REPLCONF", "capa", "eof", "capa", "psync2"],
      ["PSYNC", "?", "-1"],
    ]
    let acknowledgements = Array(repeating: ["REPLCONF", "ACK", "2614"], count: 5)
    return String(decoding: (commands + acknowledgements).flatMap { [UInt8](command: $0) }, as: UTF8.self)
  }()

  private static let transcript = """
    replica>>> PING
    master<<< PONG
    >>> REPLCONF listening-port 7001
    <<< OK
    >>> REPLCONF capa eof capa psync2
    <<< OK
    >>> PSYNC ? -1
    <<< FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 2614
    $EOF:e9c991d24c3e00573f4727f543d1ca3e22e23f0e
    REDIS0010.      redis-ver.7.0.11.
    redis-bits.@..ctime../.d..used-mem.......repl-stream-db....repl-id(4af7360b506843f9346c234825cbf3a4dfffe375..repl-offset.6
    ..aof-base.........xx.yy..titi.toto..toto.tutu..P.8..u;e9c991d24c3e00573f4727f543d1ca3e22e23f0e
    >>> REPLCONF ACK 2614
    >>> REPLCONF ACK 2614
    >>> REPLCONF ACK 2614
    >>> REPLCONF ACK 2614
    >>> REPLCONF ACK 2614
    """
}
