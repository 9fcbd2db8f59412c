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
