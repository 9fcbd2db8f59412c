import Glibc
import Lab
import Redis

/// A long session: a master, two replicas, now and then a write, and all the acknowledgements and timers between.
func timeline() throws -> [Row] {
  var timeline = Timeline(seed: 1)
  try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000", "--repl-diskless-sync-delay", "0"])))
  for (name, port) in [("r1", "7001"), ("r2", "7002")] {
    let arguments = ["--port", port, "--replicaof", "127.0.0.1 7000", "--repl-diskless-load", "on-empty-db"]
    try timeline.apply(.start(node: name, Launch(arguments: arguments)))
  }
  let session = try LongSession(&timeline, steps: 1_000_000)
  return [
    Row(what: "Lab: steps a second", ours: "\(Int(session.stepsASecond))"),
    Row(what: "Lab: bytes kept a step", ours: "\(Int(session.bytesAStep))"),
    Row(
      what: "Lab: back at 1M steps / back at 1,000 steps", ours: milliseconds(session.lateBack),
      peer: milliseconds(session.earlyBack), ratio: (session.lateBack / session.earlyBack).formatted(2), goal: "≈ 1"),
  ]
}

/// What so many steps cost, and going back once they are there. This process's memory is looked at.
struct LongSession {
  let stepsASecond: Double
  let bytesAStep: Double
  let earlyBack: Seconds
  let lateBack: Seconds

  init(_ timeline: inout Timeline, steps count: Int) throws {
    try advance(&timeline, to: timeline.position + 1_000)
    earlyBack = try timeOfBack(&timeline)
    let (memory, begin) = (residentBytes(), timeline.position)
    let seconds = try measure { try advance(&timeline, to: begin + count) }
    stepsASecond = Double(count) / seconds
    bytesAStep = Double(residentBytes() - memory) / Double(count)
    lateBack = try timeOfBack(&timeline)
  }
}

/// Steps on to moment `end`, with a write every hundred steps.
private func advance(_ timeline: inout Timeline, to end: Int) throws {
  while timeline.position < end {
    if timeline.position.isMultiple(of: 100) {
      let arguments = ["SET", "key:\(timeline.position % 1000)", "value of \(timeline.position)"]
      try timeline.apply(.command(node: "m", arguments: arguments.map { Array($0.utf8) }))
    } else {
      try timeline.apply(.next)
    }
  }
}

/// The mean of 300 times going back by one step and on again: kept worlds are not at every step, so it takes a number of
/// them to see what it costs.
private func timeOfBack(_ timeline: inout Timeline) throws -> Seconds {
  let end = timeline.position
  let times = 300
  let seconds = measure { for _ in 0..<times { _ = timeline.back() } }
  try timeline.go(to: end)
  return seconds / Double(times)
}

/// The memory that this process has in use.
private func residentBytes() -> Int {
  let fields = String(decoding: readPseudoFile("/proc/self/statm"), as: UTF8.self).split(separator: " ")
  return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
}

/// The contents of a file that does not know its own size.
private func readPseudoFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}
