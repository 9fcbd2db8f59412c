import Glibc

/// A real redis-server on loopback, the oracle of the tests and of lessons. It lives in a folder of its own and dies with
/// its last reference.
package final class RealServer: @unchecked Sendable {
  package let port: Int
  package var directory: String { folder.root }
  private let folder: TemporaryFolder
  private let program: String
  private let arguments: [String]
  private var process: ChildProcess

  /// Where Debian and a path search find a program; nil when it is not installed.
  package static func find(_ program: String) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
    return folders.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// Whether the tests against real servers can run on this machine.
  package static var isInstalled: Bool { find("redis-server") != nil }

  /// Starts a server with persistence off, then what `directives` say (`["--requirepass", "x"]`).
  /// Files to be found at start (a dump.rdb) go into `files`.
  package convenience init(_ directives: [String] = [], files: [String: [UInt8]] = [:], port: Int? = nil) throws {
    try self.init(["--save", ""] + directives, files: files, port: port, program: "redis-server")
  }

  /// Starts a server with its own defaults but for what `arguments` say: a file's name that is among `files`, directives.
  package init(
    _ arguments: [String], files: [String: [UInt8]] = [:], port: Int? = nil, program: String
  ) throws {
    guard let path = Self.find(program) else { throw RealServerError("\(program) is not installed") }
    self.program = path
    self.port = try port ?? freePort()
    folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(name, bytes) }
    let hasFile = arguments.first.map { !$0.hasPrefix("--") } ?? false
    self.arguments =
      (hasFile ? [folder.path(arguments[0])] : []) + ["--dir", folder.root, "--daemonize", "no", "--bind", "127.0.0.1"]
      + ["--logfile", folder.path("log")] + arguments.dropFirst(hasFile ? 1 : 0) + ["--port", "\(self.port)"]
    process = try ChildProcess(path, self.arguments)
    try waitUntilUp()
  }

  deinit { kill() }

  /// Starts the process again in the same folder, on the same port.
  package func restart() throws {
    try launch()
    try waitUntilUp()
  }

  /// Starts the process again, and does not wait until it has loaded what it finds.
  package func launch() throws { process = try ChildProcess(program, arguments) }

  /// Waits until it answers, be it with an error.
  package func waitUntilUp() throws {
    let isUp = wait(seconds: 60) {
      guard process.isRunning else { return true }
      guard let socket = try? Socket(port: port) else { return false }
      socket.send(Array("PING\r\n".utf8))
      return (try? socket.readLine()).map { !$0.starts(with: Array("-LOADING".utf8)) } ?? false
    }
    guard isUp, process.isRunning else { throw RealServerError("redis-server did not come up on port \(port): \(log)") }
  }

  package var isRunning: Bool { process.isRunning }

  /// kill -9, and waits until the process is gone.
  package func kill() {
    process.signal(SIGKILL)
    process.wait()
  }

  /// Asks it to end in order, as `redis-cli shutdown` does, and waits until it has. A server that can't end yet forgets
  /// that it was asked (one that writes its first append-only file does so), and is asked again.
  package func stop() {
    for _ in 0..<15 where process.isRunning {
      process.signal(SIGTERM)
      _ = wait(seconds: 2) { !process.isRunning }
    }
    kill()
  }

  /// It stands still, or goes on.
  package func pause() { process.pause() }
  package func resume() { process.signal(SIGCONT) }

  package var log: String { String(decoding: folder.read("log") ?? [], as: UTF8.self) }

  package func file(_ name: String) -> [UInt8]? { folder.read(name) }

  /// Sends one command on a connection of its own; what comes back is the raw reply.
  @discardableResult
  package func command(_ arguments: String...) throws -> [UInt8] {
    let socket = try Socket(port: port)
    return try socket.command(arguments.map { Array($0.utf8) })
  }

  /// The reply to a command as text, without its framing: `+OK` and `$2\r\nOK` are both "OK".
  package func text(_ arguments: String...) throws -> String {
    let socket = try Socket(port: port)
    let raw = try socket.command(arguments.map { Array($0.utf8) })
    guard raw.first == UInt8(ascii: "$"), let end = raw.firstIndex(of: 10) else {
      return String(decoding: raw.dropFirst().dropLast(2), as: UTF8.self)
    }
    return String(decoding: raw[(end + 1)...].dropLast(2), as: UTF8.self)
  }

  /// Asks `question` until it is true; false when `seconds` have passed without.
  package func wait(seconds: Double = 60, until question: () throws -> Bool) rethrows -> Bool {
    try RealRedis.wait(seconds: seconds, until: question)
  }
}

/// Asks `question` until it is true; false when `seconds` have passed without.
package func wait(seconds: Double, until question: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  repeat {
    if try question() { return true }
    usleep(20_000)
  } while ContinuousClock.now < end
  return false
}

package struct RealServerError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
