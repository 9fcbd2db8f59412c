import Foundation
import RealRedis

/// From starting the program to its prompt, on a terminal: the optimised one, and the one that `make lab` builds.
func startToPrompt() throws -> [Row] {
  try [("make build", ".build/release/replab"), ("make lab", ".build/debug/replab")].map { verb, program in
    let what = "Start to the prompt of `\(verb)` (wall)"
    guard access(program, X_OK) == 0 else { return Row(what: what, ours: "not measured", peer: "\(verb) first") }
    let times = try (0..<15).map { _ in try timeToPrompt(program) }
    return Row(what: what, ours: milliseconds(times.median), goal: "< 50 ms")
  }
}

/// From `git clone` of this repository to the prompt of `make lab`, with whatever the machine has in its caches.
func cloneToPrompt() throws -> [Row] {
  let folder = NSTemporaryDirectory() + "replab-clone-\(getpid())"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let start = wallTime()
  let (status, output) = try runProgram("/usr/bin/git", ["clone", "--quiet", ".", folder])
  guard status == 0 else { return [Row(what: "Fresh clone to first prompt", ours: "not measured", peer: output)] }
  _ = try timeToPrompt("make --directory \(folder) lab", patience: 1200)
  return [
    Row(what: "Fresh clone to first prompt (wall)", ours: "\((wallTime() - start).formatted(0)) s", goal: "< 180 s")
  ]
}

/// Seconds until a program on a terminal, which script(1) makes, has printed the lab's prompt; it is ended then.
private func timeToPrompt(_ command: String, patience: Seconds = 10) throws -> Seconds {
  let (input, output) = (Pipe(), Pipe())
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
  process.arguments = ["--quiet", "--flush", "--command", command, "/dev/null"]
  process.standardInput = input
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  let start = wallTime()
  try process.run()
  defer {
    process.terminate()
    process.waitUntilExit()
  }
  var printed = ""
  while wallTime() - start < patience {
    var ready = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 100) > 0 else { continue }
    let more = output.fileHandleForReading.availableData
    guard !more.isEmpty else { break }
    printed += String(decoding: more, as: UTF8.self)
    // Colour may follow.
    if printed.contains("lab>") { return wallTime() - start }
  }
  throw RealServerError("no prompt came: \(printed.suffix(500))")
}
