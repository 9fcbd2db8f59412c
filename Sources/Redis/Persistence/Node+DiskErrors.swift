// What a disk that takes nothing more does to clients (writeCommandsDeniedByDiskError in Redis).

extension Node {
  /// MISCONF: why a client's write, or PING, is refused, or nil.
  var diskRefusal: String? {
    if saving.lastFailed, configuration.stopWritesOnBgsaveError, !configuration.save.isEmpty {
      return
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that "
        + "may modify the data set are disabled, because this instance is configured to report errors during writes if "
        + "RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about "
        + "the RDB error."
    }
    if appendOnly.state != .off, appendOnly.lastWriteFailed {
      return "MISCONF Errors writing to the AOF file: No space left on device"
    }
    return nil
  }

  /// What a master says has happened, whether or not this node can write it down. Unless it was told to take that lightly
  /// (`replica-ignore-disk-write-errors`), it ends itself rather than have less on its disk than it acknowledges.
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
