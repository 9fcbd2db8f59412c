/// What compressed bytes unfold to, and what its bytes are called. Offsets count from the first of them.
package struct Unfolded: Hashable, Sendable {
  package let bytes: [UInt8]
  /// As in a snapshot, siblings tile their parent; but past `limit` fields nothing has a name any more.
  package let fields: FieldTree

  /// - Parameters:
  ///   - compressed: the bytes of a field that means `.compressed(layout)`, all of them.
  ///   - limit: how many fields at most. Compression makes up to 88 bytes of one, so a few bytes can hold many.
  /// - Returns: nil if they are no such bytes.
  package init?(_ compressed: [UInt8], layout: Layout?, limit: Int) {
    guard let count = LZF.originalLength(of: compressed.span) else { return nil }
    let unfolded = LZF.expand(compressed.span, originalLength: count)
    var scan = Scan(recordsFields: true)
    scan.recorder.limit = limit
    if let layout {
      do throws(Broken) { try scan.read(layout, unfolded.span) } catch { return nil }
    } else if count > 0 {
      scan.take(count, as: .data, .bytes)
    }
    bytes = unfolded
    fields = scan.fields
  }
}
