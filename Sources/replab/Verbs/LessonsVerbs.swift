import Lessons
import Views

/// Lessons: `lesson`, `hint`, `skip`, `again`.
extension Verb {
  static let lessonsVerbs: [Verb] = [
    Verb(
      name: "lesson", family: .lessons, arguments: "[NAME [anew]|off]", summary: "list the lessons, or open one",
      details: """
        A name may be cut short, and a number or a file will do. One that was left in
        the middle goes on there, unless you say `anew`. A lesson has a lab of its own:
        yours is put aside, and comes back at the lesson's end or with `lesson off`.
        """,
      example: "lesson 1", offers: [.lessons, .words(["anew"]), .nothing],
      run: { session, arguments in
        try arguments.atMost(2)
        guard let name = arguments[0] else { return try session.listLessons() }
        if name == "off", arguments.count == 1 { return try session.leaveLesson() }
        let isAnew = arguments.count > 1 ? try arguments.choice(1, "anew", of: ["anew"]) == "anew" : false
        try session.open(try LessonCatalog.book(name), anew: isAnew)
      }),
    Verb(
      name: "hint", family: .lessons, summary: "help with what the lesson asks", example: "hint",
      run: { session, arguments in
        try arguments.atMost(0)
        try session.giveHint()
      }),
    Verb(
      name: "skip", family: .lessons, summary: "let the lesson do this part itself",
      details: "Of a question, it shows the answer.", example: "skip",
      run: { session, arguments in
        try arguments.atMost(0)
        try session.skipPart()
      }),
    Verb(
      name: "again", family: .lessons, summary: "do the last part of the lesson again",
      details: "The world is then what it was when that part began.", example: "again",
      run: { session, arguments in
        try arguments.atMost(0)
        try session.repeatPart()
      }),
  ]
}

extension Session {
  /// The lessons in their order, with how far one has come, and which one is next.
  func listLessons(openedBy command: String = "lesson") throws(Complaint) {
    let books = try LessonCatalog().books
    let progress = ProgressFile.read { show($0) }
    guard !books.isEmpty else {
      throw .usage("there are no lessons in this folder", advice: "REPLAB_LESSONS names another one.")
    }
    let width = books.reduce(0) { max($0, $1.name.count) }
    for (index, book) in books.enumerated() {
      let page = Result { () throws(Complaint) in try book.lesson() }
      let state = progress[book.name].text
      let summary =
        switch page {
        case .success(let lesson): lesson.summary
        case .failure(let complaint): "cannot be read: \(complaint.text)"
        }
      answer(
        ["\(index + 1)  \(palette.ink(book.name.padded(width), "1"))  \(state)"]
          + Line.filled(summary, indent: 3).map(\.text),
        json: .object([
          ("number", .number(index + 1)), ("name", .string(book.name)), ("progress", .string(state)),
          ("summary", .string(summary)),
        ]))
    }
    guard let next = books.first(where: { !progress[$0.name].isDone }), !isJSON else { return }
    output.write("Next: `\(command) \(next.name)`\n")
  }
}
