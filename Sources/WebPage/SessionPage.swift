import Dissection
import Lab
import Redis
import Views

/// A whole session, or a part of it, as one file that a browser opens without a server: the same page as the live one, with
/// the steps inside.
///
/// It is written from front to back: what it returns, put together in the order of the calls, is the session as JSON, which
/// stands within the page between `head` and `tail`. Of each moment it has what is different from the one before; each
/// message's bytes stand in it once, however often they were sent.
package struct SessionPage: Sendable {
  private let title: String
  private let isRecording: Bool
  /// Whether stretches in which only signs of life were exchanged become one entry.
  private let isFolded: Bool

  private var scene: Scene?
  private var columns = TopologyColumns()
  private var overview = Overview()
  private var isEmpty = true
  /// The bytes of messages, each different one once.
  private var bytes: [String] = []
  private var places: [String: Int] = [:]
  private var byteCount = 0
  /// Steps that are one entry.
  private var fold: Fold?

  private struct Fold {
    var count = 0
    var first: Step
    var last: Step
    var world: World
  }

  /// Beyond this, messages are shown without their bytes: a browser has to hold all of it.
  private static let byteLimit = 64 << 20

  package init(title: String, isRecording: Bool, isFolded: Bool = false) {
    (self.title, self.isRecording, self.isFolded) = (title, isRecording, isFolded)
  }

  package var beginning: String {
    "{\"type\":\"session\",\"live\":false,"
      + "\"title\":\(Self.inScript(JSON.string(title).text)),\"kind\":\"\(isRecording ? "recording" : "lab")\",\"steps\":["
  }

  /// What a step adds.
  ///
  /// - Parameters:
  ///   - after: the moment that it led to.
  ///   - fields: the annotated tree of a message.
  package mutating func text(
    of step: Step, after: World, fields: (Delivery) -> Field?
  ) -> String {
    if isFolded, [.nothing, .keepAlive].contains(Overview.kind(of: step, in: after)) {
      let first = fold?.first ?? step
      fold = Fold(count: (fold?.count ?? 0) + 1, first: first, last: step, world: after)
      return ""
    }
    return endFold() + entry(of: step, after: after, fields: fields)
  }

  private mutating func entry(
    of step: Step, after: World, fields: (Delivery) -> Field?
  ) -> String {
    overview.append(step, in: after)
    let json = StepRecord.json(of: step, in: after, start: after.start)
    let numbers = step.delivered.map { delivery in number(of: MessageBytes.json(of: delivery, field: fields(delivery)))
    }
    var members = ",\"scene\":" + change(to: after)
    if !numbers.isEmpty { members += ",\"bytes\":[" + numbers.map { "\($0)" }.joined(separator: ",") + "]" }
    return put(json.text.dropLast() + members + "}")
  }

  /// Ends a stretch of signs of life: one entry, if it was more than one step.
  private mutating func endFold() -> String {
    guard let fold else { return "" }
    self.fold = nil
    overview.append(fold.last, in: fold.world)
    let json = StepRecord.json(
      of: fold.last, in: fold.world, start: fold.world.start)
    var members = ",\"scene\":" + change(to: fold.world)
    if fold.count > 1 { members += ",\"folded\":\(fold.count),\"since\":\(fold.first.number)" }
    return put(json.text.dropLast() + members + "}")
  }

  private mutating func put(_ text: String) -> String {
    defer { isEmpty = false }
    return (isEmpty ? "\n" : ",\n") + Self.inScript(text)
  }

  /// What is different at a moment; all of it at the first.
  private mutating func change(to world: World) -> String {
    let new = Scene(world, isDetailed: false)
    columns.take(Topology(of: world))
    defer { scene = new }
    guard let scene else { return Scene.complete(new) }
    return new.difference(from: scene)
  }

  private mutating func number(of json: JSON) -> Int {
    let text = json.text
    if let place = places[text] { return place }
    guard byteCount + text.utf8.count <= Self.byteLimit else { return -1 }
    byteCount += text.utf8.count
    places[text] = bytes.count
    bytes.append(text)
    return bytes.count - 1
  }

  package mutating func end() -> String {
    let rest = endFold()
    let columns = JSON.array(columns.all.map(\.json))
    let marks = JSON.array(overview.marks.map(\.json))
    return rest + "],\n\"bytes\":[" + bytes.map { Self.inScript($0) }.joined(separator: ",\n") + "],\n\"outline\":\""
      + String(decoding: overview.outline, as: UTF8.self) + "\",\"columns\":" + Self.inScript(columns.text)
      + ",\"marks\":" + Self.inScript(marks.text) + "}"
  }

  /// The page up to where the session stands.
  ///
  /// - Parameter isCompressed: what stands there is compressed by gzip, and written in base64.
  package func head(isCompressed: Bool) -> String {
    PageAssets.head(title: title)
      + "<script id=\"session\" type=\"application/\(isCompressed ? "gzip;base64" : "json")\">"
  }

  /// The page from there on.
  package var tail: String { "</script>\n" + PageAssets.tail }

  /// JSON within a script element, which nothing in it must end.
  private static func inScript(_ json: some StringProtocol) -> String {
    json.utf8.contains(UInt8(ascii: "<"))
      ? json.split(separator: "<", omittingEmptySubsequences: false).joined(separator: "\\u003c") : String(json)
  }
}

extension Scene {
  /// The whole as a difference from nothing.
  static func complete(_ scene: Scene) -> String {
    var nothing = scene
    nothing.nodes = []
    nothing.links = []
    nothing.rest = Members()
    return scene.difference(from: nothing)
  }
}

extension Topology.Column {
  package var json: JSON { .object([("name", .string(name)), ("kind", .string(kind.rawValue))]) }
}
