import Testing

@testable import Lessons

@Suite("An answer is judged by what it means") struct JudgeTests {
  private static func question(_ kind: String, _ answer: String, _ options: [String] = []) throws -> Question {
    try Page.question(
      "Q?\n" + options.map { "- \($0)\n" }.joined() + "kind: \(kind)\nanswer: \(answer)\nhint: h\nwhy: w")
  }

  private func check(_ question: Question, _ given: String, _ isRight: Bool) throws {
    guard case .given(let right) = question.key else { return }
    let verdict = question.verdict(on: given, among: right)
    #expect((verdict == .right) == isRight, "\(given): \(verdict)")
  }

  @Test(
    "numbers",
    arguments: [
      ("2614", "2614", true), ("2614", "2,614", true), ("2614", "2_614", true), ("2614", "2 614 bytes", true),
      ("2614", "+2614.", true), ("2614", "2615", false), ("2614", "26,14", false), ("2614", "about", false),
      ("2614", "-2614", false), ("2614 bytes", "2614 B", true), ("2614 bytes", "2614", true),
      ("16384", "16 KiB", true), ("5s", "5 seconds", true), ("5s", "5000ms", true), ("5s", "5", true),
      ("5s", "5 minutes", false), ("5s", "5 bytes", false), ("0.05", ".05", false), ("0.05", "0.050", true),
      ("2", "two", true), ("2", "two keys", true), ("14", "0xe", true), ("14", "14 or 15", false),
      ("1000000", "1'000'000", true), ("53", "byte 53", true), ("53", "53 bytes", true), ("53", "byte 52", false),
      ("53", "not 53", false), ("53", "minus 53", false), ("53", "byte 53 of 60", false), ("13", "thirteen", true),
      ("20", "Twenty bytes", true), ("20", "offset twenty", true), ("19", "twenty", false), ("14", "ack 14", true),
      ("9", "99999999999999999999999999", false),
    ])
  func numbers(answer: String, given: String, isRight: Bool) throws {
    try check(Self.question("number", answer), given, isRight)
  }

  @Test(
    "commands",
    arguments: [
      ("REPLCONF ACK 2614", "replconf ack 2614", true), ("REPLCONF ACK 2614", "\"REPLCONF\" 'ACK' 2614", true),
      ("REPLCONF ACK 2614", "r>>> REPLCONF ACK 2614", true), ("REPLCONF ACK 2614", "REPLCONF ACK 2615", false),
      ("REPLCONF ACK 2614", "*3\\r\\n$8\\r\\nREPLCONF\\r\\n$3\\r\\nACK\\r\\n$4\\r\\n2614\\r\\n", true),
      ("REPLCONF ACK 2614", "*3 $8 REPLCONF $3 ACK $4 2614", true),
      ("REPLCONF ACK 2614", "*3 $8 REPLCONF $3 ACK $5 2614", false), ("REPLCONF ACK 2614", "REPLCONF ACK", false),
      ("SET titi toto", "set titi toto", true), ("SET titi toto", "SET TITI toto", false),
      ("SET titi toto", "m SET titi \"toto\"", true), ("m SET titi toto", "r SET titi toto", false),
      ("m CONFIG SET masterauth pw", "m config set MASTERAUTH pw", true),
      ("CONFIG SET masterauth pw", "CONFIG SET masterauth PW", false), ("kill m", "KILL m", true),
      ("ACL SETUSER u on >pw +psync +replconf +ping", "acl setuser u ON >pw +ping +PSYNC +replconf", true),
      ("ACL SETUSER u on >pw +psync -ping", "ACL SETUSER u on >pw -ping +psync", false),
      ("ACL SETUSER u on >pw", "ACL SETUSER u on >PW", false), ("PING", "`PING`", true), ("PING", "", false),
      ("PING", "PING \"", false), ("REPLCONF ACK 0", "ack 0", true), ("REPLCONF ACK 0", "ACK 1", false),
      ("REPLCONF GETACK *", "getack *", true), ("REPLCONF ACK 0", "REPLCONF ACK", false),
      ("m REPLICAOF 127.0.0.1 7001", "m SLAVEOF 127.0.0.1 7001", true), ("REPLICAOF NO ONE", "slaveof no one", true),
      ("REPLICAOF NO ONE", "slaveof localhost 1", false),
    ])
  func commands(answer: String, given: String, isRight: Bool) throws {
    try check(Self.question("command", answer), given, isRight)
  }

  @Test(
    "choices",
    arguments: [
      ("b", true), ("B", true), ("(b)", true), ("b)", true), ("the replica", true), ("The `replica`.", true),
      ("b) the replica", true), ("the rep", true), ("a", false), ("the master", false), ("the", false), ("d", false),
      ("nobody", false), ("a) the replica", false), ("", false), ("b because it streams", true),
      ("b, it streams", true),
      ("b - since it has to", true), ("b: no disk", true), ("b the master", false), ("a because it streams", false),
      ("a replica", false), ("bee", false), ("c because", false), ("b)", true), ("(b) it streams", true),
    ])
  func choices(given: String, isRight: Bool) throws {
    for answer in ["b", "the replica"] {
      try check(Self.question("choice", answer, ["the master", "the replica", "nobody"]), given, isRight)
    }
  }

  @Test(
    "choices without their article",
    arguments: [("master", true), ("master, once", true), ("The master", true), ("replica", false), ("mas", true)])
  func article(given: String, isRight: Bool) throws {
    let question = try Self.question("choice", "b", ["the replica, every second", "the master, once a minute", "both"])
    try check(question, given, isRight)
  }

  @Test(
    "orders",
    arguments: [
      ("bca", true), ("b c a", true), ("B, C, A", true), ("b>c>a", true), ("b, c and a", true),
      ("PING, AUTH, PSYNC", true),
      ("abc", false), ("b c", false), ("b c a a", false), ("b b a", false), ("PING, PSYNC, AUTH", false),
    ])
  func orders(given: String, isRight: Bool) throws {
    for answer in ["b c a", "PING, AUTH, PSYNC"] {
      try check(Self.question("order", answer, ["PSYNC", "PING", "AUTH"]), given, isRight)
    }
  }

  @Test(
    "predictions",
    arguments: [
      ("(integer) 2", "2", true), ("(integer) 2", "3", false), ("OK", "ok", true), ("\"toto\"", "toto", true),
      ("(nil)", "nil", true), ("(nil)", "(nil)", true), ("(nil)", "0", false), ("REPLCONF ACK 0", "REPLCONF ACK", true),
      ("REPLCONF ACK 0", "ack 0", true), ("REPLCONF ACK 0", "REPLCONF", false), ("REPLCONF ACK 0", "ack 1", false),
      ("REPLCONF ACK 0", "REPLCONF capa", false), ("PSYNC ? -1", "PSYNC", false), ("-NOAUTH Auth", "NOAUTH", true),
      ("-NOAUTH Auth", "-noauth", true), ("-NOAUTH Auth", "NOPERM", false), ("SET a b", "SET", false),
      ("REPLCONF ACK 2614", ">>> replconf ack 2614", true), ("+OK", "OK", true),
      ("(error) NOAUTH Authentication required.", "-NOAUTH Authentication required.", true), ("OK", "", false),
    ])
  func predictions(answer: String, given: String, isRight: Bool) throws {
    try check(Self.question("predict", answer), given, isRight)
  }

  @Test(
    "what a lesson says to a wrong answer is said to all of its spellings, and to no other",
    arguments: [
      (
        "choice\n- the master\n  - It takes\n    the writes.\n- the replica\n- nobody\nanswer: b", "a",
        "It takes the writes."
      ),
      (
        "choice\n- the master\n  - It takes\n    the writes.\n- the replica\n- nobody\nanswer: b", "master",
        "It takes the writes."
      ),
      ("choice\n- the master\n  - It takes the writes.\n- the replica\n- nobody\nanswer: b", "c", nil),
      ("number\nanswer: 53\nwrong: 52: It has that one.\nwrong: 1: No.\nproof: 53", "byte 52", "It has that one."),
      ("number\nanswer: 53\nwrong: 52: It has that one.\nwrong: 1: No.\nproof: 53", "one", "No."),
      ("number\nanswer: 53\nwrong: 52: It has that one.\nproof: 53", "54", nil),
      ("predict\nanswer: REPLCONF ACK 0\nwrong: REPLCONF: Which?", "replconf", "Which?"),
      ("predict\nanswer: REPLCONF ACK 0", "REPLCONF", "It begins so, and goes on."),
      ("command\nanswer: m CONFIG SET a 1", "config set", "It begins so, and goes on."),
      ("command\nanswer: m CONFIG SET a 1", "r CONFIG SET", nil), ("command\nanswer: m CONFIG SET a 1", "", nil),
      ("command\nanswer: m CONFIG SET a 1\nwrong: r CONFIG SET a 1: Not there.", "r config set A 1", "Not there."),
    ] as [(String, String, String?)])
  func remarks(kind: String, given: String, remark: String?) throws {
    let question = try Page.question("Q?\nkind: \(kind)\nhint: h\nwhy: w")
    guard case .given(let right) = question.key else { return }
    #expect(question.verdict(on: given, among: right) != .right)
    #expect(question.remark(on: given, among: right) == remark)
  }

  @Test(
    "nothing is said to a right answer, to none, or without words",
    arguments: [
      ("choice\n- x\n- y\n  - No.\nanswer: b", 10, "‘y’ is right"),
      ("number\nanswer: 53\nwrong: byte 53: No.", 9, "‘byte 53’ is right"),
      ("number\nanswer: 53\nwrong: x: No.", 9, "‘x’ is no answer"),
      ("number\nanswer: 53\nwrong: 52", 9, "to which answer"),
      ("choice\n- x\n  - No.\n  - Nor this.\n- y\nanswer: b", 10, "two lines below one option"),
      ("order\n- x\n  - No.\n- y\nanswer: b a", 9, "is for choice"),
    ])
  func faultyRemarks(kind: String, line: Int, reason: String) throws {
    let error = #expect(throws: LessonError.self) { try Page.question("Q?\nkind: \(kind)\nhint: h\nwhy: w") }
    #expect(error?.line == line && error?.reason.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test("Several spellings are all right, and nothing else") func spellings() throws {
    let question = try Page.question("Q?\nkind: command\nanswer: PING\nanswer: PSYNC ? -1\nhint: h\nwhy: w")
    try check(question, "ping", true)
    try check(question, "PSYNC ? -1", true)
    try check(question, "PSYNC", false)
  }

  @Test("What is derived to be wrong is wrong, for every kind")
  func derived() throws {
    let options = ["first", "second", "third"]
    for (kind, answers) in [
      ("number", ["2614", "two", "5s", "0.9", "9 bytes", "0x1"]), ("choice", ["a", "second"]),
      ("order", ["cab", "first, second, third"]), ("predict", ["OK", "2614", "(nil)", "$", "SET a b"]),
      ("command", ["PING", "m SET a \"b c\"", "*1 $4 PING", "SET x x"]),
    ] {
      for answer in answers {
        let question = try Self.question(kind, answer, kind == "choice" || kind == "order" ? options : [])
        let wrong = question.wrongAnswers(to: [answer])
        #expect(!wrong.isEmpty, "\(kind) \(answer)")
        for given in wrong { #expect(question.verdict(on: given, among: [answer]) != .right, "\(answer): \(given)") }
      }
    }
  }

  @Test(
    "Nothing is 0 where it is asked how many",
    arguments: [
      ("How many keys?", "0", "none", true), ("How many keys?", "0", "no keys", true),
      ("How many keys?", "0", "nothing", true),
      ("How many keys?", "2", "none", false), ("Which offset?", "0", "none", false), ("How many?", "0", "no", false),
      ("How many?", "0", "none but one", false),
    ])
  func none(text: String, answer: String, given: String, isRight: Bool) throws {
    try check(Page.question("\(text)\nkind: number\nanswer: \(answer)\nhint: h\nwhy: w"), given, isRight)
  }
}
