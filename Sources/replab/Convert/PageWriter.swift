import CaptureFiles
import FoundationEssentials
import Lab
import Views
import WebPage

/// Writes a transcript as one page with all of it inside: as JSON that one can read there or, where that would be long,
/// compressed, which makes a fiftieth of an hour's pings.
struct PageWriter: StepsWriter {
  private var page: SessionPage
  /// What waits until it is clear whether it will be long.
  private var plain: String
  /// Once it is.
  private var gzip: GzipWriter?
  /// Bytes that are less than one group of base64.
  private var rest: [UInt8] = []

  /// Characters of JSON that are written as they are.
  private static let plainLimit = 1 << 19

  /// The one connection that is meant; nil: all.
  private let link: Link.ID?

  init(_ subject: TranscriptFormat.Subject) {
    link = subject.link
    page = SessionPage(title: subject.title, isRecording: subject.isRecording, isFolded: subject.isFolded)
    plain = page.beginning
  }

  var beginning: String { "" }

  mutating func text(of step: Step, in timeline: Timeline, before: World?, after: World) -> String {
    if let link, step.packets(on: link, worlds: [after] + (before.map { [$0] } ?? [])).isEmpty { return "" }
    return write(
      page.text(of: step, after: after) { delivery in
        timeline.fields(of: delivery, inStep: step.number, worlds: [after] + (before.map { [$0] } ?? []))
      })
  }

  private mutating func write(_ json: String) -> String {
    if let gzip { return base64(gzip.add(Array(json.utf8))) }
    plain += json
    guard plain.utf8.count > Self.plainLimit else { return "" }
    let gzip = GzipWriter()
    self.gzip = gzip
    defer { plain = "" }
    return page.head(isCompressed: true) + base64(gzip.add(Array(plain.utf8)))
  }

  mutating func end() -> String {
    let last = write(page.end())
    guard let gzip else { return page.head(isCompressed: false) + plain + page.tail }
    return last + base64(gzip.finish()) + base64([], isLast: true) + page.tail
  }

  /// The bytes in groups of three, as four characters each; what is left of them comes with the next.
  private mutating func base64(_ bytes: [UInt8], isLast: Bool = false) -> String {
    let all = rest + bytes
    let end = isLast ? all.count : all.count - all.count % 3
    rest = Array(all[end...])
    return Data(all[..<end]).base64EncodedString()
  }
}
