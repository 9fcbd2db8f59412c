import Capture
import Foundation
import TestSupport
import Testing

@testable import Redis

/// The recordings of real servers: a node that is told what their masters said must say what their replicas said.
@Suite struct ReplicationRecordedTests {
  struct Recording: CustomTestStringConvertible, Sendable {
    var name: String
    var port: Int
    var masterPort = 7000
    var load = Configuration.DisklessLoad.onEmptyDB
    var user: String?
    var password: String?
    var testDescription: String { "\(name), the replica on port \(port)" }
  }

  @Test(arguments: [
    Recording(name: "fullsync-diskless", port: 7001), Recording(name: "fullsync-disk", port: 7001),
    Recording(name: "fullsync-diskless", port: 7001, load: .disabled),
    Recording(name: "fullsync-disk", port: 7001, load: .swapdb), Recording(name: "partial-resync", port: 7001),
    Recording(name: "chain", port: 7001), Recording(name: "chain", port: 7002, masterPort: 7001),
    Recording(name: "acl-ok", port: 7001, user: "repl", password: "pw"),
  ]) func saysWhatTheRecordedReplicaSaid(_ recording: Recording) throws {
    let links = try links(of: recording)
    #expect(!links.isEmpty)
    let recorded = Recorded(links.flatMap { $0 }.filter { $0.fromReplica })
    let own = Recorded(replay(links, recording))
    #expect(own.commands == recorded.commands)
    #expect(own.acknowledged == recorded.acknowledged)
  }

  private struct Segment {
    var fromReplica: Bool
    var bytes: [UInt8]
  }

  /// What a replica said, without how often it acknowledged the same offset.
  private struct Recorded: Equatable {
    var commands: [String] = []
    var acknowledged: [String] = []

    init(_ segments: [Segment]) {
      var decoder = RequestReader(segments.flatMap(\.bytes))
      while let command = decoder.next() {
        if command.count == 3, command[1] == "ACK" {
          if acknowledged.last != command[2] { acknowledged.append(command[2]) }
        } else {
          commands.append(command.joined(separator: " "))
        }
      }
    }
  }

  private struct RequestReader {
    var rest: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { rest = bytes[...] }

    private mutating func line() -> String? {
      guard let end = rest.firstIndex(of: 10) else { return nil }
      defer { rest = rest[(end + 1)...] }
      return String(decoding: rest[..<end].filter { $0 != 13 }, as: UTF8.self)
    }

    mutating func next() -> [String]? {
      guard let header = line() else { return nil }
      guard header.hasPrefix("*") else { return [header] }
      return (0..<(Int(header.dropFirst()) ?? 0)).compactMap { _ in
        _ = line()
        return line()
      }
    }
  }

  /// The replica's connections to its master, each from its PING on.
  private func links(of recording: Recording) throws -> [[Segment]] {
    var connections: [(port: UInt16, segments: [Segment])] = []
    for packet in try Pcap.packets(in: Fixtures.capture(recording.name)) {
      let ports = [Int(packet.source.port), Int(packet.destination.port)]
      guard ports.contains(recording.masterPort), let peer = ports.first(where: { $0 != recording.masterPort }) else {
        continue
      }
      let segment = Segment(
        fromReplica: Int(packet.destination.port) == recording.masterPort, bytes: Array(packet.payload))
      if packet.flags.contains(.syn), segment.fromReplica { connections.append((UInt16(peer), [])) }
      guard !segment.bytes.isEmpty, let index = connections.lastIndex(where: { $0.port == UInt16(peer) }) else {
        continue
      }
      connections[index].segments.append(segment)
    }
    let port = "listening-port\r\n$4\r\n\(recording.port)\r\n"
    return connections.map(\.segments).filter { segments in
      String(decoding: segments.filter(\.fromReplica).flatMap(\.bytes), as: UTF8.self).contains(port)
    }
  }

  /// Tells a node what the master said, segment by segment, and lets a second pass where the replica had let one pass.
  private func replay(_ links: [[Segment]], _ recording: Recording) -> [Segment] {
    var configuration = Configuration()
    configuration.port = recording.port
    configuration.replDisklessLoad = recording.load
    configuration.masteruser = recording.user
    configuration.masterauth = recording.password
    configuration.replicaof = Address(host: "127.0.0.1", port: recording.masterPort)
    var (node, time) = (Node(configuration: configuration, seed: 5, now: .defaultLabClock), Instant.defaultLabClock)
    var said: [Segment] = []
    func take(_ effects: [Effect]) {
      for case .send(let id, let bytes) in effects where id.origin == .opened {
        said.append(Segment(fromReplica: true, bytes: bytes))
      }
    }
    take(node.handle(.start(files: [:]), at: time))
    for (index, segments) in links.enumerated() {
      let connection = ConnectionID(.opened, UInt64(index + 1))
      take(node.handle(.wakeUp, at: time))
      take(node.handle(.connected(connection, local: Address(host: "127.0.0.1", port: 1)), at: time))
      for segment in segments {
        let isAcknowledgement = String(decoding: segment.bytes, as: UTF8.self).contains("ACK\r\n")
        if !segment.fromReplica {
          take(node.handle(.received(connection, segment.bytes), at: time))
        } else if isAcknowledgement {
          time = time + .seconds(1)
          take(node.handle(.wakeUp, at: time))
        }
      }
      take(node.handle(.closed(connection, reset: false), at: time))
    }
    return said
  }
}
