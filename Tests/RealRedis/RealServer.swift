import Foundation
import Glibc

/// A real redis-server on loopback, for the tests that take it as their oracle. It lives in a folder of its own and
/// dies with its last reference.
package final class RealServer: @unchecked Sendable {
  package let port: Int
  package let directory: String
  private let process = Process()

  /// Where Debian and a path search find a program; nil when it is not installed.
  package static func find(_ program: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
    return folders.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// Whether the tests against real servers can run on this machine.
  package static var isInstalled: Bool { find("redis-server") != nil }

  /// Starts a server with persistence off, then what `directives` say (`["--requirepass", "x"]`).
  /// Files to be found at start (a dump.rdb) go into `files`.
  package init(_ directives: [String] = [], files: [String: [UInt8]] = [:], port: Int? = nil) throws {
    guard let program = Self.find("redis-server") else { throw RealServerError("redis-server is not installed") }
    self.port = try port ?? freePort()
    directory = NSTemporaryDirectory() + "replab-\(getpid())-\(self.port)-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments =
      ["--port", "\(self.port)", "--dir", directory, "--save", "", "--daemonize", "no", "--bind", "127.0.0.1"]
      + ["--logfile", "\(directory)/log"] + directives
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<500 {
      if let socket = try? Socket(port: self.port) {
        socket.send(Array("PING\r\n".utf8))
        if let line = try? socket.readLine(), !line.starts(with: Array("-LOADING".utf8)) { return }
      }
      usleep(10_000)
    }
    throw RealServerError("redis-server did not come up on port \(self.port): \(log)")
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// kill -9, and waits until the process is gone.
  package func kill() {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  package var log: String { (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? "" }

  package func file(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(directory)/\(name)").map { Array($0) }
  }

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
  package func wait(seconds: Double = 20, until question: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if try question() { return true }
      usleep(20_000)
    }
    return false
  }
}

package struct RealServerError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// A port that was free a moment ago.
package func freePort() throws -> Int {
  let listener = try Listener()
  defer { listener.close() }
  return listener.port
}
