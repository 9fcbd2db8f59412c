import Capture
import Dissection
import RESP
import TestSupport
import Testing
@testable import Views

@Suite("Replies in one line, as redis-cli prints them") struct PrintedReplyTests {
  @Test(
    "Each type, whole and in others",
    arguments: [
      ("+OK\r\n", "OK"), (":-7\r\n", "(integer) -7"), ("$1\r\nv\r\n", #""v""#), ("$-1\r\n", "(nil)"),
      ("*-1\r\n", "(nil)"), ("_\r\n", "(nil)"), ("-ERR no\r\n", "(error) ERR no"), ("*0\r\n", "(empty array)"),
      ("~0\r\n", "(empty set)"), ("%0\r\n", "(empty hash)"), ("#t\r\n", "(true)"), (",1.5\r\n", "(double) 1.5"),
      ("*3\r\n$1\r\na\r\n:2\r\n$-1\r\n", #"1) "a" 2) (integer) 2 3) (nil)"#),
      ("*2\r\n*2\r\n:1\r\n:2\r\n+x\r\n", "1) 1) (integer) 1 2) (integer) 2 2) x"),
      ("%1\r\n+a\r\n:1\r\n", "1# a => (integer) 1"), ("=7\r\ntxt:abc\r\n", #""abc""#),
      ("$3\r\na\u{1}\n\r\n", #""a\x01\n""#),
    ])
  func texts(bytes: String, text: String) { #expect(PrintedReply.text(Array(bytes.utf8)) == text) }

  @Test(
    "What is no reply, or more than one, is its bytes",
    arguments: ["+OK", "*2\r\n+a\r\n", "+a\r\n+b\r\n", "$9\r\nx\r\n", ""])
  func broken(bytes: String) {
    #expect(PrintedReply.text(Array(bytes.utf8)) == Wording.line(Array(bytes.utf8)))
    #expect(PrintedReply.exact(Array(bytes.utf8)) == nil)
  }

  @Test("A long one is no longer than it may be") func long() {
    let array = Array(("*1000\r\n" + String(repeating: "$3\r\nabc\r\n", count: 1_000)).utf8)
    let string = Array("$100000\r\n".utf8) + [UInt8](repeating: 0x61, count: 100_000) + [0x0d, 0x0a]
    for bytes in [array, string] {
      let text = PrintedReply.text(bytes)
      #expect(text.count < 200 && text.hasSuffix("…"), "\(text)")
    }
  }

  @Test("What is exact is read back as the same bytes") func exact() throws {
    var random = TestRandom(seed: 7)
    func scalar() -> String {
      switch Int.random(in: 0..<9, using: &random) {
      case 0: "+OK\r\n"
      case 1: ":\(Int.random(in: 0..<2_000, using: &random) - 1_000)\r\n"
      case 2: "$-1\r\n"
      case 3: "-ERR no such key\r\n"
      case 4: "+two words\r\n"
      case 5: "+1) OK\r\n"
      case 6: "#t\r\n"
      case 7: "$0\r\n\r\n"
      default: "$5\r\n\(["a b\"c", "1) x ", "(nil)", "\n\t\u{1}ab"][Int.random(in: 0..<4, using: &random)])\r\n"
      }
    }
    var exactCount = 0
    for _ in 0..<2_000 {
      let count = Int.random(in: 0..<4, using: &random)
      let isScalar = Bool.random(using: &random)
      let bytes = isScalar ? scalar() : "*\(count)\r\n" + (0..<count).map { _ in scalar() }.joined()
      guard let text = PrintedReply.exact(Array(bytes.utf8)) else { continue }
      exactCount += 1
      var reader = ArrowsReader()
      reader.feed(">>> GET x\n<<< \(text)\n".utf8)
      reader.finish()
      _ = try reader.next()
      let record = try #require(try reader.next())
      #expect(record.packet.map { Array($0.payload) } == Array(bytes.utf8), "\(text)")
    }
    #expect(exactCount > 500)
  }
}
