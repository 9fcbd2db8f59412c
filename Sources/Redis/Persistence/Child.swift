import RESP

/// The one process that works for the node beside it, and what it has of its parent: a copy, which no later write changes
/// (`child_type`, `rdb_child_type` in server.h).
package enum Child: Equatable, Sendable {
  /// A snapshot into the configured file, for BGSAVE, for itself or for a full sync by way of the disk
  /// (CHILD_TYPE_RDB, RDB_CHILD_TYPE_DISK): Redis, too, tells these apart only by who waits for the file.
  case save(ChildProcess, SnapshotWriter)
  /// A snapshot for replicas' connections (CHILD_TYPE_RDB, RDB_CHILD_TYPE_SOCKET).
  case disklessSync(ChildProcess, SnapshotPipe)
  /// The base of the append-only file (CHILD_TYPE_AOF).
  case rewrite(ChildProcess, AppendOnlyBase)

  package var process: ChildProcess {
    switch self {
    case .save(let process, _), .disklessSync(let process, _), .rewrite(let process, _): process
    }
  }
}

/// What a parent knows of its child, whatever that does.
package struct ChildProcess: Equatable, Sendable {
  package enum State: Hashable, Sendable {
    case running
    /// It ended well; the parent learns of it at its next timer turn after this moment.
    case ended(Instant)
    /// The parent killed it (SIGUSR1).
    case killed
  }

  package let id: Int
  package let started: Instant
  package internal(set) var state: State
  /// The parent's `dirty` at the fork: what a successful save takes off it.
  let dirtyAtFork: Int64
  /// How many keys there were at the fork.
  let keys: Int
  /// What it sleeps after each key (`rdb-key-save-delay` at the fork).
  let keyDelay: Interval

  /// A process takes a moment to be gone; an acknowledgement that overtakes it finds it still alive (docs/PROTOCOL.md, 5).
  static let timeToExit = Interval.milliseconds(1)

  func isGone(at now: Instant) -> Bool {
    switch state {
    case .running: false
    case .ended(let moment): moment <= now
    case .killed: true
    }
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
}

/// Where the child is: whoever needs one begins it here, so there is never a second.
package struct ChildSlot: Equatable, Sendable {
  package private(set) var current: Child? {
    get { box?.value }
    set { box = newValue.map { Boxed($0) } }
  }
  /// Mostly there is none, and whether there is one is asked at every step.
  private var box: Boxed<Child>?
  package var isEmpty: Bool { box == nil }
  /// How many there have been: each has a process id of its own.
  package private(set) var count = 0

  /// A child begins, unless there is one (`redisFork` in server.c).
  mutating func begin(_ child: Child) {
    guard isEmpty else { return }
    count += 1
    current = child
  }

  /// The child has come to another state.
  mutating func become(_ state: ChildProcess.State) {
    guard let child = current else { return }
    var process = child.process
    process.state = state
    current =
      switch child {
      case .save(_, let writer): .save(process, writer)
      case .disklessSync(_, let pipe): .disklessSync(process, pipe)
      case .rewrite(_, let base): .rewrite(process, base)
      }
  }

  /// Changes the pipe of a diskless sync in place: a copy of what is in it would cost as much as the data.
  @discardableResult
  mutating func withPipe<Result>(_ body: (ChildProcess, inout SnapshotPipe) -> Result) -> Result? {
    guard case .disklessSync(let process, var pipe)? = current else { return nil }
    current = nil
    defer { current = .disklessSync(process, pipe) }
    return body(process, &pipe)
  }

  /// The child is gone (`resetChildState` in server.c).
  mutating func end() { current = nil }
}

// A child's life, as its parent sees it: fork, exit, and the kill in between.

extension Node {
  /// The process at work, whatever it does.
  package var child: Child? { children.current }
  /// A process of the node's own is at work: one at a time (`hasActiveChildProcess` in server.c).
  var hasChild: Bool { !children.isEmpty }
  /// … and it writes a snapshot, whether into a file or to replicas.
  package var snapshotChild: ChildProcess? {
    switch children.current {
    case .save(let process, _)?, .disklessSync(let process, _)?: process
    case .rewrite?, nil: nil
    }
  }
  /// … and it rewrites the append-only file.
  var rewriteChild: ChildProcess? {
    if case .rewrite(let process, _)? = children.current { process } else { nil }
  }

  /// fork(2): the child has a copy of everything, at no cost worth mentioning (`redisFork` in server.c).
  ///
  /// - Parameters:
  ///   - state: `running` where its end depends on others; else it ends when it has written all.
  ///   - file: what it writes to the disk; asked for where the disk takes its time for that.
  /// - Returns: the child's process; nil if there is a child already, or if the kernel refuses.
  mutating func fork(
    _ state: ChildProcess.State? = nil, writing file: () -> [UInt8] = { [] }, as work: (ChildProcess) -> Child
  ) -> ChildProcess? {
    guard !hasChild, !chance.refusesFork else { return nil }
    let keys = databases.reduce(0) { $0 + $1.count }
    // A negative `rdb-key-save-delay` is a microsecond now and then, which is none here.
    let delay = Interval.microseconds(max(0, configuration.rdbKeySaveDelay))
    var time = ChildProcess.timeToExit + delay * Int64(keys)
    if case .limited = disk { time = time + disk.time(for: file().count) }
    let process = ChildProcess(
      id: processID + children.count + 1, started: now, state: state ?? .ended(now + time), dirtyAtFork: dirty,
      keys: keys, keyDelay: delay)
    children.begin(work(process))
    statistics.forks += 1
    return process
  }

  /// SIGUSR1: an end that is no error (`killRDBChild` in rdb.c).
  mutating func killChild() {
    guard let child, !child.process.isGone(at: now) else { return }
    log(.warning, "Received SIGUSR1 in child, exiting now.")
    children.become(.killed)
  }

  /// What a child that is done says of itself (`sendChildCowInfo` in server.c; `sendChildInfoGeneric` in childinfo.c).
  /// How much memory it had for itself is chance, and little.
  mutating func logChildMemory(_ purpose: String) {
    log(.notice, "Fork CoW for \(purpose): current 0 MB, peak 0 MB, average 0 MB")
  }

  /// waitpid(2): what the parent does once it sees that the child is gone (`checkChildrenDone` in server.c).
  mutating func reapChild() {
    guard let child, child.process.isGone(at: now) else { return }
    // The recording says when its end is seen.
    if followsRecording, child.process.state != .killed, !replicasAwaitingSnapshot.isEmpty { return }
    reap(child)
  }

  /// The child is gone, and its parent has seen it (`checkChildrenDone` in server.c; `backgroundSaveDoneHandler` in
  /// rdb.c).
  mutating func reap(_ child: Child) {
    children.end()
    switch child {
    case .save(let process, let writer): backgroundSaveEnded(process, writer)
    case .disklessSync(let process, _): disklessSyncEnded(process)
    case .rewrite(let process, let base): rewriteEnded(process, base)
    }
    startPendingSnapshot()
  }
}
