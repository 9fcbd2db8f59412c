import RDB

extension Digest {
  /// Of all databases (`computeDatasetDigest` in debug.c).
  package init(of databases: Databases) {
    self.init()
    for (number, database) in databases.enumerated() where !database.isEmpty {
      beginDatabase(number)
      database.forEach { key, entry in
        add(key: key.array, entry.value.contents, expires: entry.expiry != nil)
      }
    }
  }

  /// Of one value, without its key (`xorObjectDigest` in debug.c).
  package init(of entry: Database.Entry?) {
    self.init()
    if let entry { add(entry.value.contents, expires: entry.expiry != nil) }
  }
}

extension Node {
  /// What DEBUG DIGEST says.
  package var digest: String { Digest(of: databases).description }
}
