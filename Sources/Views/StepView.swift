import Capture
import Dissection
import Lab
import RESP
import Redis

/// How the bytes of a step are shown: what the verb `view` takes.
package enum View: String, Sendable, Hashable, CaseIterable {
  case arrows, tcpdump, hex, fields, sequence, ledger, topology

  /// One line for `help`.
  package var summary: String {
    switch self {
    case .arrows: "what is said, with >>> and <<<"
    case .tcpdump: "the packets as tcpdump -nn -A prints them"
    case .hex: "the packets as tcpdump -nn -X prints them"
    case .fields: "every byte with its field and meaning"
    case .sequence: "an arrow for each message between two columns"
    case .ledger: "the offsets, and the bytes that moved them"
    case .topology: "who follows whom as a tree, * where the step changed one"
    }
  }
}

/// One step for a person: who sent what to whom, the bytes, what they mean, what changed, and where in the protocol one
/// is.
///
/// ```
///   12  13:56:53.000450  r → m  link 1                     handshake 5/6
///   >>> REPLCONF capa eof capa psync2
///       replica says what it can do: eof (takes a snapshot whose length is not known
///       before), psync2 (follows when the history gets a new id)
///     r.state: receive_port_reply → receive_capa_reply
/// ```
package struct StepView {
  package var view: View
  /// What local time is ahead of UTC, for the times of tcpdump.
  package var secondsFromUTC: Int

  /// How much of a message is shown.
  package var page: Page

  /// Where the fields of a message come from that the worlds around the step can't tell.
  package var fields: (Delivery) -> Field?

  package init(
    _ view: View, secondsFromUTC: Int = 0, page: Page = .whole, fields: @escaping (Delivery) -> Field? = { _ in nil }
  ) {
    self.view = view
    self.page = page
    self.secondsFromUTC = secondsFromUTC
    self.fields = fields
  }

  /// - Parameters:
  ///   - world: the moment that the step led to.
  ///   - before: the one before it, if at hand: connections that ended with the step are known there.
  package func lines(_ step: Step, in world: World, before: World? = nil) -> [Line] {
    var lines = [heading(step)]
    lines += content(step, in: world, before: before)
    if view != .fields {
      for delivery in step.delivered { lines += Line.filled(Self.meaning(of: delivery), .meaning, indent: 4) }
    }
    if case .passage(let storm?) = step.cause { lines += Line.filled(StormView.text(of: storm), .meaning, indent: 4) }
    return lines + consequences(step, in: world)
  }
}

extension StepView {
  /// What a message says; and where it could not be done, that.
  package static func meaning(of delivery: Delivery) -> String {
    delivery.failure.map { "master did this, but the replica can't: \($0)" } ?? delivery.message.meaning
  }

  /// A message's fields, which by themselves don't know what became of it.
  package static func field(_ field: Field, of delivery: Delivery) -> Field {
    guard delivery.failure != nil else { return field }
    var told = field
    told.meaning = meaning(of: delivery)
    return told
  }
}

// MARK: - Who, when, where

extension StepView {
  /// The step's number and time, what happened, and at the right where in the protocol that is.
  private func heading(_ step: Step) -> Line {
    var line = Line("\(step.number)", .heading) + Line("  \(step.time.clockText)  ", .dim)
    line += Line(Self.what(step, room: pageWidth - line.width), .heading)
    if let place = Self.place(step), let fitting = Self.shortened(place, to: pageWidth - line.width - 1) {
      line.pad(to: pageWidth - fitting.columns)
      line += Line(fitting, .dim)
    }
    return line
  }

  /// Words that fit: as they are, or without what stands after their comma; nil if neither do.
  private static func shortened(_ words: String, to width: Int) -> String? {
    if words.columns <= width { return words }
    let start = words.prefix { $0 != "," }
    return start.count <= width ? String(start) : nil
  }

  /// What happened, in at most so many columns.
  package static func what(_ step: Step, room: Int) -> String {
    switch step.cause {
    case .arrival(let link, let from, let to, let kind):
      let ends = "\(from.name) → \(to.name), link \(link)"
      guard step.delivered.isEmpty, let packet = shortened(words(kind), to: room - ends.columns - 2) else {
        return ends
      }
      return "\(ends): \(packet)"
    case .timer(let node): return "\(node)'s timer"
    case .kernel(let node): return "\(node)'s kernel tells it about a connection"
    case .acknowledgement(let link, let party): return "\(party.name)'s kernel acknowledges, link \(link)"
    case .command(let node):
      let text = "\(client(of: node, step)) → \(node)\(command(step))"
      return text.count > room ? text.prefix(max(0, room - 1)) + "…" : text
    case .passage(nil): return action(step.action)
    case .passage(let storm?): return StormView.heading(storm)
    case .user: return action(step.action)
    }
  }

  private static func words(_ kind: PacketKind) -> String {
    switch kind {
    case .syn: "SYN, opens a connection"
    case .synAck: "SYN and ACK, accepts it"
    case .ack: "TCP's ACK"
    case .data: "a part of what is not whole yet"
    case .fin: "FIN, ends the connection"
    case .reset: "RST, breaks the connection"
    }
  }

  /// Whose command it was: the node's own client's, or that of one with a name.
  private static func client(of node: String, _ step: Step) -> String {
    if case .command(let name, _) = step.action, name != node { return name }
    return "client"
  }

  private static func command(_ step: Step) -> String {
    guard case .command(_, let arguments) = step.action else { return "" }
    return ": " + arguments.map { InlineCommand.word($0) }.joined(separator: " ")
  }

  private static func action(_ action: Action) -> String {
    switch action {
    case .next, .deliver, .crossing: "the next event"
    case .recordingEnds: "the recording ends"
    case .advance(let time), .pass(let time): "time passes until \(time.clockText)"
    case .command(let node, _): "client → \(node)"
    case .connectClient(let name, let node): "\(name) connects to \(node)"
    case .followMaster(let name, let master): "\(name) asks the Sentinels where \(master) is, and connects to it"
    case .disconnectClient(let name): "\(name) leaves"
    case .start(let node, _): "\(node) starts"
    case .stop(let node): "\(node) is told to end"
    case .kill(let node): "\(node) is killed"
    case .cutPower(let node): "\(node)'s machine loses its power"
    case .restart(let node): "\(node) starts again"
    case .skew(let node, .zero): "\(node)'s clock is right again"
    case .skew(let node, let skew):
      "\(node)'s clock is \((skew > .zero ? skew : .zero - skew).text) \(skew > .zero ? "ahead" : "behind")"
    case .nat(let node, nil): "\(node) has its own address for all"
    case .nat(let node, let outside?): "others see \(node) at \(outside.text)"
    case .pause(let node): "\(node) stands still"
    case .resume(let node): "\(node) goes on"
    case .cut(let link): "link \(link) is cut"
    case .partition(let a, let b): "\(a) and \(b) can't reach each other"
    case .heal(let a, let b): "\(a) and \(b) can reach each other again"
    case .lag(let link, let time): "a packet takes \(time.text) on link \(link)"
    case .lagBetween(let a, let b, let time): "a packet takes \(time.text) between \(a) and \(b)"
    case .cutPath(let from, let to): "nothing gets from \(from) to \(to)"
    case .jitter(let a, let b, let time): "packets between \(a) and \(b) take up to \(time.text) longer"
    case .bandwidth(let a, let b, let bytes?): "\(bytes) bytes a second get through between \(a) and \(b), each way"
    case .bandwidth(let a, let b, nil): "any number of bytes gets through between \(a) and \(b)"
    case .drop(let a, let b, let perMille): "\(Action.percent(perMille)) of the packets between \(a) and \(b) are lost"
    case .damageFile(let node, let file, let offset): "byte \(offset) of \(file) on \(node)'s disk is another one"
    case .damagePacket(let link, _, _, let offset):
      "byte \(offset) of a packet in flight on link \(link) is another one"
    case .split(let link, _, 0, _): "the first packet in flight on link \(link) is cut into pieces"
    case .split(let link, _, _, _): "a packet in flight on link \(link) is cut into pieces"
    case .chunk(let node, _): "\(node) writes payloads in other pieces"
    case .disk(let node, .ok): "\(node)'s disk works again"
    case .disk(let node, .full): "\(node)'s disk is full"
    case .disk(let node, .slow): "\(node)'s disk is slow"
    case .disk(let node, .limited(let bytes)): "\(bytes) bytes a second get onto \(node)'s disk, and from it"
    case .fix(let node, _): "something is settled for \(node)"
    }
  }

  package static func place(_ step: Step) -> String? {
    if let place = step.delivered.last.flatMap({ Place.text(of: $0.message) }) { return place }
    return step.phase.map(Place.text(of:))
  }
}

// MARK: - The bytes

extension StepView {
  private func content(_ step: Step, in world: World, before: World?) -> [Line] {
    // Of two, one knows who is meant.
    let hasSeveral = world.servers.count > 2
    var worlds: [World] { [before, world].compactMap(\.self) }
    switch view {
    case .arrows:
      var arrows = ArrowsView(hasSeveral ? .ends(ofFirst: true) : .speakers, page: page)
      var lines: [Line] = []
      for delivery in step.delivered { arrows.append(delivery, to: &lines) }
      return lines
    case .tcpdump, .hex:
      return PacketsView.lines(
        step.packets, view == .hex ? .hexAndASCII : .ascii, worlds: worlds, secondsFromUTC: secondsFromUTC, page: page)
    case .fields:
      return step.delivered.flatMap { delivery in
        fields(delivery, worlds).map { FieldsView.lines(Self.field($0, of: delivery), page: page) } ?? []
      }
    case .sequence:
      var chart = SequenceView(columns: SequenceView.columns(for: step.delivered, in: world))
      return step.delivered.flatMap { chart.lines(of: $0, at: step.time.clockText) }
    case .ledger: return step.delivered.isEmpty ? [] : LedgerView.lines(step.delivered, in: world)
    case .topology:
      return step.delivered.map { Line("  \($0.from.name) → \($0.to.name): \($0.message.title)") }
        + TopologyView(world, after: step).lines(limit: 24)
    }
  }

  private func fields(_ delivery: Delivery, _ worlds: [World]) -> Field? {
    fields(delivery) ?? delivery.fields(in: worlds.reversed())?.marked(delivery.marks)
  }

  /// `x [RANGE]`: the bytes of the step's messages, field by field. Ranges count from each message's first byte.
  package static func bytes(
    _ step: Step, in world: World, before: World? = nil, range: Range<Int>? = nil,
    fields: @escaping (Delivery) -> Field? = { _ in nil }
  ) -> [Line] {
    let view = StepView(.fields, fields: fields)
    let lines = step.delivered.flatMap { delivery -> [Line] in
      guard let field = view.fields(delivery, [before, world].compactMap(\.self)) else { return [] }
      let count = counted(delivery.message.bytes.count, "byte")
      var title = "\(delivery.from.name) → \(delivery.to.name): \(delivery.message.title)"
      // The title of a piece of a snapshot says it already.
      if !title.hasSuffix(count) { title += ", \(count)" }
      let rows = FieldsView.bytes(field, in: range)
      return rows.isEmpty ? [] : Line.filled(title, .heading) + rows
    }
    guard lines.isEmpty else { return lines }
    let hasMessage = step.delivered.contains { view.fields($0, [before, world].compactMap(\.self)) != nil }
    return [Line(hasMessage ? "no message has bytes there" : "no message became whole with this step", .dim)]
  }
}

// MARK: - What followed

extension StepView {
  private func consequences(_ step: Step, in world: World) -> [Line] {
    var lines: [Line] = []
    for remark in step.remarks { lines += RemarkView.lines(remark, in: world) }
    lines += Self.notes(step, in: world)
    for loss in step.losses {
      lines += Line.filled("\(loss.node) loses the last \(counted(loss.byteCount, "byte")) of \(loss.file)", indent: 2)
    }
    for change in step.changes {
      let before = Line("  \(change.node).\(change.property.rawValue): \(change.before)")
      let after = Line("→ ") + Line("\(change.after)", .changed)
      // Two ids do not fit into one line.
      let fits = before.width + 1 + after.width <= pageWidth
      lines += fits ? [before + Line(" ") + after] : [before, Line("    ") + after]
    }
    for sent in Self.totals(step.sent) {
      lines.append(Line("  \(sent.from.name) sends \(counted(sent.byteCount, "byte")) to \(sent.to.name)", .dim))
    }
    return lines
  }

  /// What the nodes decided and logged.
  package static func notes(_ step: Step, in world: World) -> [Line] {
    step.notes.flatMap { note in
      switch note.content {
      case .decision(let decision):
        Line.filled("\(note.node): \(WhyView.summary(decision, of: note.node, in: world))", indent: 2)
      case .log(let entry): Line.filled("\(note.node) logs: \(entry.text)", .dim, indent: 2)
      }
    }
  }

  /// What was written in several pieces on one link, together.
  private static func totals(_ sent: [Sent]) -> [Sent] {
    sent.reduce(into: []) { totals, piece in
      if let index = totals.firstIndex(where: { $0.link == piece.link && $0.from == piece.from }) {
        totals[index].byteCount += piece.byteCount
      } else {
        totals.append(piece)
      }
    }
  }
}
