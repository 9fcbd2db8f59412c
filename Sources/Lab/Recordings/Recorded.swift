import Capture
import Dissection
import HashTreeCollections
import RESP
import Redis

/// What is seen of a recording at one moment, as a value: its open connections, and what was said on them so far.
package struct Recorded: Sendable, Equatable {
  /// Who takes part.
  package private(set) var participants: Participants
  /// Snapshots and ledgers are not kept in it: they may be larger than memory, and the recording has them.
  private var traffic: TrafficDissector
  /// The connections that are open, by number, and who is at their ends.
  private var open = RecordedConnections()
  /// The last ones that ended, the oldest first: an acknowledgement may still come.
  private var ended: TreeDictionary<Int, Boxed<RecordedConnection>> = [:]
  private var endedNumbers: [Int] = []
  private static let endedLimit = 64

  init(participants: Participants) {
    self.participants = participants
    traffic = TrafficDissector(keepsHistory: false, listeners: participants.listeners)
  }

  /// The connections that are open, in the order of their numbers.
  package var links: [RecordedConnection] { open.all }

  package func link(_ id: Link.ID) -> RecordedConnection? { open[id.number] ?? ended[id.number]?.value }

  /// The open connection that a packet belongs to.
  package func link(of packet: Packet) -> RecordedConnection? { traffic.number(of: packet).flatMap { open[$0] } }

  /// What is known of the open connections at whose ends somebody is.
  func presence(of name: String) -> RecordedConnections.Presence { open.presence(of: .node(name)) }

  /// The open connections on which somebody follows a master, or is followed, in the order of their numbers.
  package func replicationLinks(of name: String) -> [RecordedConnection] {
    presence(of: name).replication.compactMap { open[$0] }
  }

  /// What the ends of a connection have said.
  package func dissector(of id: Link.ID) -> ConversationDissector? { traffic.connection(id.number)?.conversation }

  /// Whether a client's connection is open.
  package var hasClients: Bool { links.contains { Participants.isClient($0.opener.party.name) } }

  /// The connections on which a replica follows its master.
  package var replicationLinks: [RecordedConnection] { links.filter(\.isReplication) }

  /// About how many bytes of state one connection has: what a copy of a moment costs for each that was touched since.
  static let linkWeight = MemoryLayout<Connection>.size + MemoryLayout<RecordedConnection>.size + 1_000

  /// About how many bytes it takes, besides those of the packets that it holds.
  var weight: Int { RecordingHistory.heaviest + traffic.keptCount * Self.linkWeight }
}

extension World {
  /// The one way in which a recorded world changes.
  mutating func applyRecorded(_ action: Action, _ step: inout Step) throws(LabError) {
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
    forgetEnded()
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

  /// Only before the next packet: whoever shows a step may ask for all that ended with it, be they thousands.
  private mutating func forgetEnded() {
    guard endedNumbers.count > Self.endedLimit else { return }
    let old = endedNumbers.count - Self.endedLimit
    for number in endedNumbers.prefix(old) { ended[number] = nil }
    endedNumbers.removeFirst(old)
  }

  /// What was not whole when the recording ended.
  mutating func end(_ step: inout Step) {
    for observation in traffic.end() {
      guard var link = place(observation, &step) else { continue }
      learn(observation, &link, &step)
    }
  }

  /// Something is left that is not whole.
  var hasRest: Bool { traffic.hasRest }

  /// The link that an observation is about: a new one, where it is the first of its connection.
  private mutating func place(_ observation: Observation, _ step: inout Step) -> RecordedConnection? {
    let id = Link.ID(observation.connection)
    guard let ends = traffic.ends(of: observation.connection) else { return nil }
    if var link = link(id) {
      // What had been taken for the opener may have turned out to be the acceptor.
      if link.opener.endpoint != ends.opener { link.turn() }
      return link
    }
    let names = participants.names(of: observation.connection, opener: ends.opener, acceptor: ends.acceptor)
    var link = RecordedConnection(
      id: id, opener: .init(party: .node(names.opener), endpoint: ends.opener),
      acceptor: .init(party: .node(names.acceptor), endpoint: ends.acceptor))
    if names.isReplication {
      // Of one that was there already only this is clear: it goes on.
      let isNew = step.packets.last?.flags.contains(.syn) ?? false
      link.phase = isNew ? .connect : .stream
      if isNew { step.entered.append(.connect) }
    }
    open.put(link)
    return link
  }

  /// What an observation says about its connection: who is at its ends, and where in the protocol it is.
  private mutating func learn(_ observation: Observation, _ link: inout RecordedConnection, _ step: inout Step) {
    let before = observation.messages.isEmpty || !mayChangeFacts(link) ? [] : sheets(around: link)
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
    if link.isReplication, !observation.messages.isEmpty, let conversation = dissector(of: link.id) {
      link.note(conversation, after: step.delivered.last?.message)
    }
    keep(link)
    if !before.isEmpty { note(changesFrom: before, around: link, &step) }
  }

  /// Whether what was said on a connection may have changed what is known of its ends: what a client says to a server
  /// that goes on listening does not.
  private func mayChangeFacts(_ link: RecordedConnection) -> Bool {
    guard !link.isReplication, traffic.isOpen(link.id.number), let known = open[link.id.number] else { return true }
    return traffic.purpose(of: link.id.number) == .replication || known.opener != link.opener
  }

  /// Names the ends of a connection that was taken for a client's, if this message says that it is a replica's.
  private mutating func recognise(_ message: Message, _ link: inout RecordedConnection) {
    guard traffic.purpose(of: link.id.number) == .replication else { return }
    let port: Int? = if case .listeningPort(let port) = message.kind { port } else { nil }
    let names = participants.names(
      ofReplication: link.id.number, opener: link.opener.endpoint, acceptor: link.acceptor.endpoint,
      listeningPort: port)
    link.opener.party = .node(names.opener)
    link.acceptor.party = .node(names.acceptor)
    link.phase = .handshake
  }

  /// Puts a link back: among the open ones, or with those that have ended.
  private mutating func keep(_ link: RecordedConnection) {
    let number = link.id.number
    if traffic.isOpen(number) { return open.put(link) }
    if open.remove(number) {
      endedNumbers.append(number)
    } else if ended[number] == nil {
      return
    }
    ended[number] = Boxed(link)
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
