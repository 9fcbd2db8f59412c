import Redis
import TestSupport
import Testing

@testable import Lab

@Suite("An expression")
struct ExpressionTests {
  @Test(
    "comes to a value",
    arguments: [
      ("m.port", ExpressionValue.integer(7000)), ("m.port = 7000", .truth(true)), ("m.port == 7001", .truth(false)),
      ("m.port != 7001", .truth(true)), ("m.life = running", .truth(true)), ("m.life = 'running'", .truth(true)),
      ("not m.life = running", .truth(false)), ("!(m.port > 7000)", .truth(true)), ("!!true", .truth(true)),
      ("m.port >= 7000 and m.port <= 7000", .truth(true)), ("m.port < 7000 or step = 1", .truth(true)),
      ("true or false and false", .truth(true)), ("(true or false) and false", .truth(false)),
      ("time", .interval(.zero)), ("time < 1.5s", .truth(true)), ("time >= 0", .truth(true)),
      ("250ms < 1", .truth(true)),
      ("x.port", .none), ("x.port = none", .truth(true)), ("x.port > 0", .truth(false)), ("x.port != 1", .truth(true)),
      ("origin", .text("origin")), ("m.offset=0&&m.port>1||false", .truth(true)), ("7000 = m.port", .truth(true)),
      ("1 + 2 * 3", .integer(7)), ("(1 + 2) * 3", .integer(9)), ("7 - 2 - 1", .integer(4)), ("7/2", .integer(3)),
      ("-7 / 2", .integer(-3)), ("2 * 3 / 4", .integer(1)), ("- 5 + 3", .integer(-2)), ("-(2 + 3)", .integer(-5)),
      ("--5", .integer(5)), ("2 - -3", .integer(5)), ("2--3", .integer(5)), ("5-3", .integer(2)), ("+5", .integer(5)),
      ("m.port - 6999", .integer(1)), ("m.port-6999", .integer(1)), ("m.port-m.port+1", .integer(1)),
      ("-m.port", .integer(-7000)), ("m.port + 1 > m.port", .truth(true)), ("not m.port - 7000", .truth(true)),
      ("step+1", .integer(2)), ("time - 5s", .interval(.seconds(-5))), ("time+1.5s", .interval(.milliseconds(1_500))),
      ("time + 5", .interval(.seconds(5))), ("5 - 2s", .interval(.seconds(3))), ("3 * 2s", .interval(.seconds(6))),
      ("2s * 3", .interval(.seconds(6))), ("2s / 4", .interval(.milliseconds(500))), ("5s / 2s", .integer(2)),
      ("-5s", .interval(.seconds(-5))), ("x.offset - 1", .none), ("1 - x.offset", .none),
      ("-x.offset = none", .truth(true)),
      ("m-2.port", .none), ("-NOAUTH", .text("-NOAUTH")), ("a-b", .text("a-b")), ("+OK", .text("+OK")),
      ("-9223372036854775808", .integer(.min)), ("9223372036854775806 + 1", .integer(.max)),
      ("4af7360b50 = 4af7360b50", .truth(true)), ("\"a b\" = 'a b'", .truth(true)), ("m.PORT", .integer(7000)),
    ])
  func values(text: String, value: ExpressionValue) throws {
    #expect(try Expression(text).value(in: worldWithMaster()) == value)
  }

  @Test(
    "that is wrong says where",
    arguments: [
      ("", 1), ("m.port =", 9), ("(m.port", 1), ("m.port = 'x", 10), ("m.colour = red", 3), ("a b", 3), ("m.port )", 8),
      ("m.port = 1 ? 2", 12), ("= 3", 1), ("!= 3", 1), (String(repeating: "(", count: 5_000), 101),
      ("true < false", 6), ("time = running", 6), ("1 / 0", 3), ("1 / (2 - 2)", 3), ("2s / 0s", 4), ("5 / 2s", 3),
      ("9223372036854775807 + 1", 21), ("9223372036854775807 * 2", 21), ("-9223372036854775808 - 1", 22),
      ("-9223372036854775808 / -1", 22), ("-(-9223372036854775808)", 1), ("9223372036854775807 + time", 21),
      ("time * time", 6), ("running + 1", 9), ("true - 1", 6), ("1 +", 4), ("* 3", 1), ("1 - * 2", 5), ("/ 3", 1),
      ("m.port +", 9), ("r.link = stream", 10), ("r.state != online", 12), ("m.role = slave", 10), ("dead = m.life", 6),
      (String(repeating: "-", count: 5_000) + "1", 101), (String(repeating: "1+", count: 5_000) + "1", 1_003),
      (String(repeating: "time or ", count: 5_000) + "1", 1),
      (String(repeating: "true or ", count: 5_000) + "true", 4_008),
      ("m.port = 7000 and m", 19), ("m or m.port = 7000", 1), ("not m", 5), ("1 and 2", 1), ("true and 1 + 2", 10),
      ("true and (m)", 10), ("true or 'a b'", 9), ("true and time", 10), ("not step", 5), ("!(r.link) or true", 2),
      ("true && 5s", 9),
    ])
  func faults(text: String, column: Int) throws {
    let world = try worldWithMaster()
    let error = #expect(throws: LabError.self) { try Expression(text).value(in: world) }
    #expect(error?.column == column)
  }

  @Test(
    "that must be true or false is no word and no number that is always the same",
    arguments: [
      ("m", "'m' is a node, not a condition", "ask something about it, as in m.offset > 0"),
      ("(m)", "'m' is a node, not a condition", "ask something about it, as in m.offset > 0"),
      ("r", "'r' is a text, not a condition", "ask about a node, as in m.offset > 0"),
      (" 1 + 2 ", "'1 + 2' is a number, not a condition", "compare it, as in m.offset > 0"),
      ("time", "'time' is a time, not a condition", "compare it, as in time > 5s"),
      ("m.life", "'m.life' is a word, not a condition", "compare it, as in m.life = killed"),
    ])
  func conditions(text: String, what: String, advice: String) throws {
    let error = #expect(throws: LabError.self) { try Expression(text, isCondition: true, names: ["m"]) }
    #expect(error?.what == what && error?.advice == advice, "\(error as Any)")
    // By itself it is a value.
    _ = try Expression(text).value(in: worldWithMaster())
  }

  @Test(
    "that a node's number, or a truth, is what is asked for is a condition",
    arguments: [
      "m.replicas", "m.port - 7000", "m.loading", "lost", "true", "none", "m.replid2", "not m.offset", "a = b",
    ])
  func numbersAsConditions(text: String) throws {
    _ = try Expression(text, isCondition: true, names: ["m"])
  }

  @Test(
    "that is far too long is not looked through for each of its parts", .timeLimit(.minutes(1)),
    arguments: [
      "1+", "m.offset+", "time-", "-", "1 or ",
    ]) func farTooLong(part: String)
  {
    let text = String(repeating: part, count: 1_000_000 / part.count) + "1"
    #expect(throws: LabError.self) { try Expression(text).value(in: World(seed: 1)) }
  }

  @Test(
    "takes durations",
    arguments: [
      ("5", 5_000_000), ("5s", 5_000_000), ("2.5s", 2_500_000), ("300ms", 300_000), ("40us", 40), ("1m", 60_000_000),
      ("1h", 3_600_000_000), ("0.000001", 1), ("0", 0),
    ])
  func durations(text: String, microseconds: Int64) {
    #expect(Interval(text)?.microseconds == microseconds)
  }

  @Test(
    "takes nothing else for a duration",
    arguments: [
      "", "s", "-1s", "1.s", ".5s", "1.2.3", "1 s", "1x", "99999999999999999999s", "9223372036854775807h", "1e3",
    ])
  func noDurations(text: String) {
    #expect(Interval(text) == nil)
  }

  @Test("that is an interval is printed in seconds")
  func printed() {
    #expect(Interval(microseconds: 1_500_000).text == "1.5s")
    #expect(Interval(microseconds: 50).text == "0.00005s")
    #expect(Interval(microseconds: -2_000_000).text == "-2s")
  }

  @Test("of any words at all is a value or a complaint")
  func random() throws {
    let world = try worldWithMaster()
    let pieces = [
      "m.port", "m.offset", "x.offset", "time", "step", "1", "0", "9223372036854775807", "-9223372036854775808", "5s",
      "300ms",
      "none", "true", "running", "'a b'", "+", "-", "*", "/", "(", ")", "=", "<", ">=", "and", "or", "not", "!", " ",
      ".", "--",
      "876000h", "*3", "$", "\"", "m-1.port", "time-5s", "+5",
    ]
    var random = TestRandom(seed: 20)
    var values = 0
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      do throws(LabError) {
        _ = "\(try Expression(text).value(in: world))"
        values += 1
      } catch {
        #expect((1...text.count + 1).contains(error.column ?? 0), "\(text): \(error)")
      }
    }
    #expect(values > 250, "\(values)")
  }
}
