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

/// Feeds a view of a whole transcript with the messages of the steps that led through it.
struct MessagesWriter: StepsWriter {
  private var view: any TranscriptView
  private(set) var beginning: String
  /// The links of which is still to be told that the recording begins within them: before the first thing that they say.
  private var underWay: Set<Link.ID> = []

  init(_ view: any TranscriptView) {
    self.view = view
    beginning = view.beginning
  }

  mutating func text(of step: Step, in timeline: Timeline, before: World?, after: World) -> String {
    var out = ""
    if let link = step.delivered.first?.link, underWay.remove(link) != nil { out += text(of: .underWay, on: nil, step) }
    for remarked in step.remarks {
      if remarked.remark == .underWay, !step.delivered.contains(where: { $0.link == remarked.link }) {
        underWay.insert(remarked.link)
      } else {
        out += text(of: remarked.remark, on: after.recorded?.link(remarked.link), step)
      }
    }
    for delivery in step.delivered {
      out += view.text(of: Said(time: step.time, delivery: delivery))
    }
    return out
  }

  private mutating func text(of remark: Remark, on link: RecordedConnection?, _ step: Step) -> String {
    RemarkView.text(remark, on: link).map { view.text(ofRemark: $0, at: step.time) } ?? ""
  }

  mutating func end() -> String { view.end() }
}
