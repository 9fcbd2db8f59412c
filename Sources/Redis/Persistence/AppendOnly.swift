import RESP

/// The append-only file: every write, in the order in which it was done (aof.c in Redis 7.0).
///
///     off ──CONFIG SET appendonly yes──► waitRewrite ──the first base is there──► on ──no──► off
///      └──────────────────appendonly yes at the start──────────────────────────────►┘
///
/// A write goes into `buffer` as the command is done, from there into the last increment before any reply is sent, and
/// to the disk's surface when `appendfsync` says.
package struct AppendOnly: Equatable, Sendable {
  package enum State: Sendable, Hashable {
    case off, on
    /// Switched on while the node ran: what was written before is not in any file yet, and a rewrite is to make it so.
    case waitRewrite
  }

  package var state: State = .off
  package var manifest = AppendOnlyManifest()
  /// The increment that is being written, with its folder; nil while none is open.
  package var file: String?
  /// Written by commands, not yet by write(2).
  package var buffer: [UInt8] = []
  /// How much fits into the buffer, and what is allocated for it.
  var bufferRoom = 4
  var bufferMemory: Int { state == .off ? 0 : Jemalloc.size(forString: bufferRoom) }
  /// The database of the last command in the file; nil: a SELECT has to come first.
  var database: Int?
  /// The second of the last `#TS:` annotation.
  var annotated: Int64 = 0

  /// Bytes of all files together, and what they were after the last rewrite: the growth that asks for another.
  package var size: Int64 = 0
  package var baseSize: Int64 = 0
  /// Bytes of the increment that were written, and of those that an fsync was asked for.
  package var written: Int64 = 0
  package var synced: Int64 = 0
  /// The second of the last fsync.
  var lastSync: Int64 = 0
  /// An fsync in the background takes until then.
  package var syncEnds: Instant?
  /// Since which second a write has been put off because of it.
  var postponedSince: Int64?
  package var delayedSyncs: Int64 = 0

  /// The last write(2) failed: clients may not write until one succeeds.
  package var lastWriteFailed = false
  /// When the log last said so, in seconds; and when a replica last said that it goes on all the same, in milliseconds.
  var failureLogged: Int64 = 0
  var applyingLogged: Int64 = 0

  package var rewrite = Rewrite()

  /// What is known of the rewrites so far.
  package struct Rewrite: Equatable, Sendable {
    package var isScheduled = false
    /// When the one under way began, in seconds.
    package var started: Int64?
    /// How long the last one took, in seconds.
    package var lastDuration: Int64?
    package var lastFailed = false
    package var count: Int64 = 0
    /// Failures without a success between them; from the third on the node waits longer and longer.
    package var failures: Int64 = 0
    var delay: Int64 = 0
    var notBefore: Int64?
  }

  package init() {}
}

extension Node {
  /// The path of a file in the append-only folder.
  func appendPath(_ name: String) -> String { "\(configuration.appenddirname)/\(name)" }

  // MARK: A write

  /// Notes a command, behind a SELECT where the file is in another database (`feedAppendOnlyFile` in aof.c).
  mutating func feedAppendOnly(_ command: [Bytes], database: Int?) {
    let isWritten = appendOnly.state == .on || appendOnly.state == .waitRewrite && rewriteChild != nil
    guard appendOnly.state != .off else { return }
    var bytes: [UInt8] = []
    if configuration.aofTimestampEnabled, appendOnly.annotated < now.seconds {
      appendOnly.annotated = now.seconds
      bytes += AppendOnlyText.annotation(now.seconds)
    }
    if let database, database != appendOnly.database {
      bytes += AppendOnlyText.select(database)
      appendOnly.database = database
    }
    bytes += encode(command)
    guard isWritten else { return }
    let size = appendOnly.buffer.count + bytes.count
    if size > appendOnly.bufferRoom {
      appendOnly.bufferRoom = Jemalloc.room(forString: size < 1 << 20 ? size * 2 : size + (1 << 20))
    }
    appendOnly.buffer += bytes
  }

  /// write(2), and fsync(2) as `appendfsync` says; before any reply is sent (`flushAppendOnlyFile` in aof.c).
  ///
  /// - Parameter force: also while an fsync in the background would make write(2) wait.
  mutating func flushAppendOnly(force: Bool = false) {
    guard appendOnly.state != .off, let file = appendOnly.file else { return }
    endBackgroundSync()
    if !appendOnly.buffer.isEmpty {
      if configuration.appendfsync == .everysec, !force, mustPostponeWrite() { return }
      appendOnly.postponedSince = nil
      guard disk != .full else { return appendFailed() }
      let bytes = appendOnly.buffer
      appendOnly.buffer = []
      // A small one is used again.
      if appendOnly.bufferRoom >= 4_000 { appendOnly.bufferRoom = 4 }
      emit(.file(.append(name: file, bytes)))
      if appendOnly.lastWriteFailed {
        log(.warning, "AOF write error looks solved, Redis can write again.")
        appendOnly.lastWriteFailed = false
      }
      appendOnly.size += Int64(bytes.count)
      appendOnly.written += Int64(bytes.count)
    } else if appendOnly.written == appendOnly.synced {
      return
    }
    syncAppendOnly(file)
  }

  /// Has what was written reach the disk's surface, as often as `appendfsync` says (`flushAppendOnlyFile` in aof.c).
  private mutating func syncAppendOnly(_ file: String) {
    if configuration.noAppendfsyncOnRewrite, hasChild { return }
    switch configuration.appendfsync {
    case .no: break
    case .always:
      let count = Int(appendOnly.written - appendOnly.synced)
      appendOnly.synced = appendOnly.written
      appendOnly.lastSync = now.seconds
      waitForDisk(count, then: [.file(.sync(name: file))])
    case .everysec:
      guard now.seconds > appendOnly.lastSync else { return }
      if appendOnly.syncEnds == nil { beginBackgroundSync() }
      appendOnly.lastSync = now.seconds
    }
  }

  /// The disk takes nothing more (`flushAppendOnlyFile` in aof.c). Under `always` a reply would be a lie, and the
  /// process ends.
  private mutating func appendFailed() {
    if now.seconds - appendOnly.failureLogged > 30 {
      appendOnly.failureLogged = now.seconds
      log(.warning, "Error writing to the AOF file: No space left on device")
    }
    guard configuration.appendfsync == .always else {
      appendOnly.lastWriteFailed = true
      return
    }
    log(
      .warning,
      "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")
    exitProcess(code: 1)
  }

  // MARK: fsync in the background

  private static let slowSync = Interval.seconds(3)

  /// Another thread calls fsync(2) (`aof_background_fsync` in aof.c).
  private mutating func beginBackgroundSync() {
    guard let file = appendOnly.file else { return }
    let count = Int(appendOnly.written - appendOnly.synced)
    appendOnly.synced = appendOnly.written
    let time = disk == .slow ? Node.slowSync : disk.time(for: count)
    guard time > .zero else { return emit(.file(.sync(name: file))) }
    appendOnly.syncEnds = now + time
  }

  private mutating func endBackgroundSync() {
    guard let end = appendOnly.syncEnds, end <= now else { return }
    appendOnly.syncEnds = nil
    if let file = appendOnly.file { emit(.file(.sync(name: file))) }
  }

  /// write(2) would wait for the fsync under way, so it is put off, for two seconds at most (`flushAppendOnlyFile`,
  /// `aofFsyncInProgress` in aof.c).
  private mutating func mustPostponeWrite() -> Bool {
    guard appendOnly.syncEnds != nil else { return false }
    guard let since = appendOnly.postponedSince else {
      appendOnly.postponedSince = now.seconds
      return true
    }
    if now.seconds - since < 2 { return true }
    appendOnly.delayedSyncs += 1
    log(
      .notice,
      "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to "
        + "complete, this may slow down Redis.")
    return false
  }

  // MARK: Time

  /// When the file next asks for something without a command.
  var nextAppendOnlyWakeup: Instant? {
    guard appendOnly.state != .off || appendOnly.rewrite.isScheduled else { return nil }
    let next = now + .microseconds(1)
    func second(_ number: Int64) -> Instant { Instant(microseconds: number *| 1_000_000) }
    var due: [Instant] = []
    if let end = appendOnly.syncEnds { due.append(end) }
    if appendOnly.postponedSince != nil || appendOnly.lastWriteFailed && disk != .full { due.append(next) }
    if configuration.appendfsync == .everysec, appendOnly.written != appendOnly.synced, appendOnly.syncEnds == nil,
      !(configuration.noAppendfsyncOnRewrite && hasChild)
    {
      due.append(second(appendOnly.lastSync + 1))
    }
    if !hasChild, appendOnly.rewrite.isScheduled || growthAsksForRewrite {
      due.append(appendOnly.rewrite.notBefore.map(second) ?? next)
    }
    return due.min().map { turn(atOrAfter: max($0, next)) }
  }
}

/// How things stand in an append-only file.
enum AppendOnlyText {
  /// A line that says which second it is (`genAofTimestampAnnotationIfNeeded` in aof.c).
  static func annotation(_ second: Int64) -> [UInt8] { Array("#TS:\(second)\r\n".utf8) }

  static func select(_ database: Int) -> [UInt8] { encode(["SELECT", Bytes(database)]) }

  /// The commands that make a data set, as a rewrite without RDB preamble writes them (`rewriteAppendOnlyFileRio`,
  /// `rewriteFunctions` in aof.c).
  static func commands(
    making databases: Databases, _ functions: FunctionLibraries, annotatedAt second: Int64?
  ) -> [UInt8] {
    var bytes = second.map(annotation) ?? []
    for library in functions.all { bytes += encode(["FUNCTION", "LOAD", library.code]) }
    for (number, database) in databases.enumerated() where !database.isEmpty {
      bytes += select(number)
      database.forEach { key, entry in
        bytes += rebuilding(key, entry.value)
        if let expiry = entry.expiry { bytes += encode(["PEXPIREAT", key, Bytes(expiry)]) }
      }
    }
    return bytes
  }

  /// How many elements one command makes (`AOF_REWRITE_ITEMS_PER_CMD` in server.h).
  private static let elementsInCommand = 64

  /// The commands that make one value (`rewriteListObject`, `rewriteSetObject`, `rewriteSortedSetObject`,
  /// `rewriteHashObject` in aof.c).
  private static func rebuilding(_ key: Bytes, _ value: Value) -> [UInt8] {
    switch value {
    case .string(let string): return encode(["SET", key, string.bytes])
    case .list(let list):
      var elements: [Bytes] = []
      list.value.forEach {
        elements.append($0)
        return true
      }
      return several("RPUSH", key, elements, each: 1)
    case .set(let set): return several("SADD", key, set.value.members, each: 1)
    case .sortedSet(let set):
      var arguments: [Bytes] = []
      let isListpack = if case .listpack = set.value.storage { true } else { false }
      func add(_ entry: SortedSet.Entry) -> Bool {
        arguments.append(Bytes(isListpack ? SortedSet.text(entry.score) : Number.text(entry.score)))
        arguments.append(entry.member)
        return true
      }
      set.value.forEach(add)
      return several("ZADD", key, arguments, each: 2)
    case .hash(let hash):
      var arguments: [Bytes] = []
      hash.value.forEach { arguments += [$0, $1] }
      return several("HMSET", key, arguments, each: 2)
    case .stream(let stream): return rebuilding(key, stream.value)
    }
  }

  private static func several(_ command: Bytes, _ key: Bytes, _ arguments: [Bytes], each: Int) -> [UInt8] {
    let step = elementsInCommand * each
    return stride(from: 0, to: arguments.count, by: step).flatMap {
      encode([command, key] + arguments[$0..<min($0 + step, arguments.count)])
    }
  }

  /// (`rewriteStreamObject`, `rioWriteStreamPendingEntry`, `rioWriteStreamEmptyConsumer` in aof.c.)
  private static func rebuilding(_ key: Bytes, _ stream: StreamValue) -> [UInt8] {
    var bytes: [UInt8] = []
    if stream.length > 0 {
      stream.forEach { id, fields in
        bytes += encode(["XADD", key, Bytes(id)] + fields)
        return true
      }
    } else {
      // Nothing else makes a stream without entries.
      bytes += encode(["XADD", key, "MAXLEN", "0", "0-1", "x", "y"])
    }
    bytes += encode([
      "XSETID", key, Bytes(stream.lastID), "ENTRIESADDED", Bytes(Int64(bitPattern: stream.entriesAdded)),
      "MAXDELETEDID",
      Bytes(stream.maxDeletedID),
    ])
    for group in stream.groups {
      bytes += encode([
        "XGROUP", "CREATE", key, group.name, Bytes(group.lastDelivered), "ENTRIESREAD", Bytes(group.entriesRead),
      ])
      for consumer in group.consumers {
        if consumer.pending.isEmpty {
          bytes += encode(["XGROUP", "CREATECONSUMER", key, group.name, consumer.name])
        }
        consumer.pending.forEach { entry in
          let pending = group[entry.id]
          bytes += encode([
            "XCLAIM", key, group.name, consumer.name, "0", Bytes(entry.id), "TIME", Bytes(pending?.delivered ?? 0),
            "RETRYCOUNT", Bytes(Int64(bitPattern: pending?.deliveries ?? 0)), "JUSTID", "FORCE",
          ])
          return true
        }
      }
    }
    return bytes
  }
}
