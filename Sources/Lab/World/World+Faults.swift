import Capture
import Dissection
import Redis

// What the user does to the network and to chance.

extension World {
  /// Both ends see a RST that the other did not send, as from a firewall that forgot the connection.
  mutating func cut(_ id: Link.ID) throws(LabError) {
    let link = try requireLink(id)
    for side in Side.allCases { links[link, side].incoming.removeAll() }
    for side in Side.allCases { transmit([links[link].reset(towards: side, at: now)], on: link, from: side.other) }
  }

  mutating func partition(_ a: String, _ b: String) throws(LabError) {
    let pair = try pair(a, b)
    guard !partitions.contains(pair) else { throw LabError("\(a) and \(b) can't reach each other already") }
    partitions.append(pair)
    partitions.sort()
    for link in links(between: a, b) { links.touch(link) }
  }

  /// The network between the two is as it was. What was held arrives as if it were sent now: TCP has sent it again and again.
  mutating func heal(_ a: String, _ b: String) throws(LabError) {
    let pair = try pair(a, b)
    let ways = [PathFaults.Path(from: a, to: b), PathFaults.Path(from: b, to: a)]
    guard partitions.contains(pair) || ways.contains(where: { paths[$0] != nil }) else {
      throw LabError("nothing is wrong between \(a) and \(b)", advice: "`partition \(a) \(b)` lets nothing through")
    }
    partitions.removeAll { $0 == pair }
    if ways.contains(where: { paths[$0]?.lag != nil }) {
      for link in links(between: a, b) { links[link].lag = Self.latency }
    }
    for way in ways { paths[way] = nil }
    resendLost(a, b)
  }

  func links(between a: String, _ b: String) -> [Int] {
    links.indices.filter { links[$0].side(of: a) != nil && links[$0].side(of: b) != nil }
  }

  func pair(_ a: String, _ b: String) throws(LabError) -> Partition {
    _ = try requireMachine(a)
    _ = try requireMachine(b)
    guard a != b else {
      throw LabError("a node can't be cut off from itself", advice: "`pause \(a)` makes it stand still")
    }
    return Partition(a, b)
  }

  mutating func lag(_ id: Link.ID, _ interval: Interval) throws(LabError) {
    let link = try requireLink(id)
    guard !links[link].isClient else {
      throw LabError("link \(id) is the prompt's own, which takes no time")
    }
    guard interval >= .zero else { throw LabError("a lag can't be negative") }
    links[link].lag = interval
  }

  /// Cuts a packet with data in pieces, as TCP may at any byte.
  mutating func split(_ id: Link.ID, towards side: Side, behind others: Int, sizes: [Int]) throws(LabError) {
    let link = try requireLink(id)
    let position = try requireData(link, side, behind: others)
    let whole = links[link, side].incoming[position]
    var left = whole.packet.payload.count
    for size in sizes {
      guard size > 0, size < left else {
        let list = sizes.map(String.init).joined(separator: " ")
        throw LabError(
          "the packet has \(whole.packet.payload.count) bytes and can't be cut after \(list)",
          advice: "give the sizes of all pieces but the last")
      }
      left -= size
    }
    let pieces = whole.packet.split(sizes).map {
      Flight(packet: $0, arrival: whole.arrival, sequence: whole.sequence)
    }
    let flights = links[link, side].incoming
    links[link, side].incoming = FlightQueue(flights[..<position] + pieces + flights[(position + 1)...])
  }

  /// Which of the packets in flight towards a side is the one behind so many others with data.
  func requireData(_ link: Int, _ side: Side, behind others: Int) throws(LabError) -> Int {
    let flights = links[link, side].incoming
    let position = flights.indices.lazy.filter { !flights[$0].packet.payload.isEmpty }.dropFirst(others).first
    if let position { return position }
    throw LabError("no data is in flight on link \(links[link].id) towards \(links[link, side].party.name)")
  }

  mutating func chunk(_ name: String, _ size: ChunkSize) throws(LabError) {
    let machine = try requireMachine(name)
    if case .bytes(let count) = size, count < 1 { throw LabError("a chunk has at least one byte") }
    machines[machine].chunk = size
    machines[machine].node?.replication.chunkSize = size
  }

  /// `fix`: a node that runs hears of it at once, one that does not when it is started.
  mutating func settle(_ name: String, _ fix: Fix, _ step: inout Step) throws(LabError) {
    try fix.check()
    if let machine = machineIndex(name), machines[machine].life.isAlive {
      machines[machine].node?.chance.settle(fix)
    } else {
      chances[name, default: Chance()].settle(fix)
    }
  }
}

extension Chance {
  fileprivate mutating func settle(_ fix: Fix) {
    switch fix {
    case .replid(let id): replicationIDs.append(id)
    case .eofMark(let mark): endMarks.append(mark)
    case .runID(let id): runIDs.append(id)
    case .usedMemory(let bytes): usedMemory = bytes
    case .redisVersion(let version): redisVersion = version
    case .rdbVersion(let version): rdbVersion = version
    case .fork(let fails): refusesFork = fails
    }
  }
}

extension Fix {
  fileprivate func check() throws(LabError) {
    switch self {
    case .replid(let id), .eofMark(let id), .runID(let id):
      let isHex = id.utf8.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
      guard isHex, id.utf8.count == 40 else {
        throw LabError("'\(id)' is not what Redis would draw", advice: "it draws 40 digits of lower-case hexadecimal")
      }
    case .usedMemory(let bytes):
      guard bytes >= 0 else { throw LabError("a node can't use less than no memory") }
    case .redisVersion(let version):
      guard !version.isEmpty, version.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        throw LabError("'\(version)' is no version", advice: "one looks like 7.0.11")
      }
    case .rdbVersion(let version):
      guard (9...12).contains(version) else {
        throw LabError(
          "\(version) is no version of the snapshot's format here",
          advice: "9 is Redis 5's and 6's, 10 that of 7.0, 11 of 7.2 and 12 of 7.4")
      }
    case .fork: break
    }
  }
}

extension Packet {
  /// The packet in pieces of these sizes and what is left; the last one has the PSH and the FIN.
  fileprivate func split(_ sizes: [Int]) -> [Packet] {
    var pieces: [Packet] = []
    var rest = self
    for size in sizes {
      var piece = rest
      piece.payload = rest.payload[..<size]
      piece.flags.subtract([.push, .fin])
      pieces.append(piece)
      rest.payload = rest.payload[size...]
      rest.sequence &+= UInt32(truncatingIfNeeded: size)
      rest.identification &+= 1
    }
    return pieces + [rest]
  }
}

extension Link {
  /// A RST that the receiver believes: it has the number that is expected next.
  fileprivate func reset(towards side: Side, at now: Instant) -> Packet {
    let (receiver, sender) = (conversation[side.tcp], conversation[side.other.tcp])
    return Packet(
      timestamp: now.nanoseconds, source: sender.local, destination: receiver.local, sequence: receiver.receiveNext,
      acknowledgement: receiver.sendNext, flags: [.reset, .acknowledgement], window: 0, options: .none,
      identification: 0)
  }
}
