import Capture
import Dissection
import Foundation
import TestSupport
import Testing

/// Recordings without their first packets: what is said of the rest is what the whole recording says, or that it is not
/// known. REPLAB_CUTS tells how many cuts are tried of each.
@Suite("A recording cut at its front")
struct CutTests {
  private static let cutCount = ProcessInfo.processInfo.environment["REPLAB_CUTS"].flatMap { Int($0) } ?? 6

  @Test(
    "tells the roles, the kinds of messages and the replies' commands of the whole one, or says that it does not know",
    arguments: Fixtures.captures + Fixtures.situations, [false, true])
  func cut(name: String, hasTurnedPorts: Bool) throws {
    var packets = try Pcap.packets(in: Fixtures.capture(name))
    if hasTurnedPorts {
      // Servers on the higher ports: a guess by the ports is wrong.
      for index in packets.indices {
        packets[index].source.port = .max - packets[index].source.port
        packets[index].destination.port = .max - packets[index].destination.port
      }
    }
    let whole = Observed(packets[...])
    var random = TestRandom(seed: UInt64(packets.count))
    for _ in 0..<Self.cutCount {
      let start = Int.random(in: 1..<packets.count, using: &random)
      Observed(packets[start...]).compare(with: whole, "\(name) from packet \(start + 1)")
    }
  }

  @Test("A large reply at the first byte is read, and the reply behind it answers its own command")
  func largeReply() throws {
    let client = Endpoint(.loopback, 6_000)
    let server = Endpoint(.loopback, 50_000)
    var packets: [Packet] = []
    var next: [Endpoint: UInt32] = [client: 1_000, server: 2_000]
    func say(_ source: Endpoint, _ destination: Endpoint, _ bytes: ArraySlice<UInt8>) {
      packets.append(
        Packet(
          timestamp: 0, source: source, destination: destination, sequence: next[source] ?? 0,
          acknowledgement: next[destination] ?? 0, flags: [.push, .acknowledgement], window: 512, options: .none,
          identification: 1, payload: SharedBytes(Array(bytes))))
      next[source] = (next[source] ?? 0) &+ UInt32(bytes.count)
    }
    let reply = Array("$100000\r\n".utf8) + [UInt8](repeating: 0x78, count: 100_000) + [13, 10]
    say(server, client, reply[..<60_000])
    say(server, client, reply[60_000...])
    say(client, server, Array("*1\r\n$4\r\nPING\r\n".utf8)[...])
    say(server, client, Array("+PONG\r\n".utf8)[...])
    let dissected = Dissected(packets)
    #expect(dissected.dissector.connection(1)?.opener == client)
    let messages = try #require(dissected.messages[1])
    #expect(messages.map(\.kind) == [.reply(.bulk), .ping, .reply(.simple)])
    #expect(messages.map(\.answers?.name) == [nil, nil, "PING"])
  }
}

/// What a dissector says of packets, by the connection that each belongs to.
private struct Observed {
  var messages: [Int: [Message]] = [:]
  var remarks: [Int: [Remark]] = [:]
  var connections: [Int] = []
  var dissector = TrafficDissector()

  init(_ packets: ArraySlice<Packet>) {
    for packet in packets {
      let observations = dissector.consume(packet)
      connections.append(observations.last?.connection ?? 0)
      for observation in observations { note(observation) }
    }
    for observation in dissector.end() { note(observation) }
  }

  private mutating func note(_ observation: Observation) {
    messages[observation.connection, default: []] += observation.messages
    remarks[observation.connection, default: []] += observation.remarks
  }

  func compare(with whole: Observed, _ what: String) {
    var pairs: [Int: Int] = [:]
    for (ours, theirs) in zip(connections.reversed(), whole.connections.reversed()) { pairs[ours] = theirs }
    for (number, messages) in messages {
      guard let other = pairs[number] else { continue }
      let (mine, its) = (dissector.connection(number), whole.dissector.connection(other))
      guard remarks[number]?.contains(.sidesGuessed) != true, !messages.isEmpty else { continue }
      #expect(mine?.opener == its?.opener, "\(what), connection \(number): roles")
      compare(messages, whole.messages[other] ?? [], "\(what), connection \(number)")
    }
  }

  private func compare(_ messages: [Message], _ whole: [Message], _ what: String) {
    var shifts: [Side: Int] = [:]
    for side in Side.allCases {
      let ends = [messages, whole].map { $0.last { $0.side == side }?.range.upperBound ?? 0 }
      shifts[side] = ends[1] - ends[0]
    }
    func place(_ message: Message) -> [Int] {
      [Int(message.side.rawValue), message.range.lowerBound, message.range.count]
    }
    let byPlace = Dictionary(whole.map { (place($0), $0) }) { first, _ in first }
    func original(_ message: Message) -> Message? {
      let (side, lower, count) = (Int(message.side.rawValue), message.range.lowerBound, message.range.count)
      return byPlace[[side, lower + (shifts[message.side] ?? 0), count]]
    }
    let numbers = Dictionary(messages.map { ($0.number, $0) }) { first, _ in first }
    for message in messages {
      if case .unknown = message.kind { continue }
      guard let same = original(message) else {
        Issue.record("\(what): no such message in the whole: \(message.kind) \(message.range)")
        continue
      }
      #expect(kind(message) == kind(same), "\(what): \(message.range)")
      guard let answers = message.answers else { continue }
      #expect(answers.name == same.answers?.name, "\(what): \(message.range)")
      let command = numbers[answers.number].flatMap { original($0) }
      #expect(command?.number == same.answers?.number, "\(what): \(message.range) answers another command")
    }
  }

  /// What an acknowledgement says, without what is known from before.
  private func kind(_ message: Message) -> Message.Kind {
    guard case .ack(let acknowledgement) = message.kind else { return message.kind }
    return .ack(.init(offset: acknowledgement.offset, fsynced: acknowledgement.fsynced))
  }
}
