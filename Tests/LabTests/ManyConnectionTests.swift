import Capture
import Dissection
import TestSupport
import Testing

@testable import Lab

/// Recordings in which many take part: nothing is looked for among all of them, and what is found is the same.
@Suite("A recording of many connections")
struct ManyConnectionTests {
  @Test("tells of each who takes part what a count of its connections tells", arguments: Fixtures.captures)
  func presences(name: String) throws {
    try checkFacts(of: try Pcap.packets(in: Fixtures.capture(name)), each: 1)
  }

  @Test("tells the same of clients that come and go")
  func clients() throws { try checkFacts(of: pings(count: 40, atOnce: 15), each: 7) }

  private func checkFacts(of packets: [Packet], each interval: Int) throws {
    var timeline = Timeline(PacketSource(name: "made up", packets))
    while timeline.stepAny().stop == .done {
      guard timeline.position.isMultiple(of: interval), let recorded = timeline.world.recorded else { continue }
      let links = recorded.links
      #expect(links.map(\.id.number) == links.map(\.id.number).sorted())
      #expect(links.allSatisfy { recorded.link($0.id) == $0 })
      #expect(Set(recorded.names).count == recorded.names.count)
      for name in recorded.names {
        let accepted = links.count { $0.acceptor.party.name == name }
        let followed = links.count { $0.acceptor.party.name == name && $0.isReplication }
        #expect(recorded.value(.clients, of: name) == .integer(Int64(accepted)))
        #expect(recorded.value(.replicas, of: name) == .integer(Int64(followed)))
      }
    }
  }

  @Test(
    "is the same world at each moment, from wherever one comes and however few moments are kept",
    arguments: [0, 1 << 20])
  func anyMoment(room: Int) throws {
    let packets = pings(count: 150, atOnce: 60)
    var timeline = Timeline(PacketSource(name: "made up", packets), room: room)
    var worlds = [timeline.world]
    while timeline.stepAny().stop == .done { worlds.append(timeline.world) }
    #expect(worlds.count == packets.count + 1)
    var random = TestRandom(seed: 7)
    for _ in 0..<60 {
      let moment = Int.random(in: 0..<worlds.count, using: &random)
      try timeline.go(to: moment)
      #expect(timeline.world == worlds[moment])
      guard moment > 0 else { continue }
      #expect(timeline.current?.packets == [packets[moment - 1]])
      _ = timeline.backPacket()
      #expect(timeline.position == moment - 1)
      #expect(timeline.world == worlds[moment - 1])
    }
  }

  @Test("keeps of connections that are over no more than the last ones")
  func over() throws {
    let (few, many) = (try leftOver(of: 100), try leftOver(of: 2_200))
    #expect(many.links == few.links)
    #expect(many.weight <= few.weight + 2_048 * Recorded.linkWeight)
  }

  private func leftOver(of count: Int) throws -> (links: Int, weight: Int) {
    var timeline = Timeline(PacketSource(name: "made up", pings(count: count, atOnce: 10, times: 1)))
    _ = timeline.goToEnd()
    let recorded = try #require(timeline.world.recorded)
    return (recorded.links.count, recorded.weight)
  }

  /// So many clients that connect, say PING and go, some of them at once.
  private func pings(count: Int, atOnce: Int, times: Int = 2) -> [Packet] {
    var packets: [Packet] = []
    for first in stride(from: 0, to: count, by: atOnce) {
      var wires = (first..<min(first + atOnce, count)).map { Wire(client: Endpoint(.loopback, UInt16(20_000 + $0))) }
      func each(_ side: Side, _ flags: TCPFlags, _ text: String = "") {
        for index in wires.indices { packets.append(wires[index].packet(from: side, flags, text, packets.count)) }
      }
      each(.opener, .syn)
      each(.acceptor, [.syn, .acknowledgement])
      each(.opener, .acknowledgement)
      for _ in 0..<times {
        each(.opener, [.push, .acknowledgement], "*1\r\n$4\r\nPING\r\n")
        each(.acceptor, [.push, .acknowledgement], "+PONG\r\n")
      }
      each(.opener, [.fin, .acknowledgement])
      each(.acceptor, [.fin, .acknowledgement])
      each(.opener, .acknowledgement)
    }
    return packets
  }

  private struct Wire {
    let client: Endpoint
    var next: [Side: UInt32] = [.opener: 1_000, .acceptor: 2_000]

    mutating func packet(from side: Side, _ flags: TCPFlags, _ text: String, _ number: Int) -> Packet {
      let server = Endpoint(.loopback, 7000)
      let packet = Packet(
        timestamp: Int64(number) * 10_000, source: side == .opener ? client : server,
        destination: side == .opener ? server : client, sequence: next[side] ?? 0,
        acknowledgement: flags.contains(.acknowledgement) ? next[side.other] ?? 0 : 0, flags: flags, window: 512,
        options: .none, identification: 1, payload: SharedBytes(Array(text.utf8)))
      next[side] = packet.nextSequence
      return packet
    }
  }
}
