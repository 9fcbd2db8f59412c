import RESP

/// How many buckets a hash table of Redis has (dict.c): a power of two, as many as there are entries at least.
///
/// A table that grows or shrinks moves its entries little by little, and both tables are there until that is done: one
/// bucket at each access, of a database's also a millisecond long at each turn of the timer, which is all of it here.
package struct HashTableSize: Equatable, Sendable {
  private var buckets = 0
  /// The table whose entries are being moved, and how much of it is left: each access moves 8 fifths of a bucket, since a
  /// bucket in three or so is empty.
  private var old = 0
  private var left = 0

  private static let least = 4

  package init() {}

  /// (`dictSlots`.)
  package var slots: Int { buckets + (left > 0 ? old : 0) }

  /// What the buckets get of memory.
  package var memory: Int { slots * 8 }

  /// Those of a table that so many entries came to, one after the other, and that nobody asked for anything.
  static func slots(for count: Int) -> Int {
    guard count > 0 else { return 0 }
    var size = HashTableSize()
    size.buckets = power(for: count)
    if size.buckets > least {
      (size.old, size.left) = (size.buckets / 2, size.buckets / 2 * 5)
      size.step(count - size.old - 1)
    }
    return size.slots
  }

  /// An entry comes to so many (`_dictExpandIfNeeded`).
  package mutating func add(to count: Int) {
    if buckets == 0 {
      buckets = Self.least
    } else if left == 0, count >= buckets {
      move(to: count + 1)
    }
  }

  /// So many are left (`htNeedsResize`, `dictResize`).
  package mutating func remove(leaving count: Int) {
    if left == 0, buckets > Self.least, count * 100 / buckets < 10 { move(to: count) }
  }

  /// Room for so many (`dictExpand`).
  package mutating func reserve(_ count: Int) {
    if buckets == 0, count > 0 { buckets = Self.power(for: count) } else if count > buckets { move(to: count) }
  }

  /// So many accesses, each of which moves entries (`_dictRehashStep`).
  package mutating func step(_ count: Int = 1) { if left > 0 { left = max(0, left - 8 * count) } }

  /// All entries are moved (`incrementallyRehash` in server.c).
  package mutating func settle() { left = 0 }

  private mutating func move(to count: Int) {
    (old, left) = (buckets, buckets * 5)
    buckets = Self.power(for: count)
  }

  private static func power(for count: Int) -> Int {
    count <= least ? least : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
  }
}
