import Capture

/// Bytes as a text shows them in which a dot stands for any byte that can't be printed: `tcpdump -A`, or notes made of it.
///
/// Copied off a terminal, a text has blanks where a tab was, as many as lead to the next column that is a multiple of
/// eight, and no carriage return in front of the end of a line.
package struct ObscuredText: Equatable, Sendable {
  package let bytes: [UInt8]
  /// Where a dot stands for a byte that is not known.
  package let isUnknown: [Bool]
  package let isFromTerminal: Bool
  private let columns: [Int]
  /// The newlines before which a carriage return may have been left out.
  private let hiddenReturns: Set<Int>

  /// - Parameter column: in which column of its line the text begins.
  package init(_ bytes: [UInt8], isUnknown: [Bool], isFromTerminal: Bool, column: Int = 0) {
    self.bytes = bytes
    self.isUnknown = bytes.indices.map { $0 < isUnknown.count && isUnknown[$0] }
    self.isFromTerminal = isFromTerminal
    hiddenReturns = isFromTerminal ? Set(bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }) : []
    var column = column
    columns = bytes.map { byte in
      defer { column = byte == UInt8(ascii: "\n") ? 0 : column + 1 }
      return column
    }
  }

  /// What a reader of text made of a part of a payload.
  package init(_ known: PartlyKnownBytes, in range: Range<Int>) {
    bytes = Array(known.bytes[range])
    isUnknown = range.map { !known.isKnown($0) }
    isFromTerminal = false
    columns = []
    hiddenReturns = known.hidden == 0 ? [] : Set(known.places.filter(range.contains).map { $0 - range.lowerBound })
  }

  /// A text in which every dot is doubtful.
  package init(_ text: [UInt8], isFromTerminal: Bool, column: Int = 0) {
    self.init(text, isUnknown: text.map { $0 == UInt8(ascii: ".") }, isFromTerminal: isFromTerminal, column: column)
  }

  /// Whether tcpdump prints a dot for the byte; a dot is one, too. (A carriage return is only left out before the end of
  /// a line, which is looked at elsewhere.)
  package static func canBeDot(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\t"), UInt8(ascii: "\n"): false
    case UInt8(ascii: "."): true
    default: byte < 0x20 || byte >= 0x7f
    }
  }
}

extension ObscuredText {
  /// A place between bytes. Twice the index of the next one; one more where a carriage return was already read that the
  /// text does not show.
  typealias Place = Int

  var start: Place { 0 }
  var end: Place { 2 * bytes.count }

  /// A byte that can come next; nil if it is one that a dot hides.
  struct Step {
    var byte: UInt8?
    var next: Place
    /// Whether the text shows something else in its place.
    var isDisguised = false
  }

  func steps(from place: Place) -> [Step] {
    let index = place / 2
    guard index < bytes.count else { return [] }
    let byte = bytes[index]
    let plain = Step(byte: isUnknown[index] ? nil : byte, next: 2 * (index + 1))
    if hiddenReturns.contains(index), place % 2 == 0 {
      return [plain, Step(byte: UInt8(ascii: "\r"), next: place + 1, isDisguised: true)]
    }
    guard isFromTerminal, !isUnknown[index] else { return [plain] }
    let stop = index + 8 - columns[index] % 8
    if stop <= bytes.count, bytes[index..<stop].allSatisfy({ $0 == UInt8(ascii: " ") }) {
      return [plain, Step(byte: UInt8(ascii: "\t"), next: 2 * stop, isDisguised: true)]
    }
    return [plain]
  }
}
