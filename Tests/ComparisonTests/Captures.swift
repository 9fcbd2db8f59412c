import Capture
import CaptureFiles
import Dissection
import Foundation
import RESP
import TestSupport

@testable import Comparison

/// The recordings of a real Redis, and packets made up.
enum Captures {
  static let names = Fixtures.captures
  static let situations = Fixtures.situations

  static func packets(_ name: String) throws -> [Packet] {
    let recording = try Recording(path: Fixtures.capturePath(name))
    var packets: [Packet] = []
    while let record = try recording.next() { if let packet = record.packet { packets.append(packet) } }
    return packets
  }

  static func heard(_ packets: [Packet], hidesBytes: Bool = false) -> NormalizedTranscript {
    var transcript = NormalizedTranscript(keepsEvents: true)
    for packet in packets {
      var packet = packet
      var hasDots = false
      if hidesBytes {
        let shown = packet.payload.map { ($0 < 0x20 && $0 != 10 && $0 != 13) || $0 > 0x7e ? UInt8(ascii: ".") : $0 }
        hasDots = shown != Array(packet.payload)
        packet.payload = SharedBytes(shown)
      }
      transcript.consume(packet, hasDots: hasDots)
    }
    transcript.end()
    return transcript
  }

  static func heard(_ name: String) throws -> NormalizedTranscript { heard(try packets(name)) }
}

extension Packet {
  /// The same with other bytes in place of some, which are as many.
  func replacing(_ old: String, with new: String) -> Packet {
    var packet = self
    let text = String(decoding: payload, as: UTF8.self)
    guard text.utf8.count == payload.count, text.contains(old) else { return self }
    packet.payload = SharedBytes(Array(text.replacing(old, with: new).utf8))
    return packet
  }
}

/// What is said on connections, as a few lines.
struct Script {
  private var wire = PacketWriter()
  private var time: Int64 = 1_700_000_000_000_000_000
  private var clients = 0

  /// A replica and its master shake hands, and the master sends these keys; returns the transcript so far.
  mutating func sync(
    id: Character, offset: Int = 0, keys: [String] = [], mark: Character = "e", master: UInt16 = 7000,
    replica: UInt16 = 7001, connection: Int = 1, value: Character = "v", inPieces: Bool = false
  ) {
    begin(connection, port: master)
    say(connection, .opener, command("PING"))
    say(connection, .acceptor, "+PONG\r\n")
    say(connection, .opener, command("REPLCONF", "listening-port", "\(replica)"))
    say(connection, .acceptor, "+OK\r\n")
    say(connection, .opener, command("PSYNC", "?", "-1"))
    say(connection, .acceptor, "+FULLRESYNC \(String(repeating: id, count: 40)) \(offset)\r\n")
    let mark = String(repeating: mark, count: 40)
    say(connection, .acceptor, "$EOF:\(mark)\r\n")
    var payload = Array("REDIS0010".utf8) + [0xfe, 0]
    for key in keys { payload += [0, UInt8(key.utf8.count)] + Array(key.utf8) + [1] + Array("\(value)".utf8) }
    payload += [0xff] + [UInt8](repeating: 0, count: 8)
    for start in stride(from: 0, to: payload.count, by: inPieces ? 3 : payload.count) {
      let end = inPieces ? min(start + 3, payload.count) : payload.count
      wire.send(Array(payload[start..<end]), on: connection, from: .acceptor, at: time)
    }
    say(connection, .acceptor, mark)
    say(connection, .opener, command("REPLCONF", "ACK", "\(offset)"))
  }

  mutating func begin(_ connection: Int, port: UInt16) {
    wire.begin(connection, Endpoint(.loopback, 40_000 + UInt16(connection)), Endpoint(.loopback, port), at: time)
  }

  mutating func say(_ connection: Int, _ side: Dissection.Side, _ text: String) {
    time += 1_000_000
    wire.send(Array(text.utf8), on: connection, from: side, at: time)
  }

  func command(_ words: String...) -> String {
    String(decoding: [UInt8](command: words), as: UTF8.self)
  }

  var transcript: NormalizedTranscript {
    var wire = wire
    wire.end()
    return wire.transcript
  }
}
