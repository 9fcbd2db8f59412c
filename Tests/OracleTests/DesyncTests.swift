import Dissection
import Lab
import RESP
import RealRedis
import Redis
import TestSupport
import Testing

/// A stream that a replica can't read any more: it logs what a real one logs that is told the same, and gives up its link
/// as that does.
@Suite("A stream out of step is to a replica what it is to a real one", .enabled(if: RealServer.isInstalled))
struct DesyncTests {
  /// Which byte of the command `*3\r\n$3\r\nSET\r\n…` was changed on its way, and how long its value is.
  @Test("in the words of its log", arguments: [(0, 5), (0, 500), (1, 5), (4, 5), (4, 300), (5, 5)])
  func log(offset: Int, length: Int) throws {
    let (masterPort, replicaPort) = try (freePort(), freePort())
    var lab = Timeline(seed: 3)
    try lab.apply(
      .start(node: "m", Launch(arguments: ["--port", "\(masterPort)", "--repl-diskless-sync", "no"])))
    let arguments = ["--port", "\(replicaPort)", "--replicaof", "127.0.0.1 \(masterPort)"]
    try lab.apply(.start(node: "r", Launch(arguments: arguments)))
    #expect(lab.resume().stop == .quiet)
    try lab.run([["SET", "first", "value"]])
    #expect(lab.resume().stop == .quiet)
    let before = lab.position
    try lab.run([["SET", "key", String(repeating: "x", count: length)]])
    let link = try #require(lab.world.links.first { !$0.isClient })
    try lab.apply(.damagePacket(link.id, towards: .opener, offset: offset))
    // Both keep the link until the next acknowledgement, which is not sent any more.
    _ = lab.step()
    #expect(lab.world.machine("r")?.node?.replication.link.state == .connected)
    let broken = lab.world.now
    _ = lab.advance(by: .seconds(2))

    let lost = try #require(
      (before + 1...lab.position).first { number in
        lab[number].notes.contains {
          if case .log(let entry) = $0.content { entry.text == "Connection with master lost." } else { false }
        }
      })
    #expect(lab[lost].cause == .timer(node: "r") && lab[lost].time.seconds == broken.seconds + 1)
    let ours = (before + 1...lab.position).flatMap { number in
      lab[number].notes.compactMap { note in
        if note.node == "r", case .log(let entry) = note.content { entry.text } else { nil }
      }
    }
    let master = try ScriptedMaster(port: masterPort, saying: lab.firstLink(to: masterPort).fromMaster)
    let replica = try RealServer(["--replicaof", "127.0.0.1 \(masterPort)"], port: replicaPort)
    let end = "Connection with master lost."
    #expect(replica.wait(seconds: 30) { replica.log.contains(end) })
    #expect(master.commands.last?.contains("PSYNC") == true)
    let lines = replica.log.split(separator: "\n").compactMap { line in
      line.split(separator: " ", maxSplits: 6).last.map(String.init)
    }
    let start = try #require(lines.firstIndex { $0.hasSuffix("Finished with success") })
    let theirs = lines[(start + 1)...].prefix { $0 != end }
    #expect(ours.prefix { $0 != end }.map { Self.masked($0.shown) } == theirs.map(Self.masked))
    #expect(ours.contains(end))
  }

  /// How much came at once is chance, too.
  private static func masked(_ line: String) -> String { line.maskingChance(besides: ["qbuf", "qbuf-free"]) }
}
