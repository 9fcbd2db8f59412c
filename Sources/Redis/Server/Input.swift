/// One TCP connection of a node, as the node and its host name it. The host numbers the connections that the node
/// accepts, the node those that it opens; the two never meet because of `origin`.
package struct ConnectionID: Hashable, Comparable, Sendable {
  package enum Origin: UInt8, Sendable { case accepted, opened }
  package var origin: Origin
  package var number: UInt64

  package init(_ origin: Origin, _ number: UInt64) {
    self.origin = origin
    self.number = number
  }

  package static func < (a: Self, b: Self) -> Bool { (a.number, a.origin.rawValue) < (b.number, b.origin.rawValue) }
}

/// A host and a port, as `REPLICAOF`, `INFO` and `CLIENT LIST` print them.
package struct Address: Hashable, Sendable {
  package var host: String
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }
}

/// Why a connection that the node wanted did not come about.
package enum ConnectFailure: Sendable, Hashable {
  /// Nobody listens there: the only one that takes a packet to find out.
  case refused
  /// No network leads there.
  case unreachable
  case unknownHost
  case invalidAddress
}

/// All that can happen to a node. A node learns of the world in no other way.
package enum Input: Equatable, Sendable {
  /// The process starts; `files` are what its working directory holds, by path (`appendonlydir/…`).
  case start(files: [String: [UInt8]])
  case accepted(ConnectionID, peer: Address, local: Address)
  /// An `Effect.open` succeeded.
  case connected(ConnectionID, local: Address)
  case connectFailed(ConnectionID, ConnectFailure)
  case received(ConnectionID, [UInt8])
  /// The peer ended the connection in order (FIN), or broke it (RST).
  case closed(ConnectionID, reset: Bool)
  /// All that was sent on the connection has left; follows an `Effect.notifyWhenWritten`.
  case written(ConnectionID)
  /// `Node.nextWakeup` has come.
  case wakeUp
  /// What write(2) on a file says from now on: the answer to every later `Effect.file`, given in advance, so that a node
  /// knows at once whether a write of its own succeeds. `.ok` before anything is said.
  case disk(DiskState)
  /// Somebody has set the machine's clock, by so much forwards or backwards: the time of this input is already the new one.
  case clockSet(by: Interval)
  /// A polite request to end (SIGTERM): Redis's own shutdown.
  case terminate
  /// The process, stopped at that time, goes on (SIGCONT). It notices only that its timer is late.
  case resumed(since: Instant)
}

/// All that a node can do to the world. The host carries effects out in their order.
package enum Effect: Equatable, Sendable {
  case open(ConnectionID, to: Address)
  /// One write(2) on the connection: the host sends it as it is, split only where TCP must.
  case send(ConnectionID, [UInt8])
  /// Asks for one `Input.written` once all bytes sent on the connection so far have been delivered.
  case notifyWhenWritten(ConnectionID)
  case close(ConnectionID)
  case file(FileOperation)
  /// Listening on the configured port begins, or moves (`CONFIG SET port`).
  case listen(port: Int)
  case log(LogEntry)
  /// A choice that the node made, with the numbers that made it.
  case decided(Decision)
  case exit(code: Int)
}

/// What a node does to its working directory.
package enum FileOperation: Equatable, Sendable {
  case write(name: String, [UInt8])
  case append(name: String, [UInt8])
  /// ftruncate(2): only the first `to` bytes stay.
  case truncate(name: String, to: Int)
  /// fsync(2): what was written before survives a crash of the machine.
  case sync(name: String)
  case rename(from: String, to: String)
  case delete(name: String)
}

extension FileOperation {
  /// Does it to a working directory of which only the contents count.
  package func perform(on files: inout [String: [UInt8]]) {
    switch self {
    case .write(let name, let bytes): files[name] = bytes
    case .append(let name, let bytes): files[name, default: []] += bytes
    case .truncate(let name, let count): files[name] = files[name].map { Array($0.prefix(max(0, count))) }
    case .sync: break
    case .rename(let from, let to): if let bytes = files.removeValue(forKey: from) { files[to] = bytes }
    case .delete(let name): files[name] = nil
    }
  }
}

/// A line of the server's log, as redis-server would print it (without the pid and time in front).
package struct LogEntry: Sendable, Hashable {
  package enum Level: String, CaseIterable, Sendable, Comparable {
    case debug, verbose, notice, warning

    private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
  }
  package var level: Level
  package var text: String

  package init(_ level: Level, _ text: String) {
    self.level = level
    self.text = text
  }
}
