@preconcurrency import Glibc
import Synchronization

/// SIGINT as a flag: Ctrl-C while a command runs asks that command to stop, and never kills the lab.
package enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Catches SIGINT from here on. Long commands poll `requested`; a blocked read(2) ends with EINTR, since the handler
  /// is installed without SA_RESTART.
  package static func install() {
    clear()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interrupt.flag.store(true, ordering: .relaxed) }
    sigaction(SIGINT, &action, nil)
  }

  /// Whether the user has asked to stop since the last `clear`.
  package static var requested: Bool { flag.load(ordering: .relaxed) }

  /// Asks the command that runs to stop, as Ctrl-C does.
  package static func request() { flag.store(true, ordering: .relaxed) }

  /// Forgets a request: called before a command starts.
  package static func clear() { flag.store(false, ordering: .relaxed) }
}
