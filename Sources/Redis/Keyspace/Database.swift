import Collections

/// One numbered database: keys in the order in which they were first set, which is the order of a snapshot, of KEYS and
/// of SCAN (in a real Redis it is that of a random hash seed).
///
/// Expired keys are here until something deletes them: expiry is the node's business (`Node+Expiry.swift`).
package struct Database: Equatable, Sendable {
  private var entries: OrderedDictionary<Bytes, Entry> = [:]
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

  package init() {}

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }

  package subscript(key: Bytes) -> Entry? { entries[key] }
  package func contains(_ key: Bytes) -> Bool { entries[key] != nil }
  package func expiry(of key: Bytes) -> Int64? { entries[key]?.expiry }

  /// Sets value and expiry; a new key comes last in the order, an old one keeps its place.
  package mutating func set(_ key: Bytes, to value: Value, expiry: Int64? = nil) {
    let old = entries.updateValue(Entry(value, expiry: expiry), forKey: key)
    expiresCount += (expiry != nil ? 1 : 0) - (old?.expiry != nil ? 1 : 0)
  }

  /// Sets the value alone: an old key keeps its expiry.
  package mutating func update(_ key: Bytes, to value: Value) {
    set(key, to: value, expiry: entries[key]?.expiry)
  }

  /// Sets or, with nil, removes the expiry of a key that exists.
  package mutating func setExpiry(of key: Bytes, to expiry: Int64?) {
    guard let entry = entries[key] else { return }
    set(key, to: entry.value, expiry: expiry)
  }

  @discardableResult
  package mutating func remove(_ key: Bytes) -> Entry? {
    guard let entry = entries.removeValue(forKey: key) else { return nil }
    if entry.expiry != nil { expiresCount -= 1 }
    return entry
  }

  package mutating func removeAll() { self = Database() }

  /// The earliest expiry of all, or nil if no key has one.
  package var nextExpiry: Int64? { entries.values.lazy.compactMap(\.expiry).min() }

  /// Visits every key in order.
  package func forEach(_ body: (Bytes, Entry) throws -> Void) rethrows {
    for (key, entry) in entries { try body(key, entry) }
  }
}
