import RDB

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

  package var state: State = .none
  /// Came with SYNC: sends no acknowledgements, and is not expected to.
  package var isPrePsync = false
  /// The offset that its snapshot stands for (`psync_initial_offset`).
  package var initialOffset: Int64 = 0
  /// The next byte of the stream to send; nil: nothing is kept for it.
  package var next: Int64?
  /// Online, but silent until it acknowledges: a `$EOF:` payload must not be followed at once by the stream, or its end
  /// would be missed (docs/PROTOCOL.md, 3).
  package var startsCommandStreamOnAck = false
  /// The offset last acknowledged, and when.
  package var acknowledged: Int64 = 0
  package var acknowledgedAt = Instant(microseconds: 0)

  /// The file being sent, and how much of it was.
  package var file: [UInt8]?
  package var fileSent = 0
  /// Finds the records of the file, where one is sent at a time.
  var records: RDB.Reader?
  /// The last block sent has not been taken whole (`Input.written` is awaited), since when.
  package var writingSince: Instant?
  /// Stream bytes that the kernel still has to deliver, as far as the node knows: what it has written since its host last
  /// said that there is room, or since it last said how many the kernel has.
  package private(set) var undelivered = 0
  private var heldByKernel: Int?

  /// How much the kernel has of what was written, said in advance of an input.
  package mutating func note(heldByKernel count: Int) {
    heldByKernel = count
    undelivered = count
  }

  mutating func wrote(_ count: Int) { undelivered += count }
  mutating func mayWriteAgain() {
    writingSince = nil
    undelivered = heldByKernel ?? 0
  }
  /// Since when the soft output limit has been exceeded.
  package var softLimitSince: Instant?

  package init() {}

  /// Whether the stream is kept for it (`canFeedReplicaReplBuffer` in replication.c).
  package var isFed: Bool {
    switch state {
    case .waitBgsaveEnd, .sendBulk, .online: !wantsOnlySnapshot
    case .none, .waitBgsaveStart, .rdbTransmitted: false
    }
  }
}
