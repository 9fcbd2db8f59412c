import Capture
import Dissection
import Redis

/// A transcript as it is compared: all its connections, and what was said on each without what is chance.
package struct NormalizedTranscript: Sendable {
  /// Holds the connections, for whoever wants a message's fields.
  package private(set) var traffic = TrafficDissector()
  package private(set) var packetCount = 0
  package private(set) var messageCount = 0
  /// What happened on all connections, in order; empty unless it is kept.
  package private(set) var events: [Event] = []
  /// Some bytes of it are unknown, since text hides them.
  package private(set) var hasDots = false
  /// Connections that were there before the recording was: others have a beginning, and these have none; or the stream was
  /// flowing already.
  var underWay: Set<Int> {
    withoutBeginning.filter {
      hasBeginnings || unpaired.contains($0) || traffic.connection($0)?.conversation.purpose == .replication
    }
  }
  /// Which replica is taken for the one that opened a connection, where it does not say so.
  private(set) var tries: [Int: String] = [:]
  /// Connections with a reply of which nothing tells what it answers.
  private var unpaired: Set<Int> = []
  private var withoutBeginning: Set<Int> = []
  func lacksBeginning(_ connection: Int) -> Bool { withoutBeginning.contains(connection) }
  private var hasBeginnings = false
  /// Connections that nobody accepted.
  private(set) var refused: Set<Int> = []
  private(set) var histories: Histories
  private var states: [ConnectionState] = []
  private let keepsEvents: Bool
  private let tolerance: Tolerance
  /// Its addresses are made up, since arrows have none: they tell nothing.
  package let hasMadeUpAddresses: Bool

  package struct Event: Sendable {
    package var connection: Int
    /// Nanoseconds since 1970.
    package var time: Int64
    package var what: What

    package enum What: Sendable, Hashable {
      case begins
      case message(Message)
      /// Bytes of this side are missing.
      case lost(Side)
      case finished(Side)
      case reset(Side)
    }
  }

  /// One connection as it is heard.
  private struct ConnectionState: Sendable {
    var writer: ConversationWriter
    var listeningPort: Int?
    /// The packet that made each message whole, and its time.
    var places: [Place] = []
    var dotted: Set<Side> = []
    var messages = 0
    /// The packets with which it began, and with which somebody hung up.
    var began = 0
    var ended = Int.max
  }

  /// Where a message is in its recording.
  package struct Place: Sendable, Hashable {
    /// The packet that made it whole, from 1 (of those that are TCP's); 0: none did.
    package var packet: Int
    /// Nanoseconds since 1970.
    package var time: Int64
  }

  package init(keepsEvents: Bool = false, hasMadeUpAddresses: Bool = false) {
    self.init(keepsEvents: keepsEvents, hasMadeUpAddresses: hasMadeUpAddresses, histories: Histories())
  }

  init(keepsEvents: Bool, hasMadeUpAddresses: Bool = false, histories: Histories, tolerance: Tolerance = .recordings) {
    self.histories = histories
    self.tolerance = tolerance
    self.keepsEvents = keepsEvents
    self.hasMadeUpAddresses = hasMadeUpAddresses
  }

  /// - Parameter hasDots: text that hides some of the packet's bytes.
  package mutating func consume(_ packet: Packet, hasDots: Bool = false) {
    packetCount += 1
    let place = Place(packet: packetCount, time: packet.timestamp)
    for observation in traffic.consume(packet) { hear(observation, place, hasDots) }
  }

  /// The recording is over.
  package mutating func end() {
    for observation in traffic.end() { hear(observation, Place(packet: 0, time: 0), false) }
    findTries()
  }

  private mutating func hear(_ observation: Observation, _ place: Place, _ hasDots: Bool) {
    let index = observation.connection - 1
    while states.count <= index {
      states.append(ConnectionState(writer: ConversationWriter(connection: states.count + 1)))
      states[states.count - 1].began = packetCount
    }
    if hasDots, let side = observation.side { states[index].dotted.insert(side) }
    self.hasDots = self.hasDots || hasDots
    if keepsEvents { keep(observation, place.time) }
    for remark in observation.remarks {
      if remark == .underWay { withoutBeginning.insert(observation.connection) }
      if remark == .begins { hasBeginnings = true }
      switch remark {
      case .finished, .reset: states[index].ended = min(states[index].ended, packetCount)
      default: break
      }
      if remark == .reset(by: .acceptor), states[index].messages == 0, observation.messages.isEmpty {
        refused.insert(observation.connection)
      }
    }
    for case .lost(let stretch, _) in observation.remarks { states[index].writer.lose(from: stretch.side) }
    for message in observation.messages {
      messageCount += 1
      states[index].messages += 1
      states[index].places.append(place)
      if case .reply = message.kind, message.answers == nil { unpaired.insert(observation.connection) }
      if case .listeningPort(let port) = message.kind { states[index].listeningPort = port }
      // Whoever asks for a sync has just shaken hands; where that was lost, nothing says who it is.
      if case .psync = message.kind, states[index].listeningPort != nil || !hasBeginnings {
        withoutBeginning.remove(observation.connection)
      }
      let isDotted = states[index].dotted.contains(message.side)
      states[index].writer.hear(message, histories: &histories, tolerance: tolerance, hasDots: isDotted)
    }
  }

  /// What is lost comes before what was found behind it, and an end after what was said.
  private mutating func keep(_ observation: Observation, _ time: Int64) {
    func event(_ what: Event.What) -> Event { Event(connection: observation.connection, time: time, what: what) }
    var ends: [Event] = []
    for remark in observation.remarks {
      switch remark {
      case .begins: events.append(event(.begins))
      case .lost(let stretch, _): events.append(event(.lost(stretch.side)))
      case .finished(let side): ends.append(event(.finished(side)))
      case .reset(let side): ends.append(event(.reset(side)))
      default: break
      }
    }
    events += observation.messages.map { event(.message($0)) } + ends
  }

  /// The same, as it has to be where each offset is to be the very same. Its events must have been kept.
  func heardAgain(_ tolerance: Tolerance) -> NormalizedTranscript {
    var other = self
    other.histories = Histories(namedAs: histories)
    for index in other.states.indices { other.states[index].writer = ConversationWriter(connection: index + 1) }
    for event in events {
      let index = event.connection - 1
      switch event.what {
      case .message(let message):
        other.states[index].writer.hear(message, histories: &other.histories, tolerance: tolerance)
      case .lost(let side): other.states[index].writer.lose(from: side)
      case .begins, .finished, .reset: break
      }
    }
    return other
  }

  package func place(of message: Message, on connection: Int) -> Place? {
    guard states.indices.contains(connection - 1) else { return nil }
    let places = states[connection - 1].places
    return places.indices.contains(message.number - 1) ? places[message.number - 1] : nil
  }
}

// MARK: - Who talks to whom

extension NormalizedTranscript {
  /// Connections of the same two, in the order in which they began.
  package struct Group: Sendable {
    package var who: Who
    package var conversations: [NormalizedConversation]
    /// How many connections are no conversation of their own, and why.
    package var counts: [Nondeterminism: Int] = [:]
  }

  package enum Who: Sendable, Hashable {
    /// A replica, where it says who it is, and its master: addresses and ports.
    case replication(replica: String?, master: String)
    /// All clients of a node.
    case clients(of: String)

    package var acceptor: String {
      switch self {
      case .replication(_, let master): master
      case .clients(let node): node
      }
    }

    package var replica: String? { if case .replication(let replica, _) = self { replica } else { nil } }
  }

  /// In the order of their first connections.
  package var groups: [Group] { groups(byAddress: true) }

  /// - Parameter byAddress: else replicas are told apart by the ports that they name only, and clients not at all.
  /// - Parameter others: connections that are left out.
  func groups(byAddress: Bool, without others: Set<Int> = []) -> [Group] {
    var groups: [Group] = []
    var chains: [Who: ConversationRun] = [:]
    for (index, state) in states.enumerated() {
      guard let connection = traffic.connection(index + 1), state.messages > 0, !others.contains(index + 1) else {
        continue
      }
      let who = byAddress ? self.who(connection, state, groups) : unaddressed(connection, state)
      let place = groups.firstIndex { $0.who == who } ?? groups.count
      if place == groups.count { groups.append(Group(who: who, conversations: [])) }
      if case .clients = who {
        groups[place].add(client: state.writer.conversation)
      } else {
        chains[who, default: ConversationRun()].append(state.writer.conversation)
      }
    }
    for index in groups.indices {
      guard let chain = chains[groups[index].who] else { continue }
      groups[index].conversations = chain.list
      groups[index].counts[.rounds] = chain.omitted
    }
    return groups.filter { !$0.conversations.isEmpty }
  }

  private func who(_ connection: Connection, _ state: ConnectionState, _ groups: [Group]) -> Who {
    let master = Self.name(connection.acceptor)
    if connection.conversation.purpose == .replication {
      return .replication(replica: opener(of: connection.number), master: master)
    }
    if let replica = opener(of: connection.number) { return .replication(replica: replica, master: master) }
    // Somebody else's, where all that are known have a link already.
    let hasReplicas = groups.contains { $0.who.acceptor == master && $0.who != .clients(of: master) }
    if hasReplicas, isFirstTry(state.writer.conversation) { return .replication(replica: nil, master: master) }
    return .clients(of: master)
  }

  /// Whose the connections are on which a replica got no further than its first words: that one's which tried last before, and
  /// has no link to the same master at that time.
  private mutating func findTries() {
    var links: [String: [(replica: String, ended: Int)]] = [:]
    for number in states.indices.map({ $0 + 1 }) {
      guard let ends = traffic.connection(number) else { continue }
      let (state, master) = (states[number - 1], Self.name(ends.acceptor))
      var others = links[master] ?? []
      let isTry = state.listeningPort == nil && isFirstTry(state.writer.conversation)
      guard let replica = isTry ? others.last(where: { $0.ended <= state.began })?.replica : opener(of: number) else {
        continue
      }
      if isTry { tries[number] = replica }
      others.removeAll { $0.replica == replica }
      others.append((replica, state.ended))
      links[master] = others
    }
  }

  /// What a replica says that is not let in, or breaks off after AUTH: one that is let in goes on, and none says PING as it is typed.
  private func isFirstTry(_ conversation: NormalizedConversation) -> Bool {
    guard (1...2).contains(conversation.replica.count),
      conversation.replica[0] == NormalizedMessage([Array("PING".utf8)]),
      conversation.replica[0].message?.bytes.first == UInt8(ascii: "*")
    else { return false }
    if conversation.replica.count == 1 { return conversation.master != [NormalizedMessage("+PONG")] }
    return conversation.replica[1].message.map { CommandWords($0).name } == "auth"
  }

  private func unaddressed(_ connection: Connection, _ state: ConnectionState) -> Who {
    guard connection.conversation.purpose == .replication else { return .clients(of: Self.somewhere) }
    return .replication(replica: state.listeningPort.map { "port \($0)" }, master: Self.somewhere)
  }

  private static let somewhere = "any address"

  /// The node that opened a connection; nil if it is none that says where it listens, or has said it before.
  func opener(of connection: Int) -> String? {
    if let replica = tries[connection] { return replica }
    guard states.indices.contains(connection - 1), let port = states[connection - 1].listeningPort,
      let ends = traffic.connection(connection)
    else { return nil }
    return "\(ends.opener.address):\(port)"
  }

  /// The connections of a node, and which side of each it is.
  func sides(of node: String) -> [Int: Side] {
    var sides: [Int: Side] = [:]
    for number in states.indices.map({ $0 + 1 }) {
      guard let ends = traffic.connection(number) else { continue }
      if Self.name(ends.acceptor) == node {
        sides[number] = .acceptor
      } else if opener(of: number) == node {
        sides[number] = .opener
      }
    }
    return sides
  }

  static func name(_ endpoint: Endpoint) -> String { "\(endpoint.address):\(endpoint.port)" }

  /// The nodes, in the order in which they are met: those that replicate first.
  var nodes: [String] {
    var nodes: [String] = []
    func add(_ node: String?) { if let node, !nodes.contains(node) { nodes.append(node) } }
    let groups = groups
    for group in groups {
      guard case .replication(let replica, let master) = group.who else { continue }
      add(master)
      add(replica)
    }
    for group in groups { add(group.who.acceptor) }
    return nodes
  }
}

extension NormalizedTranscript.Group {
  /// Clients come and go: what they said to a node is one conversation.
  fileprivate mutating func add(client conversation: NormalizedConversation) {
    counts[.clientConnections, default: 0] += 1
    // Nothing tells whether a command was heard that has no answer.
    guard !conversation.master.isEmpty else { return }
    guard !conversations.isEmpty else {
      conversations = [conversation]
      return
    }
    conversations[0].append(conversation)
  }
}

// MARK: - For a node in place of a recorded one

extension NormalizedTranscript {
  /// The nodes that talk in the recording.
  package var recordedNodes: [RecordedNode] { nodes.map { RecordedNode($0, in: self) } }

  static func instant(_ nanoseconds: Int64) -> Instant { Instant(microseconds: nanoseconds / 1_000) }
}
