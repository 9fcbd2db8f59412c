import Capture
import Dissection
import Redis
import Testing

@testable import Comparison

@Suite("A node in place of a recorded one") struct RebuildingTests {
  @Test("says what the recorded one said, but for chance", arguments: Captures.names)
  func same(_ name: String) throws {
    let transcript = try Captures.heard(name)
    let nodes = transcript.recordedNodes
    #expect(nodes.count == (name == "chain" ? 3 : 2))
    for node in nodes {
      let rebuilding = try Rebuilding(node, from: transcript)
      let comparison = Comparison(transcript, rebuilding.transcript, of: node.name)
      #expect(comparison.differences.isEmpty, "\(node.name): \(comparison.differences)")
      if name != "types" || rebuilding.recorded.isReplica { #expect(rebuilding.remarks == .init()) }
      #expect(comparison.messages >= 5)
      // Ids, marks and times are those of the recording.
      #expect(Set(comparison.chance.keys).isSubset(of: [.keyOrder, .rounds, .acknowledgements, .time]))
    }
  }

  @Test("commands that it can't run are told, and what followed from them is the recording's") func types() throws {
    let transcript = try Captures.heard("types")
    let rebuilding = try Rebuilding(try #require(transcript.recordedNodes.first), from: transcript)
    let said = ["spop", "hincrbyfloat", "lpush", "zadd", "xadd", "eval", "publish"]
    #expect(rebuilding.remarks.commands == said.filter { CommandTable.bodies[$0] == nil })
  }

  @Test(
    "a master that says one word otherwise is found out",
    arguments: [
      ("acl-ok", "+OK", "+ok"), ("auth-storm", "-NOAUTH Authentication", "-NOAUTH authentication"),
      ("fullsync-disk", "$2\r\nww", "$2\r\nwx"), ("partial-resync", "$2\r\nv2", "$2\r\nv3"),
      ("chain", "$3\r\nset\r\n", "$3\r\nget\r\n"),
    ])
  func mutated(_ name: String, _ old: String, _ new: String) throws {
    let packets = try Captures.packets(name).map { $0.source.port == 7000 ? $0.replacing(old, with: new) : $0 }
    let transcript = Captures.heard(packets)
    let master = try #require(transcript.recordedNodes.first { $0.name == "127.0.0.1:7000" })
    let rebuilding = try Rebuilding(master, from: transcript)
    let comparison = Comparison(transcript, rebuilding.transcript, of: master.name)
    #expect(comparison.differences.first?.side == .acceptor)
  }

  @Test("what can't be rebuilt is said") func obstacles() throws {
    let packets = try Captures.packets("partial-resync")
    let hidden = Captures.heard(packets, hidesBytes: true)
    #expect(hidden.recordedNodes.allSatisfy { $0.obstacle == .dots })
    // The recording begins after the full sync: where the history stood is told, and what data there was is not.
    let later = Captures.heard(packets.filter { ![$0.source.port, $0.destination.port].contains(39_268) })
    for node in later.recordedNodes {
      let rebuilding = try Rebuilding(node, from: later)
      let comparison = Comparison(later, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
      #expect(comparison.differences.isEmpty, "\(node.name): \(comparison.differences)")
    }
  }

  @Test("of connections that were all there before, and of commands that the lab lacks, nothing is left to compare")
  func nothingLeft() throws {
    let transcript = try Captures.heard("under-way")
    let obstacles = try transcript.recordedNodes.map { node in
      let rebuilding = try Rebuilding(node, from: transcript)
      let comparison = Comparison(transcript, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
      return rebuilding.obstacle(after: comparison)
    }
    guard case .nothingOwn(let remarks)? = obstacles.first else {
      Issue.record("\(obstacles)")
      return
    }
    #expect(remarks.underWay == 42)
    let said = ["xadd", "srem", "bzpopmin", "function|load", "sort"]
    #expect(remarks.commands == said.filter { CommandTable.bodies[$0] == nil })
    #expect(Array(obstacles.dropFirst()) == [.underWay])
  }

  @Test(
    "a time of another moment is found, where one within half a second is what playing it again brings",
    arguments: [("5646", "5645", true), ("5646", "4646", false), ("1795935525646", "1795935625646", false)])
  func times(_ old: String, _ new: String, _ isSame: Bool) throws {
    let time = "PEXPIREAT\r\n$2\r\nk4\r\n$13\r\n179593552"
    let full = old.count == 4 ? (time + old, time + new) : (old, new)
    let packets = try Captures.packets("situation-1020").map { $0.replacing(full.0, with: full.1) }
    let transcript = Captures.heard(packets)
    let master = try #require(transcript.recordedNodes.first)
    let rebuilding = try Rebuilding(master, from: transcript)
    let comparison = Comparison(transcript, rebuilding.transcript, of: master.name, without: rebuilding.leftOut)
    #expect(comparison.differences.isEmpty == isSame)
  }

  @Test("a round of a storm that lacks a packet is one of its rounds") func gap() throws {
    var packets = try Captures.packets("auth-storm")
    packets.remove(at: try #require(packets.firstIndex { $0.source.port == 43_092 && !$0.payload.isEmpty }))
    let transcript = Captures.heard(packets)
    for node in transcript.recordedNodes {
      let rebuilding = try Rebuilding(node, from: transcript)
      let comparison = Comparison(transcript, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
      #expect(comparison.differences.isEmpty, "\(node.name): \(comparison.differences)")
    }
  }

  @Test("what a later round of a storm is answered is compared, too", arguments: ["acl-storm", "auth-storm"])
  func laterRound(_ name: String) throws {
    var packets = try Captures.packets(name)
    let errors = packets.indices.filter { packets[$0].payload.starts(with: "-NO".utf8) }
    let last = try #require(errors.last)
    #expect(errors.count > 2)
    packets[last].payload = SharedBytes(
      Array(packets[last].payload).map { $0 == UInt8(ascii: "r") ? UInt8(ascii: "x") : $0 })
    let transcript = Captures.heard(packets)
    let found = try transcript.recordedNodes.contains { node in
      let rebuilding = try Rebuilding(node, from: transcript)
      return !Comparison(transcript, rebuilding.transcript, of: node.name).differences.isEmpty
    }
    #expect(found)
  }

  @Test("what clients, replicas and failures did to real servers is no difference", arguments: Captures.situations)
  func situations(_ name: String) throws {
    let transcript = try Captures.heard(name)
    for node in transcript.recordedNodes {
      let rebuilding = try Rebuilding(node, from: transcript)
      let comparison = Comparison(
        transcript, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
      #expect(comparison.differences.isEmpty, "\(node.name): \(comparison.differences)")
    }
  }

  @Test("recordings with other bytes in them neither trap nor hang", arguments: Captures.names)
  func hostile(_ name: String) throws {
    let packets = try Captures.packets(name)
    let original = Captures.heard(packets)
    var random = SeededRandom(seed: 11)
    for _ in 0..<12 {
      var mangled = packets
      for _ in 0..<6 {
        let index = Int(random.next() % UInt64(mangled.count))
        var bytes = Array(mangled[index].payload)
        switch random.next() % 4 {
        case 0 where !bytes.isEmpty:
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        case 1 where !bytes.isEmpty: bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
        case 2: mangled[index].timestamp = Int64(bitPattern: random.next())
        default: mangled.swapAt(index, Int(random.next() % UInt64(mangled.count)))
        }
        if mangled[index].payload.count >= bytes.count { mangled[index].payload = SharedBytes(bytes) }
      }
      let transcript = Captures.heard(mangled)
      _ = Comparison(original, transcript, findsAll: true)
      for node in transcript.recordedNodes {
        guard let rebuilding = try? Rebuilding(node, from: transcript) else { continue }
        _ = Comparison(transcript, rebuilding.transcript, of: node.name)
      }
    }
  }
}
