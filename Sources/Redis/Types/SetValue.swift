/// A set of strings (t_set.c).
package struct SetValue: Equatable, Sendable {
  package enum Storage: Equatable, Sendable {
    case intset(Intset)
    case hashtable(Dict<Nothing>)
  }
  /// What belongs to a member: it is a member, and that is all.
  package struct Nothing: Equatable, Sendable {}

  package private(set) var storage = Storage.intset(Intset())

  /// Made for a first member (`setTypeCreate`).
  package init(for member: Bytes) { if Listpack.number(of: member) == nil { storage = .hashtable(Dict()) } }
  package init() {}
  package init(_ storage: Storage) { self.storage = storage }

  package var count: Int {
    switch storage {
    case .intset(let intset): intset.count
    case .hashtable(let table): table.count
    }
  }
  package var isEmpty: Bool { count == 0 }

  // MARK: Reading

  /// Whether it is a member (`setTypeIsMember`).
  package func contains(_ member: Bytes) -> Bool {
    switch storage {
    case .intset(let intset): Listpack.number(of: member).map(intset.contains) ?? false
    case .hashtable(let table): table.contains(member)
    }
  }

  /// Visits all members (`setTypeNext`).
  package func forEach(_ body: (Bytes) -> Void) {
    switch storage {
    case .intset(let intset): for index in 0..<intset.count { body(Bytes(intset[index])) }
    case .hashtable(let table): table.forEach { body($0.key) }
    }
  }

  package var members: [Bytes] {
    var members: [Bytes] = []
    members.reserveCapacity(count)
    forEach { members.append($0) }
    return members
  }

  /// A member drawn by chance, each as likely as any other (`setTypeRandomElement`).
  package func randomMember(using random: inout SeededRandom) -> Bytes? {
    switch storage {
    case .intset(let intset):
      intset.count == 0 ? nil : Bytes(intset[Int(random.next() % UInt64(intset.count))])
    case .hashtable(let table): table.random(using: &random)?.key
    }
  }

  // MARK: Changing

  /// False if it is a member already (`setTypeAdd`).
  @discardableResult
  package mutating func insert(_ member: Bytes, _ limits: PackingLimits) -> Bool {
    let number = Listpack.number(of: member)
    if case .intset = storage, number == nil { convert() }
    switch take() {
    case .intset(var intset):
      let isNew = intset.insert(number ?? 0)
      storage = .intset(intset)
      // A million bytes or so is what one piece of memory may be.
      if intset.count > min(limits.setMaxIntsetEntries, 1 << 30) { convert() }
      return isNew
    case .hashtable(var table):
      let isNew = table.set(member, to: Nothing()) == nil
      storage = .hashtable(table)
      return isNew
    }
  }

  /// False if it is no member (`setTypeRemove`).
  @discardableResult
  package mutating func remove(_ member: Bytes) -> Bool {
    switch take() {
    case .intset(var intset):
      let isRemoved = Listpack.number(of: member).map { intset.remove($0) } ?? false
      storage = .intset(intset)
      return isRemoved
    case .hashtable(var table):
      let isRemoved = table.remove(member) != nil
      storage = .hashtable(table)
      return isRemoved
    }
  }

  /// What is stored, so that it has no second owner while it changes.
  private mutating func take() -> Storage {
    defer { storage = .intset(SetValue.none) }
    return storage
  }
  private static let none = Intset()

  /// Becomes a hash table (`setTypeConvert`), which is going to have so many elements.
  package mutating func convert(expecting count: Int = 0) {
    guard case .intset(let intset) = storage else { return }
    var table = Dict<Nothing>()
    table.reserve(max(count, intset.count))
    forEach { table.set($0, to: Nothing()) }
    storage = .hashtable(table)
  }
}
