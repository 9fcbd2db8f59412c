import Capture
import HashTreeCollections

/// Reads packets of any number of connections as they come, and says what was said on each.
///
///     var dissector = TrafficDissector()
///     for packet in packets { for observation in dissector.consume(packet) { … } }
///     for observation in dissector.end() { … }
///
/// Bytes that come in another order, twice, or not at all, are put right before they are read, as far as that goes, and
/// remarks say so. Memory is bounded by what is said, not by what is claimed: see the limits.
package struct TrafficDissector: Equatable, Sendable {
  /// Whether all connections, snapshots and ledgers are kept for who asks later. Without that it needs room only for
  /// open connections and unfinished messages, however long the recording is.
  package let keepsHistory: Bool
  /// How many connections were seen.
  package private(set) var connectionCount = 0

  private var connections = ConnectionList()
  /// The number of the connection to which packets belong.
  private var places: TreeDictionary<Pair, Int> = [:]
  /// Ends that are known to listen.
  private var listeners: TreeSet<Endpoint> = []
  private var recent = RecentSegments()
  /// Connections of syncs that take two, each by what would name it on the other.
  private var channels: [Half: Int] = [:]
  private var packetCount = 0
  private var openCount = 0
  /// Ended connections that are still known by their endpoints, the oldest first; only without history.
  private var ended: [Int] = []

  /// More open connections than this are not kept without history; nor more listeners, nor as many ended ones.
  static let openLimit = 8192
  static let endedLimit = 1024

  /// Who sends to whom.
  private struct Pair: Hashable {
    var source: Endpoint
    var destination: Endpoint
    var turned: Pair { Pair(source: destination, destination: source) }
  }

  private struct Half: Hashable {
    var master: Endpoint
    var channel: Channel
  }

  /// - Parameter listeners: ends that are known to listen.
  package init(keepsHistory: Bool = true, listeners: [Endpoint] = []) {
    self.keepsHistory = keepsHistory
    self.listeners = TreeSet(listeners.prefix(Self.openLimit))
  }

  /// The connection with a number; nil if there is none, or, without history, none any more. One that was observed is
  /// there until the next packet.
  package func connection(_ number: Int) -> Connection? { connections[number] }

  // Of one connection, without a copy of all that is known of it:

  /// Both ends of a connection.
  package func ends(of number: Int) -> (opener: Endpoint, acceptor: Endpoint)? { connections.ends(of: number) }

  /// What a connection is for, as far as that was said.
  package func purpose(of number: Int) -> ConversationDissector.Purpose? { connections.purpose(of: number) }

  /// How many connections are kept, open or not.
  package var keptCount: Int { connections.count }

  /// Whether a connection is there and has not ended.
  package func isOpen(_ number: Int) -> Bool { connections.state(number) == .open }

  /// Takes the next packet. Its connection's observation is the last one; others come before it if the packet ends them.
  package mutating func consume(_ packet: Packet) -> [Observation] {
    dropEnded()
    packetCount += 1
    let pair = Pair(source: packet.source, destination: packet.destination)
    guard let number = places[pair], let side = connections.side(of: packet.source, in: number) else {
      return open(packet, pair, after: nil)
    }
    if packet.flags.contains(.syn), connections[number]?.isSucceeded(by: packet, from: side) == true {
      return open(packet, pair, after: number)
    }
    return [receive(packet, number, side)]
  }

  private mutating func receive(_ packet: Packet, _ number: Int, _ side: Side) -> Observation {
    let time = packetCount
    var listener: Endpoint?
    var hasEnded = false
    var channel: Channel?
    let received = connections.update(number, with: &recent) { connection, recent in
      let (knewSides, before) = (connection.knowsSides, connection.state)
      connection.lastPacket = time
      let observation = connection.receive(packet, from: side, &recent)
      if !knewSides, connection.knowsSides { listener = connection.acceptor }
      hasEnded = before == .open && connection.state != .open
      channel = connection.lonelyChannel
      return observation
    }
    guard var observation = received else { return Observation(connection: number) }
    if let listener { learn(listener: listener) }
    if hasEnded { noteEnd(number) }
    if let channel { join(number, channel, &observation) }
    return observation
  }

  /// Finds the other connection of a sync that takes two, or waits for it.
  private mutating func join(_ number: Int, _ channel: Channel, _ observation: inout Observation) {
    guard let master = connections[number]?.acceptor else { return }
    if let other = channels[Half(master: master, channel: channel.other)], connections.state(other) == .open {
      connections.join(number, other)
      observation.remarks.append(.joined(other: other))
    }
    // A server that is started anew counts its clients anew: the last one to have an id has it.
    if channels.count >= Self.endedLimit { channels = [:] }
    channels[Half(master: master, channel: channel)] = number
  }

  // MARK: Connections come

  private mutating func open(_ packet: Packet, _ pair: Pair, after earlier: Int?) -> [Observation] {
    var observations: [Observation] = []
    if let earlier, let observation = abandon(earlier, .abandoned) { observations.append(observation) }
    if !keepsHistory, openCount >= Self.openLimit { observations += forget() }
    connectionCount += 1
    openCount += 1
    let number = connectionCount
    let isSyn = packet.flags.contains(.syn)
    let isKnown = isSyn || listeners.contains(packet.source) != listeners.contains(packet.destination)
    let isOpener = isSyn ? !packet.flags.contains(.acknowledgement) : looksLikeOpener(packet)
    let (opener, acceptor) = isOpener ? (packet.source, packet.destination) : (packet.destination, packet.source)
    if isSyn { learn(listener: acceptor) }
    connections.append(
      Connection(
        number: number, opener: opener, acceptor: acceptor, knowsSides: isKnown, mayWait: !packet.countsFromOne,
        keepsHistory: keepsHistory))
    places[pair] = number
    places[pair.turned] = number
    var observation = receive(packet, number, isOpener ? .opener : .acceptor)
    if !isSyn, !packet.countsFromOne { observation.remarks.insert(.underWay, at: 0) }
    if let earlier { observation.remarks.insert(.portsUsedAgain(earlier: earlier), at: 0) }
    return observations + [observation]
  }

  private mutating func learn(listener: Endpoint) {
    if listeners.count < Self.openLimit { listeners.insert(listener) }
  }

  /// Without a SYN the end whose port is known to listen, or is the lower one, is taken for the acceptor.
  private func looksLikeOpener(_ packet: Packet) -> Bool {
    switch (listeners.contains(packet.source), listeners.contains(packet.destination)) {
    case (true, false): false
    case (false, true): true
    default: packet.source.port > packet.destination.port
    }
  }

  // MARK: Connections go

  private mutating func abandon(_ number: Int, _ remark: Remark) -> Observation? {
    guard connections.state(number) == .open else { return nil }
    var observation = Observation(connection: number, remarks: [remark])
    connections.update(number, with: &recent) { connection, _ in connection.end(as: .abandoned, &observation) }
    noteEnd(number)
    return observation
  }

  private mutating func noteEnd(_ number: Int) {
    openCount -= 1
    // Its last packets are still to come.
    if !keepsHistory { ended.append(number) }
  }

  /// Only before the next packet: whoever is told that connections ended may still ask for them, be they thousands.
  private mutating func dropEnded() {
    guard ended.count >= 2 * Self.endedLimit else { return }
    let old = ended.count - Self.endedLimit
    for number in ended.prefix(old) { remove(number) }
    ended.removeFirst(old)
  }

  private mutating func remove(_ number: Int) {
    guard let connection = connections[number] else { return }
    let pair = Pair(source: connection.opener, destination: connection.acceptor)
    // Another connection may have the endpoints by now.
    if places[pair] == number { places[pair] = nil }
    if places[pair.turned] == number { places[pair.turned] = nil }
    connections.remove(number)
  }

  /// Gives up half of the open connections, those that were silent for the longest time.
  private mutating func forget() -> [Observation] {
    let open = connections.open.map { (number: $0, lastPacket: connections[$0]?.lastPacket ?? 0) }
      .sorted { $0.lastPacket < $1.lastPacket }
    return open.prefix(open.count / 2).map(\.number).sorted().compactMap { abandon($0, .forgotten) }
  }

  /// Whether `end` has anything to say: it is asked without a copy of all connections.
  package var hasRest: Bool {
    connections.open.contains { number in
      var observation = Observation(connection: number)
      var connection = connections[number]
      connection?.end(as: .abandoned, &observation)
      return !observation.messages.isEmpty || !observation.remarks.isEmpty
    }
  }

  /// The number of the connection that a packet belongs to, as far as is known now.
  package func number(of packet: Packet) -> Int? {
    places[Pair(source: packet.source, destination: packet.destination)]
  }

  /// The recording is over: what was never completed.
  package mutating func end() -> [Observation] {
    var observations: [Observation] = []
    for number in connections.open {
      var observation = Observation(connection: number)
      connections.update(number, with: &recent) { connection, _ in connection.end(as: .abandoned, &observation) }
      openCount -= 1
      if !observation.messages.isEmpty || !observation.remarks.isEmpty { observations.append(observation) }
    }
    return observations
  }
}
