import RDB

/// Which keys a snapshot has.
struct SnapshotKeys {
  private var keys: [Int: Set<[UInt8]>] = [:]

  /// nil: it can't be read.
  init?(_ payload: [UInt8]) {
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(payload)
    var database = 0
    do {
      while let event = try reader.next() {
        if case .selectDatabase(let number) = event { database = number }
        if case .entry(let entry) = event { keys[database, default: []].insert(entry.key) }
      }
    } catch { return nil }
  }

  func contains(_ key: [UInt8], in database: Int) -> Bool { keys[database]?.contains(key) ?? false }
}
