import Foundation
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

  /// Runs a program to its end, its three streams being files, so that none can block another.
  static func run(
    _ path: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
    directory: String = root
  ) throws -> Outcome {
    let folder = Folder()
    for name in ["in", "out", "err"] { folder.write(name, name == "in" ? input : "") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: folder.path("in"))
    process.standardOutput = FileHandle(forWritingAtPath: folder.path("out"))
    process.standardError = FileHandle(forWritingAtPath: folder.path("err"))
    try process.run()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: folder.read("out"), errors: folder.read("err"))
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
