import Foundation
import Lab
import Testing

@testable import replab

/// The full sync that this project began with, brought about by a script like any other.
@Suite("The notes' full sync, to the byte") struct NotesTests {
  let session: Session
  let screen = Output()

  init() throws {
    var session = try Session(Options.none(), forPrompt: false)
    session.output = screen
    try Script(path: Program.root + "/transcripts/notes-full-sync.lab").run(in: &session)
    self.session = session
  }

  /// What is said on the last link, between the master and the replica of the notes, up to the first ACK.
  private var deliveries: [Delivery] {
    var all: [Delivery] = []
    session.timeline.forEachStep { all += $0.delivered }
    guard let link = session.timeline.world.links.last?.id else { return [] }
    all.removeAll { $0.link != link }
    let ack = all.firstIndex { String(decoding: $0.message.bytes, as: UTF8.self).contains("ACK") } ?? all.endIndex
    return Array(all[..<ack])
  }

  @Test("The master sends what the recording has") func master() throws {
    let recorded = try Data(
      contentsOf: URL(fileURLWithPath: Program.root + "/Tests/Fixtures/full-sync.master-stream.bin"))
    let sent = deliveries.filter { $0.from.name == "m" }.flatMap { Array($0.message.bytes) }
    #expect(sent == Array(recorded))
  }

  @Test("The replica says what the notes say") func replica() {
    let said = deliveries.filter { $0.from.name == "r" }.map { $0.message.title }
    #expect(said == ["PING", "REPLCONF listening-port 7001", "REPLCONF capa eof capa psync2", "PSYNC ? -1"])
  }

  @Test("view arrows shows it as the notes write it")
  func arrows() {
    let mark = "e9c991d24c3e00573f4727f543d1ca3e22e23f0e"
    let id = "4af7360b506843f9346c234825cbf3a4dfffe375"
    #expect(
      String(decoding: screen.kept, as: UTF8.self).hasSuffix(
        """
        r>>> PING
        m<<< PONG


        >>> REPLCONF listening-port 7001
        <<< OK


        >>> REPLCONF capa eof capa psync2
        <<< OK


        >>> PSYNC ? -1
        <<< FULLRESYNC \(id) 2614
        $EOF:\(mark)
        REDIS0010.      redis-ver.7.0.11.
        redis-bits.@..ctime../.d..used-mem.......repl-stream-db....repl-id(\(id)..repl-offset.6
        ..aof-base.........xx.yy..titi.toto..toto.tutu..P.8..u;\(mark)


        >>> REPLCONF ACK 2614
        >>> REPLCONF ACK 2614
        >>> REPLCONF ACK 2614
        >>> REPLCONF ACK 2614
        >>> REPLCONF ACK 2614

        """))
  }
}
