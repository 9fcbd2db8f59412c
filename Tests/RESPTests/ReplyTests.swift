import RESP
import Testing

@Suite struct ReplyTests {
  static let accepted: [(String, [Value])] = [
    ("+OK\r\n", [.simple("OK")]),
    ("+\r\n", [.simple("")]),
    ("-ERR no\r\n", [.error("ERR no")]),
    (":-12\r\n", [.integer(-12)]),
    (":9223372036854775807\r\n", [.integer(.max)]),
    (":-9223372036854775808\r\n", [.integer(.min)]),
    ("$0\r\n\r\n", [.bulk("")]),
    ("$5\r\na\r\nbc\r\n", [.bulk("a\r\nbc")]),
    ("$-1\r\n*-1\r\n_\r\n", [.null, .null, .null]),
    ("*0\r\n", [.array([])]),
    ("*2\r\n*1\r\n:1\r\n$1\r\na\r\n", [.array([.array([.integer(1)]), .bulk("a")])]),
    ("*1\r\n*1\r\n*0\r\n", [.array([.array([.array([])])])]),
    ("%1\r\n+a\r\n*1\r\n:1\r\n", [.map([.init(.simple("a"), .array([.integer(1)]))])]),
    ("~2\r\n:1\r\n:2\r\n", [.set([.integer(1), .integer(2)])]),
    (",3.25\r\n,inf\r\n", [.double("3.25".latin1), .double("inf".latin1)]),
    ("#t\r\n#f\r\n", [.boolean(true), .boolean(false)]),
    ("(-12345678901234567890\r\n", [.bigNumber("-12345678901234567890".latin1)]),
    ("=8\r\ntxt:some\r\n", [.verbatim(format: "txt".latin1, "some".latin1)]),
    (">2\r\n+a\r\n+b\r\n", [.push([.simple("a"), .simple("b")])]),
    ("|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n", [.attribute([.init(.simple("ttl"), .integer(5))], .bulk("v"))]),
    ("*1\r\n|0\r\n:1\r\n", [.array([.attribute([], .integer(1))])]),
  ]

  @Test("A reply comes out the same however its bytes come", arguments: accepted)
  func accepts(input: String, expected: [Value]) {
    verify(replies: input.latin1, Outcome(decoded: expected))
  }

  static let refused: [(String, ProtocolError.Reason, Int)] = [
    ("x\r\n", .badReplyType(UInt8(ascii: "x")), 0),
    ("\r\n", .badReplyType(0x0D), 0),
    (":1a\r\n", .badInteger, 0),
    (":9223372036854775808\r\n", .badInteger, 0),
    ("$-2\r\n", .badBulkLength, 0),
    ("$9223372036854775807\r\n", .badBulkLength, 0),
    ("$2\r\nabcd", .badBulkEnd, 6),
    ("*1\r\n*x\r\n", .badAggregateLength, 4),
    ("*4294967296\r\n", .badAggregateLength, 0),
    (",1.2.3\r\n", .badDouble, 0),
    ("#x\r\n", .badBoolean, 0),
    ("_x\r\n", .badNull, 0),
    ("(12x\r\n", .badBigNumber, 0),
    ("=3\r\nabc\r\n", .badVerbatim, 0),
    (String(repeating: "*1\r\n", count: 129), .tooDeep, 128 * 4),
    ("+" + String(repeating: "x", count: 70_000), .tooLongReplyLine, 0),
    ("+" + String(repeating: "x", count: 70_000) + "\r\n", .tooLongReplyLine, 0),
  ]

  @Test("Bytes that are no reply are refused with a reason and an offset", arguments: refused)
  func refuses(input: String, reason: ProtocolError.Reason, offset: Int) {
    verify(replies: input.latin1, Outcome(error: ProtocolError(reason, offset: offset)))
    verify(
      replies: "+OK\r\n".latin1 + input.latin1,
      Outcome(decoded: [.simple("OK")], error: ProtocolError(reason, offset: offset + 5)))
  }

  @Test(
    "What is not all there is waited for", arguments: ["$5\r\nabcde\r", "*2\r\n:1\r\n", "*2147483647\r\n", "+OK\r"])
  func waits(input: String) {
    verify(replies: input.latin1, Outcome(pending: input.latin1.count))
  }

  @Test("What is encoded in RESP3 is decoded to the same value")
  func roundTrips() {
    for (_, values) in Self.accepted {
      var bytes: [UInt8] = []
      for value in values { bytes.append(value, .resp3) }
      verify(replies: bytes, Outcome(decoded: values))
    }
  }

  @Test("RESP2 gets what Redis sends instead of RESP3's types")
  func encodesRESP2() {
    let table: [(Value, String)] = [
      (.map([.init(.bulk("a"), .integer(1))]), "*2\r\n$1\r\na\r\n:1\r\n"),
      (.set([.integer(1)]), "*1\r\n:1\r\n"),
      (.boolean(true), ":1\r\n"),
      (.double("3.5".latin1), "$3\r\n3.5\r\n"),
      (.bigNumber("12".latin1), "$2\r\n12\r\n"),
      (.verbatim(format: "txt".latin1, "hi".latin1), "$2\r\nhi\r\n"),
      (.null, "$-1\r\n"),
      (.push([.integer(1)]), "*1\r\n:1\r\n"),
      (.attribute([.init(.simple("ttl"), .integer(5))], .integer(7)), ":7\r\n"),
      (.error("ERR a\r\nb"), "-ERR a  b\r\n"),
      (.integer(-10), ":-10\r\n"),
      (.integer(.min), ":-9223372036854775808\r\n"),
    ]
    for (value, expected) in table {
      var bytes: [UInt8] = []
      bytes.append(value, .resp2)
      #expect(bytes == expected.latin1)
    }
  }

  @Test(
    "A double has 17 significant digits",
    arguments: [
      (0.1, "0.10000000000000001"), (3, "3"), (1e100, "1e+100"), (-0.0, "-0"), (.infinity, "inf"), (-.infinity, "-inf"),
      (.nan, "nan"), (-1.7976931348623157e308, "-1.7976931348623157e+308"),
    ])
  func doubles(value: Double, text: String) {
    var bytes: [UInt8] = []
    bytes.append(double: value, .resp3)
    #expect(bytes == ",\(text)\r\n".latin1)
  }
}
