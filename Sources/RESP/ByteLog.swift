/// Bytes that only grow, kept as the chunks that brought them, in shared blocks.
///
/// A copy costs nothing and shares every chunk with its origin, also after either grew: appending rebuilds only the
/// last block of each level, about 32 references. So a history may keep one log per step of a transfer of a gigabyte
/// and hold each byte once. An array would be copied whole by the first append after each copy.
package struct ByteLog: Equatable, Sendable {
  /// A chunk (no children), or 32 nodes of the level below.
  private struct Node: Equatable, Sendable {
    var byteCount: Int
    var bytes: [UInt8] = []
    var children: [Node] = []
  }

  private static let fanout = 32

  /// Level 0 holds chunks, level n nodes of 32^n chunks; the highest level is the oldest part.
  // Invariant: no level holds `fanout` nodes between calls.
  private var levels: [[Node]] = []

  /// The bytes of all chunks together.
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  package mutating func append(_ chunk: [UInt8]) {
    guard !chunk.isEmpty else { return }
    count += chunk.count
    var node = Node(byteCount: chunk.count, bytes: chunk)
    for level in 0... {
      if level == levels.count { levels.append([]) }
      levels[level].append(node)
      guard levels[level].count == Self.fanout else { return }
      let full = levels[level]
      levels[level] = []
      node = Node(byteCount: full.reduce(0) { $0 + $1.byteCount }, children: full)
    }
  }

  /// The bytes of `range`, clamped to what is there.
  package func bytes(in range: Range<Int>) -> [UInt8] {
    let wanted = range.clamped(to: 0..<count)
    // A single chunk is shared, not copied.
    if wanted.count == count, levels.count == 1, levels[0].count == 1 { return levels[0][0].bytes }
    var result: [UInt8] = []
    result.reserveCapacity(wanted.count)
    var start = 0
    for level in levels.reversed() {
      for node in level {
        Self.collect(node, at: start, wanted, into: &result)
        start += node.byteCount
      }
    }
    return result
  }

  /// All bytes in one array.
  package var bytes: [UInt8] { bytes(in: 0..<count) }

  private static func collect(_ node: Node, at start: Int, _ wanted: Range<Int>, into result: inout [UInt8]) {
    let part = wanted.clamped(to: start..<start + node.byteCount)
    guard !part.isEmpty else { return }
    if node.children.isEmpty {
      result.append(contentsOf: node.bytes[part.lowerBound - start..<part.upperBound - start])
      return
    }
    var start = start
    for child in node.children {
      collect(child, at: start, wanted, into: &result)
      start += child.byteCount
    }
  }
}
