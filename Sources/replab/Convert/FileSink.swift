import CaptureFiles
import Glibc
import RESP

/// Where a conversion goes: standard output, or a file. Large pieces are written at once.
final class FileSink {
  private let output: Output
  private let name: String
  private var bytes: [UInt8] = []

  private static let blockSize = 1 << 18

  /// - Parameters:
  ///   - path: nil and "-" are standard output.
  ///   - input: the file that is read, which must not be the one that is written.
  ///   - isForced: whether another one that is there is written over.
  init(_ path: String?, input: String, isForced: Bool) throws(Complaint) {
    guard let path, path != "-" else {
      (output, name) = (.standardOutput, "standard output")
      return
    }
    var (source, target) = (stat(), stat())
    if stat(input, &source) == 0, stat(path, &target) == 0, source.st_ino == target.st_ino,
      source.st_dev == target.st_dev
    {
      throw .input("\(path): is the file that is read", advice: "Write to another one.")
    }
    let descriptor = try openToWrite(path, unless: isForced ? nil : "--force", mode: 0o666)
    (output, name) = (Output(descriptor: descriptor), path)
  }

  /// Whether nobody reads any more what is written: a pipe's other end is closed.
  var isUnwanted: Bool { output.failure == EPIPE }

  /// Lets `body` append to what is to be written.
  func write(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&bytes)
    if bytes.count >= Self.blockSize { try flush() }
  }

  func write(_ text: String) throws { try write { $0 += text.shown.utf8 } }

  /// Writes what is left. A disk that is full is told; that nobody reads is not.
  func flush() throws(Complaint) {
    output.write(bytes)
    bytes.removeAll(keepingCapacity: true)
    try output.requireWritten(name)
  }
}
