/// A sync payload as it comes in (`readSyncBulkPayload` in replication.c).
///
///                      ┌── newline: the master is still preparing
///                      ▼
///     TRANSFER ──► first line ──┬── $<length>      that many bytes follow
///                               ├── $EOF:<mark>    bytes follow until these forty come again
///                               └── -error, other  reconnect at once
///                      │
///          to a file   │   to the parser (repl-diskless-load)
///     temp-….rdb ◄─────┴─────► databases, or databases to be swapped in
///         │ rename, then load
///         ▼
///      dump.rdb
///
/// Where reality differs from redis.io's page: the mark is only looked for at the end of what one read returned, so a
/// master that glues its stream to the mark is never understood; and whoever loads from the socket throws away what
/// came in the same read after the end.
package struct ReplicaTransfer: Equatable, Sendable {
  package enum Framing: Hashable, Sendable {
    case length(Int64)
    case endMark([UInt8])
  }

  package enum Target: Hashable, Sendable {
    /// Into a file, which is then renamed and loaded: `repl-diskless-load disabled`.
    case file(name: String)
    /// Straight into the emptied databases: `on-empty-db`, and there was no key.
    case databases
    /// Beside the old databases, which serve reads until the last byte: `swapdb`.
    case besideDatabases
  }

  package var target: Target
  /// nil until the first line has come.
  package var framing: Framing?
  /// Bytes of the payload received (`master_sync_read_bytes`).
  package var received: Int64 = 0
  /// How many of them are on the disk for sure: an fsync comes each time after so many (REPL_MAX_WRITTEN_BEFORE_FSYNC in
  /// replication.c), so that the last one does not take too long.
  var synced: Int64 = 0
  static let syncStride: Int64 = 8 << 20
  /// What came for the file so far, as it came.
  var pieces = Pieces()
  /// The last forty bytes received, where an end mark may be.
  var lastBytes: [UInt8] = []
  /// What is being made of the payload, once loading has begun.
  var loader: SnapshotLoader?
  var step = LoadStep.reading
  /// A signal came while read(2) waited: Redis no longer gives up, however long nothing comes.
  var isInterrupted = false
  /// What was wrong with what was loaded last.
  var failure: SnapshotLoader.Failure?
  /// Loading beside data of the same history: clients are still served (`async_loading`).
  package var isAsync = false

  package init(target: Target) { self.target = target }

  /// A growing list of blocks that copies share, but for the newest few: a copied world pays little for the next block.
  struct Pieces: Equatable, Sendable {
    private var sealed: [[[UInt8]]] = []
    private var newest: [[UInt8]] = []

    mutating func append(_ piece: [UInt8]) {
      newest.append(piece)
      guard newest.count == 64 else { return }
      sealed.append(newest)
      newest = []
    }

    var all: [[UInt8]] { sealed.flatMap { $0 } + newest }
  }
}
