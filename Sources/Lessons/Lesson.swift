import Lab

/// A lesson: a Markdown page whose sessions run and whose questions are asked. `docs/LESSONS.md` gives the form.
package struct Lesson: Sendable, Hashable {
  package var title = ""
  /// What it is about, in one line.
  package var summary = ""
  /// What settles chance, and where the clock starts (ISO 8601) and how steps are shown, if it says so.
  package var seed: UInt64 = 1
  package var clock: String?
  package var view: String?
  /// The names of the lessons that it builds on.
  package var after: [String] = []
  package var parts: [Part] = []
  /// The page as it stands, line by line.
  package var page: [String] = []

  /// Some prose, and what is to be done then.
  package struct Part: Sendable, Hashable {
    /// Lines of Markdown.
    package var prose: [String]
    package var task: Task
  }

  package enum Task: Sendable, Hashable {
    case session([Command])
    case question(Question)
    /// Nothing: the last part of a lesson may be prose alone.
    case none
  }

  /// A line behind `lab> `, and what it must print.
  package struct Command: Sendable, Hashable {
    /// Where it stands in the file, from 1; what it prints stands below it.
    package var line: Int
    package var text: String
    /// As `Expectation` reads it.
    package var expected: [String]
  }
}

/// A question of a lesson.
package struct Question: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// One of the options.
    case choice
    case number
    /// A command, of Redis or of the lab.
    case command
    /// All options, in the right order.
    case order
    /// What the next command of the lesson will print.
    case predict
  }

  /// Where the right answer comes from.
  package enum Key: Sendable, Hashable {
    /// Any of these.
    case given([String])
    /// The value of an expression at that moment; for a prediction, after the next command.
    case computed(Expression)
    /// Any line that the next command prints: predictions only.
    case printed
  }

  /// Where its block begins, from 1.
  package var line: Int
  /// Where its answer stands, or else its kind.
  package var keyLine: Int
  /// What is asked, in Markdown.
  package var text: String
  package var kind: Kind
  /// What can be chosen, or is to be put in order.
  package var options: [String]
  package var key: Key
  /// What shows that a given answer is right, if the page says so.
  package var proof: Proof?
  package var hint: String
  /// Why the answer is right.
  package var why: String
  /// What is said to those who give one of these wrong answers.
  package var remarks: [Remark] = []

  package struct Remark: Sendable, Hashable {
    package var line: Int
    package var answer: String
    package var text: String
  }

  /// A line that the lesson prints, before or after the question, and the answer that it proves.
  package struct Proof: Sendable, Hashable {
    package var line: Int
    /// Said before a colon; nil where the evidence holds the answer itself.
    package var answer: String?
    /// What a printed line must hold, `…` standing for any text.
    package var evidence: String
  }

  /// The letter of an option.
  package static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index))) }
}

/// Why a page is no lesson.
package struct LessonError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1.
  package var line: Int
  package var reason: String

  package init(line: Int, _ reason: String) {
    self.line = line
    self.reason = reason
  }

  package var description: String { "line \(line): \(reason)" }
}
