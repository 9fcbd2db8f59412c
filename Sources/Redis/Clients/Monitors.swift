import RESP

// MONITOR: clients that are shown every command as it is run (replication.c and server.c in Redis 7.0).

extension Node {
  /// MONITOR (`monitorCommand` in server.c).
  mutating func monitor(_ call: inout Call) {
    guard !isInExec else { return call.reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client") }
    // One that is a monitor, or a replica, already is told nothing.
    guard clients[call.connection]?.flags.isDisjoint(with: [.replica, .monitor]) == true else { return }
    clients[call.connection]?.flags.insert(.monitor)
    monitors.append(call.connection)
    call.reply.ok()
  }

  /// The client monitors no longer.
  mutating func stopMonitoring(_ connection: ConnectionID) {
    guard clients[connection]?.flags.contains(.monitor) == true else { return }
    clients[connection]?.flags.remove(.monitor)
    monitors.removeAll { $0 == connection }
  }

  /// Shows the monitors a command: when it was run, in which database, by whom, and how one would type it
  /// (`replicationFeedMonitors` in replication.c).
  mutating func feedMonitors(_ arguments: [Bytes], of client: Client, in database: Int) {
    guard !monitors.isEmpty, !isLoading else { return }
    // The clock is read again, and shows what the command took.
    let time = commandEnd
    let words = arguments.map { InlineCommand.quoted($0.array) }.joined(separator: " ")
    let fraction = String(time.microseconds % 1_000_000)
    let line =
      "\(time.seconds)." + String(repeating: "0", count: 6 - fraction.count) + fraction
      + " [\(database) \(client.connection == Self.scriptClient ? "lua" : client.peer.text)] " + words
    for monitor in monitors {
      guard let index = clients.index(forKey: monitor), clients[index].isAnswered else { continue }
      clients[index].reply.simple(line)
    }
  }
}
