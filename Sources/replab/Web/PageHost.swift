import Glibc
import Lab
import LineEdit
import Web
import WebPage
import Views

/// The pages that look at a session: they are told what changes, and what they ask is answered.
///
/// It lives on the session's thread and is called there between two lines; what comes meanwhile waits in the server.
final class PageHost {
  let server: WebServer
  /// The pages that are connected, in the order in which they came; the first one drives unless another has asked to.
  private var pages: [WebServer.PageID] = []
  private var driver: WebServer.PageID?

  /// The session at a glance, as far as pages have been told.
  private var overview = Overview()
  private var columns = TopologyColumns()
  /// The last step that `overview` has seen, and on which branch: where it is another one now, all is looked at anew.
  private var last: (step: Step, branch: Int)?
  /// What was printed last, for a page that comes later.
  private var printed: [String] = []
  private static let printedLimit = 30

  /// - Throws: why the port can't be listened to.
  init(port: UInt16) throws(Complaint) {
    let files = PageAssets.files.map { WebServer.File(name: $0.name, type: $0.type, bytes: $0.bytes) }
    do {
      server = try WebServer(port: port, files: files) { request in
        // What runs is interrupted at once, as by Ctrl-C.
        guard request.ask == "stop" else { return false }
        Interrupt.request()
        return true
      }
    } catch {
      throw .usage("the page can't be served on port \(port): \(error.what)", advice: "Give another one with --port.")
    }
  }

  /// Takes what has come from pages, and does it.
  func attend(_ session: inout Session) {
    for event in server.takeEvents() {
      switch event {
      case .opened(let page): welcome(page, session)
      case .closed(let page): bid(farewell: page, session)
      case .asked(let page, let request): answer(request, of: page, &session)
      }
    }
  }

  // MARK: Coming and going

  private func welcome(_ page: WebServer.PageID, _ session: Session) {
    pages.append(page)
    if driver == nil { driver = page }
    update(session)
    server.send(
      JSON.object([
        ("type", .string("session")), ("title", .string(session.title)),
        ("kind", .string(session.timeline.recording == nil ? "lab" : "recording")), ("live", .bool(true)),
        ("start", .string(session.timeline.world.start.clockText)),
      ]).text, to: page)
    for text in printed { server.send(text, to: page) }
    server.send(now(session, outlineFrom: 0).told(drives: page == driver), to: page)
  }

  private func bid(farewell page: WebServer.PageID, _ session: Session) {
    pages.removeAll { $0 == page }
    guard driver == page else { return }
    driver = pages.first
    if let driver { server.send(now(session, outlineFrom: overview.count).told(drives: true), to: driver) }
  }

  // MARK: Telling

  /// A line begins, and may take long.
  func tellOfBeginning(_ line: String, _ session: Session) {
    guard !pages.isEmpty else { return }
    server.sendToAll(
      JSON.object([
        ("type", .string("busy")), ("line", .string(session.shown(line: line))),
        ("moment", .number(session.timeline.position)),
      ]).text)
  }

  /// A line was run: what it printed, and where the session is now.
  func tell(_ session: Session, line: String, by typist: Typist, printed bytes: [UInt8]) {
    let text = JSON.object([
      ("type", .string("printed")), ("line", .string(session.shown(line: line))), ("by", .string(typist.rawValue)),
      ("text", .string(String(decoding: bytes, as: UTF8.self))),
    ]).text
    printed.append(text)
    if printed.count > Self.printedLimit { printed.removeFirst() }
    guard !pages.isEmpty else { return }
    server.sendToAll(text)
    tell(session)
  }

  private func tell(_ session: Session) {
    let from = update(session)
    let now = now(session, outlineFrom: from)
    for page in pages { server.send(now.told(drives: page == driver), to: page) }
  }

  /// Looks at what is new.
  ///
  /// - Returns: from which step on the outline that pages have is another one now.
  @discardableResult private func update(_ session: Session) -> Int {
    let timeline = session.timeline
    let branch = timeline.branches.first(where: \.isCurrent)?.number ?? 1
    let isSame = last.map { last in
      last.branch == branch && last.step.number <= timeline.end && timeline[last.step.number] == last.step
    }
    if isSame == false {
      overview = Overview()
      columns = TopologyColumns()
    }
    let from = overview.count
    overview.extend(with: timeline)
    columns.take(Topology(of: timeline.world))
    last = timeline.end > 0 ? (timeline[timeline.end], branch) : nil
    return from
  }

  /// Where the session is; only who drives is told to each page by itself.
  private struct Now {
    let members: String

    func told(drives: Bool) -> String { "{\"type\":\"now\",\"drives\":\(drives),\(members)}" }
  }

  private func now(_ session: Session, outlineFrom from: Int) -> Now {
    let timeline = session.timeline
    let branches = timeline.branches
    var text = "\"position\":\(timeline.position),\"end\":\(timeline.end)"
    text += ",\"branch\":\(branches.first(where: \.isCurrent)?.number ?? 1)"
    text += ",\"branches\":" + JSON.array(branches.map(Self.json)).text
    text += ",\"prompt\":" + JSON.string(session.prompt).text
    text += ",\"scene\":" + Scene(timeline.world).json
    if timeline.position > 0 {
      let step = session.shown(Session.withoutBirthAndDeath(timeline[timeline.position]))
      text += ",\"step\":" + StepRecord.json(of: step, in: timeline.world, start: timeline.world.start).text
    }
    text +=
      ",\"outline\":{\"from\":\(from),\"text\":\"" + String(decoding: overview.outline.dropFirst(from), as: UTF8.self)
    text += "\"},\"marks\":{\"from\":\(from),\"list\":"
    text += JSON.array(overview.marks.filter { $0.moment > from }.map(\.json)).text + "}"
    text += ",\"columns\":" + JSON.array(columns.all.map(\.json)).text
    if let lesson = session.lesson { text += ",\"lesson\":" + lesson.json.text }
    return Now(members: text)
  }

  private static func json(_ branch: Branch) -> JSON {
    let origin = branch.origin.map {
      JSON.object([("branch", .number($0.branch)), ("moment", .number($0.moment))])
    }
    return .object([
      ("number", .number(branch.number)), ("from", origin ?? .null), ("end", .number(branch.end)),
      ("current", .bool(branch.isCurrent)),
    ])
  }

  // MARK: Answering

  private func answer(_ request: PageRequest, of page: WebServer.PageID, _ session: inout Session) {
    func reply(_ name: String, _ value: String) {
      server.send("{\"id\":\(request.id ?? 0),\"\(name)\":\(value)}", to: page)
    }
    if let line = request.line, request.ask == nil {
      guard page == driver else { return reply("error", JSON.string("Another page drives: press “drive” first.").text) }
      session.enter(line, by: .page)
      return reply("done", "true")
    }
    if request.ask == "drive" {
      driver = page
      tell(session)
      return reply("done", "true")
    }
    do {
      let (name, value) = try PageAnswer(session).value(of: request)
      reply(name, value)
    } catch {
      reply("error", JSON.string(error.what).text)
    }
  }
}

extension Session {
  /// What the session is called where it is shown.
  var title: String { timeline.recording.map { TranscriptFormat.title(of: $0.name) } ?? "A session of replab" }
}
