import Capture
import RESP

/// The payload of a full synchronisation as it comes in.
struct Transfer: Equatable, Sendable {
  var form: Message.PayloadForm
  /// Where the payload's first byte is among its side's bytes.
  var start: Int
  /// How much of the payload has come, or is lost.
  private(set) var count = 0
  /// The payload up to its first hole; empty where no history is kept.
  private(set) var payload = ByteLog()
  /// Some of it is lost.
  private(set) var hasHole = false
  /// The last that is known of it is lost: what comes next may be the end of the mark.
  private var isBehindHole = false
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

  /// All bytes of a known number have come.
  var isComplete: Bool { form == .sized(count) }

  mutating func append(_ bytes: SharedBytes, keepsBytes: Bool) {
    if keepsBytes, !hasHole { payload.append(Array(bytes.slice)) }
    count += bytes.count
    isBehindHole = false
  }

  /// Notes that `lost` bytes of the connection won't come; returns how many of them are the payload's.
  mutating func lose(_ lost: Int) -> Int {
    var inside = lost
    if case .sized(let size) = form { inside = min(lost, size - count) }
    count += inside
    hasHole = true
    isBehindHole = true
    return inside
  }

  /// What is certain about the bytes that wait.
  enum Finding: Equatable {
    /// So many belong to the payload.
    case payload(Int)
    /// So many are the mark, or the end of it.
    case mark(Int)
  }

  /// Looks at waiting bytes. Bytes that may turn out to begin the mark are certain only with those behind them.
  func find(in bytes: SharedBytes) -> Finding {
    switch form {
    case .sized(let size): return .payload(min(bytes.count, size - count))
    case .streamed(let mark):
      if isBehindHole, bytes.count >= 8, bytes.count <= mark.count, mark.suffix(bytes.count).elementsEqual(bytes) {
        return .mark(bytes.count)
      }
      let slice = bytes.slice
      if let index = firstIndex(of: mark, in: slice.span) { return index == 0 ? .mark(mark.count) : .payload(index) }
      return .payload(bytes.count - beginning(of: mark, atEndOf: slice))
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
  private func beginning(of mark: [UInt8], atEndOf bytes: ArraySlice<UInt8>) -> Int {
    var length = min(mark.count - 1, bytes.count)
    while length > 0, bytes.suffix(length) != mark[..<length] { length -= 1 }
    return length
  }
}
