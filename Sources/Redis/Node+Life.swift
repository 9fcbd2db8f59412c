extension Node {
  /// The process starts: its data set is loaded from the working directory, and replication begins.
  mutating func start(files: [String: [UInt8]]) {
    emit(.listen(port: configuration.port))
    replicationStarted()
  }

  /// SIGTERM.
  mutating func terminate() {
    emit(.exit(code: 0))
  }

  /// Redis's timers: expiry, clients, replication.
  mutating func cron() {
    replicationCron()
  }

  var nextExpiryWakeup: Instant? { nil }
  var nextClientsWakeup: Instant? { nil }

  /// Empties every database, as a full sync does before it loads.
  package mutating func emptyAllDatabases() {
    for index in databases.indices { databases[index].removeAll() }
  }
}
