import Dissection
import Lab
import Views

/// Writes a transcript step by step. What it returns, put together in the order of the calls, is the file.
protocol StepsWriter {
  /// What stands before the first step.
  var beginning: String { get }

  /// What a step adds; `timeline` is one in which it happened, `before` and `after` are the moments around it. Those of a
  /// recording know after a step all connections that it is about.
  mutating func text(of step: Step, in timeline: Timeline, before: World?, after: World) -> String

  mutating func end() -> String
}

/// Feeds a view of a whole transcript with what happened in the steps that led through it.
struct MessagesWriter: StepsWriter {
  private var writer: TranscriptWriter

  init(_ view: any TranscriptView, _ subject: TranscriptFormat.Subject) {
    writer = TranscriptWriter(view, folds: subject.isFolded, link: subject.link)
  }

  var beginning: String { writer.beginning }

  mutating func text(of step: Step, in timeline: Timeline, before: World?, after: World) -> String {
    writer.text(of: step, before: before, after: after)
  }

  mutating func end() -> String { writer.end() }
}
