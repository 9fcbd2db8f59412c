import RESP

/// The payload of a full synchronisation as it comes in.
struct Transfer: Equatable, Sendable {
  var form: Message.PayloadForm
  /// Where the payload's first byte is among its side's bytes.
  var start: Int
  /// How much of the payload has come.
  var count = 0
  /// The payload so far; empty where no history is kept.
  private(set) var payload = ByteLog()
  /// How far the search window moves on after it ended in a byte: Horspool's table for the mark.
  private let shifts: [UInt8]

  init(form: Message.PayloadForm, start: Int) {
    self.form = form
    self.start = start
    guard case .streamed(let mark) = form else {
      shifts = []
      return
    }
    var shifts = [UInt8](repeating: UInt8(mark.count), count: 256)
    for index in mark.indices.dropLast() { shifts[Int(mark[index])] = UInt8(mark.count - 1 - index) }
    self.shifts = shifts
  }

  mutating func append(_ bytes: [UInt8]) {
    payload.append(bytes)
    count += bytes.count
  }

  /// What is certain about the bytes that wait.
  enum Finding: Equatable {
    /// So many belong to the payload, and the payload goes on.
    case more(Int)
    /// So many belong to the payload, and that was the last of it (then the mark, if there is one).
    case last(Int)
  }

  /// Looks at waiting bytes. Bytes that may turn out to begin the mark are certain only with those behind them.
  func find(in bytes: [UInt8]) -> Finding {
    switch form {
    case .sized(let size):
      let missing = size - count
      return bytes.count >= missing ? .last(missing) : .more(bytes.count)
    case .streamed(let mark):
      if let index = firstIndex(of: mark, in: bytes.span) { return .last(index) }
      return .more(bytes.count - beginning(of: mark, atEndOf: bytes))
    }
  }

  private func firstIndex(of mark: [UInt8], in bytes: Span<UInt8>) -> Int? {
    let last = mark.count - 1
    var end = last
    while end < bytes.count {
      let byte = bytes[end]
      if byte == mark[last], (0..<last).allSatisfy({ bytes[end - last + $0] == mark[$0] }) { return end - last }
      end += Int(shifts[Int(byte)])
    }
    return nil
  }

  /// How many bytes at the end of `bytes` may be the beginning of the mark.
  private func beginning(of mark: [UInt8], atEndOf bytes: [UInt8]) -> Int {
    var length = min(mark.count - 1, bytes.count)
    while length > 0, bytes.suffix(length) != mark.prefix(length) { length -= 1 }
    return length
  }
}
