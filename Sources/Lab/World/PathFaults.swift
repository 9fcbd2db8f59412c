import Capture
import Dissection
import Redis
import RESP

/// What the network does to packets on the way from one machine to another, where that is not a loopback's.
package struct PathFaults: Sendable, Equatable {
  /// Nothing gets through this way; the other way it may.
  package internal(set) var isCut = false
  /// So long does each packet travel; nil: as long as usual (`World.latency`).
  package internal(set) var lag: Interval?
  /// Each packet takes up to so much longer, by chance.
  package internal(set) var jitter = Interval.zero
  /// Bytes a second, headers included; nil: as many as there are.
  package internal(set) var bandwidth: Int?
  /// So many of a thousand packets are lost.
  package internal(set) var loss = 0
  /// When the last packet will have left, at this bandwidth.
  var freeAt = Instant(microseconds: 0)

  /// How long Linux waits at least before it sends a segment again that nobody acknowledged (TCP_RTO_MIN); each further time
  /// twice as long.
  static let retransmission = Interval.milliseconds(200)
  /// An IP header, and TCP's with timestamps.
  static let headerSize = 52

  var isNone: Bool { !isCut && lag == nil && jitter == .zero && bandwidth == nil && loss == 0 }

  package struct Path: Sendable, Hashable, Comparable {
    package let from: String
    package let to: String

    package static func < (a: Self, b: Self) -> Bool { (a.from, a.to) < (b.from, b.to) }
  }

  /// When TCP sends a packet again that nobody has acknowledged by now; not before it was sent first.
  static func nextSending(ofOneSentAt sent: Instant, after now: Instant) -> Instant {
    var (time, wait) = (sent, retransmission)
    while time < now, wait < .seconds(86_400) { (time, wait) = (time + wait, wait * 2) }
    return max(time, now)
  }

  /// When a packet arrives that is sent now; TCP sends it again until it does.
  mutating func arrival(of packet: Packet, at now: Instant, lag: Interval, _ random: inout SeededRandom) -> Instant {
    var time = now
    if let bandwidth {
      let size = Int64(packet.payload.count + Self.headerSize)
      freeAt = max(now, freeAt) + .microseconds(size *| 1_000_000 / Int64(bandwidth))
      time = freeAt
    }
    time = time + lag
    if jitter > .zero { time = time + .microseconds(Int64(random.next() % UInt64(jitter.microseconds + 1))) }
    var wait = Self.retransmission
    // What is lost ten times in a row is let through: a connection that loses all is a partition.
    for _ in 0..<10 where loss > 0 {
      guard random.next() % 1_000 < UInt64(loss) else { break }
      time = time + wait
      wait = wait * 2
    }
    return time
  }
}

extension World {
  /// The way to a side of a link, if both ends are machines.
  func path(_ link: Int, towards side: Side) -> PathFaults.Path? {
    guard case .node(let from) = links[link, side.other].party, case .node(let to) = links[link, side].party else {
      return nil
    }
    return PathFaults.Path(from: from, to: to)
  }

  /// When a packet arrives that is sent now towards a side of a link.
  mutating func arrival(of packet: Packet, on link: Int, towards side: Side) -> Instant {
    let lag = links[link].lag
    guard !paths.isEmpty, let path = path(link, towards: side), var faults = paths[path] else { return now + lag }
    let time = faults.arrival(of: packet, at: now, lag: lag, &random)
    paths[path] = faults
    return time
  }

  /// What the network does to packets from one node to another.
  package func faults(from: String, to: String) -> PathFaults? { paths[PathFaults.Path(from: from, to: to)] }

  /// Sets something about both ways between two machines, or one.
  mutating func setPath(
    _ a: String, _ b: String, bothWays: Bool = true, _ change: (inout PathFaults) -> Void
  ) throws(LabError) {
    _ = try pair(a, b)
    for (from, to) in bothWays ? [(a, b), (b, a)] : [(a, b)] {
      let path = PathFaults.Path(from: from, to: to)
      change(&paths[path, default: PathFaults()])
      if paths[path]?.isNone == true { paths[path] = nil }
    }
    for link in links(between: a, b) { links.touch(link) }
  }

  /// How long each packet travels between two machines, on the links that there are and on those to come.
  mutating func lag(_ a: String, _ b: String, _ lag: Interval) throws(LabError) {
    guard lag >= .zero else { throw LabError("a lag can't be negative") }
    try setPath(a, b) { $0.lag = lag == Self.latency ? nil : lag }
    for link in links(between: a, b) { links[link].lag = lag }
  }

  mutating func jitter(_ a: String, _ b: String, _ jitter: Interval) throws(LabError) {
    guard jitter >= .zero, jitter <= .seconds(86_400) else { throw LabError("a jitter is between 0 and a day") }
    try setPath(a, b) { $0.jitter = jitter }
  }

  mutating func bandwidth(_ a: String, _ b: String, _ bytes: Int?) throws(LabError) {
    if let bytes, bytes < 1 { throw LabError("a bandwidth is at least 1 byte a second", advice: "`off` takes it away") }
    try setPath(a, b) {
      $0.bandwidth = bytes
      $0.freeAt = Instant(microseconds: 0)
    }
  }

  mutating func drop(_ a: String, _ b: String, perMille: Int) throws(LabError) {
    guard (0...999).contains(perMille) else {
      throw LabError(
        "a loss is less than 100 %", advice: "`partition \(a) \(b)` lets nothing through")
    }
    try setPath(a, b) { $0.loss = perMille }
    // What waits for its turn on a slow link goes on waiting.
    if perMille == 0, faults(from: a, to: b)?.bandwidth == nil { resendLost(a, b) }
  }

  /// Nothing is lost any more between two machines: what was comes when TCP sends it again next, and what could not be delivered, now.
  mutating func resendLost(_ a: String, _ b: String) {
    for link in links(between: a, b) {
      let lag = links[link].lag
      for side in Side.allCases {
        var last = now + lag
        let flights = links[link, side].incoming.map { flight in
          var flight = flight
          let sent = Instant(microseconds: flight.packet.timestamp / 1_000)
          last = max(last, min(flight.arrival, PathFaults.nextSending(ofOneSentAt: sent, after: now) + lag))
          flight.arrival = last
          return flight
        }
        links[link, side].incoming = FlightQueue(flights)
      }
    }
  }

  /// Nothing gets from `a` to `b`; what `b` says arrives.
  mutating func cutPath(from a: String, to b: String) throws(LabError) {
    guard faults(from: a, to: b)?.isCut != true else { throw LabError("nothing gets from \(a) to \(b) already") }
    try setPath(a, b, bothWays: false) { $0.isCut = true }
  }

  /// A bit of what is stored or under way is another one now.
  mutating func damage(_ name: String, _ file: String, at offset: Int) throws(LabError) {
    let machine = try requireMachine(name)
    guard let size = machines[machine].disk.files[file]?.bytes.count else {
      throw LabError("\(name) has no file \(file)", advice: "`info disk` lists them")
    }
    guard offset >= 0, offset < size else {
      throw LabError("\(file) has \(size) bytes, from 0 to \(max(0, size - 1))")
    }
    machines[machine].disk.damage(file, at: offset)
  }

  /// The same of a packet with data that is under way: something between the two has written to it, and its checksum anew.
  mutating func damage(_ id: Link.ID, towards side: Side, behind others: Int, at offset: Int) throws(LabError) {
    let link = try requireLink(id)
    let position = try requireData(link, side, behind: others)
    var flights = Array(links[link, side].incoming)
    let count = flights[position].packet.payload.count
    guard offset >= 0, offset < count else {
      throw LabError("the packet has \(count) bytes of data, from 0 to \(count - 1)")
    }
    var bytes = Array(flights[position].packet.payload)
    bytes[offset] ^= 0xFF
    flights[position].packet.payload = SharedBytes(bytes)
    links[link, side].incoming = FlightQueue(flights)
  }
}
