import RDB
import RESP

/// What a node knows of one of its replicas, kept with the replica's client. REPLCONF begins it, SYNC or PSYNC makes the
/// client a replica.
package struct ReplicaSession: Equatable, Sendable {
  /// How far the replica is, by the names that INFO and Redis's source use.
  package enum State: Hashable, Sendable, CaseIterable {
    /// Only REPLCONF so far.
    case none
    /// Waits for a snapshot to begin; hears a newline every second, and nothing of the stream is kept for it.
    case waitBgsaveStart
    /// A snapshot is being made or, without a disk, sent; from here on the stream is kept for it.
    case waitBgsaveEnd
    /// The snapshot's file is being sent.
    case sendBulk
    /// Follows the stream.
    case online
    /// Wanted a snapshot only, and has it.
    case rdbTransmitted

    /// The value of `state=` in INFO; nil: not listed (`replstateToString` in server.c).
    package var infoName: String? {
      switch self {
      case .none, .rdbTransmitted: nil
      case .waitBgsaveStart, .waitBgsaveEnd: "wait_bgsave"
      case .sendBulk: "send_bulk"
      case .online: "online"
      }
    }
  }

  package struct Capabilities: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Understands a payload that ends with a mark.
    package static let eof = Capabilities(rawValue: 1 << 0)
    /// Understands a new id after +CONTINUE.
    package static let psync2 = Capabilities(rawValue: 1 << 1)
  }

  /// What a replica wants left out of its snapshot (`REPLCONF rdb-filter-only`).
  package struct Requirements: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let excludeData = Requirements(rawValue: 1 << 0)
    package static let excludeFunctions = Requirements(rawValue: 1 << 1)
  }

  // What REPLCONF said.
  package var listeningPort = 0
  package var announcedIP: String?
  package var capabilities: Capabilities = []
  package var requirements: Requirements = []
  /// Wants a snapshot and no stream.
  package var wantsOnlySnapshot = false

  /// Changes by the `become…` methods alone, with which what only one state has comes and goes.
  package private(set) var state: State = .none
  /// Came with SYNC: sends no acknowledgements, and is not expected to.
  package var isPrePsync = false
  /// The offset that its snapshot stands for (`psync_initial_offset`).
  package private(set) var initialOffset: Int64 = 0
  /// The next byte of the stream to send; nil: nothing is kept for it.
  package private(set) var next: Int64?
  /// Online, but silent until it acknowledges: a `$EOF:` payload must not be followed at once by the stream, or its end
  /// would be missed (docs/PROTOCOL.md, 3).
  package private(set) var startsCommandStreamOnAck = false
  /// The offset last acknowledged, and when.
  package private(set) var acknowledged: Int64 = 0
  package private(set) var acknowledgedAt = Instant(microseconds: 0)

  /// The file being sent.
  @Boxed private var file: SnapshotFileSending?
  /// The last block sent has not been taken whole (`Input.written` is awaited), since when.
  package private(set) var writingSince: Instant?
  /// Stream bytes that the kernel still has to deliver, as far as the node knows: what it has written since its host last
  /// said that there is room, or since it last said how many the kernel has.
  package private(set) var undelivered = 0
  private var heldByKernel: Int?
  /// Since when the soft output limit has been exceeded.
  var softLimitSince: Instant?
  /// From when on the timer is to look at the output limits by itself; nil: not before something is written.
  var limitCheck: Instant?

  package init() {}

  /// Whether the stream is kept for it (`canFeedReplicaReplBuffer` in replication.c).
  package var isFed: Bool {
    switch state {
    case .waitBgsaveEnd, .sendBulk, .online: !wantsOnlySnapshot
    case .none, .waitBgsaveStart, .rdbTransmitted: false
    }
  }

  var mayBeStreamed: Bool { state == .online && !startsCommandStreamOnAck && writingSince == nil }
}

// MARK: From state to state

extension ReplicaSession {
  /// It asked for a snapshot, which none could be begun for.
  mutating func becomeNone() { state = .none }

  mutating func becomeWaitBgsaveStart() { state = .waitBgsaveStart }

  /// Its snapshot begins: from here on the stream is kept for it, unless that is not what it wants.
  mutating func becomeWaitBgsaveEnd(snapshotAt offset: Int64) {
    state = .waitBgsaveEnd
    initialOffset = offset
    if !wantsOnlySnapshot { next = offset + 1 }
  }

  /// Its snapshot is there, and goes out by `nextPiece`.
  mutating func becomeSendBulk(_ bytes: [UInt8]) {
    state = .sendBulk
    file = SnapshotFileSending(bytes)
  }

  /// It has its snapshot.
  ///
  /// - Parameter awaitsAcknowledgement: where the end of the payload must be seen before anything follows it.
  mutating func becomeOnline(at now: Instant, awaitsAcknowledgement: Bool = false) {
    state = .online
    file = nil
    acknowledgedAt = now
    startsCommandStreamOnAck = awaitsAcknowledgement
  }

  /// It needs no snapshot, but the stream from `offset` on.
  mutating func becomeOnline(at now: Instant, from offset: Int64) {
    becomeOnline(at: now)
    next = offset
  }

  /// It has the snapshot, and wanted nothing else.
  mutating func becomeRdbTransmitted() {
    state = .rdbTransmitted
    file = nil
  }

  // MARK: While it lasts

  mutating func startCommandStream() { startsCommandStreamOnAck = false }

  mutating func acknowledge(_ offset: Int64, at now: Instant) {
    acknowledged = max(acknowledged, offset)
    acknowledgedAt = now
  }

  /// Bytes of the stream have been written to it.
  mutating func wrote(_ count: Int) {
    undelivered += count
    next = next.map { $0 +| Int64(count) }
  }

  /// What was written last is on its way: nothing else is written before `Input.written`.
  mutating func awaitWritten(since now: Instant) { writingSince = now }

  /// All that was written has left.
  mutating func blockWritten() { writingSince = nil }

  /// … and the kernel has room for the stream.
  mutating func mayWriteAgain() {
    writingSince = nil
    undelivered = heldByKernel ?? 0
  }

  /// How much the kernel has of what was written, said in advance of an input.
  fileprivate mutating func note(heldByKernel count: Int) {
    heldByKernel = count
    undelivered = count
  }

  /// Takes the next piece of the file, in `sendBulk`; `isLast`: there is nothing behind it.
  mutating func nextPiece(_ size: ChunkSize, at now: Instant) -> (bytes: [UInt8], isLast: Bool)? {
    guard state == .sendBulk, let bytes = file?.next(size), let isLast = file?.isAtEnd else { return nil }
    writingSince = isLast ? nil : now
    return (bytes, isLast)
  }
}

extension Node {
  /// Whether REPLCONF, SYNC or PSYNC came on a connection. It changes nothing; it is `mutating` so that a node is asked where
  /// it is.
  package mutating func knowsReplica(_ connection: ConnectionID) -> Bool {
    clients.index(forKey: connection).map { clients[$0].isKnownAsReplica } ?? false
  }

  /// How much the kernel has of what was written to a replica, said in advance of an input. One of which that is known is
  /// not touched by it.
  ///
  /// - Returns: whether the connection is known as a replica's.
  package mutating func note(heldByKernel count: Int, of connection: ConnectionID) -> Bool {
    guard let undelivered = clients[connection]?.replica?.undelivered else { return false }
    if undelivered != count { clients[connection]?.replica?.note(heldByKernel: count) }
    return true
  }
}

/// A snapshot's file on its way to a replica (`repldbfd`, `repldboff` in server.h).
private struct SnapshotFileSending: Equatable, Sendable {
  let bytes: [UInt8]
  private var sent = 0
  /// Finds the records of the file, where one is sent at a time.
  private var records: RDB.Reader?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { sent == bytes.count }

  mutating func next(_ size: ChunkSize) -> [UInt8] {
    let end = end(of: size)
    defer { sent = end }
    return Array(bytes[sent..<end])
  }

  private mutating func end(of size: ChunkSize) -> Int {
    switch size {
    case .bytes(let count): return min(bytes.count, sent + max(1, count))
    case .record:
      var reader = records ?? RDB.Reader(verifiesChecksum: false)
      if reader.fed == 0 { reader.feed(bytes) }
      while reader.position <= sent, !reader.isAtEnd {
        guard (try? reader.skip()) == true else { return bytes.count }
      }
      records = reader
      return reader.position > sent ? reader.position : bytes.count
    }
  }
}
