import Dissection
import Lab
import RESP

/// Feeds a view of a whole transcript, or of a part of one, with the steps that led through it.
package struct TranscriptWriter: Sendable {
  private var view: any TranscriptView
  private var folder: KeepAliveFolder
  /// The one connection that is told of; nil: all.
  private let link: Link.ID?
  private var columns = TopologyColumns()
  private var mark = ChapterMark()
  /// The links of which is still to be told that the recording begins within them: before the first thing that they say.
  private var underWay: Set<Link.ID> = []
  /// The links on which one side has said FIN, and nothing has come since.
  private var ending: Set<Link.ID> = []
  /// Those that a RST has broken: TCP may answer with it to each packet that still comes.
  private var broken: Set<Link.ID> = []
  /// What was concluded last.
  private var conclusion: Conclusion?
  private static let mostBroken = 10_000

  package let beginning: String

  /// - Parameters:
  ///   - folds: all keep-alives; else only where the view is too long with them.
  ///   - link: the one connection that is told of; nil: all.
  package init(_ view: any TranscriptView, folds: Bool = false, link: Link.ID? = nil) {
    self.view = view
    self.link = link
    folder = KeepAliveFolder(from: folds ? 2 : view.foldsFrom)
    beginning = view.beginning
  }

  /// What a step adds; `before` and `after` are the moments around it. Those of a recording know after a step all connections
  /// that it is about.
  package mutating func text(of step: Step, before: World?, after: World) -> String {
    if columns.all.isEmpty, let before { columns.take(Topology(of: before)) }
    takeColumns(step, after)
    var out = ""
    if let link = step.delivered.first?.link, underWay.remove(link) != nil { out += text(of: .underWay, on: nil, step) }
    for remarked in step.remarks where link == nil || remarked.link == link {
      if remarked.remark == .underWay, !step.delivered.contains(where: { $0.link == remarked.link }) {
        underWay.insert(remarked.link)
      } else {
        out += text(of: remarked.remark, on: after.recorded?.link(remarked.link), step)
      }
    }
    let ends = link.flatMap { after.ends(of: $0) ?? before?.ends(of: $0) }
    let conclusions = conclusions(from: step, before)
    let notes = step.transcriptNotes(in: after, conclusions: conclusions).filter { note in
      link == nil || note.parties.contains { ends?.contains($0) ?? false }
    }
    // What is done to a node comes before what it says, what it decides behind what it was told.
    for note in notes where note.kind != .decision { out += add(.note(note), step) }
    for delivery in step.delivered where link == nil || delivery.link == link {
      var said = Said(time: step.time, delivery: delivery)
      said.chapter = mark.beginning(with: said)
      out += add(.said(said), step)
      ending.remove(delivery.link)
    }
    for packet in step.transcriptPackets(worlds: [after] + (before.map { [$0] } ?? [])) {
      guard link == nil || packet.link == link, isNews(packet) else { continue }
      out += add(.packet(packet), step)
    }
    for note in notes where note.kind == .decision { out += add(.note(note), step) }
    return out
  }

  /// What a recording's step shows. A snapshot's announcement shows the same as the answer that was given before it.
  private mutating func conclusions(from step: Step, _ before: World?) -> [Conclusion] {
    guard let recorded = before?.recorded, step.mayConclude else { return [] }
    let all = step.conclusions(after: recorded).filter { $0 != conclusion }
    conclusion = all.last ?? conclusion
    return all
  }

  package mutating func end() -> String {
    flush() + view.end(columns)
  }

  private mutating func flush() -> String {
    let rest = folder.flush { [columns] in columns.kind(of: $0) == .sentinel }
    return rest.reduce("") { $0 + text(of: $1) }
  }

  /// The second FIN of two only answers the first, and what is broken is broken.
  private mutating func isNews(_ packet: TranscriptPacket) -> Bool {
    guard packet.kind != .refused, !broken.contains(packet.link) else { return packet.kind == .refused }
    guard packet.kind == .fin else {
      ending.remove(packet.link)
      if broken.count >= Self.mostBroken { broken = [] }
      broken.insert(packet.link)
      return true
    }
    if ending.remove(packet.link) != nil { return false }
    ending.insert(packet.link)
    return true
  }

  /// Those who come with a step. Roles matter only for who has no column yet, so that a topology is looked at seldom.
  private mutating func takeColumns(_ step: Step, _ world: World) {
    let parties = step.delivered.flatMap { [$0.from, $0.to] }
    let isStart = if case .start = step.action { true } else { false }
    guard !columns.isFull else { return }
    if isStart || parties.contains(where: { !columns.contains($0) }) { columns.take(Topology(of: world)) }
    for party in parties { columns.take(party) }
  }

  private mutating func add(_ event: TranscriptEvent, _ step: Step) -> String {
    for party in event.parties { columns.take(party) }
    let pieces = folder.add(event) { [columns] in columns.kind(of: $0) == .sentinel }
    return pieces.reduce("") { $0 + text(of: $1) }
  }

  private mutating func text(of piece: KeepAliveFolder.Piece) -> String {
    switch piece {
    case .event(.said(let said)): view.text(of: said)
    case .event(.note(let note)): view.text(of: note)
    case .event(.packet(let packet)): view.text(of: packet)
    case .fold(let fold): view.text(of: fold)
    }
  }

  private mutating func text(of remark: Remark, on link: RecordedConnection?, _ step: Step) -> String {
    guard let text = RemarkView.text(remark, on: link) else { return "" }
    return flush() + view.text(ofRemark: text, at: step.time)
  }
}

extension World {
  /// Who is at the ends of a link.
  fileprivate func ends(of id: Link.ID) -> [Party]? {
    if let link = recorded?.link(id) { return [link.opener.party, link.acceptor.party] }
    return link(id).map { [$0.opener.party, $0.acceptor.party] }
  }
}
