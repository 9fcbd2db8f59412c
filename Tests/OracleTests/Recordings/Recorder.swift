import Foundation
import RealRedis

/// tcpdump on loopback: what passes between servers and those who talk to them, as true packets.
final class Recorder {
  private let process: ChildProcess
  private let folder: TemporaryFolder

  /// Whether this process may record.
  static let isAllowed: Bool = (try? Recorder(to: "/dev/null", ports: [9])) != nil

  init(to path: String, ports: [Int]) throws {
    guard let tcpdump = RealServer.find("tcpdump") else { throw RealServerError("tcpdump is not installed") }
    folder = try TemporaryFolder()
    let errors = open(folder.path("errors"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(errors) }
    let filter = ports.map { "port \($0)" }.joined(separator: " or ")
    process = try ChildProcess(
      tcpdump,
      [
        "-i", "lo", "-U", "--immediate-mode", "-B", "16384", "-s", "0", "-Z", "root", "-w", path, "tcp and (\(filter))",
      ],
      errors: errors)
    let listens = wait(seconds: 10) { !process.isRunning || said.contains("listening on") }
    guard listens, process.isRunning else { throw RealServerError("tcpdump: \(said)") }
  }

  private var said: String { String(decoding: folder.read("errors") ?? [], as: UTF8.self) }

  /// All that has passed is in the file when this returns.
  func stop() {
    _ = wait(seconds: 10) {
      process.signal(SIGUSR1)
      return hasTakenAll
    }
    process.signal(SIGINT)
    process.wait()
  }

  /// What tcpdump says of itself when it is asked: whether it has written all that its filter let through. On a loopback
  /// each packet goes through twice, and is written once.
  private var hasTakenAll: Bool {
    func last(_ what: String) -> Int? {
      let words = said.split { ",\n".contains($0) }.last { $0.hasSuffix(what) }?.split(separator: " ") ?? []
      return words.compactMap { Int($0) }.first
    }
    guard let written = last("captured"), let passed = last("received by filter") else { return false }
    return 2 * written >= passed
  }
}
