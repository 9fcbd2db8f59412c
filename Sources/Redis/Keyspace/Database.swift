/// One numbered database: keys in the order in which they were first set, which is the order of a snapshot, of KEYS and
/// of SCAN (in a real Redis it is that of a random hash seed).
///
/// A copy shares everything with the original. Expired keys are here until something deletes them: expiry is the node's
/// business (`Node+Keyspace.swift`).
package struct Database: Sendable {
  private var slots = SlotTable()
  private var index = KeyIndex()
  private var nextSerial: UInt64 = 1
  /// What keys are hashed with: fixed in the lab, drawn where strangers choose the keys.
  private let hashSeed: UInt64

  /// How many keys have an expiry, for `INFO keyspace` and a snapshot's RESIZEDB.
  package private(set) var expiresCount = 0

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
  package mutating func set(_ key: Bytes, to value: Value, expiry: Int64? = nil) -> Bool {
    let hash = hash(key)
    let new = Database.stored(expiry)
    if let number = index.find(hash, isRight: { slots.hasKey(key, at: $0) }) {
      let old = slots.expiry(at: number)
      expiresCount += (new != SlotTable.never ? 1 : 0) - (old != SlotTable.never ? 1 : 0)
      slots.update(number, value: value, expiry: new)
      return false
    }
    insert(key, value, new, hash)
    return true
  }

  /// Sets the value alone: an old key keeps its expiry (`dbAdd`, `dbOverwrite` in db.c). True if the key is new.
  @discardableResult
  package mutating func update(_ key: Bytes, to value: Value) -> Bool {
    let hash = hash(key)
    if let number = index.find(hash, isRight: { slots.hasKey(key, at: $0) }) {
      slots.update(number, value: value, expiry: slots.expiry(at: number))
      return false
    }
    insert(key, value, SlotTable.never, hash)
    return true
  }

  /// Changes the value of a key where it is; nil without the key.
  package mutating func change<Result>(_ key: Bytes, _ body: (inout Value) -> Result) -> Result? {
    find(key).map { slots.change($0, body) }
  }

  /// Adds a key as a snapshot is loaded; false if it is there already (`dbAddRDBLoad` in db.c).
  package mutating func add(_ key: Bytes, _ value: Value, expiry: Int64? = nil) -> Bool {
    let hash = hash(key)
    if index.find(hash, isRight: { slots.hasKey(key, at: $0) }) != nil { return false }
    insert(key, value, Database.stored(expiry), hash)
    return true
  }

  /// Makes room for so many keys, as a snapshot's RESIZEDB announces them.
  package mutating func reserve(_ count: Int) {
    // A hostile snapshot may announce any number.
    let count = min(count, 1 << 24)
    if count > index.capacity { index.grow(to: count) }
  }

  /// Sets or, with nil, removes the expiry of a key that exists (`setExpire`, `removeExpire` in db.c).
  package mutating func setExpiry(of key: Bytes, to expiry: Int64?) {
    guard let number = find(key) else { return }
    let old = slots.expiry(at: number)
    expiresCount += (expiry != nil ? 1 : 0) - (old != SlotTable.never ? 1 : 0)
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
    if slot.expiry != SlotTable.never { expiresCount -= 1 }
    packIfSparse()
    return Entry(slot.value, expiry: slot.expiry == SlotTable.never ? nil : slot.expiry)
  }

  /// Removes everything (`emptyDbStructure` in db.c).
  package mutating func removeAll() { self = Database(hashSeed: hashSeed) }

  /// The last millisecond that can be written stands for no expiry: a key that would expire then does so one earlier.
  private static func stored(_ expiry: Int64?) -> Int64 {
    expiry.map { min($0, SlotTable.never - 1) } ?? SlotTable.never
  }

  private mutating func insert(_ key: Bytes, _ value: Value, _ expiry: Int64, _ hash: UInt32) {
    if index.isFull { index.grow(to: index.capacity * 2) }
    let number = slots.append(.init(key: key, value: value, expiry: expiry, serial: nextSerial))
    nextSerial += 1
    index.insert(hash, slot: number)
    if expiry != SlotTable.never { expiresCount += 1 }
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
  package func next(_ cursor: inout Cursor) -> (key: Bytes, entry: Entry)? {
    var number = cursor.number
    let isHintRight = number > 0 && number <= slots.count && slots[number - 1].map { $0.serial + 1 } == cursor.serial
    if !isHintRight { number = cursor.serial == 0 ? 0 : slots.firstNumber(from: cursor.serial) }
    while number < slots.count {
      if let slot = slots[number] {
        cursor.serial = slot.serial + 1
        cursor.number = number + 1
        return (slot.key, Entry(slot.value, expiry: slot.expiry == SlotTable.never ? nil : slot.expiry))
      }
      number += 1
    }
    return nil
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
