import Lab
import WebPage

/// Writes a transcript as one page with all of it inside.
struct PageWriter: StepsWriter {
  private var page: SessionPage

  init(_ subject: TranscriptFormat.Subject) {
    page = SessionPage(title: subject.title, isRecording: subject.isRecording)
  }

  var beginning: String { page.beginning }

  mutating func text(of step: Step, in timeline: Timeline, before: World?, after: World) -> String {
    page.text(of: step, before: before, after: after) { delivery in
      timeline.fields(of: delivery, inStep: step.number, worlds: [after] + (before.map { [$0] } ?? []))
    }
  }

  mutating func end() -> String { page.end() }
}
