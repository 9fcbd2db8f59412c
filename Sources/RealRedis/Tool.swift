import Glibc

/// A program that tests ask for its opinion: tcpdump, tshark, redis-check-rdb.
package enum Tool {
  package static func isInstalled(_ program: String) -> Bool { RealServer.find(program) != nil }

  /// Runs the program to its end and returns what it printed; the complaints too, if wanted.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], withErrors: Bool = false
  ) throws -> [UInt8] {
    guard let path = RealServer.find(program) else { throw RealServerError("\(program) is not installed") }
    return try runProgram(path, arguments, environment: environment, withErrors: withErrors).output
  }

  /// Hands `body` the path of a file that holds `bytes` and is gone afterwards.
  package static func withFile<Result>(
    _ bytes: [UInt8], suffix: String = "", _ body: (String) throws -> Result
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let path = folder.path("file\(suffix)")
    try folder.write("file\(suffix)", bytes)
    return try withExtendedLifetime(folder) { try body(path) }
  }
}
