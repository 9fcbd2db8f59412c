import Foundation
import Testing

@Suite("A person taking a lesson") struct LessonPromptTests {
  @Test("The list says how far one is, and what is next") func list() throws {
    let fixture = LessonFixture()
    let new = try fixture.replab(["lesson"])
    #expect(
      new.output == """
        1  A first lesson   new
        2  A second lesson  new
        Next: `replab lesson first`. A node, and a word kept in it.

        """)
    _ = try fixture.replab(["lesson", "first"], "\n\n1\n")
    #expect(try fixture.replab(["lesson"]).output.hasPrefix("1  A first lesson   2 of 5\n"))
    _ = try fixture.replab(["lesson", "1"], "skip\nskip\n")
    let done = try fixture.replab(["lesson"]).output
    #expect(
      done.hasPrefix("1  A first lesson   done\n")
        && done.hasSuffix("Next: `replab lesson second`. What comes after.\n"), "\(done)")
    #expect(fixture.progress == "# How far each lesson has been taken.\nfirst: done\n")
  }

  @Test("From a pipe, a lesson is read line by line, and an empty line has its command typed") func pipe() throws {
    let run = try LessonFixture().replab(
      ["lesson", "first"], "\nm set titi 'toto'\n2\nhint\n1 key\n\nthe replica's\na\n")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    var rest = run.output[...]
    for text in [
      "A first lesson", "long enough that it has to be broken", "▸ start m --port 7000", "▸ m SET titi toto",
      "\nOK\n",
      "How many keys are there?", "That is not it.", "Count titi.", "Right.", "There was none before.",
      "Now it is read again.", "\"toto\"", "  a) the client's\n  b) the replica's\n", "That is not it.", "Right.",
      "What you have learned", "You have finished the lesson “A first lesson”.", "`lesson second`",
    ] {
      let found = rest.range(of: text)
      #expect(found != nil, "no ‘\(text)’ in \(rest)")
      if let found { rest = rest[found.upperBound...] }
    }
    for line in run.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("What the lesson says to a wrong answer is said") func remark() throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", "- the replica's\n", "- the replica's\n  - A replica has none of its own.\n")
    fixture.change("01-first.md", "hint: Count titi.", "wrong: 0: titi is one.\nhint: Count titi.")
    #expect(try fixture.replab(["lesson", "test", "first"]).status == 0)
    let run = try fixture.replab(["lesson", "first"], "skip\nno keys\n7\n1\nskip\nb\na\n")
    for said in ["That is not it. titi is one. Try again;", "That is not it. A replica has none of its own. Try"] {
      #expect(run.output.components(separatedBy: said).count == 2, "\(run.output)")
    }
    #expect(run.output.contains("That is not it. Try again;") && !run.output.contains("  - A replica"))
    #expect(run.output.contains("You have finished the lesson"))
  }

  @Test("What one tries besides is set aside when the lesson goes on") func aside() throws {
    let run = try LessonFixture().replab(
      ["lesson", "first"], "\n\nm SET other word\n1\nm SET more words\nm DBSIZE\n\na\n")
    // At the question, a command of a node is no answer; at the prompt it runs, and the lesson goes on without it.
    #expect(run.output.contains("`m SET` is for the lab>. Answer first"), "\(run.output)")
    #expect(run.output.contains("(integer) 2"))
    #expect(run.output.contains("The lesson goes on in its own world"))
    #expect(run.output.contains("You have finished"))
  }

  @Test("In what one tries, a step is one there, though the lesson wants one; Enter goes back to the lesson")
  func stepsAside() throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", "lab> m SET titi toto\nOK\n", "lab> advance 1s\n...\nlab> m SET titi toto\nOK\n")
    // Twice the lesson's own line, in what was tried, and then Enter.
    let run = try fixture.replab(
      ["lesson", "first"], "\nm SET other word\nadvance 1s\nadvance 1s\nprint time\nm DBSIZE\n\nprint time\nm DBSIZE\n")
    #expect(run.errors.isEmpty, "\(run.errors)")
    let note = "Done in what you try. Enter goes back to the lesson, which goes on with:\n  ▸ advance 1s\n"
    #expect(run.output.components(separatedBy: note).count == 3, "\(run.output)")
    let times = run.output.split(separator: "\n").filter { $0.hasPrefix("2s") || $0.hasPrefix("1s") }
    #expect(times == ["2s", "1s"], "\(run.output)")
    let sizes = run.output.split(separator: "\n").filter { $0.hasPrefix("(integer)") }
    #expect(sizes == ["(integer) 1", "(integer) 0"], "\(run.output)")
  }

  @Test("Who goes back and steps again is where the lesson is, and goes on with it") func backAndForth() throws {
    let fixture = LessonFixture()
    fixture.change(
      "01-first.md", "lab> m SET titi toto\nOK\n",
      "lab> advance 1s\n...\nlab> advance 1s\n...\nlab> m SET titi toto\nOK\n")
    let run = try fixture.replab(["lesson", "first"], "\nadvance 1s\ngoto 1\nadvance 1s\nadvance 1s\nprint time\n")
    #expect(!run.output.contains("Done in what you try"), "\(run.output)")
    #expect(run.output.contains("  ▸ m SET titi toto\n2s\n"), "\(run.output)")
  }

  @Test("What names its node goes on with the lesson, whatever was tried") func commandAside() throws {
    let run = try LessonFixture().replab(["lesson", "first"], "\nm SET titi tot\nm SET titi toto\n1\n\n")
    #expect(run.output.contains("The lesson goes on in its own world"), "\(run.output)")
    #expect(run.output.contains("There was none before.") && run.output.contains("\"toto\""), "\(run.output)")
  }

  @Test("At a question one can look around; what would move the world has to wait") func looking() throws {
    let run = try LessonFixture().replab(["lesson", "first"], "\n\ninfo nodes\nprint m.keys\nstep\nkill m\n1\n")
    #expect(run.output.contains("127.0.0.1:7000  running"), "\(run.output)")
    #expect(run.output.contains("Answer first, or `skip` the question."))
    #expect(run.output.contains("Right."))
  }

  @Test(
    "What is meant for the lab is no wrong answer to a question of any kind, unless such a line is asked for",
    arguments: [
      (
        "kind: predict\nanswer: (integer) 1", ["back", "goto 1", "step", "advance 1s", "m GET titi"], ["nothing", "2"]
      ),
      ("kind: number\nanswer-from: m.keys", ["back", "advance 1s", "m GET titi"], ["7", "m"]),
      ("kind: command\nanswer: m GET titi\nproof: toto", ["back", "goto 1"], ["m SET titi toto", "m DEL titi"]),
    ])
  func meantForTheLab(question: String, lines: [String], wrong: [String]) throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", "kind: number\nanswer-from: m.keys", question)
    let run = try fixture.replab(["lesson", "first"], (["", ""] + lines + wrong).joined(separator: "\n") + "\n")
    for line in lines {
      let words = line.split(separator: " ").prefix(line.hasPrefix("m ") ? 2 : 1).joined(separator: " ")
      #expect(run.output.contains("`\(words)` is for the lab>. Answer first, or `skip` the question."), "\(run.output)")
    }
    #expect(run.output.components(separatedBy: "is for the lab>").count == lines.count + 1, "\(run.output)")
    let refusals = run.output.matches(of: /That is not it|Answer with a number/).count
    #expect(refusals == wrong.count, "\(run.output)")
  }

  @Test("skip does the part, again does it once more, from the very same world") func skipAndAgain() throws {
    let run = try LessonFixture().replab(["lesson", "first"], "skip\nskip\nskip\nagain\nm SET x y\n\nskip\nm DBSIZE\n")
    #expect(run.output.contains("The answer: 1"), "\(run.output)")
    #expect(run.output.contains("The answer: a) the client's"))
    #expect(run.output.components(separatedBy: "Now it is read again.").count == 3)
    #expect(run.output.hasSuffix("(integer) 1\n"))
  }

  @Test("A lesson left in the middle goes on there, or anew") func resumed() throws {
    let fixture = LessonFixture()
    _ = try fixture.replab(["lesson", "first"], "skip\n1\n")
    let resumed = try fixture.replab(["lesson", "first"], "\n")
    #expect(resumed.output.contains("You left it after part 2 of 5"), "\(resumed.output)")
    #expect(resumed.output.contains("\"toto\""))
    let anew = try fixture.replab(["lesson", "first", "--anew"], "")
    #expect(anew.output.contains("▸ start m --port 7000"))
  }

  @Test("Progress that cannot be read or written is said once, and the lesson goes on") func progress() throws {
    let fixture = LessonFixture()
    fixture.folder.write("state", "a file where the folder should be")
    let run = try fixture.replab(["lesson", "first"], "skip\nskip\nskip\n")
    #expect(run.status == 0)
    #expect(run.errors.components(separatedBy: "cannot write").count == 2, "\(run.errors)")
    #expect(run.output.contains("Whose word is it?"))
    let other = LessonFixture()
    _ = try other.replab(["lesson", "second"], "")
    _ = try other.replab(["lesson", "first"], "skip\n")
    other.folder.write("state/replab/lessons", "first: 1 of 5\nrubbish\n")
    let read = try other.replab(["lesson", "first"], "")
    #expect(read.errors.contains("lessons:2: this is no lesson's progress"), "\(read.errors)")
    #expect(read.output.contains("How many keys"))
  }

  @Test("Without a lesson its verbs say so", arguments: ["hint", "skip", "again"]) func none(verb: String) throws {
    let run = try Program.lab(verb + "\n")
    #expect(run.status == 2 && run.errors.contains("no lesson is open"), "\(run.errors)")
  }
}

@Suite(
  "A lesson at a terminal", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized, .timeLimit(.minutes(2)))
struct LessonTerminalTests {
  @Test("leads a person from its beginning to its end") func whole() throws {
    let fixture = LessonFixture()
    let terminal = try Terminal("lesson", height: 60, environment: fixture.environment)
    try terminal.wait("the list") { $0.contains("Next: `replab lesson first`") }
    let lesson = try Terminal("", height: 90, environment: fixture.environment)
    try lesson.waitForPrompt()
    try lesson.type("lesson fi", "Tab", "Enter")
    try lesson.wait("the first command") { $0.contains("press Enter to have it typed") }
    try lesson.waitForPrompt()
    try lesson.type("Enter")
    try lesson.wait("the command, typed") { $0.contains("lab> start m --port 7000") }
    try lesson.waitForPrompt()
    try lesson.type("m SET titi toto", "Enter")
    try lesson.wait("the question") { $0.hasSuffix("answer>") }
    try lesson.type("7", "Enter")
    try lesson.wait("no") { $0.contains("That is not it.") }
    try lesson.type("1", "Enter")
    try lesson.wait("yes") { $0.contains("There was none before.") }
    try lesson.waitForPrompt()
    try lesson.type("Enter")
    try lesson.wait("the choice") { $0.contains("b) the replica's") }
    try lesson.type("a", "Enter")
    try lesson.wait("the end") { $0.contains("You have finished the lesson") }
    try lesson.waitForPrompt()
    try lesson.type("m GET titi", "Enter")
    try lesson.waitForPrompt()
    try lesson.type("C-d")
    try lesson.wait("the end") { $0.contains("left with 0") }
    #expect(fixture.progress.contains("first: done"))
  }
}
