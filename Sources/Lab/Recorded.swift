import Capture
import Dissection
import Redis

/// What is seen of a recording at one moment, as a value: its open connections, and what was said on them so far.
package struct Recorded: Sendable, Equatable {
  /// The connections that are open, by number.
  package private(set) var links: [WireLink] = []
  /// Who takes part.
  package private(set) var cast: Cast
  /// Snapshots and ledgers are not kept in it: they may be larger than memory, and the recording has them.
  private var traffic = TrafficDissector(keepsHistory: false)
  /// The last ones that ended: an acknowledgement may still come.
  private var ended: [WireLink] = []
  private static let endedLimit = 64

  init(cast: Cast) { self.cast = cast }

  package func link(_ id: Link.ID) -> WireLink? {
    links.last { $0.id == id } ?? ended.last { $0.id == id }
  }

  /// What the ends of a connection have said.
  package func dissector(of id: Link.ID) -> ConversationDissector? { traffic.connection(id.number)?.conversation }

  /// The connections on which a replica follows its master.
  package var replicationLinks: [WireLink] { links.filter(\.isReplication) }
}

extension World {
  /// The one way in which a recorded world changes.
  mutating func goOn(_ action: Action, _ step: inout Step) throws(LabError) {
    switch action {
    case .crossing(let packet):
      now = Instant(microseconds: packet.timestamp / 1_000)
      step.time = now
      recorded?.cross(packet, &step)
    case .recordingEnds: recorded?.end(&step)
    default: throw .recorded
    }
  }
}

extension LabError {
  /// There are no nodes in a recording.
  package static let recorded = LabError(
    "this is a recording: what happened in it has happened, and it has no nodes that could do something else",
    advice: "`replab` opens a lab that has")
}

// MARK: - Packets

extension Recorded {
  /// A packet crosses the wire.
  mutating func cross(_ packet: Packet, _ step: inout Step) {
    step.packets.append(packet)
    for observation in traffic.consume(packet) {
      guard var link = place(observation, &step) else { continue }
      if let side = observation.side { link.note(packet, from: side) }
      let ends = packet.flags.contains(.fin) || packet.flags.contains(.reset)
      link.memory.isEnding = link.memory.isEnding || ends
      learn(observation, &link, &step)
      guard let side = observation.side else { continue }
      let (from, to) = (link[side].party, link[side.other].party)
      step.cause = .arrival(link.id, from: from, to: to, PacketKind(packet))
      step.phase = link.phase
    }
  }

  /// What was not whole when the recording ended.
  mutating func end(_ step: inout Step) {
    for observation in traffic.end() {
      guard var link = place(observation, &step) else { continue }
      learn(observation, &link, &step)
    }
  }

  /// Something is left that is not whole.
  var hasRest: Bool {
    var traffic = traffic
    return traffic.end().contains { !$0.messages.isEmpty || !$0.remarks.isEmpty }
  }

  /// The link that an observation is about: a new one, where it is the first of its connection.
  private mutating func place(_ observation: Observation, _ step: inout Step) -> WireLink? {
    let id = Link.ID(observation.connection)
    guard let connection = traffic.connection(observation.connection) else { return nil }
    if var link = link(id) {
      // What had been taken for the opener may have turned out to be the acceptor.
      if link.opener.endpoint != connection.opener { (link.opener, link.acceptor) = (link.acceptor, link.opener) }
      return link
    }
    let names = cast.names(of: observation.connection, opener: connection.opener, acceptor: connection.acceptor)
    var link = WireLink(
      id: id, opener: .init(party: .node(names.opener), endpoint: connection.opener),
      acceptor: .init(party: .node(names.acceptor), endpoint: connection.acceptor))
    if names.isReplication {
      // Of one that was there already only this is clear: it goes on.
      let isNew = step.packets.last?.flags.contains(.syn) ?? false
      link.phase = isNew ? .connect : .stream
      if isNew { step.entered.append(.connect) }
    }
    links.append(link)
    return link
  }

  /// What an observation says about its connection: who is at its ends, and where in the protocol it is.
  private mutating func learn(_ observation: Observation, _ link: inout WireLink, _ step: inout Step) {
    let before = observation.messages.isEmpty ? [] : sheets(around: link)
    link.noteMarks(observation.remarks)
    for var message in observation.messages {
      if link.phase == nil { recognise(message, &link) }
      if link.isReplication { message.seeInHindsight() }
      if case .payloadHeader = message.kind { link.transferStep = step.number }
      Phase.follow(message, phase: &link.phase, payloadLength: &link.payloadLength, &step.entered)
      let (from, to) = (link[message.side].party, link[message.side.other].party)
      let marks = link.takeMarks(of: message)
      step.delivered.append(Delivery(link: link.id, from: from, to: to, message: message, marks: marks))
      link.memory = link.memory.hearing(message, at: step.time)
    }
    step.remarks += observation.remarks.map { Step.Remarked(link: link.id, remark: $0) }
    if !observation.messages.isEmpty, let conversation = dissector(of: link.id) {
      link.note(conversation, after: step.delivered.last?.message)
    }
    keep(link)
    if !before.isEmpty { note(changesFrom: before, around: link, &step) }
  }

  /// Names the ends of a connection that was taken for a client's, if this message says that it is a replica's.
  private mutating func recognise(_ message: Message, _ link: inout WireLink) {
    guard dissector(of: link.id)?.purpose == .replication else { return }
    let port: Int? = if case .listeningPort(let port) = message.kind { port } else { nil }
    let names = cast.names(
      ofReplication: link.id.number, opener: link.opener.endpoint, acceptor: link.acceptor.endpoint,
      listeningPort: port)
    link.opener.party = .node(names.opener)
    link.acceptor.party = .node(names.acceptor)
    link.phase = .handshake
  }

  /// Puts a link back: among the open ones, or with those that have ended.
  private mutating func keep(_ link: WireLink) {
    let isOpen = traffic.connection(link.id.number)?.state == .open
    if let index = links.lastIndex(where: { $0.id == link.id }) {
      if isOpen {
        links[index] = link
      } else {
        links.remove(at: index)
        ended.append(link)
        if ended.count > Self.endedLimit { ended.removeFirst() }
      }
    } else if let index = ended.lastIndex(where: { $0.id == link.id }) {
      ended[index] = link
    }
  }
}

extension Message {
  /// Who says PING first might be anybody; but the look ahead knows that a replica does, and what step of its handshake
  /// that is.
  fileprivate mutating func seeInHindsight() {
    guard stage == .commands else { return }
    switch (kind, answers?.name.uppercased()) {
    case (.ping, _), (_, "PING"): stage = .receivePingReply
    case (.auth, _), (_, "AUTH"): stage = .receiveAuthReply
    default: break
    }
  }
}
