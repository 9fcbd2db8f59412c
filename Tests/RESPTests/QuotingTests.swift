import RESP
import RealRedis
import Testing

@Suite("Bytes are quoted in one way") struct QuotingTests {
  @Test("as redis-cli quotes them", .enabled(if: Tool.isInstalled("redis-cli") && RealServer.isInstalled))
  func redisCLI() throws {
    let server = try RealServer()
    let bytes = [UInt8](0...255)
    _ = try Socket(port: server.port).command(["SET".latin1, "k".latin1, bytes])
    let printed = try Tool.run("redis-cli", ["-p", "\(server.port)", "--no-raw", "GET", "k"])
    #expect(InlineCommand.quoted(bytes) + "\n" == String(decoding: printed, as: UTF8.self))
  }

  @Test(
    "and read back as they were", arguments: ["", "plain", "it's", "two words", "\"", "\\", "a\u{7}b\u{8}c\u{0}\u{ff}"])
  func back(text: String) {
    #expect(InlineCommand.split("\(InlineCommand.word(text.latin1)) end".latin1) == [text.latin1, "end".latin1])
  }

  @Test("and where a reply is of no known type, too")
  func type() {
    #expect(ProtocolError.Reason.badReplyType(0x07).text == #"got "\a" as reply type byte"#)
    #expect(ProtocolError.Reason.badReplyType(0x22).text == #"got "\"" as reply type byte"#)
  }
}
