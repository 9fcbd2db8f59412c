import Foundation
import Glibc
import RealRedis
import Testing

/// `replab web` without a terminal: a process of its own, which ends with its last reference.
final class PageProcess: Sendable {
  let address: String
  let port: UInt16
  let token: String
  private let process: ChildProcess
  private let folder = Folder()

  /// - Parameter script: what is run in the lab first.
  init(script: String = "", _ arguments: [String] = []) throws {
    folder.write("begin.lab", script)
    folder.write("out", "")
    let words = ["web"] + (script.isEmpty ? [] : [folder.path("begin.lab")]) + ["--no-open"] + arguments
    let output = open(folder.path("out"), O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(output) }
    // How far somebody has come in a lesson is kept in the home folder.
    process = try ChildProcess(
      Program.replab, words, environment: ["HOME": folder.root, "XDG_STATE_HOME": folder.root], output: output,
      errors: output)
    // The address stands on a line of its own, once the port is listened to.
    let end = Date().addingTimeInterval(60)
    var found: String?
    while found == nil, Date() < end {
      found = folder.read("out").split(separator: "\n").map(String.init).last {
        $0.hasPrefix("http://127.0.0.1:") && $0.count > 60
      }
      if found == nil { usleep(20_000) }
    }
    address = try #require(found, "no address: \(folder.read("out"))")
    let parts = address.dropFirst("http://127.0.0.1:".count).components(separatedBy: "/?token=")
    port = try #require(UInt16(parts[0]))
    token = parts[1]
  }

  /// Ends it by a signal, and says what it had printed.
  func end(_ signal: CInt) -> String {
    process.signal(signal)
    process.wait()
    return folder.read("out")
  }

  /// The most memory that it ever had, in bytes.
  var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return 1024 * (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}
