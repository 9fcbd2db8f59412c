import Capture
import RDB

/// A range of bytes with a name and a meaning. The children of a field tile it: each begins where the one before it
/// ended, the first and last where the field does.
package struct Field: Sendable, Hashable {
  /// What it is in the format's own words: `count`, `length`, `aux field`.
  package var name: String
  /// Which bytes of its side of the connection it is, in the count of `Message.range`.
  package var range: Range<Int>
  package var bytes: [UInt8]
  /// What the bytes say, for a person; empty where the children say it all.
  package var meaning: String
  /// Set if only a part of it is here, the rest being in other messages: which bytes the whole has.
  package var whole: Range<Int>?
  /// The bytes are not what they should be; `meaning` says why.
  package var isFault = false
  /// Which of its bytes were not seen as they are, in the count of `range`; those of its children only there.
  package var marks: [ByteMark] = []
  package var children: [Field]
  /// Set if the bytes are compressed, and all here.
  package var compressed: Compressed?

  /// What compressed bytes unfold to: a value in this layout, or a string (nil).
  package struct Compressed: Sendable, Hashable {
    package var layout: Layout?
  }

  package init(
    _ name: String, range: Range<Int>, bytes: [UInt8], meaning: String = "", whole: Range<Int>? = nil,
    isFault: Bool = false, children: [Field] = []
  ) {
    self.name = name
    self.range = range
    self.bytes = bytes
    self.meaning = meaning
    self.whole = whole
    self.isFault = isFault
    self.children = children
  }

  /// How many fields there are, itself and all within it.
  package var treeCount: Int { children.reduce(1) { $0 + $1.treeCount } }

  /// What the bytes unfold to, taken apart. Ranges count from the first unfolded byte. Made at each call, since it can be
  /// many times what was there.
  ///
  /// - Parameter limit: how many fields at most; what is behind them is one field without a name.
  /// - Returns: none if the bytes are not compressed.
  package func unfolded(limit: Int = .max) -> [Field] {
    guard let compressed, let unfolded = Unfolded(bytes, layout: compressed.layout, limit: limit) else { return [] }
    let builder = PayloadBuilder(unfolded.bytes, at: 0..<unfolded.bytes.count)
    return builder.filled(builder.fields(unfolded.fields, summary: nil))
  }

  /// The fields around the byte at `offset`, outermost first; none if it is outside.
  package func path(to offset: Int) -> [Field] {
    guard range.contains(offset) else { return [] }
    var path = [self]
    while let child = path[path.count - 1].children.first(where: { $0.range.contains(offset) }) { path.append(child) }
    return path
  }
}

extension Field {
  /// The same tree, with what is known of its bytes that text does not show. Nothing is said of values in which a byte is
  /// not known: what stands for it means nothing.
  package func marked(_ marks: [ByteMark]) -> Field {
    marks.isEmpty ? self : marked(marks, isRoot: true, hasUnknown: marks.unknownCount > 0)
  }

  private func marked(_ all: [ByteMark], isRoot: Bool, hasUnknown: Bool) -> Field {
    var field = self
    let marks = all.clamped(to: range)
    if children.isEmpty {
      field.marks = marks
    } else {
      field.children = children.map { $0.marked(marks, isRoot: false, hasUnknown: hasUnknown) }
    }
    let unknown = marks.unknownCount
    if unknown > 0 {
      let words = Self.words(unknown, of: range.count)
      field.meaning = isRoot && !isFault && !meaning.isEmpty ? "\(meaning); \(words)" : words
      field.isFault = false
    } else if children.isEmpty, !marks.isEmpty {
      field.meaning = ([meaning] + Self.reasons(marks)).filter { !$0.isEmpty }.joined(separator: "; ")
    }
    // A checksum over bytes that are not known says nothing.
    if isFault, hasUnknown, unknown == 0 {
      field.meaning = "nothing can be told of it: bytes before it are not known"
      field.isFault = false
    }
    return field
  }

  private static func words(_ unknown: Int, of count: Int) -> String {
    if unknown == count { return "not known: the text has \(count == 1 ? "a dot" : "dots")" }
    return "\(unknown) of its \(count) bytes \(unknown == 1 ? "is" : "are") not known"
  }

  /// Each reason once: `inferred: 4 bytes follow`.
  private static func reasons(_ marks: [ByteMark]) -> [String] {
    marks.reduce(into: []) { reasons, mark in
      let text = mark.certainty.rawValue + (mark.reason.isEmpty ? "" : ": " + mark.reason)
      if !reasons.contains(text) { reasons.append(text) }
    }
  }
}
