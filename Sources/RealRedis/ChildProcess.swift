import Glibc
import RESP
import Synchronization

/// A program that runs beside this one.
package final class ChildProcess: Sendable {
  package let identifier: pid_t
  /// Its exit status once it has been waited for, as a shell tells it: 128 and the signal's number where a signal ended
  /// it.
  private let status = Mutex<Int32?>(nil)

  /// Starts a program, its output going to the descriptors, or nowhere.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], output: CInt? = nil, errors: CInt? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (target, source) in [(CInt(1), output), (2, errors)] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, target)
      } else {
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
      }
    }
    // A thread that blocks signals would hand that on.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var child: pid_t = 0
    let failure = withCStrings([path] + arguments) { argv in
      environment.isEmpty
        ? posix_spawn(&child, path, &actions, &attributes, argv, environ)
        : withCStrings(Self.variables(adding: environment)) {
          posix_spawn(&child, path, &actions, &attributes, argv, $0)
        }
    }
    guard failure == 0 else { throw RealServerError("\(path): \(String(cString: strerror(failure)))") }
    identifier = child
  }

  /// Nobody is left to wait for it, so it ends and is waited for here: a child that is dead and never waited for stays
  /// in the process table, and whoever waits for any child of this process finds that one again and again.
  deinit {
    signal(SIGKILL)
    wait()
  }

  package var isRunning: Bool { collect(WNOHANG) == nil }

  package func signal(_ number: CInt) { if isRunning { Glibc.kill(identifier, number) } }

  /// Stops it, and waits until it stands still: the signal finds it in the midst of something.
  package func pause() {
    signal(SIGSTOP)
    var found = siginfo_t()
    var failure: CInt
    // Its end is left for `wait` to collect.
    repeat {
      failure = waitid(P_PID, id_t(identifier), &found, WSTOPPED | WEXITED | WNOWAIT)
    } while failure < 0 && errno == EINTR
  }

  /// Waits for its end.
  @discardableResult
  package func wait() -> Int32 { collect(0) ?? 0 }

  private func collect(_ options: CInt) -> Int32? {
    status.withLock { status in
      if status != nil { return status }
      var word: Int32 = 0
      var found: pid_t
      repeat { found = waitpid(identifier, &word, options) } while found < 0 && errno == EINTR
      guard found != 0 else { return nil }
      let signal = word & 0x7f
      status = signal == 0 ? word >> 8 & 0xff : 128 + signal
      return status
    }
  }

  /// Our own environment, with some variables set otherwise.
  private static func variables(adding changes: [String: String]) -> [String] {
    var all = changes.map { "\($0)=\($1)" }
    var index = 0
    while let entry = environ[index] {
      let text = String(cString: entry)
      if let name = text.split(separator: "=", maxSplits: 1).first, changes[String(name)] == nil { all.append(text) }
      index += 1
    }
    return all
  }
}

private func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let copies = strings.map { text in
    (text.bytes + [0]).withUnsafeBytes { strdup($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
  }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
