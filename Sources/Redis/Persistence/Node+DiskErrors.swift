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
      hasExited = true
      return false
    }
    if now.milliseconds > appendOnly.applyingLogged + 10_000 {
      appendOnly.applyingLogged = now.milliseconds
      log(.warning, "Replica is applying a command even though it is unable to write to disk.")
    }
    return true
  }
}
