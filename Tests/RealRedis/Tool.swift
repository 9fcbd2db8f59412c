import Foundation

/// A program that tests ask for its opinion: tcpdump, tshark, redis-check-rdb.
package enum Tool {
  package static func isInstalled(_ program: String) -> Bool { RealServer.find(program) != nil }

  /// Runs the program to its end and returns what it printed; the complaints too, if wanted.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], withErrors: Bool = false
  ) throws -> [UInt8] {
    guard let path = RealServer.find(program) else { throw RealServerError("\(program) is not installed") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = withErrors ? output : FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(bytes)
  }

  /// Hands `body` the path of a file that holds `bytes` and is gone afterwards.
  package static func withFile<Result>(
    _ bytes: [UInt8], suffix: String = "", _ body: (String) throws -> Result
  ) throws -> Result {
    let path = NSTemporaryDirectory() + "replab-\(getpid())-\(UInt64.random(in: 0 ... .max))\(suffix)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
