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
  /// The lessons in their order, with how far one has come, and which one is next: a line each, so that all of them fit a
  /// screen of 24 rows.
  func listLessons(openedBy command: String = "lesson") throws(Complaint) {
    let books = try LessonCatalog().books
    let progress = ProgressFile.read { show($0) }
    guard !books.isEmpty else {
      throw .usage("there are no lessons in this folder", advice: "REPLAB_LESSONS names another one.")
    }
    let pages = books.map { book in Result { () throws(Complaint) in try book.lesson() } }
    let states = books.map { progress[$0.name].text }
    let next = books.firstIndex { !progress[$0.name].isDone }
    guard !isJSON else {
      for (index, book) in books.enumerated() {
        let (title, summary) = Self.words(of: pages[index])
        answer(
          [],
          json: .object([
            ("number", .number(index + 1)), ("name", .string(book.name)), ("progress", .string(states[index])),
            ("title", .string(title)), ("summary", .string(summary)),
          ]))
      }
      return
    }
    let titles = pages.map { Self.words(of: $0).title }
    let margin = String(books.count).count + 2
    // What is longer than its column is cut there, so that how far one has come stays in its own.
    let room = width - margin - 2 - states.reduce(0) { max($0, $1.count) }
    let column = margin + min(room, titles.reduce(0) { max($0, $1.count) }) + 2
    show(
      titles.enumerated().map { index, title in
        var line = Line()
        line.pad(to: margin - 2 - String(index + 1).count)
        line += Line("\(index + 1)  ") + Line(title, index == next ? .heading : .plain).clipped(to: max(1, room))
        line.pad(to: column)
        return line + Line(states[index], .dim)
      })
    guard let next else { return }
    show(Line.filled("Next: `\(command) \(books[next].name)`. \(Self.words(of: pages[next]).summary)", width: width))
  }

  /// What a page is called and about, or why it can't be read.
  private static func words(of page: Result<Lesson, Complaint>) -> (title: String, summary: String) {
    switch page {
    case .success(let lesson): (lesson.title, lesson.summary)
    case .failure(let complaint): ("cannot be read: \(complaint.text)", "It cannot be read.")
    }
  }
}
