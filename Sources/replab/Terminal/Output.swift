import Glibc

/// A file descriptor that is written whole: standard output, standard error, or memory for the tests.
/// (Unchecked: the program has one thread.)
final class Output: @unchecked Sendable {
  static let standardOutput = Output(descriptor: STDOUT_FILENO)
  static let standardError = Output(descriptor: STDERR_FILENO)

  private let descriptor: CInt?
  /// What was written, where no descriptor takes it.
  private(set) var kept: [UInt8] = []

  init(descriptor: CInt) { self.descriptor = descriptor }
  /// Keeps what is written.
  init() { descriptor = nil }

  var isTerminal: Bool { descriptor.map { isatty($0) == 1 } ?? false }

  /// Writes all of `text`. A reader that went away (a closed pipe) is not our mistake: the rest is dropped.
  func write(_ text: String) { write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) {
    guard let descriptor else {
      kept += bytes
      return
    }
    var sent = 0
    bytes.withUnsafeBytes { all in
      while sent < all.count {
        let n = Glibc.write(descriptor, all.baseAddress! + sent, all.count - sent)
        if n > 0 { sent += n } else if errno != EINTR { return }
      }
    }
  }
}
