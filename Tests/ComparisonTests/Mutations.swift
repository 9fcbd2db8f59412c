import Capture
import Dissection
import Foundation
import TestSupport

@testable import Comparison

/// A recording with one byte changed of what a node said: what a server with a fault would have said.
struct Mutations {
  let packets: [Packet]
  /// Bytes that may be changed: the packet, the place in its payload, and what message it is of.
  private(set) var places: [Place] = []

  struct Place {
    var packet: Int
    var offset: Int
    var message: Message
    var connection: Int
  }

  /// Nothing of the protocol's framing is changed, and nothing whose value is chance.
  init(_ packets: [Packet]) {
    self.packets = packets
    let transcript = Captures.heard(packets)
    for event in transcript.events {
      guard case .message(let message) = event.what, message.side == .acceptor, Self.isSaid(message.kind),
        !transcript.underWay.contains(event.connection),
        let number = transcript.place(of: message, on: event.connection)?.packet, number > 0
      else { continue }
      let payload = Array(packets[number - 1].payload)
      guard let start = payload.firstRange(of: message.bytes)?.lowerBound else { continue }
      for offset in Self.contents(of: message.bytes) {
        places.append(
          Place(packet: number - 1, offset: start + offset, message: message, connection: event.connection))
      }
    }
  }

  private static func isSaid(_ kind: Message.Kind) -> Bool {
    switch kind {
    case .stream, .streamSelect, .reply, .partialResync: true
    default: false
    }
  }

  /// Letters and digits that are no length.
  private static func contents(of bytes: [UInt8]) -> [Int] {
    var isHead = false
    return bytes.indices.filter { index in
      let byte = bytes[index]
      if index == 0 || bytes[index - 1] == 0x0a { isHead = [UInt8(ascii: "*"), UInt8(ascii: "$")].contains(byte) }
      return !isHead && index > 0
        && (UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte)
    }
  }

  /// The same byte's neighbour in the alphabet, so that a number remains one.
  func mutated(_ place: Place) -> [Packet] {
    var packets = packets
    var bytes = Array(packets[place.packet].payload)
    let byte = bytes[place.offset]
    bytes[place.offset] = byte == UInt8(ascii: "0") || byte == UInt8(ascii: "a") ? byte + 1 : byte - 1
    packets[place.packet].payload = SharedBytes(bytes)
    return packets
  }

  /// Messages first: each is as likely as any other, however long.
  func drawn(_ count: Int, seed: UInt64) -> [Place] {
    var random = TestRandom(seed: seed)
    let messages = Dictionary(grouping: places.indices) { "\(places[$0].connection) \(places[$0].message.number)" }
    let names = messages.keys.sorted()
    guard !names.isEmpty else { return [] }
    return (0..<count).compactMap { _ in
      let indices = messages[names[Int.random(in: names.indices, using: &random)]] ?? []
      return indices.isEmpty ? nil : places[indices[Int.random(in: indices.indices, using: &random)]]
    }
  }
}
