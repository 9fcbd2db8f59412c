/// The numbered databases of a node. What all of them hold together is known without looking at each, which most inputs
/// would have to do for nothing: a node has sixteen, and one of them is used.
package struct Databases: Sendable, Equatable, RandomAccessCollection, MutableCollection {
  private var databases: ContiguousArray<Database>
  /// The keys of all of them.
  package private(set) var keyCount = 0
  /// Those that have an expiry.
  private(set) var expiresCount = 0
  /// What keys, values and tables take of memory.
  package private(set) var memory = 0

  package init(count: Int, hashSeed: UInt64 = 0) {
    databases = ContiguousArray(repeating: Database(hashSeed: hashSeed), count: count)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { databases.count }
  package var indices: Range<Int> { 0..<databases.count }

  package subscript(number: Int) -> Database {
    @inline(__always) unsafeAddress {
      precondition(indices.contains(number))
      return unsafe databases.inPlace.baseAddress! + number
    }
    @inline(__always) _modify {
      count(databases[number], -1)
      defer { count(databases[number], 1) }
      yield &databases[number]
    }
  }

  @inline(__always)
  private mutating func count(_ database: borrowing Database, _ sign: Int) {
    keyCount += sign * database.count
    expiresCount += sign * database.expiresCount
    memory += sign * database.memory
  }

  package static func == (a: Self, b: Self) -> Bool { a.databases == b.databases }
}
