import Capture
import RESP

/// Reads the commands of an append-only file as they come, each as an annotated tree of its bytes: a whole file of Redis 7's
/// increments, or what follows the snapshot with which an older file begins.
///
///     SELECT, SET …        commands as clients send them
///     #TS:1670000000 CRLF  a remark: when what follows was written (aof-timestamp-enabled)
///
/// It holds one command, and what was fed behind it.
package struct AppendOnlyDissector: Sendable {
  private var scanner = RequestScanner(limits: .init(isMaster: true))
  /// The file's bytes from `start` on.
  private var window: [UInt8] = []
  private var start: Int
  /// How much of the window was read.
  private var read = 0
  private var failure: Fault?

  /// Why nothing more can be read, and where.
  package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// - Parameter position: the file's offset of the first byte that will be fed.
  package init(at position: Int = 0) { start = position }

  /// The offset of the first byte that belongs to nothing read so far.
  package var position: Int { start + read }

  /// Whether a file begins as an append-only file without a snapshot does: with a command, or with a remark of its own.
  package static func isBeginning(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: Array("#TS:".utf8)) { return true }
    guard bytes.first == UInt8(ascii: "*"), let end = bytes.firstIndex(of: 0x0d), end > 1 else { return false }
    return bytes[1..<end].allSatisfy { (0x30...0x39).contains($0) }
      && bytes.dropFirst(end).starts(with: [0x0d, 0x0a, 0x24])
  }

  package mutating func feed(_ bytes: [UInt8]) {
    if read > window.count / 2 {
      window.removeFirst(read)
      start += read
      read = 0
    }
    window += bytes
  }

  /// The next command or remark; nil if it is not there whole.
  ///
  /// - Throws: what is wrong with the bytes, at every later call, too; `rest` then has them.
  package mutating func next() throws(Fault) -> Field? {
    if let failure { throw failure }
    guard read < window.count else { return nil }
    if window[read] == UInt8(ascii: "#") { return remark() }
    let first = read
    do throws(ProtocolError) {
      guard try scanCommand() else { return nil }
    } catch {
      let fault = Fault(description: "\(error.reason.text) at byte \(start + error.offset)")
      failure = fault
      throw fault
    }
    let range = start + first..<start + read
    let message = Message(
      number: 0, side: .opener, kind: .command, range: range,
      contents: SharedBytes(Array(window[first..<read])), stage: .commands)
    var field = FieldBuilder(message).command()
    field.meaning = Meaning.quoted(message.words)
    return field
  }

  /// Moves past the next command, if it is there whole.
  private mutating func scanCommand() throws(ProtocolError) -> Bool {
    let bytes = window
    var (scanner, position) = (scanner, read)
    defer { (self.scanner, read) = (scanner, position) }
    return try scanner.next(in: bytes.span, at: &position)
  }

  /// What there is of a command that is not whole, or not in order, and of what is behind it.
  package var rest: Field? {
    guard read < window.count else { return nil }
    return Field(
      failure == nil ? "incomplete" : "unreadable", range: position..<start + window.count,
      bytes: Array(window[read...]),
      meaning: failure?.description ?? "the file ends within a command, which a server leaves out (aof-load-truncated)",
      isFault: true)
  }

  private mutating func remark() -> Field? {
    guard let end = window[read...].firstIndex(of: 0x0a) else { return nil }
    let bytes = Array(window[read...end])
    let range = position..<position + bytes.count
    read = end + 1
    let text = String(decoding: bytes.dropFirst().prefix { $0 != 0x0d && $0 != 0x0a }, as: UTF8.self)
    let time = text.hasPrefix("TS:") ? Int64(text.dropFirst(3)).flatMap { Meaning.time(seconds: $0) } : nil
    return Field(
      "remark", range: range, bytes: bytes,
      meaning: time.map { "what follows was written at \($0) UTC" } ?? "a line that a server passes over")
  }
}
