import Foundation
import Glibc
import RealRedis
import Testing

/// Runs programs: the built `replab` above all.
enum Program {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The `replab` that was built beside the tests.
  static let replab: String = {
    // The runner is either the test bundle itself or a helper that was given the bundle's path.
    let hints = CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)
    let folders = hints.map { ($0 as NSString).deletingLastPathComponent } + [root + "/.build/debug"]
    return folders.map { $0 + "/replab" }.first { FileManager.default.isExecutableFile(atPath: $0) }
      ?? root + "/.build/debug/replab"
  }()

  /// The root of the package.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Runs a program to its end, its three streams being files, so that none can block another. (Foundation's Process
  /// takes a program for running as long as a daemon that it began, such as tmux's server, runs.)
  static func run(
    _ path: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    let folder = Folder()
    for name in ["in", "out", "err"] { folder.write(name, name == "in" ? input : "") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder.path("in"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path("out"), O_WRONLY | O_APPEND, 0)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("err"), O_WRONLY | O_APPEND, 0)
    // The tests run on threads that block every signal, which a child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
    var child: pid_t = 0
    let failure = withCStrings([path] + arguments) { argv in
      withCStrings(variables) { posix_spawn(&child, path, &actions, &attributes, argv, $0) }
    }
    guard failure == 0 else { throw RealServerError("\(path): \(String(cString: strerror(failure)))") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    // As a shell tells it: 128 and the signal's number where a signal ended it.
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? status >> 8 & 0xff : 128 + signal, output: folder.read("out"), errors: folder.read("err"))
  }

  private static func withCStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }

  /// Runs the lab on a script given at standard input.
  static func lab(_ script: String, _ arguments: [String] = []) throws -> Outcome {
    try run(replab, arguments, input: script)
  }
}

/// A temporary folder that goes with its last reference.
final class Folder: Sendable {
  let root: String

  init() {
    root = NSTemporaryDirectory() + "replab-tests-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { "\(root)/\(name)" }
  func write(_ name: String, _ text: String) {
    _ = FileManager.default.createFile(atPath: path(name), contents: Data(text.utf8))
  }
  func read(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
  }
}
