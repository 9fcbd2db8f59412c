// SLOWLOG (slowlog.c in Redis 7.0).

/// The commands that took long, the oldest first (`slowlogInit` in slowlog.c).
package struct Slowlog: Equatable, Sendable {
  private(set) var entries = CountedTree<Entry>()
  private var nextID: Int64 = 0

  package struct Entry: Weighted {
    var id: Int64
    var time: Instant
    /// In microseconds.
    var duration: Int64
    var arguments: [Bytes]
    var peer: Address
    var name: Bytes
    package var weight: Int { 1 }
  }

  private static let argumentLimit = 32
  private static let lengthLimit = 128

  /// What is kept of a command: no more than 32 arguments, of 128 bytes each (`slowlogCreateEntry` in slowlog.c).
  private static func shortened(_ arguments: [Bytes]) -> [Bytes] {
    let isLong = arguments.count > argumentLimit
    var kept = arguments.prefix(isLong ? argumentLimit - 1 : argumentLimit).map { argument in
      guard argument.count > lengthLimit else { return argument }
      return Bytes(argument.array[..<lengthLimit] + Array("... (\(argument.count - lengthLimit) more bytes)".utf8))
    }
    if isLong { kept.append(Bytes("... (\(arguments.count - kept.count) more arguments)")) }
    return kept
  }

  /// (`slowlogPushEntryIfNeeded` in slowlog.c).
  mutating func add(_ arguments: [Bytes], taking duration: Int64, at time: Instant, of client: Client) {
    entries.append(
      Entry(
        id: nextID, time: time, duration: duration, arguments: Self.shortened(arguments), peer: client.peer,
        name: client.name))
    nextID += 1
  }

  mutating func trim(to limit: Int64) { while Int64(entries.count) > limit { _ = entries.remove(at: 0) } }

  /// (`slowlogReset` in slowlog.c).
  mutating func reset() { entries = CountedTree() }
}

extension CommandTable {
  static let slowlog: [String: Command.Body] = [
    "slowlog|get": { $0.slowlogGet(&$1) },
    "slowlog|help": { $0.slowlogHelp(&$1) },
    "slowlog|len": { $0.slowlogLen(&$1) },
    "slowlog|reset": { $0.slowlogReset(&$1) },
  ]
}

extension Node {
  /// Keeps a command that took as long as `slowlog-log-slower-than` says (`slowlogPushCurrentCommand` in server.c).
  mutating func noteSlow(_ command: Command, _ arguments: [Bytes], of client: Client, taking duration: Interval) {
    guard configuration.slowlogLogSlowerThan >= 0, !command.flags.contains(.skipSlowlog) else { return }
    let microseconds = duration.microseconds
    if microseconds >= configuration.slowlogLogSlowerThan {
      slowlog.add(arguments, taking: microseconds, at: now + duration, of: client)
    }
    slowlog.trim(to: configuration.slowlogMaxLen)
  }

  /// SLOWLOG GET (`slowlogCommand` in slowlog.c).
  mutating func slowlogGet(_ call: inout Call) {
    var count = 10
    if call.arguments.count > 2 {
      guard
        let asked = call.integer(
          at: 2, in: -1...Int64.max, complaint: "ERR count should be greater than or equal to -1")
      else { return }
      count = asked == -1 ? slowlog.entries.count : Int(clamping: asked)
    }
    count = min(count, slowlog.entries.count)
    call.reply.array(count)
    for index in slowlog.entries.indices.suffix(count).reversed() {
      let entry = slowlog.entries[index]
      call.reply.array(6)
      call.reply.integer(entry.id)
      call.reply.integer(entry.time.seconds)
      call.reply.integer(entry.duration)
      call.reply.array(entry.arguments.count)
      for argument in entry.arguments { call.reply.bulk(argument) }
      call.reply.bulk(entry.peer.text)
      call.reply.bulk(entry.name)
    }
  }

  /// SLOWLOG LEN (`slowlogCommand` in slowlog.c).
  mutating func slowlogLen(_ call: inout Call) { call.reply.integer(slowlog.entries.count) }

  /// SLOWLOG RESET (`slowlogCommand` in slowlog.c).
  mutating func slowlogReset(_ call: inout Call) {
    slowlog.reset()
    call.reply.ok()
  }

  /// SLOWLOG HELP (`slowlogCommand` in slowlog.c).
  mutating func slowlogHelp(_ call: inout Call) {
    call.help([
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
    ])
  }
}
