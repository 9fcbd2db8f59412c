import Lab
import Redis
import Views
import Web
import WebPage

/// What a page asks to look at: other moments, bytes, a node's log. Nothing of it moves the session.
struct PageAnswer {
  private let session: Session
  private var timeline: Timeline { session.timeline }

  struct Refusal: Error {
    let what: String
  }

  init(_ session: Session) { self.session = session }

  /// So many steps, and so many lines of a log, are told at once.
  private static let stepLimit = 500
  private static let logLimit = 500

  /// - Returns: the name of the member that carries the answer, and the answer as JSON.
  func value(of request: PageRequest) throws(Refusal) -> (name: String, json: String) {
    switch request.ask {
    case "scene": return ("scene", try Scene(world(at: moment(request))).json)
    case "steps": return ("steps", JSON.array(try steps(request)).text)
    case "step": return ("step", try step(moment(request)).text)
    case "bytes": return ("bytes", try bytes(request).text)
    case "series": return ("series", Series.json(timeline, points: request.points ?? 200).text)
    case "log": return ("log", try log(request).text)
    case "complete":
      let (words, start) = completions(request.line ?? "")
      return ("words", words.text + ",\"from\":\(start)")
    default: throw Refusal(what: "there is nothing of that name to ask for")
    }
  }

  private func moment(_ request: PageRequest) throws(Refusal) -> Int {
    guard let moment = request.moment, (0...timeline.end).contains(moment) else {
      throw Refusal(what: "there is no such moment: there are 0 to \(timeline.end)")
    }
    return moment
  }

  private func world(at moment: Int) throws(Refusal) -> World {
    if moment == timeline.position { return timeline.world }
    guard let world = try? timeline.world(at: moment) else { throw Refusal(what: "there is no moment \(moment)") }
    return world
  }

  private func step(_ number: Int) throws(Refusal) -> JSON {
    guard number > 0 else { throw Refusal(what: "no step leads to moment 0") }
    let (step, _, after) = session.moment(number)
    return StepRecord.json(of: step, in: after, start: timeline.world.start)
  }

  private func steps(_ request: PageRequest) throws(Refusal) -> [JSON] {
    guard let from = request.from, let to = request.to, from >= 1, from <= to, from <= timeline.end else {
      throw Refusal(what: "there are no such steps: there are 1 to \(timeline.end)")
    }
    // One walker goes along, so that no world is made more than once.
    var walker = timeline
    return (from...min(to, timeline.end, from + Self.stepLimit - 1)).map { number in
      let (step, _, after) = session.moment(number, by: &walker)
      return StepRecord.json(of: step, in: after, start: timeline.world.start)
    }
  }

  private func bytes(_ request: PageRequest) throws(Refusal) -> JSON {
    let number = try moment(request)
    guard number > 0 else { throw Refusal(what: "no step leads to moment 0") }
    let (step, before, after) = session.moment(number)
    guard let index = request.message, step.delivered.indices.contains(index) else {
      throw Refusal(what: "step \(number) has no such message")
    }
    let delivery = step.delivered[index]
    return MessageBytes.json(
      of: delivery, field: timeline.fields(of: delivery, inStep: number, worlds: [after, before]))
  }

  /// What a node logged up to the current moment, the newest last.
  private func log(_ request: PageRequest) throws(Refusal) -> JSON {
    guard let node = request.node else { throw Refusal(what: "whose log?") }
    let limit = min(max(1, request.limit ?? 200), Self.logLimit)
    var entries: [JSON] = []
    var number = timeline.position
    while number > 0, entries.count < limit {
      let step = timeline[number]
      for note in step.notes.reversed() where note.node == node {
        guard case .log(let entry) = note.content else { continue }
        entries.append(
          .object([
            ("n", .number(number)), ("time", .string(step.time.clockText)), ("level", .string(entry.level.sign)),
            ("text", .string(entry.text)),
          ]))
      }
      number -= 1
    }
    return .array(entries.reversed())
  }

  /// What the last word of a line may become, as Tab does it at the prompt, and where that word begins.
  private func completions(_ line: String) -> (words: JSON, start: Int) {
    let start = line.lastIndex { $0 == " " }.map { line.index(after: $0) } ?? line.startIndex
    let candidates = Completion.candidates(before: String(line[..<start]), word: String(line[start...]), in: session)
    guard case .words(let words) = candidates else { return (.array([]), line.utf16.count) }
    return (.array(words.sorted().prefix(200).map { .string($0) }), line[..<start].utf16.count)
  }
}
