import Lab
import RealRedis
import Redis
import Testing

/// A master that is newer or older than its replica, as a real replica sees it: it is told, byte for byte, what the lab's master
/// tells the lab's replica.
@Suite("A snapshot of another version is to a replica what it is to a real one", .enabled(if: RealServer.isInstalled))
struct SnapshotVersionTests {
  private static let loads = ["disabled", "swapdb", "on-empty-db"]

  @Test("a newer one is refused in the same words, again and again", arguments: [11, 12], loads)
  func newer(version: Int, load: String) throws {
    let complaint = "Can't handle RDB format version \(version)"
    let stage = try SnapshotVersionStage(version: version, ["--repl-diskless-load", load])
    try stage.run(until: complaint, times: 4)
    #expect(stage.ours == stage.theirs)
    #expect(stage.ours.count { $0 == complaint } == 4)
    #expect(stage.commands.theirs == stage.commands.ours)
  }

  @Test("an older one is loaded", arguments: [9, 10], loads)
  func older(version: Int, load: String) throws {
    let stage = try SnapshotVersionStage(version: version, ["--repl-diskless-load", load])
    try stage.run(until: "MASTER <-> REPLICA sync: Finished with success", times: 1)
    #expect(stage.ours == stage.theirs)
    #expect(stage.commands.theirs == stage.commands.ours)
    let digests = try stage.digests()
    #expect(digests.ours == digests.theirs)
  }
}

/// The lab's replica of a master that writes another version, and a real one of somebody who says the same as that.
private final class SnapshotVersionStage {
  private var lab = Timeline(seed: 3)
  private let masterPort: Int
  private let replicaPort: Int
  private let directives: [String]
  private var replica: RealServer?
  private var master: ScriptedMaster?
  /// What the replicas log, from their first connection on.
  private(set) var ours: [String] = []
  private(set) var theirs: [String] = []
  /// What they say on their first connection, up to the snapshot.
  private(set) var commands: (ours: [String], theirs: [String]) = ([], [])

  init(version: Int, _ directives: [String]) throws {
    self.directives = directives
    (masterPort, replicaPort) = try (freePort(), freePort())
    try lab.apply(
      .start(node: "m", Launch(arguments: ["--port", "\(masterPort)", "--repl-diskless-sync-delay", "0"])))
    try lab.apply(.fix(node: "m", .rdbVersion(version)))
    try lab.run([
      ["SET", "string", "value"], ["RPUSH", "list", "a", "b"], ["SADD", "set", "1", "2"], ["HSET", "hash", "a", "1"],
      ["ZADD", "zset", "1", "a"], ["XADD", "stream", "1-1", "a", "1"],
    ])
    let arguments = ["--port", "\(replicaPort)", "--enable-debug-command", "yes"] + directives
    try lab.apply(
      .start(node: "r", Launch(arguments: arguments + ["--replicaof", "127.0.0.1 \(masterPort)"])))
  }

  /// Both come so far that this is in the replica's log so many times.
  func run(until text: String, times: Int) throws {
    let end = lab.world.now + .seconds(30)
    var lines: [String] = []
    var seen = 0
    while lines.count(where: { $0.contains(text) }) < times {
      guard lab.world.now < end, case .done = lab.stepAny().stop else { throw RealServerError("the lab: \(lines)") }
      while seen < lab.position {
        seen += 1
        for note in lab[seen].notes where note.node == "r" {
          if case .log(let entry) = note.content { lines.append(entry.text) }
        }
      }
    }
    ours = Self.said(lines, to: text, times)

    let link = lab.firstLink(to: masterPort)
    let master = try ScriptedMaster(port: masterPort, saying: link.fromMaster)
    self.master = master
    let replica = try RealServer(
      ["--enable-debug-command", "yes"] + directives + ["--replicaof", "127.0.0.1 \(masterPort)"], port: replicaPort)
    self.replica = replica
    func log() -> [String] {
      replica.log.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 6).last.map(String.init) ?? "" }
    }
    guard replica.wait(seconds: 30, until: { log().count { $0.contains(text) } >= times }) else {
      throw RealServerError("the replica: \(replica.log)")
    }
    theirs = Self.said(log(), to: text, times)
    var rest = link.fromReplica[...]
    commands.theirs = master.commands
    while commands.ours.count < commands.theirs.count { commands.ours.append(OracleTests.text(try takeCommand(&rest))) }
  }

  /// From the first connection to the line that is the last one; what tells how old a snapshot is apart.
  private static func said(_ lines: [String], to text: String, _ times: Int) -> [String] {
    let first = lines.firstIndex { $0.hasPrefix("Connecting to MASTER") } ?? lines.count
    let last = lines.indices.filter { lines[$0].contains(text) }.prefix(times).last ?? first
    return lines[first...max(first, last)].filter { !$0.hasPrefix("RDB age") }
  }

  func digests() throws -> (ours: String, theirs: String) {
    (try lab.answer(from: "r", "DEBUG", "DIGEST"), try replica?.text("DEBUG", "DIGEST") ?? "")
  }
}
