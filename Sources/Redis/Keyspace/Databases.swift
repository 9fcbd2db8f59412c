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
  /// What is known of the use of values that keys of any of them share.
  var integerUse = SharedIntegerUse()

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
      precondition(indices.contains(number))
      let before = sums(of: number)
      defer {
        let after = sums(of: number)
        keyCount += after.keys - before.keys
        expiresCount += after.expires - before.expires
        memory += after.memory - before.memory
      }
      yield &databases[number]
    }
  }

  /// What `body` finds out of a database where it is: of a subscript it would get a copy.
  @inline(__always)
  func look<Result>(at number: Int, _ body: (borrowing Database) -> Result) -> Result {
    precondition(indices.contains(number))
    defer { extendLifetime(self) }
    return unsafe body(databases.inPlace[number])
  }

  /// Of one, looked at where it is.
  @inline(__always)
  private func sums(of number: Int) -> (keys: Int, expires: Int, memory: Int) {
    let database = unsafe databases.inPlace.baseAddress! + number
    return unsafe (database.pointee.count, database.pointee.expiresCount, database.pointee.memory)
  }

  package static func == (a: Self, b: Self) -> Bool { a.databases == b.databases && a.integerUse == b.integerUse }
}

extension Databases {
  /// When a key's value was used last, or how often it is.
  func lru(of key: Bytes, in number: Int) -> UInt32? {
    guard let (value, lru) = look(at: number, { $0.lookup(key) }) else { return nil }
    return value.sharedInteger.map { integerUse[$0] } ?? lru
  }

  mutating func setLRU(of key: Bytes, in number: Int, to lru: UInt32) {
    guard let (value, _) = look(at: number, { $0.lookup(key) }) else { return }
    if let integer = value.sharedInteger { integerUse[integer] = lru } else { self[number].setLRU(of: key, to: lru) }
  }
}
