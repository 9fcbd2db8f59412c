import Foundation
import Glibc
import Testing

/// `replab web` without a terminal: a process of its own, which ends with its last reference.
final class PageProcess: Sendable {
  let address: String
  let port: UInt16
  let token: String
  private let process: pid_t
  private let folder = Folder()

  /// - Parameter script: what is run in the lab first.
  init(script: String = "", _ arguments: [String] = []) throws {
    folder.write("begin.lab", script)
    folder.write("out", "")
    let words =
      [Program.replab, "web"] + (script.isEmpty ? [] : [folder.path("begin.lab")]) + ["--no-open"] + arguments
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for descriptor in [CInt(1), 2] {
      posix_spawn_file_actions_addopen(&actions, descriptor, folder.path("out"), O_WRONLY | O_APPEND, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var child: pid_t = 0
    var argv = words.map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    // How far somebody has come in a lesson is kept in the home folder.
    let variables = ProcessInfo.processInfo.environment.merging(["HOME": folder.root, "XDG_STATE_HOME": folder.root]) {
      $1
    }
    var environment = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { environment.forEach { free($0) } }
    let failure = posix_spawn(&child, Program.replab, &actions, &attributes, &argv, &environment)
    try #require(failure == 0)
    process = child
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

  deinit { _ = end(SIGKILL) }

  /// Ends it by a signal, and says what it had printed.
  func end(_ signal: CInt) -> String {
    if kill(process, signal) == 0 {
      var status: CInt = 0
      waitpid(process, &status, 0)
    }
    return folder.read("out")
  }

  /// The most memory that it ever had, in bytes.
  var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return 1024 * (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}
