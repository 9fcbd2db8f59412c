/// Which keys of a node hold what nobody knows: it came from before the recording, or from commands that the node can't run.
struct UnknownData: Sendable {
  private struct Part: Sendable {
    var isUnknown: Bool
    /// The keys of which the opposite is true.
    var exceptions: Set<[UInt8]> = []
  }

  private var parts: [Int: Part] = [:]
  private var others: Bool

  /// - Parameter everything: nothing at all is known.
  init(everything: Bool) { others = everything }

  private subscript(database: Int) -> Part {
    get { parts[database] ?? Part(isUnknown: others) }
    set { parts[database] = newValue }
  }

  func contains(_ key: [UInt8], in database: Int) -> Bool {
    let part = self[database]
    return part.isUnknown != part.exceptions.contains(key)
  }

  /// Something is unknown there.
  func hasAny(in database: Int) -> Bool {
    let part = self[database]
    return part.isUnknown || !part.exceptions.isEmpty
  }

  var isEmpty: Bool { !others && parts.values.allSatisfy { !$0.isUnknown && $0.exceptions.isEmpty } }

  mutating func insert(_ key: [UInt8], in database: Int) { set(key, database, isUnknown: true) }
  mutating func remove(_ key: [UInt8], in database: Int) { set(key, database, isUnknown: false) }

  private mutating func set(_ key: [UInt8], _ database: Int, isUnknown: Bool) {
    if self[database].isUnknown == isUnknown {
      self[database].exceptions.remove(key)
    } else {
      self[database].exceptions.insert(key)
    }
  }

  /// All of a database is known.
  mutating func remove(database: Int) { parts[database] = Part(isUnknown: false) }

  mutating func swap(_ a: Int, _ b: Int) { (self[a], self[b]) = (self[b], self[a]) }
}
