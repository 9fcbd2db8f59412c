import RESP

// A process in Sentinel mode begins: it has no data, and nothing to load.

extension Node {
  /// (`main` in server.c; `sentinelIsRunning` in sentinel.c).
  mutating func startSentinel() {
    log(.notice, "Running mode=sentinel, port=\(configuration.port).")
    emit(.listen(port: configuration.port))
    sentinel.hz = 10 + Int(random.next() % 10)
    if sentinel.id.isEmpty {
      sentinel.id = chance.runIDs.isEmpty ? random.hex(40) : chance.runIDs.removeFirst()
      flushSentinelConfig()
    }
    log(.warning, "Sentinel ID is \(sentinel.id)")
    announceMonitored()
  }
}
