import Dissection
import Testing
import Views

@Suite("Views of messages")
struct MessageViewTests {
  @Test("The arrows of the notes' session are the notes' transcript")
  func notesTranscript() throws {
    var view = ArrowsView()
    var lines: [Line] = []
    for delivery in try Recorded.notes() { view.append(delivery, to: &lines) }
    // The notes are not of one mind on how many blank lines there are between exchanges.
    let text = lines.map(\.text)
    let squeezed = zip(text, [""] + text).filter { !($0.isEmpty && $1.isEmpty) }.map(\.0)
    #expect(
      squeezed == [
        "replica>>> PING", "master<<< PONG", "", ">>> REPLCONF listening-port 7001", "<<< OK", "",
        ">>> REPLCONF capa eof capa psync2", "<<< OK", "", ">>> PSYNC ? -1",
        "<<< FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 2614", "$EOF:e9c991d24c3e00573f4727f543d1ca3e22e23f0e",
        "REDIS0010.      redis-ver.7.0.11.",
        "redis-bits.@..ctime../.d..used-mem.......repl-stream-db....repl-id(4af7360b506843f9346c234825cbf3a4dfffe375..repl-offset.6",
        "..aof-base.........xx.yy..titi.toto..toto.tutu..P.8..u;e9c991d24c3e00573f4727f543d1ca3e22e23f0e", "",
        ">>> REPLCONF ACK 2614", ">>> REPLCONF ACK 2614", ">>> REPLCONF ACK 2614", ">>> REPLCONF ACK 2614",
        ">>> REPLCONF ACK 2614",
      ])
    try expectTranscript("notes-arrows", lines)
  }

  @Test(
    "Recordings of real servers, as arrows",
    arguments: [
      ("fullsync-diskless", UInt16(35814)), ("fullsync-disk", 39796), ("partial-resync", 39292), ("acl-ok", 49280),
    ])
  func arrows(name: String, port: UInt16) throws {
    var view = ArrowsView()
    var lines: [Line] = []
    for delivery in try Recorded.session(name, port: port).deliveries { view.append(delivery, to: &lines) }
    try expectTranscript("\(name)-arrows", lines)
  }

  @Test("A recording as a sequence chart fits into 80 columns")
  func sequence() throws {
    let session = try Recorded.session("fullsync-diskless", port: 35814)
    var view = SequenceView()
    let lines = zip(session.deliveries, session.times).flatMap { view.lines(of: $0, at: $1.clockText) }
    #expect(lines.allSatisfy { $0.width <= 80 })
    try expectTranscript("fullsync-diskless-sequence", lines)
  }

  @Test("A recording's bytes, field by field, fit into 80 columns and leave none out")
  func fields() throws {
    let session = try Recorded.session("fullsync-diskless", port: 35814)
    var lines: [Line] = []
    for delivery in session.deliveries {
      let field = session.dissector.fields(of: delivery.message)
      lines += [Line(delivery.message.title)] + FieldsView.lines(field)
      let bytes = FieldsView.bytes(field).map(\.text)
      let hex = bytes.flatMap { $0.dropFirst(6).prefix(23).split(separator: " ").filter { $0.count == 2 } }
      #expect(hex.count == delivery.message.bytes.count)
    }
    #expect(lines.filter { $0.width > 80 } == [])
    try expectTranscript("fullsync-diskless-fields", lines)
  }

  @Test("A range of a message's bytes is shown by itself, whatever its ends are")
  func range() throws {
    let session = try Recorded.session("fullsync-diskless", port: 35814)
    let message = try #require(session.deliveries.first { if case .payload = $0.message.kind { true } else { false } })
    let field = session.dissector.fields(of: message.message)
    try expectTranscript("fullsync-diskless-x", FieldsView.bytes(field, in: 5..<40))
    #expect(FieldsView.bytes(field, in: 10_000..<20_000) == [])
    #expect(FieldsView.bytes(field, in: -5..<2).count == 1)
  }
}
