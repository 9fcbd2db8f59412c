import Testing

@testable import Lessons

/// Pages for the tests.
enum Page {
  static let front = "---\ntitle: T\nsummary: S\n---\n"

  /// A lesson that consists of one question, in a block that begins on line 5.
  static func question(_ block: String) throws(LessonError) -> Question {
    let lesson = try Lesson(front + "```ask\n" + block + "\n```\n```lab\nlab> a\n```\n")
    guard case .question(let question) = lesson.parts[0].task else { fatalError("no question") }
    return question
  }
}

@Suite("Reading a lesson") struct ParseTests {
  @Test("Front matter, prose, sessions and questions, in their order") func whole() throws {
    let lesson = try Lesson(
      """
      ---
      title: "The ping: what it is"
      summary: what crosses the wire
      seed: 7
      after: handshake, full-sync
      view: tcpdump
      ---
      # The ping

      Look:

      ```lab
      lab> start m --port 7000
      lab> m GET a
      (nil)
      ```

      ```text
      not run
      ```

      ```ask
      How many *bytes*?
      Two lines of it.
      kind: number
      answer: 14
      answer: fourteen bytes, or 14
        bytes
      hint: count
        them
      why: because
      ```

      ## What you have learned

      """.replacing([("answer: fourteen bytes, or 14\n  bytes\n", "")]))
    #expect(lesson.title == "The ping: what it is")
    #expect(lesson.seed == 7 && lesson.after == ["handshake", "full-sync"] && lesson.view == "tcpdump")
    #expect(lesson.parts.count == 3)
    guard case .session(let commands) = lesson.parts[0].task, case .question(let question) = lesson.parts[1].task else {
      Issue.record("\(lesson.parts)")
      return
    }
    #expect(
      commands == [
        .init(line: 13, text: "start m --port 7000", expected: []),
        .init(line: 14, text: "m GET a", expected: ["(nil)"]),
      ])
    #expect(lesson.parts[1].prose.contains("not run"))
    #expect(question.text == "How many *bytes*?\nTwo lines of it." && question.hint == "count them")
    #expect(question.line == 22 && question.keyLine == 26)
    #expect(lesson.parts[2].task == .none)
  }

  @Test(
    "What is wrong with a page is said with its line",
    arguments: [
      ("", 1, "begins with its front matter"), ("# Title\n", 1, "begins with its front matter"),
      ("---\ntitle: T\n", 1, "never closed"), ("---\ntitle\n---\n", 2, "no ‘name: value’"),
      ("---\ntitle: T\ntitle: T\n---\n", 3, "said twice"), ("---\ntitle: T\n---\n", 3, "no summary"),
      ("---\ntitle:\n---\n", 2, "title has no value"), ("---\nseed: x\n---\n", 2, "no seed"),
      ("---\ncolour: red\n---\n", 2, "knows no ‘colour’"), (Page.front + "text\n", 5, "no ```lab block"),
      (Page.front + "```lab\nlab> a\n", 5, "never closed"), (Page.front + "```lab\nx\n```\n", 6, "before the first"),
      (Page.front + "```lab\n```\n", 5, "no line that begins"), (Page.front + "```lab\nlab> \n```\n", 6, "no command"),
      (Page.front + "```ask\nQ?\nkind: predict\nhint: h\nwhy: w\n```\n", 5, "no command comes after"),
    ])
  func malformed(page: String, line: Int, reason: String) throws {
    let error = #expect(throws: LessonError.self) { try Lesson(page) }
    #expect(error?.line == line && error?.reason.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(
    "What is wrong with a question is said with its line",
    arguments: [
      ("kind: number\nanswer: 1\nhint: h\nwhy: w", 5, "nothing is asked"), ("Q?\nanswer: 1", 5, "no kind"),
      ("Q?\nkind: riddle\nanswer: 1\nhint: h\nwhy: w", 7, "no kind ‘riddle’"),
      ("Q?\nkind: number\nanswer: 1\nwhy: w", 5, "no hint"), ("Q?\nkind: number\nanswer: 1\nhint: h", 5, "no why"),
      ("Q?\nkind: number\nhint: h\nwhy:", 9, "why has no value"), ("Q?\nkind: number\nhint: h\nwhy: w", 5, "neither"),
      ("Q?\nkind: number\nanswer: 1\nanswer-from: m.offset\nhint: h\nwhy: w", 9, "both"),
      ("Q?\nkind: number\nanswer-from: m.\nhint: h\nwhy: w", 8, "no expression"),
      ("Q?\nkind: number\nanswer: many\nhint: h\nwhy: w", 8, "cannot be the answer"),
      ("Q?\nkind: number\nanswer: 1\nhint: h\nwhy: w\nmore", 11, "no field"),
      ("Q?\nkind: number\nkind: number\nanswer: 1\nhint: h\nwhy: w", 8, "said twice"),
      ("Q?\n- x\n- y\nkind: number\nanswer: 1\nhint: h\nwhy: w", 5, "only choice and order"),
      ("Q?\n- x\nkind: choice\nanswer: x\nhint: h\nwhy: w", 5, "2 to 26 options"),
      ("Q?\n- x\n- X.\nkind: choice\nanswer: x\nhint: h\nwhy: w", 5, "the same"),
      ("Q?\n- x1\n- y1\nkind: choice\nanswer: z\nhint: h\nwhy: w", 10, "cannot be the answer"),
      ("Q?\n- x1\n- y1\nkind: order\nanswer: a\nhint: h\nwhy: w", 10, "cannot be the answer"),
      ("Q?\n- x1\n- y1\nkind: order\nanswer-from: m.offset\nhint: h\nwhy: w", 10, "cannot be computed"),
      ("Q?\nkind: command\nanswer: SET a \"b\nhint: h\nwhy: w", 8, "cannot be the answer"),
    ])
  func malformedQuestion(block: String, line: Int, reason: String) throws {
    let error = #expect(throws: LessonError.self) { try Page.question(block) }
    #expect(error?.line == line && error?.reason.contains(reason) == true, "\(String(describing: error))")
  }
}
