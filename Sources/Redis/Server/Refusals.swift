// What replication forbids a client: writes to a replica, writes that too few replicas would get, anything while the data
// is stale or about to be replaced.

extension Node {
  /// A replica without its master, which is not to answer from what it has.
  var isStale: Bool { isReplica && replication.link.state != .connected && !configuration.replicaServeStaleData }

  /// Why replication forbids a write now, or nil (`processCommand` in server.c). In the order in which Redis looks.
  ///
  /// - Parameter isMaster: the node's own master says it.
  func refusalOfWrites(_ some: CommandFlags, isMaster: Bool) -> Decision.CommandRefusal? {
    guard some.contains(.write) else { return nil }
    if let refusal = lackOfGoodReplicas { return refusal }
    return isReplica && !isMaster && configuration.replicaReadOnly ? .readOnlyReplica : nil
  }

  /// Why a replica that has no data, or none that is up to date, does not do the command now, or nil (`processCommand` in
  /// server.c).
  func refusalByReplica(_ some: CommandFlags, _ all: CommandFlags) -> Decision.CommandRefusal? {
    if replication.isMaster { return nil }
    if isStale, !all.contains(.stale) {
      return .masterDown(replication.link.state)
    }
    if replication.link.transfer?.isAsync == true, replication.link.transfer?.loader != nil,
      some.contains(.noAsyncLoading)
    {
      return .loadingBeside
    }
    return nil
  }

  /// Whether it is a master that takes writes at present. (One that is out of memory does: what needs no more.)
  package var acceptsWrites: Bool {
    replication.isMaster && !isBusyLoading && lackOfGoodReplicas == nil && pauses.current == nil && diskRefusal == nil
  }

  /// `min-replicas-to-write` (`checkGoodReplicasStatus` in replication.c).
  var lackOfGoodReplicas: Decision.CommandRefusal? {
    let (needed, maxLag) = (configuration.minReplicasToWrite, configuration.minReplicasMaxLag)
    guard replication.isMaster, needed > 0, maxLag > 0, case let good = replication.goodReplicas, good < needed else {
      return nil
    }
    return .goodReplicas(good, needed: needed, maxLag: maxLag)
  }
}

extension Decision.CommandRefusal {
  /// The error that the client gets, without its dash (`writeCommandsGetDiskErrorMessage` in server.c).
  var words: String {
    switch self {
    case .goodReplicas: "NOREPLICAS Not enough good replicas to write."
    case .readOnlyReplica: "READONLY You can't write against a read only replica."
    case .masterDown: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    case .loadingBeside, .loading: "LOADING Redis is loading the dataset in memory"
    case .snapshotFailed:
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may "
        + "modify the data set are disabled, because this instance is configured to report errors during writes if RDB "
        + "snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the "
        + "RDB error."
    case .appendOnlyFailed: "MISCONF Errors writing to the AOF file: No space left on device"
    case .protected(let command, let directive, _):
      "ERR \(command) command not allowed. If the \(directive) option is set to \"local\", you can run it from a local "
        + "connection, otherwise you need to set this option in the configuration file, and then restart the server."
    case .outOfMemory: "OOM command not allowed when used memory > 'maxmemory'."
    case .fromReplica: "ERR Replica can't interact with the keyspace"
    case .busyScript(let isEval):
      "BUSY Redis is busy running a script. You can only call \(isEval ? "SCRIPT KILL" : "FUNCTION KILL") or SHUTDOWN NOSAVE."
    }
  }
}

// What a disk that takes nothing more does to clients (writeCommandsDeniedByDiskError in Redis).

extension Node {
  /// MISCONF: why a client's write, or PING, is refused, or nil (`writeCommandsDeniedByDiskError` in server.c).
  var diskRefusal: Decision.CommandRefusal? {
    if saving.lastFailed, configuration.stopWritesOnBgsaveError, !configuration.save.isEmpty { return .snapshotFailed }
    return appendOnly.state != .off && appendOnly.lastWriteFailed ? .appendOnlyFailed : nil
  }

  /// What a master says has happened, whether or not this node can write it down (`processCommand` in server.c). Unless
  /// it was told to take that lightly (`replica-ignore-disk-write-errors`), it ends itself rather than have less on its
  /// disk than it acknowledges.
  mutating func mayApplyUnwritten(_ command: Command) -> Bool {
    if hasExited { return false }
    guard configuration.replicaIgnoreDiskWriteErrors || command.name == "ping" else {
      panic("Replica was unable to write command to disk. #server.c:3890")
      return false
    }
    if now.milliseconds > appendOnly.applyingLogged + 10_000 {
      appendOnly.applyingLogged = now.milliseconds
      log(.warning, "Replica is applying a command even though it is unable to write to disk.")
    }
    return true
  }
}
