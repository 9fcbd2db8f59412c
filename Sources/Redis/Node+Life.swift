extension Node {
  /// The process starts: its data set is loaded from the working directory, and replication begins.
  mutating func start(files: [String: [UInt8]]) {
    emit(.listen(port: configuration.port))
    replicationStarted()
  }

  /// The last snapshot could not be written: writes are refused (`stop-writes-on-bgsave-error`).
  var saveFailed: Bool { false }

  /// SIGTERM.
  mutating func terminate() {
    emit(.exit(code: 0))
  }

  /// Empties every database, as a full sync does before it loads.
  package mutating func emptyAllDatabases() {
    for index in databases.indices { databases[index].removeAll() }
  }
}
