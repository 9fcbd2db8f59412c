/// The forked child that writes a snapshot: a copy of the databases, which no later write changes, and how far it is.
package struct SnapshotChild: Equatable, Sendable {
  package enum Target: Hashable, Sendable {
    /// The configured file, by way of a temporary one.
    case disk
    /// The base of the append-only file (BGREWRITEAOF).
    case appendOnly
    /// These replicas' connections, all sent the same bytes.
    case replicas([ConnectionID])
  }

  package enum State: Hashable, Sendable {
    case running
    /// It ended well; the parent learns of it at its next timer turn after this moment.
    case ended(Instant)
    /// The parent killed it (SIGUSR1).
    case killed
  }

  package var target: Target
  /// How far the child is.
  var writer: SnapshotWriter
  /// What a child that rewrites the append-only file writes.
  var base: AppendOnlyBase?
  /// Those of the replicas that have not yet taken the whole of the last block; the pipe is not read before they have.
  var writing: Set<ConnectionID> = []
  package var state: State = .running
  /// What it sleeps after each key (`rdb-key-save-delay` at the fork).
  let keyDelay: Interval
  /// What it puts into the pipe next; the parent can read it once it is there.
  private var nextBlock: [UInt8]?
  package var process: Int
  package var started: Instant
  /// The parent's `dirty` at the fork: what a successful save takes off it.
  package var dirtyAtFork: Int64

  init(
    target: Target, writer: SnapshotWriter, process: Int, started: Instant, dirty: Int64, keyDelay: Interval = .zero
  ) {
    self.target = target
    self.writer = writer
    self.process = process
    self.started = started
    dirtyAtFork = dirty
    self.keyDelay = keyDelay
  }

  /// When the pipe has something to read: a block, or its end.
  ///
  /// A child gathers what it writes and fills the pipe a block at a time, so a block is there when its last key is done.
  mutating func prepareBlock(_ size: ChunkSize) -> Instant {
    if nextBlock == nil { nextBlock = writer.chunk(size) }
    return blockReady
  }

  /// … of the block that was prepared.
  var blockReady: Instant { started + keyDelay * writer.keysWritten }

  /// Reads the block that was prepared; empty: the pipe has ended.
  mutating func takeBlock() -> [UInt8] {
    defer { nextBlock = nil }
    return nextBlock ?? []
  }
}
