import Glibc

/// Runs a program to its end: its exit status, and what it printed on standard output and standard error together.
package func runProgram(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let (status, output) = try runProgram(path, arguments, environment: [:], withErrors: true)
  return (status, String(decoding: output, as: UTF8.self))
}

/// Runs a program to its end: its exit status, and what it printed.
func runProgram(
  _ path: String, _ arguments: [String], environment: [String: String], withErrors: Bool
) throws -> (status: Int32, output: [UInt8]) {
  // A file, not a pipe: whatever else is started meanwhile can't hold the end of it open.
  let folder = try TemporaryFolder()
  let output = open(folder.path("output"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  guard output >= 0 else { throw RealServerError("can't write: \(String(cString: strerror(errno)))") }
  defer { close(output) }
  let child = try ChildProcess(
    path, arguments, environment: environment, output: output, errors: withErrors ? output : nil)
  let status = child.wait()
  return (status, folder.read("output") ?? [])
}

/// Everything that can still be read from a descriptor.
func readAll(_ descriptor: CInt) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 {
      bytes += buffer[..<count]
    } else if count == 0 || errno != EINTR {
      return bytes
    }
  }
}
