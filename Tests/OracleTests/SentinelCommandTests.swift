import Foundation
import Lab
import RESP
import RealRedis
import Redis
import Testing

/// What a Sentinel is asked and told, beside a real one: names and odd addresses, and numbers of which no person thinks.
@Suite("A Sentinel answers as a real one does", .enabled(if: RealServer.isInstalled)) struct SentinelCommandTests {
  /// A list of commands; `{m}` is the master's port, `{id}` another Sentinel's id. Of replies that tell much, `|` has the fields that
  /// count behind it.
  struct Questions: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Lines of the file besides the master.
    var file = ""
    var host = "127.0.0.1"
    var commands: [String]
  }

  private static let id = String(repeating: "a", count: 40)
  private static let other = String(repeating: "b", count: 40)

  private static func hello(epoch: String = "0", _ master: String, _ configEpoch: String) -> String {
    "PUBLISH __sentinel__:hello 127.0.0.1,5,\(id),\(epoch),mymaster,\(master),\(configEpoch)"
  }

  private static let looks = [
    "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster", "SENTINEL MASTER mymaster | name ip port config-epoch quorum",
    "SENTINEL SENTINELS mymaster | name ip port voted-leader-epoch", "SENTINEL FLUSHCONFIG",
  ]

  static let questions = [
    Questions(
      testDescription: "names are announced", file: "resolve-hostnames yes\nsentinel announce-hostnames yes",
      host: "localhost",
      commands: looks + [
        "SENTINEL IS-MASTER-DOWN-BY-ADDR localhost {m} 0 *", "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {m} 7 \(other)",
        "SENTINEL IS-MASTER-DOWN-BY-ADDR LOCALHOST {m} 8 \(other)", "SENTINEL MONITOR second 127.1 {m} 1",
        "SENTINEL GET-MASTER-ADDR-BY-NAME second", hello("localhost,{m}", "0"), hello("127.0.0.1,{m}", "1"),
      ] + looks + ["SENTINEL CONFIG SET announce-hostnames no"] + looks + [
        hello(epoch: "9", "localhost,1", "9"), "SENTINEL CONFIG SET announce-hostnames yes",
      ] + looks),
    Questions(
      testDescription: "names are resolved, and not announced", file: "resolve-hostnames yes", host: "localhost",
      commands: looks + [hello("localhost,{m}", "0"), hello("127.0.0.1,{m}", "1")] + looks),
    Questions(
      testDescription: "names are no addresses",
      commands: [
        "SENTINEL MONITOR second localhost {m} 1", "SENTINEL IS-MASTER-DOWN-BY-ADDR localhost {m} 0 *",
        hello("localhost,1", "1"),
      ] + looks + ["SENTINEL CONFIG SET resolve-hostnames yes", "SENTINEL MONITOR second localhost {m} 1"] + looks),
    Questions(
      testDescription: "addresses may be short, octal and hexadecimal",
      commands: [
        "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.08", "127.256", "127.16777216", "0x", "127.", "+1",
      ]
      .enumerated().flatMap { index, host in
        ["SENTINEL MONITOR e\(index) \(host) {m} 1", "SENTINEL GET-MASTER-ADDR-BY-NAME e\(index)"]
      } + [
        "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.1 {m} 0 *", "SENTINEL MONITOR far 127.0.0.1 4294967297 1",
        "SENTINEL GET-MASTER-ADDR-BY-NAME far", "SENTINEL MONITOR minus 127.0.0.1 -1 1",
      ]),
    Questions(testDescription: "what there is to ask", commands: ["SENTINEL HELP", "SENTINEL help x"]),
    Questions(
      testDescription: "a quorum is an int",
      commands: ["9223372036854775807", "2147483648", "2147483647", "4294967297", "0", "-1", "9223372036854775808"]
        .flatMap { ["SENTINEL SET mymaster quorum \($0)", "SENTINEL CKQUORUM mymaster"] + looks }
        + [
          "SENTINEL MONITOR second 127.0.0.1 {m} 4294967295", "SENTINEL MASTER second | quorum",
          "SENTINEL CKQUORUM second", "SENTINEL MONITOR third 127.0.0.1 {m} 4294967296", "SENTINEL CKQUORUM third",
        ]),
    Questions(
      testDescription: "an epoch has 64 bits, and a minus is one, too",
      commands: [hello("127.0.0.1,1", "-1")] + looks + [
        hello(epoch: "18446744073709551614", "127.0.0.1,{m}", "18446744073709551615"),
        hello(epoch: "99999999999999999999", "127.0.0.1,{m}", "1"),
        "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 -1 \(other)",
      ] + looks),
    // What stands for a byte in a text here is that byte on the wire and in the file.
    Questions(
      testDescription: "names and passwords are bytes, some of which end at a NUL",
      commands: [
        "SENTINEL MONITOR n\u{10FFFF} 127.0.0.1 {m} 1", "SENTINEL MASTER n\u{10FFFF} | name ip port",
        "SENTINEL GET-MASTER-ADDR-BY-NAME n\u{10FFFF}", "SENTINEL GET-MASTER-ADDR-BY-NAME n\u{10FFFF}\0x",
        "SENTINEL MASTER n\u{10FFFE} | name", "SENTINEL MASTER n\u{10FFFF}\0 | name",
        "SENTINEL SET n\u{10FFFF} auth-pass p\u{10FFFF}", "SENTINEL SET n\u{10FFFF} auth-user u\u{10FFC3}\0x",
        "SENTINEL SET n\u{10FFFF} nosuch\u{10FF80}\0x 1", "SENTINEL SET n\u{10FFFF} quorum\0x \u{10FF80}\0x",
        "SENTINEL SET n\u{10FFFF} quorum\0x 1", "SENTINEL SET mymaster rename-command CONFIG \u{10FFFF}",
        "SENTINEL CONFIG SET sentinel-pass \u{10FFFF}\0y", "SENTINEL CONFIG SET sentinel-user\0x \u{10FFFF}",
        "SENTINEL CONFIG GET sentinel-*", "SENTINEL CONFIG GET sentinel-*\0x", "SENTINEL CONFIG GET \u{10FFFF}*",
        "SENTINEL CONFIG SET nosuch\u{10FFFF}\0x 1", "SENTINEL CONFIG SET announce-port \u{10FFFF}\0x",
        "SENTINEL CONFIG SET announce-ip \u{10FFFF}\0z", "SENTINEL CONFIG GET announce-ip",
        "SENTINEL CONFIG SET announce-ip 127.0.0.1", "SENTINEL CONFIG SET resolve-hostnames \u{10FFFF}",
        "SENTINEL CONFIG SET resolve-hostnames no\0x", "SENTINEL DEBUG \u{10FFFF}\0x 1",
        "SENTINEL DEBUG info-period\0x \u{10FFFF}\0x", "SENTINEL DEBUG info-period\0x 9000",
        "SENTINEL CKQUORUM n\u{10FFFF}", "SENTINEL CKQUORUM n\u{10FFFE}", "SENTINEL INFO-CACHE nosuch\u{10FFFF}",
        "SENTINEL SIMULATE-FAILURE \u{10FFFF}", "SENTINEL SIMULATE-FAILURE help\0x", "PUBLISH __sentinel__:hello\0x x",
        "PUBLISH \u{10FFFF} x", "SENTINEL MONITOR z\0x 127.0.0.1\0y {m} 1", "SENTINEL MASTER z | name ip",
        "SENTINEL MONITOR \u{10FFFF} \u{10FFFF} {m} 1", "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1\0x {m} 0 *\0x",
        "SENTINEL IS-MASTER-DOWN-BY-ADDR \u{10FFFF} {m} 0 *", "SENTINEL NOSUCH\u{10FFFF} x", "SENTINEL FLUSHCONFIG",
        "SENTINEL RESET \u{10FFFF}*", "SENTINEL RESET z*\0x", "SENTINEL REMOVE z",
      ]),
    Questions(
      testDescription: "a port is an int, and what follows a number is nothing",
      commands: [
        hello(epoch: "  +12x", "127.0.0.1,4294967297", " 3,"), hello(epoch: "x", "127.0.0.1,4294967297", " 3 "),
      ] + looks),
  ]

  @Test("to names, addresses and numbers", arguments: questions) func answers(_ questions: Questions) throws {
    let (master, port) = (try RealServer(), try freePort())
    let file = Array(
      """
      loglevel verbose
      sentinel myid \(String(repeating: "c", count: 40))
      \(questions.file.isEmpty ? "" : "sentinel " + questions.file)
      sentinel monitor mymaster \(questions.host) \(master.port) 1

      """.utf8)
    let real = try RealServer(["s.conf", "--sentinel"], files: ["s.conf": file], port: port, program: "redis-server")
    var lab = Timeline(seed: 7)
    try lab.apply(.start(node: "m", Launch(arguments: ["--port", "\(master.port)"])))
    let launch = Launch(
      file: ConfigurationFile(name: "s.conf", bytes: file), arguments: ["--sentinel", "--port", "\(port)"])
    try lab.apply(.start(node: "s", launch))
    for line in questions.commands {
      let parts = line.replacingOccurrences(of: "{m}", with: "\(master.port)").components(separatedBy: " | ")
      let words = parts[0].components(separatedBy: " ").map(\.bytes)
      let theirs = try Socket(port: port).command(words)
      let ours = try lab.apply(.command(node: "s", arguments: words)).replies.first?.bytes ?? []
      let fields = parts.count > 1 ? parts[1].components(separatedBy: " ") : nil
      #expect(Self.told(ours, fields) == Self.told(theirs, fields), "\(line)")
    }
    var log: [String] = []
    lab.forEachStep { step in
      for note in step.notes where note.node == "s" {
        if case .log(let entry) = note.content { log.append(entry.text) }
      }
    }
    let lines = String(bytes: real.file("log") ?? []).split(separator: "\n").map {
      $0.split(separator: " ", maxSplits: 6).last.map(String.init) ?? ""
    }
    #expect(Self.events(log) == Self.events(lines))
    let written = lab.world.machine("s")?.disk.files["s.conf"]?.bytes ?? []
    #expect(Self.known(written) == Self.known(real.file("s.conf") ?? []))
  }

  @Test("and finds a master by a node's name, also one that is there only later") func nodesByName() throws {
    var lab = Timeline(seed: 7)
    try lab.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    let lines = ["resolve-hostnames yes", "announce-hostnames yes", "monitor g m 7000 1", "monitor later r 7001 1"]
    try lab.apply(.start(node: "s", Launch(arguments: lines.flatMap { ["--sentinel", $0] } + ["--port", "26379"])))
    _ = lab.advance(by: .seconds(2))
    try lab.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "m 7000"])))
    _ = lab.advance(by: .seconds(20))
    var log: [String] = []
    lab.forEachStep { step in
      for note in step.notes where note.node == "s" {
        if case .log(let entry) = note.content { log.append(entry.text) }
      }
    }
    #expect(log.first == "Failed to resolve hostname 'r'")
    #expect(log.contains("+monitor master g m 7000 quorum 1"))
    #expect(log.contains("+slave slave 127.0.0.1:7001 127.0.0.1 7001 @ g m 7000"))
    let known = try #require(lab.world.machine("s")?.node?.sentinel.masters["later"]?.instance)
    #expect(known.address == Address(host: "127.0.0.1", port: 7001) && known.info != nil)
    let file = String(decoding: lab.world.machine("s")?.disk.files["sentinel.conf"]?.bytes ?? [], as: UTF8.self)
    #expect(file.contains("sentinel monitor later r 7001 1\n"))
  }

  /// A reply as text; of a list of fields only those that count.
  private static func told(_ reply: [UInt8], _ fields: [String]?) -> [String] {
    let lines = String(bytes: reply).components(separatedBy: "\r\n")
    guard let fields else { return lines }
    return lines.indices.filter { fields.contains(lines[$0]) && $0 + 2 < lines.count }
      .map { "\(lines[$0]) \(lines[$0 + 2])" }
  }

  /// What is said of what it was told; what it finds out meanwhile is a matter of time.
  private static func events(_ lines: [String]) -> [String] {
    lines.filter { line in
      ["+monitor", "+sentinel", "+new-epoch", "+vote", "+config-update", "+switch", "+set", "Failed to"].contains {
        line.hasPrefix($0)
      }
    }
  }

  private static func known(_ file: [UInt8]) -> [String] {
    String(bytes: file).split(separator: "\n").map(String.init).filter { $0.hasPrefix("sentinel ") }
      .sorted()
  }
}
