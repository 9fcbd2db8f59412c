/// A hash table of strings (dict.c), in the order in which they came; in a real Redis it is that of a random hash seed.
///
/// A copy shares everything with the original, and a write after that copies one page of 32 entries, a group of 128 pages
/// and a piece of the index.
package struct Dict<Payload: DictPayload>: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package let key: Bytes
    package var payload: Payload
  }

  private var index = KeyIndex()
  private var slots = PagedArray<Entry?>()
  private var emptyCount = 0
  /// How many buckets Redis's table would have, and what keys and payloads take of memory.
  private(set) var size = HashTableSize()
  private(set) var keyMemory = 0

  package init() {}

  package var count: Int { index.count }
  package var isEmpty: Bool { index.count == 0 }

  // MARK: Reading

  package func contains(_ key: Bytes) -> Bool { find(key, hash(key)) != nil }
  package subscript(key: Bytes) -> Payload? {
    guard let place = find(key, hash(key)) else { return nil }
    return slots.look(at: place) { $0?.payload }
  }

  /// Who chooses the keys may not know how they are hashed; nothing that can be seen depends on it.
  private func hash(_ key: Bytes) -> UInt32 { UInt32(truncatingIfNeeded: key.fastHash(seed: dictHashSeed) >> 32) }

  private func find(_ key: Bytes, _ hash: UInt32) -> Int? { index.find(hash) { slots.look(at: $0) { $0?.key == key } } }

  package func forEach(_ body: (Entry) throws -> Void) rethrows {
    try slots.forEach { if let entry = $0 { try body(entry) } }
  }

  /// The first entries, at most so many.
  func first(_ limit: Int) -> [Entry] {
    var entries: [Entry] = []
    var place = 0
    while place < slots.count, entries.count < limit {
      if let entry = slots[place] { entries.append(entry) }
      place += 1
    }
    return entries
  }

  package var keys: [Bytes] {
    var keys: [Bytes] = []
    keys.reserveCapacity(count)
    forEach { keys.append($0.key) }
    return keys
  }

  /// An entry drawn by chance, each as likely as any other (`dictGetFairRandomKey`). There must be one.
  package func random(using random: inout SeededRandom) -> Entry? {
    guard !isEmpty else { return nil }
    // At least a third of the slots are in use, or there are few of them.
    while true {
      if let entry = slots[Int(random.next() % UInt64(slots.count))] { return entry }
    }
  }

  /// Goes on with a walk that may be interrupted (`dictScan`): so many entries, or a few more, and the cursor to go on
  /// with, which is 0 at the end. The walk goes from the last that came to the first, so that what is there all along is
  /// met even if the table is packed meanwhile.
  package func scan(_ cursor: UInt64, count: Int) -> (met: [Entry], next: UInt64) {
    var place = cursor == 0 ? slots.count : Int(min(cursor, UInt64(slots.count)))
    var met: [Entry] = []
    while place > 0, met.count < count {
      place -= 1
      if let entry = slots[place] { met.append(entry) }
    }
    while place > 0, slots[place - 1] == nil { place -= 1 }
    return (met, UInt64(place))
  }

  // MARK: Changing

  /// Sets what belongs to a key; what did before, or nil if the key is new (`dictReplace`).
  @discardableResult
  package mutating func set(_ key: Bytes, to payload: Payload) -> Payload? {
    let hash = hash(key)
    if let place = find(key, hash) {
      let old = Self.exchange(&slots[place], payload)
      keyMemory += payload.memory - (old?.memory ?? 0)
      size.step()
      return old
    }
    size.add(to: count)
    size.step(1 + Payload.lookupsBeforeAdding)
    keyMemory += Jemalloc.size(forSds: key.count) + payload.memory
    if index.isFull { index.grow(to: index.capacity * 2) }
    index.insert(hash, slot: slots.count)
    slots.append(Entry(key: key, payload: payload))
    return nil
  }

  private static func exchange(_ entry: inout Entry?, _ payload: Payload) -> Payload? {
    let old = entry?.payload
    entry?.payload = payload
    return old
  }

  /// What belonged to the key, or nil if it was not there (`dictDelete`).
  @discardableResult
  package mutating func remove(_ key: Bytes) -> Payload? {
    let hash = hash(key)
    guard let place = find(key, hash), let entry = slots[place] else { return nil }
    slots[place] = nil
    index.remove(hash, slot: place)
    emptyCount += 1
    keyMemory -= Jemalloc.size(forSds: key.count) + entry.payload.memory
    size.step()
    size.remove(leaving: count)
    packIfSparse()
    return entry.payload
  }

  package mutating func reserve(_ count: Int) {
    // A hostile snapshot may announce any number.
    let count = min(count, 1 << 24)
    if count > index.capacity { index.grow(to: count) }
    size.reserve(count)
  }

  /// Moves the slots together once more than half of them are empty, which each removal pays for in advance.
  private mutating func packIfSparse() {
    guard emptyCount > 64, emptyCount > slots.count / 2 else { return }
    let sparse = slots
    slots = PagedArray()
    index = KeyIndex(capacity: sparse.count - emptyCount)
    emptyCount = 0
    sparse.forEach {
      guard let entry = $0 else { return }
      index.insert(hash(entry.key), slot: slots.count)
      slots.append(entry)
    }
  }
}

extension Dict {
  /// The same entries with the same past; how they are found follows from them.
  package static func == (a: Dict, b: Dict) -> Bool { a.slots == b.slots }
}

/// For all tables of one run of the program.
private let dictHashSeed = UInt64.random(in: .min ... .max)

/// A long array in pages that copies share: a write after a copy copies one page, one group of pages and the list of
/// groups.
struct PagedArray<Element: Equatable & Sendable>: Equatable, Sendable {
  private static var pageBits: Int { 5 }
  private static var groupBits: Int { 7 }

  private var groups: ContiguousArray<ContiguousArray<ContiguousArray<Element>>> = []
  private(set) var count = 0

  subscript(index: Int) -> Element {
    @inline(__always) _read {
      yield groups[index >> (Self.pageBits + Self.groupBits)][index >> Self.pageBits & (1 << Self.groupBits - 1)][
        index & (1 << Self.pageBits - 1)]
    }
    @inline(__always) _modify {
      yield &groups[index >> (Self.pageBits + Self.groupBits)][index >> Self.pageBits & (1 << Self.groupBits - 1)][
        index & (1 << Self.pageBits - 1)]
    }
  }

  /// What `body` finds out of an element where it is.
  @inline(__always)
  func look<Result>(at index: Int, _ body: (borrowing Element) -> Result) -> Result {
    precondition(index >= 0 && index < count)
    defer { extendLifetime(self) }
    let pages = unsafe groups.inPlace[index >> (Self.pageBits + Self.groupBits)].inPlace
    let elements = unsafe pages[index >> Self.pageBits & (1 << Self.groupBits - 1)].inPlace
    return unsafe body(elements[index & (1 << Self.pageBits - 1)])
  }

  mutating func append(_ element: Element) {
    let (group, page) = (count >> (Self.pageBits + Self.groupBits), count >> Self.pageBits & (1 << Self.groupBits - 1))
    if group == groups.count { groups.append([]) }
    if page == groups[group].count {
      var new = ContiguousArray<Element>()
      if count > 0 { new.reserveCapacity(1 << Self.pageBits) }
      groups[group].append(new)
    }
    groups[group][page].append(element)
    count += 1
  }

  func forEach(_ body: (Element) throws -> Void) rethrows {
    for group in groups {
      for page in group {
        for element in page { try body(element) }
      }
    }
  }
}
