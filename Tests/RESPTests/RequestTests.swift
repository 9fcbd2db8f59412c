import RESP
import TestSupport
import Testing

@Suite struct RequestTests {
  static let accepted: [(String, [Request])] = [
    ("*1\r\n$4\r\nPING\r\n", [Request("PING", taking: 14)]),
    ("*2\r\n$3\r\nGET\r\n$0\r\n\r\n", [Request("GET", "", taking: 19)]),
    ("*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n", [Request("GET", "a\r\nb", taking: 23)]),
    ("PING\r\n", [Request("PING", taking: 6, inline: true)]),
    ("PING\n", [Request("PING", taking: 5, inline: true)]),
    ("\n", [Request(taking: 1, inline: true)]),
    ("\r\nPING\r\n", [Request(taking: 2, inline: true), Request("PING", taking: 6, inline: true)]),
    ("*0\r\n*1\r\n$1\r\na\r\n", [Request(taking: 4), Request("a", taking: 11)]),
    ("*-7\r\n", [Request(taking: 5)]),
    // What Redis does not look at: the byte after a CR, and the two behind a bulk string.
    ("*1\rX$4\rYPINGzz", [Request("PING", taking: 14)]),
    ("*1\r\n$4\r\nPINGPING\r\n", [Request("PING", taking: 14), Request("NG", taking: 4, inline: true)]),
    ("ECHO \"a\\x41\\n\\q\"\r\n", [Request("ECHO", "aA\nq", taking: 18, inline: true)]),
    ("ECHO 'a\\'b' x\r\n", [Request("ECHO", "a'b", "x", taking: 15, inline: true)]),
    ("ECHO a\"b c\"\r\n", [Request("ECHO", "ab c", taking: 13, inline: true)]),
    ("ECHO \"\"\r\n", [Request("ECHO", "", taking: 9, inline: true)]),
    ("ECHO a\u{0b}b\r\n", [Request("ECHO", "a\u{0b}b", taking: 10, inline: true)]),
    ("PING\r\r\n", [Request("PING", taking: 7, inline: true)]),
    ("ECHO a\rb\r\n", [Request("ECHO", "a", "b", taking: 10, inline: true)]),
  ]

  @Test("A command comes out the same however its bytes come", arguments: accepted)
  func accepts(input: String, expected: [Request]) {
    verify(requests: input.latin1, Outcome(decoded: expected))
  }

  /// Bytes, what Redis finds wrong, and where the faulty line begins.
  static let refused: [(String, ProtocolError.Reason, Int)] = [
    ("*x\r\n", .invalidMultibulkLength, 0),
    ("*\r\n", .invalidMultibulkLength, 0),
    ("*01\r\n", .invalidMultibulkLength, 0),
    ("*+1\r\n", .invalidMultibulkLength, 0),
    ("* 1\r\n", .invalidMultibulkLength, 0),
    ("*2147483648\r\n", .invalidMultibulkLength, 0),
    ("*99999999999999999999999\r\n", .invalidMultibulkLength, 0),
    ("*1\r\n+4\r\n", .expectedBulk(got: UInt8(ascii: "+")), 4),
    ("*1\r\nXyy\r\n", .expectedBulk(got: UInt8(ascii: "X")), 4),
    ("*1\r\n\r\n", .expectedBulk(got: 0x0D), 4),
    ("*1\r\n\n\r\n", .expectedBulk(got: 0x0A), 4),
    ("*1\r\n\u{ff}\r\n", .expectedBulk(got: 0xFF), 4),
    ("*1\r\n$-1\r\n", .invalidBulkLength, 4),
    ("*1\r\n$x\r\n", .invalidBulkLength, 4),
    ("*1\r\n$\r\n", .invalidBulkLength, 4),
    ("*1\r\n$04\r\nPING\r\n", .invalidBulkLength, 4),
    ("*1\r\n$536870913\r\n", .invalidBulkLength, 4),
    ("*2\r\n$4\r\nPING\r\n$9999999999999999999\r\n", .invalidBulkLength, 14),
    ("ECHO \"abc\r\n", .unbalancedQuotes, 0),
    ("ECHO 'abc\r\n", .unbalancedQuotes, 0),
    ("ECHO \"a\"b\r\n", .unbalancedQuotes, 0),
    ("ECHO a'b'\"c\"\r\n", .unbalancedQuotes, 0),
    (String(repeating: "x", count: 65_537), .tooBigInlineRequest, 0),
    (String(repeating: "\0", count: 65_537), .tooBigInlineRequest, 0),
    ("*" + String(repeating: "1", count: 65_536), .tooBigMultibulkCount, 0),
    ("*1\r\n$" + String(repeating: "1", count: 65_536), .tooBigBulkCount, 4),
  ]

  @Test("Bytes that break the protocol are refused with Redis's reason and the line's offset", arguments: refused)
  func refuses(input: String, reason: ProtocolError.Reason, offset: Int) {
    verify(requests: input.latin1, Outcome(error: ProtocolError(reason, offset: offset)))
    let behind = "*1\r\n$4\r\nPING\r\n".latin1 + input.latin1
    verify(
      requests: behind,
      Outcome(decoded: [Request("PING", taking: 14)], error: ProtocolError(reason, offset: offset + 14)))
  }

  static let unfinished = [
    "*", "*1", "*1\r", "*1\r\n", "*1\r\n$", "*1\r\n$4\r\nPI", "*1\r\n$4\r\nPING\r", "*1\r\nX", "*1\r\nX\r", "PING",
    "PING\r",
    "*2147483647\r\n", "*1\r\n$536870912\r\n", "*1\u{0}\r\n", "ECHO a\u{0}b\r\n", "*1\r\n\u{0}\r\n",
    String(repeating: "x", count: 65_536), "*" + String(repeating: "1", count: 65_535),
    "*1\r\n$" + String(repeating: "1", count: 65_535),
  ]

  @Test("What Redis would wait for is waited for", arguments: unfinished)
  func waits(input: String) {
    verify(requests: input.latin1, Outcome(pending: input.latin1.count))
  }

  @Test("A client that has yet to log in gets 10 arguments of 16384 bytes")
  func unauthenticated() {
    let limits = RequestScanner.Limits(isAuthenticated: false)
    verify(requests: "*10\r\n".latin1, Outcome(pending: 5), limits: limits)
    verify(
      requests: "*11\r\n".latin1, Outcome(error: ProtocolError(.unauthenticatedMultibulkLength, offset: 0)),
      limits: limits)
    verify(requests: "*1\r\n$16384\r\n".latin1, Outcome(pending: 12), limits: limits)
    verify(
      requests: "*1\r\n$16385\r\n".latin1, Outcome(error: ProtocolError(.unauthenticatedBulkLength, offset: 4)),
      limits: limits)
  }

  @Test("Logging in lifts the limits for the next command in the same packet")
  func limitsChangeBetweenCommands() throws {
    var decoder = RequestDecoder(limits: .init(isAuthenticated: false))
    decoder.feed("*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n*11\r\n".latin1)
    #expect(try decoder.next()?.arguments.count == 2)
    decoder.limits.isAuthenticated = true
    #expect(try decoder.next() == nil)
  }

  @Test("A master may send what a client may not, but no lines")
  func master() {
    let limits = RequestScanner.Limits(isMaster: true)
    verify(requests: "*1\r\n$536870913\r\n".latin1, Outcome(pending: 16), limits: limits)
    verify(requests: "\n".latin1, Outcome(decoded: [Request(taking: 1, inline: true)]), limits: limits)
    verify(requests: "PING\r\n".latin1, Outcome(error: ProtocolError(.inlineFromMaster, offset: 0)), limits: limits)
  }

  @Test("A string as long as numbers go is waited for, wherever it stands in the command", arguments: 0...3)
  func longest(wordsBefore: Int) {
    let text = "*4\r\n" + String(repeating: "$1\r\nx\r\n", count: wordsBefore) + "$9223372036854775805\r\nabc"
    for limits in [RequestScanner.Limits(isMaster: true), RequestScanner.Limits(maxBulkLength: .max)] {
      verify(requests: text.latin1, Outcome(pending: text.utf8.count), limits: limits)
    }
  }

  @Test("An error is thrown again rather than decoding on")
  func staysBroken() {
    var decoder = RequestDecoder()
    decoder.feed("*x\r\n".latin1)
    #expect(throws: ProtocolError(.invalidMultibulkLength, offset: 0)) { try decoder.next() }
    decoder.feed("PING\r\n".latin1)
    #expect(throws: ProtocolError(.invalidMultibulkLength, offset: 0)) { try decoder.next() }
  }

  @Test("Random commands survive random cuts, next to copies that go on by themselves")
  func randomCuts() throws {
    var random = TestRandom(seed: 7)
    for _ in 0..<200 {
      var bytes: [UInt8] = []
      var commands: [[[UInt8]]] = []
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        let arguments = (0..<Int.random(in: 1...6, using: &random)).map { _ in
          (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        commands.append(arguments)
        bytes.append(command: arguments)
      }
      var decoder = RequestDecoder()
      var decoded: [[[UInt8]]] = []
      var position = 0
      var copies: [(RequestDecoder, decoded: Int, fed: Int)] = []
      while position < bytes.count {
        let end = min(bytes.count, position + Int.random(in: 1...60, using: &random))
        decoder.feed(Array(bytes[position..<end]))
        position = end
        while let request = try decoder.next() { decoded.append(request.arguments) }
        if Int.random(in: 0..<8, using: &random) == 0 { copies.append((decoder, decoded.count, position)) }
      }
      #expect(decoded == commands)
      #expect(decoder.consumedByteCount == bytes.count)
      for (copy, count, position) in copies {
        var copy = copy
        copy.feed(Array(bytes[position...]))
        var rest: [[[UInt8]]] = []
        while let request = try copy.next() { rest.append(request.arguments) }
        #expect(rest == Array(commands[count...]))
      }
    }
  }

  @Test(
    "A bulk string of 64 MB in pieces of 1 KB costs each byte once, also when every step is kept",
    .timeLimit(.minutes(1)))
  func hugeBulk() throws {
    let size = 64 << 20
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
    var decoder = RequestDecoder()
    let head = "*2\r\n$3\r\nSET\r\n$\(size)\r\n".latin1
    decoder.feed(head)
    var history: [RequestDecoder] = []
    for _ in 0..<size / piece.count {
      #expect(try decoder.next() == nil)
      history.append(decoder)
      decoder.feed(piece)
    }
    decoder.feed([13, 10])
    #expect(try decoder.next()?.arguments.last?.count == size)
    #expect(history[100].pendingByteCount == 100 * 1024 + head.count)
  }
}
