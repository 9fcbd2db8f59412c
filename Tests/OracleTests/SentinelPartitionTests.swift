import Capture
import CaptureFiles
import Foundation
import Lab
import RealRedis
import Redis
import Testing

/// Whoever may make networks, and has what it takes.
private let mayMakeNetworks =
  getuid() == 0 && RealServer.isInstalled
  && ["ip", "unshare", "nsenter", "redis-cli", "bash"].allSatisfy { RealServer.find($0) != nil }

/// A partition that leaves the master with the fewer Sentinels: real ones on networks of their own, with a router between them that
/// stops forwarding, and the lab's.
@Suite("A partition is to Sentinels what it is to real ones", .enabled(if: mayMakeNetworks))
struct SentinelPartitionTests {
  private static let ports = ["m": 7000, "r1": 7001, "r2": 7002, "s1": 26_379, "s2": 26_380, "s3": 26_381]
  /// What is last looked at in each log.
  private static let ends = [
    "s1": "-sdown slave 127.0.0.1:7000", "s2": "+slave slave 127.0.0.1:7000", "s3": "+slave slave 127.0.0.1:7000",
  ]

  @Test("the same events in the same order on both sides, and the write of the lonely master is lost")
  func minorityHasTheMaster() throws {
    let real = try Self.playReal()
    let lab = try Self.playLab()
    for (name, end) in Self.ends.sorted(by: { $0.key < $1.key }) {
      #expect(Self.log(lab.logs[name] ?? [], until: end) == Self.log(real.logs[name] ?? [], until: end), "\(name)")
      #expect(real.logs[name]?.contains { $0.contains(end) } == true)
    }
    for name in Self.ends.keys.sorted() {
      #expect(lab.configuration(of: name) == real.configuration(of: name), "the file of \(name)")
    }
    let (theirs, ours) = (real.messages, lab.messages)
    for link in Set(theirs.keys).union(ours.keys).sorted() {
      #expect(ours[link] == theirs[link], "\(link)")
    }
    #expect(real.printed == lab.printed)
    #expect(real.printed == ["OK", "7000", "role:slave", "7001", "up", "0"])
  }

  private struct Play {
    var logs: [String: [String]] = [:]
    var printed: [String] = []
    var packets: [Packet] = []
    /// The files of the Sentinels, by their names.
    var files: [String: [UInt8]] = [:]

    /// Their names, by their ids.
    var ids: [String: String] {
      var ids: [String: String] = [:]
      for (name, lines) in logs {
        guard let line = lines.first(where: { $0.contains("Sentinel ID is ") }) else { continue }
        ids[String(line.suffix(40))] = name
      }
      return ids
    }

    /// What a Sentinel's file says in the end, but for whether s3 was asked for its vote after all.
    func configuration(of name: String) -> [String] {
      SentinelTests.known(files[name] ?? [], ids: ids).map(local).sorted().filter {
        name != "s3" || !$0.hasPrefix("sentinel leader-epoch")
      }
    }

    /// As if all were on one machine.
    private func local(_ text: String) -> String { text.replacing(/10\.9\.[12]\.1(?!\d)/, with: "127.0.0.1") }

    /// What all said to each other, by links, but for what depends on when TCP sends again what the router has dropped: whether a
    /// hello of before comes after a new one, and whether s3 is asked for its vote after all. A real kernel sends nothing new until
    /// that is acknowledged, so the write of the lonely master never leaves it, and the lab's does.
    var messages: [String: [String]] {
      let said = SentinelMessages(packets, ports: SentinelPartitionTests.ports, ids: ids)
      var links: [String: [String]] = [:]
      for (link, lines) in said.links {
        let isPeriodic = link.contains("PUBLISH") || link.contains(" messages")
        for line in lines.map(local) {
          if isPeriodic && links[link]?.contains(line) == true { continue }
          if line == "SET lost 1" || link.hasSuffix("→ s3 cmd") && line.contains("is-master-down-by-addr") { continue }
          links[link, default: []].append(line)
        }
      }
      return links
    }
  }

  /// When a Sentinel finds another one silent, beside what else it does, is chance.
  private static func log(_ lines: [String], until end: String) -> [String] {
    var ids: [String: String] = [:]
    for line in lines {
      for match in line.matches(of: /[0-9a-f]{40}/) where ids[String(match.0)] == nil {
        let port = line.firstMatch(of: /sentinel [0-9a-f]{40} [0-9.]+ (\d+)/).map { String($0.1) }
        if line.hasPrefix("Sentinel ID is") { ids[String(match.0)] = "itself" }
        if let port { ids[String(match.0)] = port }
      }
    }
    let lines = lines.filter { !$0.hasPrefix("+sdown sentinel") && !$0.hasPrefix("-sdown sentinel") }
    let said = SentinelTests.Log(lines, ids: ids, until: end).lines
    // Whether s3 is still asked for its vote, once the two sides are together again, is a matter of when TCP sends that again.
    let isLate = end.hasPrefix("+slave") && ids.values.contains("26379") && ids.values.contains("26380")
    return said.filter { line in
      !line.hasPrefix("26381 voted for") && !(isLate && line.hasPrefix("+vote-for-leader"))
        && !line.hasPrefix("Sentinel new configuration")
    }
  }

  private static func playReal() throws -> Play {
    let folder = try TemporaryFolder()
    try folder.write("play.sh", Array(script.utf8))
    let process = Process()
    process.executableURL = URL(filePath: try #require(RealServer.find("unshare")))
    process.arguments = ["--net", "--mount", "bash", folder.path("play.sh"), folder.root]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var play = Play()
    play.printed = String(decoding: printed, as: UTF8.self).split(separator: "\n").map(String.init)
    for name in ends.keys {
      let log = String(decoding: folder.read("\(name)/log") ?? [], as: UTF8.self)
      play.logs[name] = log.split(separator: "\n").map { line in
        // `1234:X 29 Nov 2026 23:40:51.984 # +sdown …`
        (line.split(separator: " ", maxSplits: 6).last.map(String.init) ?? "").replacing(
          /10\.9\.[12]\.1\b/, with: "127.0.0.1")
      }
    }
    for name in ends.keys { play.files[name] = folder.read("\(name)/\(name).conf") }
    for name in ["a", "b", "va", "vb"] {
      let recording = try Recording(bytes: folder.read("\(name).pcap") ?? [])
      while let record = try? recording.next() { if let packet = record.packet { play.packets.append(packet) } }
    }
    play.packets.sort { $0.timestamp < $1.timestamp }
    return play
  }

  private static func playLab() throws -> Play {
    var lab = Timeline(seed: 7)
    var play = Play()
    var seen = 0
    func start(_ name: String, _ arguments: String...) throws {
      try lab.apply(.start(node: name, Launch(arguments: ["--port", "\(ports[name] ?? 0)"] + arguments)))
    }
    func say(_ node: String, _ line: String) throws -> String {
      _ = try lab.command(node, line.split(separator: " ").map { Array($0.utf8) })
      return String(decoding: lab.current?.reply ?? [], as: UTF8.self)
    }
    func wait(for text: String, at name: String) throws {
      let end = lab.world.now + .seconds(60)
      while play.logs[name]?.contains(where: { $0.contains(text) }) != true {
        guard lab.world.now < end, case .done = lab.stepAny().stop else { throw RealServerError("\(name): \(text)") }
        while seen < lab.position {
          seen += 1
          for note in lab[seen].notes {
            if case .log(let entry) = note.content { play.logs[note.node, default: []].append(entry.text) }
          }
        }
      }
    }
    try start("m", "--save", "")
    try start(
      "r1", "--save", "", "--replica-priority", "10", "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1 7000"
    )
    try start("r2", "--save", "", "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1 7000")
    _ = lab.advance(by: .seconds(7))
    for (name, down) in [("s1", 1_000), ("s2", 60_000), ("s3", 60_000)] {
      let text = """
        loglevel verbose
        sentinel monitor mymaster 127.0.0.1 7000 1
        sentinel down-after-milliseconds mymaster \(down)
        sentinel failover-timeout mymaster 20000

        """
      let file = ConfigurationFile(name: "\(name).conf", bytes: Array(text.utf8))
      let arguments = ["--sentinel", "--port", "\(ports[name] ?? 0)"]
      try lab.apply(.start(node: name, Launch(file: file, arguments: arguments)))
      _ = try say(name, "SENTINEL DEBUG info-period 1000 ping-period 400 publish-period 300 ask-period 200")
    }
    _ = lab.advance(by: .seconds(5))
    _ = try say("m", "SET before 1")
    _ = lab.advance(by: .seconds(1))
    for a in ["m", "s3"] { for b in ["r1", "r2", "s1", "s2"] { try lab.apply(.partition(a, b)) } }
    try wait(for: "+switch-master", at: "s1")
    try wait(for: "+switch-master", at: "s2")
    play.printed.append(try say("m", "SET lost 1").trimmingCharacters(in: CharacterSet(charactersIn: "+\r\n")))
    let address = try say("s3", "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster")
    play.printed.append(address.contains("7000") ? "7000" : address)
    try wait(for: "+sdown slave 127.0.0.1:7000", at: "s1")
    for a in ["m", "s3"] { for b in ["r1", "r2", "s1", "s2"] { try lab.apply(.heal(a, b)) } }
    try wait(for: "+switch-master", at: "s3")
    try wait(for: "-sdown slave 127.0.0.1:7000", at: "s1")
    _ = lab.advance(by: .seconds(14))
    let info = try say("m", "INFO replication")
    for field in [/(role:\w+)/, /master_port:(\d+)/, /master_link_status:(\w+)/] {
      play.printed.append(info.firstMatch(of: field).map { String($0.1) } ?? "")
    }
    play.printed.append(try say("m", "EXISTS lost").trimmingCharacters(in: CharacterSet(charactersIn: ":\r\n")))
    for name in ends.keys { play.files[name] = lab.world.machine(name)?.disk.files["\(name).conf"]?.bytes }
    lab.forEachStep { play.packets += $0.packets }
    return play
  }

  private static let script = #"""
    # Two sides, and a router between them that stops forwarding.
    set -u
    cd "$1"
    unshare -n sleep 600 > /dev/null 2>&1 & A=$!
    unshare -n sleep 600 > /dev/null 2>&1 & B=$!
    trap 'kill -9 $A $B $(jobs -p) 2>/dev/null' EXIT
    sleep 0.3
    ip link set lo up; echo 1 > /proc/sys/net/ipv4/ip_forward
    side() { # PID, address, router's address, name
      ip link add "$4" type veth peer name eth netns "$1"
      ip addr add "$3/24" dev "$4"; ip link set "$4" up
      nsenter -t "$1" -n ip link set lo up
      nsenter -t "$1" -n ip addr add "$2/24" dev eth
      nsenter -t "$1" -n ip link set eth up
      nsenter -t "$1" -n ip route add default via "$3"
    }
    side $A 10.9.1.1 10.9.1.254 va
    side $B 10.9.2.1 10.9.2.254 vb
    # What both sides say among themselves, and to each other, what the router lets through and what not.
    R=
    record() { # PID, interface, name
      nsenter -t "$1" -n tcpdump -i "$2" -U --immediate-mode -B 16384 -Z root -w "$PWD/$3.pcap" tcp > /dev/null 2> $3.err & R="$R $!"
      for i in $(seq 50); do grep -q listening $3.err && break; sleep 0.1; done
    }
    record $A lo a; record $B lo b; record $$ va va; record $$ vb vb
    start() { # PID, name, port, arguments
      P=$1; N=$2; O=$3; shift 3
      mkdir -p "$N"
      nsenter -t "$P" -n redis-server "$@" --port "$O" --dir "$PWD/$N" --logfile "$PWD/$N/log" --protected-mode no --bind 0.0.0.0 > /dev/null 2>&1 &
    }
    say() { P=$1; O=$2; shift 2; nsenter -t "$P" -n redis-cli -p "$O" "$@"; }
    start $A m 7000 --save ""
    start $B r1 7001 --save "" --replica-priority 10 --repl-diskless-sync-delay 0 --replicaof "10.9.1.1 7000"
    sleep 1.2
    start $B r2 7002 --save "" --repl-diskless-sync-delay 0 --replicaof "10.9.1.1 7000"
    sleep 2.5
    for s in "$B s1 26379 1000" "$B s2 26380 60000" "$A s3 26381 60000"; do
      set -- $s
      mkdir -p $2
      printf 'loglevel verbose\nsentinel monitor mymaster 10.9.1.1 7000 1\nsentinel down-after-milliseconds mymaster %s\nsentinel failover-timeout mymaster 20000\n' $4 > $2/$2.conf
      start $1 $2 $3 $PWD/$2/$2.conf --sentinel
      sleep 0.5
      say $1 $3 SENTINEL DEBUG info-period 1000 ping-period 400 publish-period 300 ask-period 200 > /dev/null
    done
    wait_for() { for i in $(seq 200); do grep -q "$2" $1/log && return 0; sleep 0.2; done; echo "never: $1 $2"; }
    for s in "$B 26379" "$B 26380" "$A 26381"; do
      set -- $s
      for i in $(seq 100); do say $1 $2 INFO sentinel | grep -q "slaves=2,sentinels=3" && break; sleep 0.2; done
    done
    for port in 7001 7002; do
      for i in $(seq 100); do say $B $port INFO replication | grep -q master_link_status:up && break; sleep 0.2; done
    done
    say $A 7000 SET before 1 > /dev/null
    for port in 7001 7002; do
      for i in $(seq 100); do [ "$(say $B $port EXISTS before)" = 1 ] && break; sleep 0.2; done
    done
    sleep 0.5
    echo 0 > /proc/sys/net/ipv4/ip_forward
    wait_for s1 "+switch-master"; wait_for s2 "+switch-master"
    say $A 7000 SET lost 1; say $A 26381 SENTINEL get-master-addr-by-name mymaster | sed -n 2p
    wait_for s1 "+sdown slave 10.9.1.1:7000"
    echo 1 > /proc/sys/net/ipv4/ip_forward
    wait_for s3 "+switch-master"; sleep 14
    say $A 7000 INFO replication | tr -d '\r' | sed -n -e '/^role/p' -e 's/^master_port://p' -e 's/^master_link_status://p'
    say $A 7000 EXISTS lost
    # A shutdown says something, too. What was heard is in the files.
    sleep 1; kill -9 $R
    for p in "$A 7000" "$B 7001" "$B 7002" "$B 26379" "$B 26380" "$A 26381"; do set -- $p; say $1 $2 SHUTDOWN NOSAVE; done 2>/dev/null
    """#
}
