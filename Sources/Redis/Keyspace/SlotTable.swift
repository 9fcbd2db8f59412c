/// The keys of a database in the order in which they came, in pages that copies share.
///
/// A slot's number is its place: page after page, group after group. A removed key leaves its slot empty until the table
/// is packed. Each page and group knows the earliest expiry in it, so the next key to expire is found by three short
/// walks instead of a structure of its own. A copy shares everything; the first write after that copies one page, one
/// group and the list of groups, which takes microseconds.
struct SlotTable: Equatable, Sendable {
  struct Slot: Equatable, Sendable {
    var key: Bytes
    var value: Value
    /// When it was used last, or how often, in 24 bits (`lru` in server.h).
    var lru: UInt32
    /// In milliseconds since 1970; `SlotTable.never` without an expiry.
    var expiry: Int64
    /// Counts all keys that ever came, so it stays when slots move: what SCAN's cursor is made of.
    var serial: UInt64

    /// The same data: when it was used is another matter, which a replica that has it knows otherwise than its master.
    static func == (a: Slot, b: Slot) -> Bool {
      a.key == b.key && a.value == b.value && a.expiry == b.expiry && a.serial == b.serial
    }
  }

  static let never = Int64.max

  /// About how many bytes so many writes copy after the table was copied: a page for each, and a group.
  func copiedBytes(byWrites writes: Int) -> Int {
    let page = MemoryLayout<Slot?>.stride << SlotTable.pageBits
    let group = MemoryLayout<Page>.stride << SlotTable.groupBits
    return min(writes, count >> SlotTable.pageBits + 1) * page + min(writes, groups.count) * group
  }

  private static let pageBits = 5
  private static let groupBits = 7
  private static let slotMask = (1 << pageBits) - 1
  private static let pageMask = (1 << groupBits) - 1

  private struct Page: Equatable, Sendable {
    var slots: ContiguousArray<Slot?> = []
    /// Invariant: the least expiry of the page's slots.
    var nextExpiry = SlotTable.never
  }

  private struct Group: Equatable, Sendable {
    var pages: ContiguousArray<Page> = []
    /// Invariant: the least expiry of the group's pages.
    var nextExpiry = SlotTable.never
  }

  private var groups: ContiguousArray<Group> = []
  /// Slots in all, empty ones included.
  private(set) var count = 0
  private(set) var emptyCount = 0

  @inline(__always)
  private static func place(_ number: Int) -> (group: Int, page: Int, slot: Int) {
    (number >> (pageBits + groupBits), (number >> pageBits) & pageMask, number & slotMask)
  }

  /// The slot of that number, nil if it is empty.
  subscript(number: Int) -> Slot? {
    @inline(__always) get {
      defer { extendLifetime(self) }
      return unsafe address(of: number).pointee
    }
  }

  /// Where the slot of that number is: right for as long as the table is borrowed (`inPlace`).
  @inline(__always)
  private func address(of number: Int) -> UnsafePointer<Slot?> {
    precondition(number >= 0 && number < count)
    let (group, page, slot) = SlotTable.place(number)
    return unsafe groups.inPlace[group].pages.inPlace[page].slots.inPlace.baseAddress! + slot
  }

  @inline(__always)
  func hasKey(_ key: Bytes, at number: Int) -> Bool {
    defer { extendLifetime(self) }
    return unsafe address(of: number).pointee?.key == key
  }

  @inline(__always)
  func expiry(at number: Int) -> Int64 {
    defer { extendLifetime(self) }
    return unsafe address(of: number).pointee?.expiry ?? SlotTable.never
  }

  /// When the key of a slot that is not empty was used.
  @inline(__always)
  func lru(at number: Int) -> UInt32 {
    defer { extendLifetime(self) }
    return unsafe address(of: number).pointee?.lru ?? 0
  }

  /// Of a slot that is not empty; nil of one that is.
  @inline(__always)
  func serial(at number: Int) -> UInt64? {
    defer { extendLifetime(self) }
    return unsafe address(of: number).pointee?.serial
  }

  mutating func setLRU(_ number: Int, to lru: UInt32) {
    let (group, page, slot) = SlotTable.place(number)
    groups[group].pages[page].slots[slot]?.lru = lru
  }

  /// Value and expiry of a slot that is not empty.
  @inline(__always)
  func entry(at number: Int) -> Database.Entry? {
    defer { extendLifetime(self) }
    let slot = unsafe address(of: number)
    guard let value = unsafe slot.pointee?.value, let expiry = unsafe slot.pointee?.expiry else { return nil }
    return Database.Entry(value, expiry: expiry == SlotTable.never ? nil : expiry)
  }

  /// Adds a slot at the end and returns its number.
  mutating func append(_ slot: Slot) -> Int {
    let number = count
    let place = SlotTable.place(number)
    if place.group == groups.count { groups.append(Group()) }
    if place.page == groups[place.group].pages.count {
      var page = Page()
      page.slots.reserveCapacity(number < 1 << SlotTable.pageBits ? 0 : 1 << SlotTable.pageBits)
      groups[place.group].pages.append(page)
    }
    groups[place.group].pages[place.page].slots.append(slot)
    count += 1
    if slot.expiry != SlotTable.never { lowerExpiry(slot.expiry, place.group, place.page) }
    return number
  }

  /// Replaces value and expiry of a slot that is not empty, and, unless it is nil, what is known of its use; how much more
  /// memory the new value takes.
  mutating func update(_ number: Int, value: Value, expiry: Int64, lru: UInt32) -> Int {
    let (group, page, slot) = SlotTable.place(number)
    let old = groups[group].pages[page].slots[slot]?.expiry ?? SlotTable.never
    let growth = SlotTable.exchange(&groups[group].pages[page].slots[slot], value, lru)
    if old != expiry { setExpiry(number, to: expiry) }
    return growth
  }

  private static func exchange(_ slot: inout Slot?, _ value: Value, _ lru: UInt32) -> Int {
    let growth = value.memory - (slot?.value.memory ?? 0)
    slot?.value = value
    slot?.lru = lru
    return growth
  }

  /// Changes the value of a slot that is not empty, where it is; how much more memory it takes then.
  mutating func change<Result>(_ number: Int, _ body: (inout Value) -> Result) -> (Result, growth: Int) {
    let (group, page, slot) = SlotTable.place(number)
    func change(_ value: inout Value) -> (Result, growth: Int) {
      let before = value.memory
      let result = body(&value)
      return (result, value.memory - before)
    }
    return change(&groups[group].pages[page].slots[slot]!.value)
  }

  mutating func setExpiry(_ number: Int, to expiry: Int64) {
    let (group, page, slot) = SlotTable.place(number)
    let old = groups[group].pages[page].slots[slot]?.expiry ?? SlotTable.never
    groups[group].pages[page].slots[slot]?.expiry = expiry
    lowerExpiry(expiry, group, page)
    if old < expiry { raiseExpiry(from: old, group, page) }
  }

  /// Empties a slot.
  mutating func remove(_ number: Int) {
    let (group, page, slot) = SlotTable.place(number)
    let old = groups[group].pages[page].slots[slot]?.expiry ?? SlotTable.never
    groups[group].pages[page].slots[slot] = nil
    emptyCount += 1
    if old != SlotTable.never { raiseExpiry(from: old, group, page) }
  }

  // MARK: Expiry

  private mutating func lowerExpiry(_ expiry: Int64, _ group: Int, _ page: Int) {
    if expiry < groups[group].nextExpiry { groups[group].nextExpiry = expiry }
    if expiry < groups[group].pages[page].nextExpiry { groups[group].pages[page].nextExpiry = expiry }
  }

  /// An expiry went away: if it was the least of its page, and that of its group, the next one is looked for.
  private mutating func raiseExpiry(from old: Int64, _ group: Int, _ page: Int) {
    guard groups[group].pages[page].nextExpiry == old else { return }
    var least = SlotTable.never
    for slot in groups[group].pages[page].slots { least = min(least, slot?.expiry ?? SlotTable.never) }
    groups[group].pages[page].nextExpiry = least
    guard groups[group].nextExpiry == old else { return }
    least = SlotTable.never
    for page in groups[group].pages { least = min(least, page.nextExpiry) }
    groups[group].nextExpiry = least
  }

  /// The earliest expiry of all, or `never`.
  var nextExpiry: Int64 {
    var least = SlotTable.never
    for group in groups { least = min(least, group.nextExpiry) }
    return least
  }

  /// The first slots, at most so many, whose expiry is before `time`.
  func expired(before time: Int64, limit: Int) -> [Bytes] {
    var keys: [Bytes] = []
    for group in groups where group.nextExpiry < time {
      for page in group.pages where page.nextExpiry < time {
        for case let slot? in page.slots where slot.expiry < time {
          keys.append(slot.key)
          if keys.count == limit { return keys }
        }
      }
    }
    return keys
  }

  // MARK: Chance

  /// The number of the first slot from that one on, and round again from the start, that is not empty and, if that is
  /// asked, has an expiry; nil if there is none. Groups and pages in which nothing ever expires are passed over.
  func occupied(from number: Int, withExpiry: Bool) -> Int? {
    for start in [number, 0] {
      var number = start
      while number < count {
        let (group, page, slot) = SlotTable.place(number)
        let groups = groups.span
        let pages = groups[group].pages.span
        if withExpiry, groups[group].nextExpiry == SlotTable.never {
          number = (group + 1) << (SlotTable.pageBits + SlotTable.groupBits)
        } else if withExpiry, pages[page].nextExpiry == SlotTable.never {
          number = (number >> SlotTable.pageBits + 1) << SlotTable.pageBits
        } else {
          let slots = pages[page].slots.span
          if let expiry = slots[slot]?.expiry, !withExpiry || expiry != SlotTable.never { return number }
          number += 1
        }
      }
    }
    return nil
  }

  // MARK: Walking

  /// Visits the slots in order.
  func forEach(_ body: (Slot) throws -> Void) rethrows {
    for group in groups {
      for page in group.pages {
        for case let slot? in page.slots { try body(slot) }
      }
    }
  }

  /// The number of the first slot, empty or not, whose serial is `serial` or greater; `count` if there is none.
  func firstNumber(from serial: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      // An empty slot has no serial: look at the next one that has.
      var probe = middle
      while probe < high, self[probe] == nil { probe += 1 }
      if probe < high, let found = self[probe], found.serial < serial {
        low = probe + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
