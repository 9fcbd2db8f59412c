/// Finds a key's slot by the key's hash: open addressing with linear probing, in chunks that copies share.
///
///     cell:  63          32 31           0
///            ┌─────────────┬──────────────┐
///            │ hash        │ slot + 1     │    0: empty
///            └─────────────┴──────────────┘
///
/// The 32 bits of hash settle where a cell belongs and nearly always whether it is the right one, so that a key is looked
/// at only to be sure. A copy shares all chunks; the first write to a chunk after that copies its 16 KB.
struct KeyIndex: Sendable {
  private static let chunkBits = 11
  private static let chunkMask = (1 << chunkBits) - 1

  private var chunks: ContiguousArray<ContiguousArray<UInt64>>
  /// Cells in all, less one; the number of cells is a power of two.
  private var mask: Int
  private(set) var count = 0

  init(capacity: Int = 8) {
    var cells = 16
    // At most two thirds full.
    while cells * 2 / 3 < capacity { cells *= 2 }
    mask = cells - 1
    let chunkSize = min(cells, 1 << KeyIndex.chunkBits)
    // Each chunk by itself: a repeated value would be one shared buffer.
    chunks = []
    chunks.reserveCapacity(cells / chunkSize)
    for _ in 0..<cells / chunkSize { chunks.append(ContiguousArray(repeating: 0, count: chunkSize)) }
  }

  /// About how many bytes so many writes copy after the index was copied.
  func copiedBytes(byWrites count: Int) -> Int { min(count, chunks.count) * min(mask + 1, 1 << KeyIndex.chunkBits) * 8 }

  /// How many keys fit before the index has to grow.
  var capacity: Int { (mask + 1) * 2 / 3 }
  var isFull: Bool { count >= capacity }

  /// The slot whose cell has that hash and that `isRight` says is the one sought.
  @inline(__always)
  func find(_ hash: UInt32, isRight: (Int) -> Bool) -> Int? {
    defer { extendLifetime(self) }
    let chunks = unsafe chunks.inPlace
    var position = Int(hash) & mask
    while true {
      // There are as many cells as the mask has numbers.
      let cell = unsafe chunks[position >> KeyIndex.chunkBits].inPlace[position & KeyIndex.chunkMask]
      if cell == 0 { return nil }
      if UInt32(truncatingIfNeeded: cell >> 32) == hash {
        let slot = Int(UInt32(truncatingIfNeeded: cell)) - 1
        if isRight(slot) { return slot }
      }
      position = (position + 1) & mask
    }
  }

  /// Adds a slot that is not there yet. The index must not be full.
  mutating func insert(_ hash: UInt32, slot: Int) {
    var position = Int(hash) & mask
    while self[position] != 0 { position = (position + 1) & mask }
    self[position] = UInt64(hash) << 32 | UInt64(UInt32(slot + 1))
    count += 1
  }

  /// Removes a slot that is there, and moves back those that it had pushed on.
  mutating func remove(_ hash: UInt32, slot: Int) {
    let sought = UInt64(hash) << 32 | UInt64(UInt32(slot + 1))
    var hole = Int(hash) & mask
    while self[hole] != sought { hole = (hole + 1) & mask }
    var position = (hole + 1) & mask
    while case let cell = self[position], cell != 0 {
      let home = Int(UInt32(truncatingIfNeeded: cell >> 32)) & mask
      // A cell may move to the hole if that lies on its way from home.
      if (position &- home) & mask >= (position &- hole) & mask {
        self[hole] = cell
        hole = position
      }
      position = (position + 1) & mask
    }
    self[hole] = 0
    count -= 1
  }

  /// Makes room for so many keys.
  mutating func grow(to capacity: Int) {
    var grown = KeyIndex(capacity: capacity)
    for chunk in chunks {
      for cell in chunk where cell != 0 {
        grown.insert(UInt32(truncatingIfNeeded: cell >> 32), slot: Int(UInt32(truncatingIfNeeded: cell)) - 1)
      }
    }
    self = grown
  }

  private subscript(position: Int) -> UInt64 {
    @inline(__always) get { chunks[position >> KeyIndex.chunkBits][position & KeyIndex.chunkMask] }
    @inline(__always) set { chunks[position >> KeyIndex.chunkBits][position & KeyIndex.chunkMask] = newValue }
  }
}
