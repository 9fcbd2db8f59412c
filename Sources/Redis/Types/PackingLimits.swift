/// Up to what size collections are packed into one piece of memory, by the directives of these names.
package struct PackingLimits: Equatable, Sendable {
  /// Elements in a node of a list; negative, -1 to -5: 4 to 64 KB.
  package var listMaxListpackSize = -2
  package var setMaxIntsetEntries = 512
  package var hashMaxListpackEntries = 512
  /// Bytes.
  package var hashMaxListpackValue = 64
  package var zsetMaxListpackEntries = 128
  /// Bytes.
  package var zsetMaxListpackValue = 64

  /// Bytes of a HyperLogLog that is kept as runs of registers.
  package var hllSparseMaxBytes = 3000

  package init() {}
}
