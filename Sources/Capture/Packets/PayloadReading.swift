/// What is known of a payload that was read from text, and why: which of its bytes no text shows.
///
/// A reference, so that a packet that was captured, which has none, has room for it at the cost of one word.
package final class PayloadReading: Hashable, Sendable {
  /// Of the payload's bytes, from 0; ascending. What no mark is on was seen.
  package let marks: [ByteMark]
  /// How the bytes were restored, for a person, without a full stop; nil if there is no more to say than the marks do.
  package let summary: String?

  package init(_ marks: [ByteMark], summary: String? = nil) {
    self.marks = marks
    self.summary = summary
  }

  /// How many bytes are not known.
  package var unknownCount: Int { marks.unknownCount }

  package static func == (a: PayloadReading, b: PayloadReading) -> Bool {
    a === b || (a.marks == b.marks && a.summary == b.summary)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(marks) }
}

/// Bytes that were not seen as they are.
package struct ByteMark: Hashable, Sendable {
  package var range: Range<Int>
  package var certainty: Certainty
  /// Why they are held to be these, or why they are not known; empty where the certainty says it all.
  package var reason: String

  package enum Certainty: String, Hashable, Sendable {
    /// They may be anything that text does not show; what stands for them means nothing.
    case unknown
    /// The format, or the protocol, leaves nothing else.
    case inferred
    /// The checksum says so.
    case restored
  }

  package init(_ range: Range<Int>, _ certainty: Certainty, _ reason: String) {
    self.range = range
    self.certainty = certainty
    self.reason = reason
  }
}

extension [ByteMark] {
  package var unknownCount: Int { reduce(0) { $0 + ($1.certainty == .unknown ? $1.range.count : 0) } }

  /// What of the marks is on these bytes.
  package func clamped(to range: Range<Int>) -> [ByteMark] {
    compactMap { mark in
      let part = mark.range.clamped(to: range)
      return part.isEmpty ? nil : ByteMark(part, mark.certainty, mark.reason)
    }
  }

  /// The marks of bytes that begin so many bytes further on.
  package func shifted(by distance: Int) -> [ByteMark] {
    map { ByteMark($0.range.lowerBound + distance..<$0.range.upperBound + distance, $0.certainty, $0.reason) }
  }

  /// The mark on a byte.
  package func mark(at index: Int) -> ByteMark? { first { $0.range.contains(index) } }

  /// Adds a mark on the byte behind all others: to the last one, if that is the same.
  package mutating func append(_ certainty: ByteMark.Certainty, _ reason: String, at index: Int) {
    if let last, last.range.upperBound == index, last.certainty == certainty, last.reason == reason {
      self[count - 1].range = last.range.lowerBound..<index + 1
    } else {
      append(ByteMark(index..<index + 1, certainty, reason))
    }
  }
}
