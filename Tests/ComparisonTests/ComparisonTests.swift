import Capture
import Dissection
import Lab
import Testing

@testable import Comparison

@Suite("Two transcripts, but for chance") struct ComparisonTests {
  @Test("a recording is the same as itself", arguments: Captures.names)
  func itself(_ name: String) throws {
    let transcript = try Captures.heard(name)
    let comparison = Comparison(transcript, transcript)
    #expect(comparison.differences.isEmpty)
    #expect(comparison.chance.isEmpty && comparison.unknownBytes == 0)
    #expect(comparison.messages > 0)
  }

  @Test("a real server's sync and the lab's are the same, and what is chance is counted")
  func recordedTwice() throws {
    let recorded = try Captures.packets("fullsync-diskless").filter { packet in
      [packet.source.port, packet.destination.port].contains(35_814)
    }
    let comparison = Comparison(Captures.heard(recorded), try labSync(value: "ww"))
    #expect(comparison.differences.isEmpty)
    #expect(comparison.connections == 1)
    #expect(comparison.chance[.replicationID] == 2 && comparison.chance[.endMark] == 1)
    #expect(comparison.chance[.creationTime] == 1 && comparison.chance[.acknowledgements] == 1)
    let other = Comparison(Captures.heard(recorded), try labSync(value: "w"))
    #expect(other.differences.map(\.word) == [2])
    #expect(other.differences.first?.first?.text == "set qq ww")
  }

  private func labSync(value: String) throws -> NormalizedTranscript {
    var timeline = Timeline(seed: 3)
    func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }
    try timeline.apply(
      .start(node: "m", Launch(arguments: ["--port", "7000", "--repl-diskless-sync-delay", "0"])))
    for pair in ["titi toto", "toto tutu", "tata tyty"] {
      try timeline.apply(.command(node: "m", arguments: words("SET \(pair)")))
    }
    let options = ["--replicaof", "127.0.0.1 7000", "--repl-diskless-load", "on-empty-db"]
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001"] + options)))
    _ = timeline.advance(by: .seconds(9))
    try timeline.apply(.command(node: "m", arguments: words("set qq \(value)")))
    _ = timeline.advance(by: .seconds(2))
    let client = timeline.packets.first?.source.port
    return Captures.heard(timeline.packets.filter { ![$0.source.port, $0.destination.port].contains(client) })
  }

  @Test("ids, marks, starts, ports, acknowledgements and the order of keys are chance")
  func chance() {
    var (a, b) = (Script(), Script())
    a.sync(id: "a", offset: 14, keys: ["k", "l"])
    b.sync(id: "b", offset: 9_000, keys: ["l", "k"], mark: "d", master: 17_000, replica: 17_001)
    let ping = a.command("PING")
    a.say(1, .acceptor, a.command("set", "x", "1"))
    a.say(1, .opener, a.command("REPLCONF", "ACK", "41"))
    for _ in 0..<3 { b.say(1, .acceptor, b.command("PING")) }
    b.say(1, .acceptor, b.command("set", "x", "1"))
    b.say(1, .opener, b.command("REPLCONF", "ACK", "\(9_000 + 3 * ping.utf8.count)"))
    b.say(1, .opener, b.command("REPLCONF", "ACK", "\(9_000 + 3 * ping.utf8.count + 27)"))
    let comparison = Comparison(a.transcript, b.transcript)
    #expect(comparison.differences.isEmpty)
    #expect(
      Set(comparison.chance.keys) == [
        .replicationID, .endMark, .startOffset, .port, .keyOrder, .pings, .acknowledgements,
      ])
  }

  @Test("when a monitor is shown a command, and whose it is, is chance; the command is none") func monitor() {
    func transcript(_ shown: String) -> NormalizedTranscript {
      var script = Script()
      script.begin(1, port: 7000)
      script.say(1, .opener, script.command("MONITOR"))
      script.say(1, .acceptor, "+OK\r\n")
      script.say(1, .acceptor, "+\(shown)\r\n")
      return script.transcript
    }
    let first = transcript(#"1686319013.000100 [0 127.0.0.1:40000] "set" "k" "v""#)
    let again = Comparison(first, transcript(#"1795995667.009409 [0 127.0.0.1:38770] "set" "k" "v""#))
    #expect(again.differences.isEmpty)
    #expect(again.chance == [.time: 1, .port: 1])
    for other in [
      #"1686319013.000100 [1 127.0.0.1:40000] "set" "k" "v""#, #"1686319013.000100 [0 lua] "set" "k" "v""#,
      #"1686319013.000100 [0 127.0.0.1:40000] "set" "k" "w""#,
    ] { #expect(Comparison(first, transcript(other)).differences.count == 1, "\(other)") }
  }

  @Test("rounds of a storm are one") func rounds() throws {
    let packets = try Captures.packets("auth-storm")
    let fewer = packets.filter { ![$0.source.port, $0.destination.port].contains(43_092) }
    let comparison = Comparison(Captures.heard(packets), Captures.heard(fewer))
    #expect(comparison.differences.isEmpty)
    #expect(comparison.chance == [.rounds: 1])
  }

  @Test("an acknowledgement that no command ends at is a difference")
  func acknowledgement() {
    func transcript(_ offset: Int) -> NormalizedTranscript {
      var script = Script()
      script.sync(id: "a")
      script.say(1, .acceptor, script.command("set", "x", "1"))
      script.say(1, .opener, script.command("REPLCONF", "ACK", "\(offset)"))
      return script.transcript
    }
    #expect(Comparison(transcript(27), transcript(0)).differences.isEmpty)
    #expect(Comparison(transcript(27), transcript(26)).differences.first?.second?.text.contains("within") == true)
    #expect(Comparison(transcript(27), transcript(28)).differences.first?.second?.text.contains("more") == true)
  }

  @Test("that the same history is meant is no chance") func history() {
    func transcript(_ second: Character, _ offset: Int) -> NormalizedTranscript {
      var script = Script()
      script.sync(id: "a", offset: 100)
      script.say(1, .acceptor, script.command("set", "x", "1"))
      script.begin(2, port: 7000)
      script.say(2, .opener, script.command("REPLCONF", "listening-port", "7001"))
      script.say(2, .acceptor, "+OK\r\n")
      script.say(2, .opener, script.command("PSYNC", String(repeating: second, count: 40), "\(offset)"))
      script.say(2, .acceptor, "+CONTINUE\r\n")
      return script.transcript
    }
    let right = transcript("a", 128)
    #expect(Comparison(right, transcript("a", 128)).differences.isEmpty)
    #expect(Comparison(right, transcript("b", 128)).differences.first?.first?.text == "PSYNC id1 +27")
    #expect(Comparison(right, transcript("a", 101)).differences.first?.second?.text == "PSYNC id1 +0")
  }
}

@Suite("Where two transcripts differ") struct DifferenceTests {
  private func changed(_ name: String, _ old: String, _ new: String) throws -> Comparison {
    let packets = try Captures.packets(name)
    return Comparison(Captures.heard(packets), Captures.heard(packets.map { $0.replacing(old, with: new) }))
  }

  @Test("another value in the stream, at the word that differs") func value() throws {
    let comparison = try changed("fullsync-diskless", "qq\r\n$2\r\nww", "qq\r\n$2\r\nwx")
    // The client's command, and the master's.
    #expect(comparison.differences.map(\.word) == [2, 2])
    #expect(comparison.differences.allSatisfy { $0.kind == .changed })
    #expect(comparison.differences.first?.who == .clients(of: "127.0.0.1:7000"))
    #expect(comparison.differences.last?.who == .replication(replica: "127.0.0.1:7001", master: "127.0.0.1:7000"))
    #expect(comparison.differences.last?.first?.message?.stage == .connected)
  }

  @Test("another reply") func reply() throws {
    let comparison = try changed("fullsync-diskless", "+PONG", "+pong")
    #expect(comparison.differences.map(\.side) == [.acceptor, .acceptor])
    #expect(comparison.differences.first?.first?.text == "+PONG")
    #expect(comparison.differences.first?.second?.text == "+pong")
  }

  private func snapshot(_ keys: [String], value: Character = "v", inPieces: Bool = false) -> NormalizedTranscript {
    var script = Script()
    script.sync(id: "a", keys: keys, value: value, inPieces: inPieces)
    return script.transcript
  }

  @Test("the keys that only one of two snapshots has, at their records") func snapshot() throws {
    let comparison = Comparison(snapshot(["k", "l", "m"]), snapshot(["m", "k", "n"]))
    #expect(comparison.differences.count == 1)
    let difference = try #require(comparison.differences.first)
    let (first, second) = (try #require(difference.first), try #require(difference.second))
    #expect(first.isSnapshot && second.isSnapshot && difference.word == nil)
    try #require(difference.records.map(\.kind) == [.onlyFirst, .onlySecond])
    let (l, n) = (try #require(difference.records[0].first), try #require(difference.records[1].second))
    #expect(first.words[l] == Array("0: l = v".utf8))
    #expect(second.words[n] == Array("0: n = v".utf8))
    // REDIS0010, the database, and the record of k.
    #expect(first.records[l].range == 16..<21)
    #expect(second.records[n].range == 21..<26)
  }

  @Test("a key more, wherever it stands and however the payload was cut", arguments: [false, true])
  func moreKeys(_ inPieces: Bool) throws {
    for (keys, fewer) in [(["a", "b"], ["a"]), (["a", "b", "c"], ["c", "b"]), (["a"], [])] {
      let comparison = Comparison(snapshot(keys, inPieces: inPieces), snapshot(fewer))
      let difference = try #require(comparison.differences.first)
      let only = difference.records.compactMap { $0.first.flatMap { difference.first?.words[$0] } }
      let expected = keys.filter { !fewer.contains($0) }.map { Array("0: \($0) = v".utf8) }
      #expect(only == expected && difference.records.count == 1)
      let reverse = try #require(Comparison(snapshot(fewer), snapshot(keys, inPieces: inPieces)).differences.first)
      #expect(reverse.records.map(\.kind) == [.onlySecond])
    }
    #expect(Comparison(snapshot(["a"], inPieces: inPieces), snapshot(["a"])).differences.isEmpty)
  }

  @Test("another value of a key is one record that differs") func otherValue() throws {
    let comparison = Comparison(snapshot(["a"]), snapshot(["a"], value: "w"))
    let difference = try #require(comparison.differences.first)
    #expect(difference.records == [RecordDifference(first: 1, second: 1)])
    #expect(difference.records.first?.kind == .changed)
  }

  private func stream(_ values: String...) -> NormalizedTranscript {
    var script = Script()
    script.sync(id: "a")
    for value in values { script.say(1, .acceptor, script.command("set", "x", value)) }
    return script.transcript
  }

  @Test("a message that only one of them has, and all of them where all are asked for") func missing() {
    let comparison = Comparison(stream("1", "2", "3", "4"), stream("1", "3", "5", "4"), findsAll: true)
    #expect(comparison.differences.map(\.kind) == [.onlyFirst, .onlySecond])
    #expect(comparison.differences.map { $0.first?.text } == ["set x 2", "set x 4"])
    #expect(comparison.differences.map { $0.second?.text } == ["set x 3", "set x 5"])
    #expect(Comparison(stream("1", "2"), stream("1")).differences.map(\.kind) == [.onlyFirst])
    #expect(Comparison(stream("1"), stream("1", "2")).differences.map(\.kind) == [.onlySecond])
  }

  @Test("another order") func order() {
    let comparison = Comparison(stream("1", "2", "3"), stream("2", "1", "3"))
    #expect(comparison.differences.map(\.kind) == [.order])
    #expect(comparison.differences.first?.first?.text == "set x 1")
  }

  @Test("what text hides is no difference, and told", arguments: Captures.names)
  func dots(_ name: String) throws {
    let packets = try Captures.packets(name)
    let comparison = Comparison(Captures.heard(packets), Captures.heard(packets, hidesBytes: true))
    #expect(comparison.differences.isEmpty)
    #expect((comparison.unknownBytes > 0) == !name.contains("storm"))
  }

  @Test("messages that a recording lacks are no difference, and told") func holes() throws {
    let packets = try Captures.packets("chain")
    for index in packets.indices where packets[index].payload.count > 0 {
      var fewer = packets
      fewer.remove(at: index)
      let comparison = Comparison(Captures.heard(packets), Captures.heard(fewer))
      let found = comparison.differences.map { "\($0.who): \($0.first?.text ?? "-") / \($0.second?.text ?? "-")" }
      #expect(found == [], "without packet \(index + 1)")
      #expect(comparison.unknownMessages + (comparison.chance.isEmpty ? 0 : 1) > 0)
    }
  }
}
