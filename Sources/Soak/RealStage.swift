import CNamespaces
import Capture
import Glibc
import RealRedis

/// Plays a situation to real servers, in real time, on a loopback and disks of their own, and writes down what was done
/// when.
final class RealStage {
  private(set) var trace = Trace()
  private(set) var seen = Seen()
  private var machines: [String: RealMachine] = [:]
  private var order: [String] = []
  private let folder: TemporaryFolder
  private let wire: Wire
  private let program: String
  private var mounts: [String] = []
  private var line = 0
  private var stretch = 0
  /// The connection is in a transaction: what is asked would be queued.
  private var inTransaction: Set<String> = []

  /// How long what is under way gets to come to rest, and how long it has to stand still to be at rest.
  private static let patience = 12.0
  private static let stillness: Int64 = 2_300_000

  /// - Throws: why this machine gives nobody a network of his own.
  private init(program: String) throws {
    guard let path = RealServer.find(program) else { throw SoakError("\(program) is not installed") }
    self.program = path
    folder = try TemporaryFolder()
    wire = try Wire(file: folder.path("wire.pcap"))
    trace.start = Self.now
  }

  deinit {
    machines = [:]
    for mount in mounts { _ = replab_unmount(mount) }
  }

  static func play(_ situation: Situation, program: String = "redis-server") throws -> (Trace, Seen) {
    let failure = replab_leave_namespaces()
    guard failure == 0 else {
      throw SoakError("can't have a network of one's own: \(String(cString: strerror(failure)))")
    }
    let stage = try RealStage(program: program)
    for (number, line) in situation.lines.enumerated() {
      stage.line = number
      try stage.perform(line)
    }
    stage.line = situation.lines.count
    try stage.settle()
    return try stage.finish()
  }

  private func finish() throws -> (Trace, Seen) {
    readLogs()
    let clients = machines.values.reduce(into: Set<UInt16>()) { $0.formUnion($1.clientPorts) }
    seen.packets = try wire.stop().filter {
      !clients.contains($0.source.port) && !clients.contains($0.destination.port)
    }
    return (trace, seen)
  }

  // MARK: Time

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }

  private var elapsed: Int64 { Self.now - trace.start }

  /// A log tells the time of the day.
  private func sinceStart(_ milliseconds: Int64) -> Int64 {
    let day: Int64 = 86_400_000_000
    let logged = trace.start / day * day + milliseconds * 1000 - trace.start
    return logged < -day / 2 ? logged + day : logged
  }

  private func beat(_ what: Trace.What, from time: Int64) {
    trace.beats.append(Trace.Beat(time: time, end: elapsed, what: what, line: line))
  }

  // MARK: Doing it

  private func machine(_ node: String) throws -> RealMachine {
    guard let machine = machines[node] else { throw SoakError("\(node) was never started") }
    return machine
  }

  private func perform(_ line: Situation.Line) throws {
    let time = elapsed
    switch line {
    case .start(let node, let directives):
      machines[node] = try RealMachine(node, directives, program: program) { path in
        let failure = replab_mount_memory(path, "size=16m")
        guard failure == 0 else { throw SoakError("can't mount a disk: \(String(cString: strerror(failure)))") }
        mounts.append(path)
      }
      order.append(node)
      awaitStart(try machine(node), line)
    case .restart(let node):
      guard try !machine(node).isRunning else { return }
      try machine(node).restart()
      awaitStart(try machine(node), line)
    case .kill(let node):
      try machine(node).signal(SIGKILL)
      _ = try machine(node).end(within: 10)
      inTransaction.remove(node)
      beat(.done(line), from: time)
    case .stop(let node):
      try machine(node).signal(SIGTERM)
      noteEnd(of: try machine(node))
      beat(.done(line), from: time)
    case .pause(let node): try signal(SIGSTOP, node, line)
    case .resume(let node): try signal(SIGCONT, node, line)
    case .cut(let a, let b):
      let resets = wire.resets(try machine(a).port, try machine(b).port)
      let now = elapsed
      wire.send(resets)
      beat(.done(line), from: now)
    case .disk(let node, let isFull):
      try fill(try machine(node).dataPath, isFull)
      beat(.done(line), from: time)
    case .advance(let milliseconds): usleep(UInt32(milliseconds) * 1000)
    case .settle: try settle()
    case .command(let node, let words): try command(node, words, line)
    }
  }

  private func signal(_ number: CInt, _ node: String, _ line: Situation.Line) throws {
    let time = elapsed
    try machine(node).signal(number)
    beat(.done(line), from: time)
  }

  /// It counts from when it was ready for its first event.
  private func awaitStart(_ machine: RealMachine, _ line: Situation.Line) {
    let spawned = elapsed
    _ = wait(seconds: 20) { machine.start.isUp || !machine.isRunning }
    let time = machine.start.milliseconds.map(sinceStart) ?? spawned
    trace.beats.append(Trace.Beat(time: max(time, spawned), end: elapsed, what: .done(line), line: self.line))
    if !machine.isRunning { noteEnd(of: machine) }
  }

  private func noteEnd(of machine: RealMachine) {
    inTransaction.remove(machine.name)
    let status = machine.end(within: 15)
    seen.ends.append("line \(line + 1): \(machine.name): \(status.map { "exit status \($0)" } ?? "runs")")
  }

  private func command(_ node: String, _ words: [String], _ line: Situation.Line) throws {
    let machine = try machine(node)
    guard !machine.isPaused else { throw SoakError("\(node) is paused and would not answer") }
    let time = elapsed
    let reply = machine.command(words)
    seen.answers.append(Seen.Answer(line: self.line, node: node, command: words, reply: reply))
    switch words[0].lowercased() {
    case "multi": inTransaction.insert(node)
    case "exec", "discard": inTransaction.remove(node)
    case "shutdown" where reply == nil: noteEnd(of: machine)
    case "shutdown": seen.ends.append("line \(self.line + 1): \(node): runs")
    default: break
    }
    beat(.done(line), from: time)
  }

  /// Fills a disk to its last byte, or makes room again.
  private func fill(_ path: String, _ isFull: Bool) throws {
    let filler = path + "/filler"
    guard isFull else {
      unlink(filler)
      return
    }
    let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SoakError("can't fill \(path)") }
    let page = [UInt8](repeating: 0, count: 4096)
    while write(file, page, page.count) > 0 {}
    close(file)
  }

  // MARK: Coming to rest

  private func settle() throws {
    let start = elapsed
    var (last, since, inStep) = (Settling(), start, 0)
    while elapsed - start < Int64(Self.patience * 1_000_000) {
      let now = poll()
      if now != last { (last, since) = (now, elapsed) }
      inStep = now.isInStep ? inStep + 1 : 0
      if inStep == 3 || (!now.isBusy && elapsed - since > Self.stillness) { break }
      usleep(120_000)
    }
    for node in order where machines[node]?.answers ?? false && !inTransaction.contains(node) { look(node) }
    readLogs()
    beat(.rest, from: elapsed)
    stretch += 1
  }

  private func poll() -> Settling {
    var settling = Settling()
    for node in order where !inTransaction.contains(node) {
      guard let machine = machines[node], machine.answers else { continue }
      let time = elapsed
      settling.hear(node, port: machine.port, machine.command(SettleQuestion.words))
      beat(.poll(node), from: time)
    }
    return settling
  }

  private func look(_ node: String) {
    for words in [["INFO", "everything"], ["DEBUG", "DIGEST"]] {
      let time = elapsed
      let reply = machines[node]?.command(words)
      seen.answers.append(Seen.Answer(line: line, node: node, command: words, reply: reply))
      beat(.look(node, words), from: time)
    }
  }

  private func readLogs() {
    for (node, machine) in machines {
      var time: Int64 = 0
      for record in machine.newLog() where record.level == "notice" || record.level == "warning" {
        time = record.milliseconds.map(sinceStart) ?? time
        seen.log(node, Seen.LogLine(time: time, level: record.level, text: record.text), stretch: stretch)
      }
    }
  }
}
