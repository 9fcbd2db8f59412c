import Glibc
import RealRedis

/// A real redis-server on a port of its own loopback: its process, its folder on a disk of its own, its log.
final class RealMachine {
  let name: String
  let port: Int
  private let directives: [String]
  private let folder: TemporaryFolder
  private let program: String
  private var process: ChildProcess
  private var logOffset = 0
  private(set) var isPaused = false
  private var client: Socket?
  private(set) var clientPorts: Set<UInt16> = []

  private static let data = "data"

  /// - Parameter mount: makes the folder of that path a small disk.
  init(_ name: String, _ directives: [String], program: String, mount: (String) throws -> Void) throws {
    self.name = name
    self.directives = directives
    self.program = program
    let place = directives.firstIndex(of: "--port")
    port = place.flatMap { directives.indices.contains($0 + 1) ? Int(directives[$0 + 1]) : nil } ?? 6379
    folder = try TemporaryFolder()
    try folder.write("\(Self.data)/.here", [])
    try mount(folder.path(Self.data))
    process = try Self.launch(program, folder, directives)
  }

  deinit {
    process.signal(SIGCONT)
    process.signal(SIGKILL)
    process.wait()
  }

  private static func launch(
    _ program: String, _ folder: TemporaryFolder, _ directives: [String]
  ) throws -> ChildProcess {
    try ChildProcess(
      program, directives + ["--dir", folder.path(data), "--logfile", folder.path("log")], environment: ["TZ": "UTC"])
  }

  var dataPath: String { folder.path(Self.data) }
  var isRunning: Bool { process.isRunning }
  var answers: Bool { isRunning && !isPaused }

  func restart() throws {
    (client, isPaused) = (nil, false)
    process = try Self.launch(program, folder, directives)
  }

  /// Waits for the process's end; nil if it does not end.
  func end(within seconds: Double) -> Int32? {
    client = nil
    guard RealRedis.wait(seconds: seconds, until: { !process.isRunning }) else { return nil }
    return process.wait()
  }

  func signal(_ number: CInt) {
    if number == SIGSTOP { isPaused = true }
    if number == SIGCONT { isPaused = false }
    process.signal(number)
  }

  /// Its reply; nil if it hung up, or said nothing for long.
  func command(_ words: [String]) -> [UInt8]? {
    do {
      let socket = try client ?? Socket(port: port, patience: 15)
      if client == nil { clientPorts.insert(UInt16(truncatingIfNeeded: socket.localPort)) }
      client = socket
      return try socket.command(words.map { Array($0.utf8) })
    } catch {
      let wasConnected = client != nil
      client = nil
      return wasConnected ? nil : Array("(refused)".utf8)
    }
  }

  // MARK: The log

  struct LogRecord {
    var isChild: Bool
    /// Milliseconds since midnight; nil: a signal's handler has written only the second.
    var milliseconds: Int64?
    var level: String
    var text: String
  }

  /// What it has logged since it was last asked.
  func newLog() -> [LogRecord] {
    let all = folder.read("log") ?? []
    guard let end = all.lastIndex(of: 0x0a), end >= logOffset else { return [] }
    let text = String(decoding: all[logOffset...end], as: UTF8.self)
    logOffset = end + 1
    return text.split(separator: "\n").compactMap(Self.record)
  }

  /// Whether it says that it is up, and when it said so: it looks, and leaves what it sees.
  var start: (isUp: Bool, milliseconds: Int64?) {
    let all = folder.read("log") ?? []
    let text = String(decoding: all.dropFirst(logOffset), as: UTF8.self)
    let ready = text.split(separator: "\n").compactMap(Self.record).first { $0.text == "Ready to accept connections" }
    return (ready != nil, ready?.milliseconds)
  }

  /// `4711:M 29 Nov 2026 02:57:15.123 * text`; from within a signal's handler, `4711:signal-handler (1764384000) text`
  private static func record(_ line: Substring) -> LogRecord? {
    if let signal = line.firstMatch(of: /^\d+:signal-handler \(\d+\) (.*)/) {
      return LogRecord(isChild: false, milliseconds: nil, level: "warning", text: String(signal.1))
    }
    let parts = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
    guard parts.count == 7, let role = parts[0].split(separator: ":").last, role.count == 1 else { return nil }
    let clock = parts[4].split(whereSeparator: { $0 == ":" || $0 == "." }).compactMap { Int64($0) }
    guard clock.count == 4 else { return nil }
    let level = ["#": "warning", "*": "notice", "-": "verbose", ".": "debug"][String(parts[5])] ?? "?"
    return LogRecord(
      isChild: role == "C", milliseconds: ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 1000 + clock[3],
      level: level, text: String(parts[6]))
  }
}
