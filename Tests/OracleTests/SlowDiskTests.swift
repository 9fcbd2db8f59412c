import Foundation
import Lab
import RealRedis
import Redis
import Testing

/// A disk that takes so many bytes a second: the lab's, and real servers' whose fsync(2) is made to wait as long.
@Suite(
  "A slow disk is to the lab what it is to real servers",
  .enabled(if: RealServer.isInstalled && RealServer.find("cc") != nil))
struct SlowDiskTests {
  private static let rate = 51_200
  private static let directives = ["--rdbcompression", "no", "--repl-diskless-sync-delay", "0"]
  private static let delayed = "Asynchronous AOF fsync is taking too long"

  @Test("the same has to wait for it, as long, and the same does not")
  func sameWaits() throws {
    let ports = try ["m": freePort(), "r": freePort()]
    let (theirs, ours) = try (
      Self.play(RealDisks(ports, rate: Self.rate)), Self.play(LabDisks(ports, rate: Self.rate))
    )
    #expect(ours.map(\.what) == theirs.map(\.what))
    for (own, their) in zip(ours, theirs) {
      // A machine that is busy with other things makes it longer.
      let range = (own.seconds - 0.4)..<(own.seconds + 1.4)
      #expect(range.contains(their.seconds), "\(own.what): \(own.seconds) s, and really \(their.seconds) s")
    }
    // A hundred thousand bytes and a little more.
    #expect(ours.filter { $0.seconds > 1.5 }.map(\.what) == ["SAVE +OK", "BGSAVE", "replica", "rewrite", "always +OK"])
  }

  private struct Wait { var what: String, seconds: Double }

  private static func play(_ stage: some Disks) throws -> [Wait] {
    var waits: [Wait] = []
    func measure(_ what: String, _ body: () throws -> String) throws {
      let began = stage.time
      let said = try body()
      waits.append(Wait(what: said.isEmpty ? what : "\(what) \(said)", seconds: stage.time - began))
    }
    try stage.start("m", directives)
    _ = try stage.say("m", ["MSET"] + (0..<100).flatMap { ["key:\($0)", String(repeating: "x", count: 1_000)] })
    try measure("SAVE") { try stage.say("m", ["SAVE"]) }
    try measure("BGSAVE") {
      _ = try stage.say("m", ["BGSAVE"])
      try measure("PING") { try stage.say("m", ["PING"]) }
      try stage.wait { try stage.say("m", ["INFO", "persistence"]).contains("rdb_bgsave_in_progress:0") }
      return ""
    }
    try stage.start("r", directives + ["--replicaof", "127.0.0.1 \(stage.ports["m"] ?? 0)"])
    try stage.wait { stage.log("r").contains("Loading DB in memory") }
    try measure("replica") {
      try stage.wait { stage.log("r").contains("Finished with success") }
      return ""
    }
    try measure("rewrite") {
      _ = try stage.say("m", ["CONFIG", "SET", "appendonly", "yes"])
      try stage.wait { try stage.say("m", ["INFO", "persistence"]).contains("aof_rewrite_in_progress:0") }
      return ""
    }
    let large = String(repeating: "y", count: 100_000)
    // For three times as much fsync takes six seconds. A write that comes meanwhile is put off for two of them.
    try measure("everysec") { try stage.say("m", ["SET", "large", large + large + large]) }
    try stage.wait { try stage.say("m", ["INFO", "persistence"]).contains("aof_pending_bio_fsync:1") }
    try measure("put off") { try stage.say("m", ["SET", "small", "0"]) }
    try stage.wait { try stage.say("m", ["INFO", "persistence"]).contains("aof_delayed_fsync:1") }
    #expect(stage.log("m").contains(delayed))
    try stage.wait { try stage.say("m", ["INFO", "persistence"]).contains("aof_pending_bio_fsync:0") }
    _ = try stage.say("m", ["CONFIG", "SET", "appendfsync", "always"])
    try measure("always") { try stage.say("m", ["SET", "large", large]) }
    try measure("small") { try stage.say("m", ["SET", "small", "1"]) }
    return waits
  }
}

/// Nodes whose disks are slow.
private protocol Disks: AnyObject {
  var ports: [String: Int] { get }
  /// In seconds.
  var time: Double { get }
  func start(_ name: String, _ directives: [String]) throws
  func say(_ name: String, _ words: [String]) throws -> String
  func log(_ name: String) -> String
  func wait(until condition: () throws -> Bool) throws
}

private final class LabDisks: Disks {
  let ports: [String: Int]
  private let rate: Int
  private var lab = Timeline(seed: 5)
  private var logs: [String: String] = [:]
  private var seen = 0

  init(_ ports: [String: Int], rate: Int) { (self.ports, self.rate) = (ports, rate) }

  var time: Double { Double((lab.world.now - lab.world.start).microseconds) / 1e6 }

  func start(_ name: String, _ directives: [String]) throws {
    try lab.apply(.start(node: name, Launch(arguments: ["--port", "\(ports[name] ?? 0)", "--save", ""] + directives)))
    try lab.apply(.disk(node: name, .limited(rate)))
  }

  func say(_ name: String, _ words: [String]) throws -> String {
    _ = try lab.command(name, words.map { Array($0.utf8) })
    return text(lab.current?.reply ?? []).trimmingCharacters(in: .newlines)
  }

  func log(_ name: String) -> String {
    while seen < lab.position {
      seen += 1
      for note in lab[seen].notes {
        if case .log(let entry) = note.content { logs[note.node, default: ""] += entry.text + "\n" }
      }
    }
    return logs[name] ?? ""
  }

  func wait(until condition: () throws -> Bool) throws {
    let end = time + 30
    while try !condition() {
      guard time < end else { throw RealServerError("it never comes") }
      _ = lab.advance(by: .milliseconds(20))
    }
  }
}

private final class RealDisks: Disks {
  let ports: [String: Int]
  private let rate: Int
  private let folder: TemporaryFolder
  private var servers: [String: RealRedis.ChildProcess] = [:]

  init(_ ports: [String: Int], rate: Int) throws {
    (self.ports, self.rate) = (ports, rate)
    folder = try TemporaryFolder()
    try folder.write("disk.c", Array(Self.disk.utf8))
    let compiler = try RealRedis.ChildProcess(
      #require(RealServer.find("cc")), ["-shared", "-fPIC", "-O1", "-o", folder.path("disk.so"), folder.path("disk.c")])
    guard compiler.wait() == 0 else { throw RealServerError("cc can't make a slow disk") }
  }

  /// What is not on the disk yet, by the size of the file when it last was; and as long as that takes.
  private static let disk = """
    #define _GNU_SOURCE
    #include <stdlib.h>
    #include <sys/stat.h>
    #include <unistd.h>
    #include <fcntl.h>
    static long synced[65536];
    static void get_onto_disk(int fd) {
      struct stat file;
      if (fd < 0 || fd >= 65536 || fstat(fd, &file) || !S_ISREG(file.st_mode)) return;
      long count = file.st_size - synced[fd];
      synced[fd] = file.st_size;
      const char *rate = getenv("DISK_RATE");
      if (count > 0 && rate) for (long left = count * 1000000 / atol(rate); left > 0; left -= 100000)
        usleep(left < 100000 ? left : 100000);
    }
    int fsync(int fd) { get_onto_disk(fd); return 0; }
    int fdatasync(int fd) { get_onto_disk(fd); return 0; }
    int sync_file_range(int fd, off64_t from, off64_t count, unsigned int flags) { get_onto_disk(fd); return 0; }
    int close(int fd) {
      extern int __close(int);
      if (fd >= 0 && fd < 65536) synced[fd] = 0;
      return __close(fd);
    }

    """

  var time: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  func start(_ name: String, _ directives: [String]) throws {
    try folder.write("\(name)/.here", [])
    servers[name] = try RealRedis.ChildProcess(
      #require(RealServer.find("redis-server")),
      [
        "--port", "\(ports[name] ?? 0)", "--save", "", "--dir", folder.path(name), "--logfile",
        folder.path("\(name)/log"),
      ]
        + directives,
      environment: ["LD_PRELOAD": folder.path("disk.so"), "DISK_RATE": "\(rate)"])
    guard RealRedis.wait(seconds: 20, until: { log(name).contains("Ready to accept connections") }) else {
      throw RealServerError("\(name) does not start: \(log(name))")
    }
  }

  func say(_ name: String, _ words: [String]) throws -> String {
    text(try Socket(port: ports[name] ?? 0).command(words.map { Array($0.utf8) })).trimmingCharacters(in: .newlines)
  }

  func log(_ name: String) -> String { text(folder.read("\(name)/log") ?? []) }

  func wait(until condition: () throws -> Bool) throws {
    guard try RealRedis.wait(seconds: 30, until: condition) else { throw RealServerError("it never comes") }
  }
}
