import Capture
import Dissection
import Redis

// What a kernel does for the processes: opening, sending, closing, and putting packets on the wire.

extension World {
  /// A node's connect(2) to a host of this network, all of whose names and addresses lead to the same loopback.
  mutating func open(_ connection: ConnectionID, to address: Address, of machine: Int) {
    let link = addLink(opener: .node(machines[machine].name), machine, to: address)
    links[link].opener.connection = connection
    machines[machine].sockets[connection] = links[link].id
    // Redis sets it only once it makes a client of the connection, hiredis for a Sentinel at once.
    if !isSentinel(machine) { links[link].conversation.setNoDelay(false, .opener) }
  }

  /// A new link whose SYN is under way; its index. The address has a port.
  ///
  /// - Parameter machine: the opener's, if it is a node.
  mutating func addLink(opener: Party, _ machine: Int? = nil, to address: Address) -> Int {
    lastLink += 1
    let listener = self.machine(at: address, from: machine)
    // Who comes by a NAT is led to the port behind it.
    let port =
      listener.map { machines[$0].outside?.host == address.host ? machines[$0].address.port : address.port }
      ?? address.port
    let local = ephemeralPort()
    let host = machine.flatMap { $0 == listener ? nil : machines[$0].outside?.host } ?? "127.0.0.1"
    let isReplication = !opener.isClient && !isSentinel(machine)
    let conversation = TCPConversation(
      from: Endpoint(IPAddress(host) ?? .loopback, UInt16(truncatingIfNeeded: local)),
      to: Endpoint(.loopback, UInt16(truncatingIfNeeded: port)),
      opener: TCPConversation.Chance(using: &random), acceptor: TCPConversation.Chance(using: &random))
    links.append(
      Link(
        id: Link.ID(lastLink),
        opener: Link.End(party: opener, machine: machine, address: Address(host: host, port: local)),
        acceptor: Link.End(
          party: listener.map { .node(machines[$0].name) } ?? .nobody, machine: listener,
          address: Address(host: "127.0.0.1", port: port)),
        lag: machine.map { lag(from: $0, to: listener) } ?? .zero, conversation: conversation,
        dissector: ConversationDissector(purpose: isReplication ? .replication : .client),
        phase: isReplication ? .connect : nil))
    let index = links.count - 1
    links[index].leadsNowhere = listener == nil && isBehindNAT(address)
    transmit([links[index].conversation.connect(at: now.nanoseconds)], on: index, from: .opener)
    return index
  }

  /// How long a packet takes on a new link between two machines; the prompt's own take no time.
  private func lag(from machine: Int, to listener: Int?) -> Interval {
    guard let listener else { return Self.latency }
    return faults(from: machines[machine].name, to: machines[listener].name)?.lag ?? Self.latency
  }

  /// Linux's default range of local ports, without those in use.
  private mutating func ephemeralPort() -> Int {
    while true {
      let port = 32768 + Int(random.next() % 28232)
      let isTaken = links.indices.contains { links[$0].opener.address.port == port }
      if !isTaken, listeners[port] == nil { return port }
    }
  }

  /// One write(2) of a node or of the prompt.
  mutating func send(_ bytes: [UInt8], on link: Int, from side: Side, _ step: inout Step) {
    let (from, to) = (links[link, side].party, links[link, side.other].party)
    step.sent.append(Sent(link: links[link].id, from: from, to: to, byteCount: bytes.count))
    transmit(links[link].conversation.send(bytes, from: side.tcp, at: now.nanoseconds), on: link, from: side)
  }

  /// The process at one end closes the connection, or is gone. `unread`: with data that it has not read, which Linux
  /// tells the peer by a RST in place of a FIN.
  mutating func close(_ link: Int, _ side: Side, unread: Bool = false) {
    forgetConnection(link, side)
    links[link, side].awaitsWritten = false
    let packets =
      unread
      ? links[link].conversation.abort(side.tcp, at: now.nanoseconds)
      : links[link].conversation.close(side.tcp, at: now.nanoseconds)
    transmit(packets, on: link, from: side)
  }

  /// Puts packets on the wire, after all that is under way in their direction.
  mutating func transmit(_ packets: [Packet], on link: Int, from side: Side) {
    for packet in packets {
      sequence += 1
      let last = links[link, side.other].incoming.last?.arrival ?? now
      let arrival = max(arrival(of: packet, on: link, towards: side.other), last)
      links[link, side.other].incoming.append(Flight(packet: packet, arrival: arrival, sequence: sequence))
    }
  }

  /// Whether the process at an end takes what arrives there.
  func isReading(_ side: Side, ofLink link: Int) -> Bool {
    guard let machine = links[link, side].machine else { return true }
    return takesArrivals(machine).include(links[link, side].connection)
  }

  /// What is taken of what arrives at a machine.
  @inline(__always) func takesArrivals(_ machine: Int) -> Machine.Arrivals {
    Machine.takes(machines[inPlace: machine].life, machines[inPlace: machine].nodeReads)
  }

  /// The process reads what its sockets have.
  mutating func readAll(_ machine: Int) {
    guard machines[inPlace: machine].hasUnread else { return }
    let reads = machines[inPlace: machine].reads
    if reads == .all { machines[machine].hasUnread = false }
    for link in reads == .none ? [] : linksOfMachine(machine) {
      for side in Side.allCases
      where links[link, side].machine == machine && reads.include(links[link, side].connection) {
        transmit(links[link].conversation.read(side.tcp, at: now.nanoseconds), on: link, from: side)
      }
    }
  }

  /// The process has no descriptor for its end of a link any more.
  mutating func forgetConnection(_ link: Int, _ side: Side) {
    guard let connection = links[link, side].connection else { return }
    links[link, side].connection = nil
    if let machine = links[link, side].machine { machines[machine].sockets[connection] = nil }
  }

  /// listen(2), or the end of it.
  mutating func listen(_ machine: Int, on port: Int?) {
    if let old = machines[machine].listening { listeners[old] = nil }
    machines[machine].listening = port
    if let port { listeners[port] = machine }
  }

  /// A process hears that all it has written is delivered: now, or when it is.
  mutating func notifyIfWritten(_ link: Int) {
    for side in Side.allCases where links[link, side].awaitsWritten {
      let isStuck = isHeld(link: link, towards: side.other) || !isReading(side.other, ofLink: link)
      guard links[inPlace: link].isWritten(side, isStuck: isStuck) else {
        continue
      }
      links[link, side].awaitsWritten = false
      guard let connection = links[link, side].connection, let machine = links[link, side].machine else {
        continue
      }
      machines[machine].inbox.append(.written(connection))
    }
  }
}
