import Lab
import Views

/// Feeds a view of a whole transcript with the steps that led through it.
struct MessagesWriter {
  private var view: any TranscriptView
  /// Whether the fields of each message are wanted, which take time.
  private let showsFields: Bool
  private(set) var beginning: String

  init(_ view: any TranscriptView, showsFields: Bool) {
    self.view = view
    self.showsFields = showsFields
    beginning = view.beginning
  }

  /// What a step adds; `timeline` is one in which it happened, `before` and `after` are the moments around it.
  mutating func text(of step: Step, in timeline: Timeline, before: World, after: World) -> String {
    var out = ""
    for remarked in step.remarks {
      guard let words = RemarkView.text(remarked.remark, on: after.recorded?.link(remarked.link)) else { continue }
      out += view.text(ofRemark: words, at: step.time)
    }
    for delivery in step.delivered {
      let field =
        showsFields ? timeline.fields(of: delivery, inStep: step.number, worlds: [after, before]) : nil
      out += view.text(of: Said(time: step.time, delivery: delivery, field: field))
    }
    return out
  }

  mutating func end() -> String { view.end() }
}
