import RESP

// What a Sentinel says of what it sees and does: a line of its log, and a message on the channel of that name.

extension Node {
  /// An event that is about an instance: the text names it, and its master (`sentinelEvent` in sentinel.c).
  mutating func sentinelEvent(
    _ level: LogEntry.Level, _ type: String, of id: InstanceID, _ detail: String = ""
  ) {
    sentinelEvent(level, type, text: description(of: id) + (detail.isEmpty ? "" : " " + detail))
  }

  /// An event with these words (`sentinelEvent` in sentinel.c).
  mutating func sentinelEvent(_ level: LogEntry.Level, _ type: String, text: String) {
    log(level, "\(type) \(text)")
    if level != .debug { publish(Bytes(text), on: Bytes(type)) }
  }

  /// `slave 127.0.0.1:7001 127.0.0.1 7001 @ mymaster 127.0.0.1 7000` (`sentinelEvent`, `sentinelRedisInstanceTypeStr` in
  /// sentinel.c).
  private func description(of id: InstanceID) -> String {
    guard let instance = sentinel[id] else { return "" }
    func words(_ instance: SentinelInstance) -> String {
      "\(instance.name) \(sentinel.announced(instance.place)) \(instance.place.port)"
    }
    let own = "\(instance.kind.rawValue) \(words(instance))"
    guard !id.isMaster, let master = sentinel.masters[id.master]?.instance else { return own }
    return "\(own) @ \(words(master))"
  }

  /// Each master that the file names is an event at the start (`sentinelGenerateInitialMonitorEvents` in sentinel.c).
  mutating func announceMonitored() {
    for (name, master) in sentinel.masters {
      sentinelEvent(.warning, "+monitor", of: .master(name), "quorum \(master.signedQuorum)")
    }
  }
}
