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
  /// How many keys there were at the fork.
  private let keys: Int
  /// The parent's `dirty` at the fork: what a successful save takes off it.
  package var dirtyAtFork: Int64

  init(
    target: Target, writer: SnapshotWriter, process: Int, started: Instant, dirty: Int64, keys: Int, keyDelay: Interval
  ) {
    self.target = target
    self.writer = writer
    self.process = process
    self.started = started
    dirtyAtFork = dirty
    self.keyDelay = keyDelay
    self.keys = keys
  }

  /// What the parent knows of the child's progress at a turn of its timer: `current_save_keys_processed` and `…_total`
  /// (`sendChildInfo` in server.c).
  ///
  /// A child says how far it is after its first key, then after each 1,024, but not more than once a second.
  func progress(at turn: Instant) -> (processed: Int64, total: Int) {
    guard keys > 0, turn > started else { return (0, keys) }
    guard keyDelay > .zero else { return (0, keys) }
    let batch = min((keyDelay * 1_024).microseconds, 1_000_000)
    let stride = 1_024 * ((1_000_000 + (batch - 1)) / batch)
    let done = (turn - started).microseconds / keyDelay.microseconds
    return (min(done < 1 ? 0 : (done - 1) / stride * stride + 1, Int64(keys)), keys)
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
