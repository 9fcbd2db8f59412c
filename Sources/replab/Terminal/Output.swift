import Glibc
import RESP

/// A file descriptor that is written whole: standard output, standard error, or memory for the tests.
/// (Unchecked: the program has one thread.)
final class Output: @unchecked Sendable {
  static let standardOutput = Output(descriptor: STDOUT_FILENO)
  static let standardError = Output(descriptor: STDERR_FILENO)

  private let descriptor: CInt?
  /// What was written, where no descriptor takes it.
  private(set) var kept: [UInt8] = []
  /// What was written since `beginCopy`, for pages that show what the prompt prints.
  private var copy: [UInt8]?
  /// So much of it is kept.
  private static let copyLimit = 1 << 20

  /// Why writing failed, as errno has it; what comes after is dropped.
  private(set) var failure: CInt?

  init(descriptor: CInt) { self.descriptor = descriptor }
  /// Keeps what is written.
  init() { descriptor = nil }

  var isTerminal: Bool { descriptor.map { isatty($0) == 1 } ?? false }

  /// Keeps what is written from here on, besides writing it.
  func beginCopy() { copy = [] }

  /// What was written since then.
  func endCopy() -> [UInt8] {
    defer { copy = nil }
    return copy ?? []
  }

  /// Writes all of `text` as it is shown, unless that fails: see `failure`. A reader that went away (EPIPE) is not our
  /// mistake.
  func write(_ text: String) { write(Array(text.shown.utf8)) }

  func write(_ bytes: [UInt8]) {
    if let count = copy?.count, count < Self.copyLimit { copy? += bytes.prefix(Self.copyLimit - count) }
    guard let descriptor else {
      kept += bytes
      return
    }
    guard failure == nil else { return }
    var sent = 0
    bytes.withUnsafeBytes { all in
      while sent < all.count {
        let n = Glibc.write(descriptor, all.baseAddress! + sent, all.count - sent)
        if n > 0 {
          sent += n
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
  }
}

extension Output {
  /// Complains of what could not be written to standard output. That nobody reads any more is no complaint.
  func requireWritten(_ name: String = "standard output") throws(Complaint) {
    guard let failure, failure != EPIPE else { return }
    throw .input("\(name): cannot be written: \(String(cString: strerror(failure)))")
  }
}
