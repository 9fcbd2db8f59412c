/// One numbered database: keys in the order in which they were first set, which is the order of a snapshot, of KEYS and
/// of SCAN (in a real Redis it is that of a random hash seed).
///
/// A copy shares everything with the original. Expired keys are here until something deletes them: expiry is the node's
/// business (`Node+Keyspace.swift`).
package struct Database: Sendable {
  private let passedInPlace = PassedInPlace()
  private var slots = SlotTable()
  private var index = KeyIndex()
  private var nextSerial: UInt64 = 1
  /// What keys are hashed with: fixed in the lab, drawn where strangers choose the keys.
  private let hashSeed: UInt64

  /// How many keys have an expiry, for `INFO keyspace` and a snapshot's RESIZEDB.
  package private(set) var expiresCount = 0

  /// What the keys and their values take of memory; the tables of keys and of expiries would be so big in Redis.
  private var keyMemory = 0
  private var table = HashTableSize()
  private var expiries = HashTableSize()

  /// A key's value and the time, in milliseconds since 1970, from which it no longer exists.
  package struct Entry: Equatable, Sendable {
    package var value: Value
    package var expiry: Int64?

    package init(_ value: Value, expiry: Int64? = nil) {
      self.value = value
      self.expiry = expiry
    }
  }

  package init(hashSeed: UInt64 = 0) { self.hashSeed = hashSeed }

  package var count: Int {
    @inline(__always) get { index.count }
  }
  package var isEmpty: Bool { index.count == 0 }

  /// About how many bytes so many writes copy after the database was copied: how much more two copies hold than one.
  package func copiedBytes(byWrites count: Int) -> Int {
    isEmpty ? 0 : index.copiedBytes(byWrites: count) + slots.copiedBytes(byWrites: count)
  }

  // MARK: Reading

  package subscript(key: Bytes) -> Entry? {
    guard let number = find(key) else { return nil }
    return slots.entry(at: number)
  }

  /// The value of a key, and what is known of its use.
  @inline(__always)
  func lookup(_ key: Bytes) -> (value: Value, lru: UInt32)? {
    guard let number = find(key), let entry = slots.entry(at: number) else { return nil }
    return (entry.value, slots.lru(at: number))
  }

  /// When the key was used last, or how often: 24 bits.
  package func lru(of key: Bytes) -> UInt32? { find(key).map { slots.lru(at: $0) } }

  package mutating func setLRU(of key: Bytes, to lru: UInt32) {
    if let number = find(key) { slots.setLRU(number, to: lru) }
  }

  package func contains(_ key: Bytes) -> Bool { find(key) != nil }

  /// When the key expires, or nil (`getExpire` in db.c).
  package func expiry(of key: Bytes) -> Int64? {
    guard let number = find(key), case let expiry = slots.expiry(at: number), expiry != SlotTable.never else {
      return nil
    }
    return expiry
  }

  private func hash(_ key: Bytes) -> UInt32 { UInt32(truncatingIfNeeded: key.fastHash(seed: hashSeed) >> 32) }

  private func find(_ key: Bytes) -> Int? { index.find(hash(key)) { slots.hasKey(key, at: $0) } }

  // MARK: Writing

  /// Sets value and expiry; a new key comes last in the order, an old one keeps its place (`dbAdd`, `dbOverwrite` in
  /// db.c). True if it is new.
  @discardableResult
  package mutating func set(_ key: Bytes, to value: Value, expiry: Int64? = nil, lru: UInt32 = 0) -> Bool {
    let hash = hash(key)
    let new = Database.stored(expiry)
    if let number = index.find(hash, isRight: { slots.hasKey(key, at: $0) }) {
      countExpiry(was: slots.expiry(at: number), is: new)
      keyMemory += slots.update(number, value: value, expiry: new, lru: lru)
      return false
    }
    insert(key, value, new, lru, hash)
    return true
  }

  /// Sets the value alone: an old key keeps its expiry (`dbAdd`, `dbOverwrite` in db.c). True if the key is new.
  @discardableResult
  package mutating func update(_ key: Bytes, to value: Value, lru: UInt32 = 0) -> Bool {
    let hash = hash(key)
    if let number = index.find(hash, isRight: { slots.hasKey(key, at: $0) }) {
      keyMemory += slots.update(number, value: value, expiry: slots.expiry(at: number), lru: lru)
      return false
    }
    insert(key, value, SlotTable.never, lru, hash)
    return true
  }

  /// Changes the value of a key where it is; nil without the key.
  package mutating func change<Result>(_ key: Bytes, _ body: (inout Value) -> Result) -> Result? {
    guard let number = find(key) else { return nil }
    let (result, growth) = slots.change(number, body)
    keyMemory += growth
    return result
  }

  /// Adds a key as a snapshot is loaded; false if it is there already (`dbAddRDBLoad` in db.c).
  package mutating func add(_ key: Bytes, _ value: Value, expiry: Int64? = nil, lru: UInt32 = 0) -> Bool {
    let hash = hash(key)
    if index.find(hash, isRight: { slots.hasKey(key, at: $0) }) != nil { return false }
    insert(key, value, Database.stored(expiry), lru, hash)
    return true
  }

  /// Makes room for so many keys, as a snapshot's RESIZEDB announces them.
  package mutating func reserve(_ count: Int) {
    // A hostile snapshot may announce any number.
    let count = min(count, 1 << 24)
    if count > index.capacity { index.grow(to: count) }
    table.reserve(count)
    table.settle()
  }

  /// Sets or, with nil, removes the expiry of a key that exists (`setExpire`, `removeExpire` in db.c).
  package mutating func setExpiry(of key: Bytes, to expiry: Int64?) {
    guard let number = find(key) else { return }
    countExpiry(was: slots.expiry(at: number), is: Database.stored(expiry))
    slots.setExpiry(number, to: Database.stored(expiry))
  }

  /// Removes a key with its expiry (`dbGenericDelete` in db.c).
  @discardableResult
  package mutating func remove(_ key: Bytes) -> Entry? {
    let hash = hash(key)
    guard let number = index.find(hash, isRight: { slots.hasKey(key, at: $0) }), let slot = slots[number] else {
      return nil
    }
    slots.remove(number)
    index.remove(hash, slot: number)
    countExpiry(was: slot.expiry, is: SlotTable.never)
    keyMemory -= Jemalloc.size(forSds: key.count) + slot.value.memory
    table.remove(leaving: count)
    table.settle()
    packIfSparse()
    return Entry(slot.value, expiry: slot.expiry == SlotTable.never ? nil : slot.expiry)
  }

  /// Removes everything (`emptyDbStructure` in db.c).
  package mutating func removeAll() { self = Database(hashSeed: hashSeed) }

  /// The last millisecond that can be written stands for no expiry: a key that would expire then does so one earlier.
  private static func stored(_ expiry: Int64?) -> Int64 {
    expiry.map { min($0, SlotTable.never - 1) } ?? SlotTable.never
  }

  private mutating func insert(_ key: Bytes, _ value: Value, _ expiry: Int64, _ lru: UInt32, _ hash: UInt32) {
    table.add(to: count)
    table.settle()
    keyMemory += Jemalloc.size(forSds: key.count) + value.memory
    if index.isFull { index.grow(to: index.capacity * 2) }
    let number = slots.append(.init(key: key, value: value, lru: lru, expiry: expiry, serial: nextSerial))
    nextSerial += 1
    index.insert(hash, slot: number)
    countExpiry(was: SlotTable.never, is: expiry)
  }

  private mutating func countExpiry(was old: Int64, is new: Int64) {
    guard (old == SlotTable.never) != (new == SlotTable.never) else { return }
    if new != SlotTable.never {
      expiries.add(to: expiresCount)
      expiresCount += 1
    } else {
      expiresCount -= 1
      expiries.remove(leaving: expiresCount)
    }
    expiries.settle()
  }

  /// Moves the slots together once more than half of them are empty, which each removal pays for in advance.
  private mutating func packIfSparse() {
    guard slots.emptyCount > 64, slots.emptyCount > slots.count / 2 else { return }
    let sparse = slots
    slots = SlotTable()
    index = KeyIndex(capacity: sparse.count - sparse.emptyCount)
    sparse.forEach { slot in
      index.insert(hash(slot.key), slot: slots.append(slot))
    }
  }

  /// In how many buckets its keys would be (`dictSlots` in dict.h).
  var tableSlots: Int { table.slots }

  // MARK: Memory

  /// What the database takes of memory: keys, values, and both tables.
  package var memory: Int {
    keyMemory + count * Jemalloc.dictEntry + table.memory + expiresCount * Jemalloc.dictEntry + expiries.memory
  }

  /// What of it is no data (`getMemoryOverheadData` in object.c).
  package var tableOverhead: Int { count * (Sizeof.dictEntry + Sizeof.robj) + 8 * table.slots }
  package var expiriesOverhead: Int { expiresCount * Sizeof.dictEntry + 8 * expiries.slots }

  // MARK: Expiry

  /// The earliest expiry of all, or nil if no key has one.
  package var nextExpiry: Int64? {
    guard expiresCount > 0, case let next = slots.nextExpiry, next != SlotTable.never else { return nil }
    return next
  }

  /// The first keys, at most so many, whose expiry is before `time`, in the order of the keys.
  package func expired(before time: Int64, limit: Int) -> [Bytes] {
    expiresCount == 0 ? [] : slots.expired(before: time, limit: limit)
  }

  // MARK: Walking

  /// Visits every key in order.
  package func forEach(_ body: (Bytes, Entry) throws -> Void) rethrows {
    try slots.forEach { try body($0.key, Entry($0.value, expiry: $0.expiry == SlotTable.never ? nil : $0.expiry)) }
  }

  /// Where a walk that can be interrupted stands: every key that is there all along is met, whatever comes and goes.
  package struct Cursor: Equatable, Sendable {
    fileprivate var serial: UInt64
    /// Where the key of that serial was; a hint that saves looking for it.
    fileprivate var number: Int

    package static let start = Cursor(serial: 0, number: 0)

    /// What SCAN prints: 0 at the start, then the number of the key to go on with, counted over all that ever came.
    package init(_ number: UInt64) { (self.serial, self.number) = (number, 0) }
    private init(serial: UInt64, number: Int) { (self.serial, self.number) = (serial, number) }
    package var value: UInt64 { serial }
  }

  /// The next key from the cursor on, which moves behind it; nil at the end.
  package func next(_ cursor: inout Cursor) -> (key: Bytes, entry: Entry, lru: UInt32)? {
    var number = cursor.number
    let isHintRight =
      number > 0 && number <= slots.count && slots.serial(at: number - 1).map { $0 + 1 } == cursor.serial
    if !isHintRight { number = cursor.serial == 0 ? 0 : slots.firstNumber(from: cursor.serial) }
    while number < slots.count {
      if let slot = slots[number] {
        cursor.serial = slot.serial + 1
        cursor.number = number + 1
        return (slot.key, Entry(slot.value, expiry: slot.expiry == SlotTable.never ? nil : slot.expiry), slot.lru)
      }
      number += 1
    }
    return nil
  }

  /// What eviction looks at of a key.
  package struct Sample: Equatable, Sendable {
    package var key: Bytes
    package var lru: UInt32
    /// Its value, if that is shared with other keys, and so its use.
    var integer: Int?
    /// In milliseconds since 1970; the last millisecond of all stands for never.
    package var expiry: Int64
  }

  /// Some keys drawn by chance, all if there are no more of them, in the order of the keys (`dictGetSomeKeys`).
  ///
  /// - Parameter volatile: only of those that have an expiry.
  package func sample(_ limit: Int, volatile: Bool, using random: inout SeededRandom) -> [Sample] {
    let all = volatile ? expiresCount : count
    guard all > 0, limit > 0 else { return [] }
    var places: Set<Int> = []
    var start = 0
    while places.count < min(limit, all) {
      if all > limit { start = Int(random.next() % UInt64(slots.count)) }
      // From one that was met already on to the next that was not.
      var isNew = false
      while !isNew, let place = slots.occupied(from: start, withExpiry: volatile) {
        start = place + 1
        isNew = places.insert(place).inserted
      }
      if !isNew { break }
    }
    return places.sorted().compactMap { slots[$0] }.map {
      Sample(key: $0.key, lru: $0.lru, integer: $0.value.sharedInteger, expiry: $0.expiry)
    }
  }

  /// A key drawn by chance, each as likely as any other; nil without keys (`dbRandomKey` in db.c).
  package func randomKey(using random: inout SeededRandom) -> Bytes? {
    guard !isEmpty else { return nil }
    // At least a third of the slots are in use, or there are few of them.
    while true {
      if let slot = slots[Int(random.next() % UInt64(slots.count))] { return slot.key }
    }
  }
}

extension Database: Equatable {
  /// The same keys and values with the same past; what two copies share is not looked at.
  package static func == (a: Database, b: Database) -> Bool {
    a.nextSerial == b.nextSerial && a.expiresCount == b.expiresCount && a.slots == b.slots
  }
}
