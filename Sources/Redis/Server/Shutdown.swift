import RESP

/// A shutdown that waits for the replicas to catch up (`prepareForShutdown`, `finishShutdown` in server.c).
///
///     SHUTDOWN, SIGTERM ──► all replicas up to date? ──yes──► final snapshot, exit
///                                   │ no
///                                   ▼
///                writes held back, GETACK sent ──► all up to date, or shutdown-timeout over ──► the same
///                                   │
///                                   └──► SHUTDOWN ABORT: everything goes on
package struct Shutdown: Equatable, Sendable {
  package var flags: Flags
  /// The wait ends here at the latest.
  package var deadline: Instant

  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let save = Flags(rawValue: 1)
    package static let nosave = Flags(rawValue: 2)
    package static let now = Flags(rawValue: 4)
    package static let force = Flags(rawValue: 8)
  }
}

extension Node {
  /// Begins a shutdown, and ends the process at once if nothing has to be waited for (`prepareForShutdown` in
  /// server.c).
  mutating func beginShutdown(_ asked: Shutdown.Flags) {
    guard shutdown == nil else { return }
    var flags = asked
    // Half a data set must not be written over a whole one.
    if loads.progress != nil { flags = flags.subtracting(.save).union(.nosave) }
    log(.warning, "User requested shutdown...")
    let deadline = now + .seconds(configuration.shutdownTimeout)
    shutdown = Shutdown(flags: flags, deadline: deadline)
    guard !flags.contains(.now), configuration.shutdownTimeout != 0, !areReplicasUpToDate else {
      return finishShutdown()
    }
    if !areClientsPaused { feedReplicas(["REPLCONF", "GETACK", "*"], database: nil) }
    // The replicas could never catch up with new writes.
    pauseClients(.shutdown)
    log(.notice, "Waiting for replicas before shutting down.")
  }

  /// Every replica has acknowledged the whole stream (`isReadyToShutdown` in server.c).
  private var areReplicasUpToDate: Bool {
    replication.replicas.allSatisfy { clients[$0]?.replica?.acknowledged == replication.offset }
  }

  /// A turn of the timer: goes on with a shutdown that waits, if it need not any more (`serverCron` in server.c). What
  /// the last acknowledgement brings about comes first, a failover for one.
  mutating func updateShutdown() {
    guard let shutdown, now >= shutdown.deadline || areReplicasUpToDate else { return }
    finishShutdown()
  }

  var nextShutdownWakeup: Instant? {
    shutdown.map { turn(atOrAfter: max(areReplicasUpToDate ? now : $0.deadline, now + .microseconds(1))) }
  }

  /// Ends the process, or goes on if it can't be ended (`finishShutdown` in server.c).
  private mutating func finishShutdown() {
    guard let flags = shutdown?.flags, endInOrder(flags) else { return cancelShutdown() }
    if !hasExited { exitProcess(code: 0) }
  }

  /// What a process does last that begins anew at once (`DEBUG RESTART`); false if something does not let it
  /// (`restartServer`, `prepareForShutdown` in server.c).
  mutating func shutDownForRestart() -> Bool {
    guard shutdown == nil else { return false }
    log(.warning, "User requested shutdown...")
    // Half a data set must not be written over a whole one.
    let flags: Shutdown.Flags = loads.progress == nil ? .now : [.now, .nosave]
    guard endInOrder(flags) else {
      cancelShutdown()
      return false
    }
    return true
  }

  /// Everything is on the disk and on its way to the replicas; false if the process can't end (`finishShutdown` in
  /// server.c; `flushSlavesOutputBuffers` in networking.c).
  private mutating func endInOrder(_ flags: Shutdown.Flags) -> Bool {
    logLaggingReplicas()
    if let child, snapshotChild != nil {
      log(.warning, "There is a child saving an .rdb. Killing it!")
      killChild()
      if case .save(let process, _) = child { emit(.file(.delete(name: temporarySnapshot(of: process.id)))) }
    }
    guard finishAppendOnly(flags) else { return false }
    if hasExited { return true }
    if !configuration.save.isEmpty && !flags.contains(.nosave) || flags.contains(.save) {
      log(.notice, "Saving the final RDB snapshot before exiting.")
      if !saveNow() {
        log(
          .warning, "Error trying to save the DB, \(flags.contains(.force) ? "Exit anyway" : "can't exit").")
        guard flags.contains(.force) else { return false }
      }
    }
    log(.warning, "\(isSentinel ? "Sentinel" : "Redis") is now ready to exit, bye bye...")
    replicationBeforeSleep()
    return true
  }

  /// Everything is in the append-only file, and safe; false if the only file there would be is not whole yet
  /// (`finishShutdown` in server.c).
  private mutating func finishAppendOnly(_ flags: Shutdown.Flags) -> Bool {
    guard appendOnly.state != .off else { return true }
    if rewriteChild != nil {
      if appendOnly.state == .waitRewrite {
        log(.warning, "Writing initial AOF\(flags.contains(.force) ? ". Exit anyway." : ", can't exit")")
        guard flags.contains(.force) else { return false }
      }
      log(.warning, "There is a child rewriting the AOF. Killing it!")
      killRewrite()
    }
    log(.notice, "Calling fsync() on the AOF file.")
    flushAppendOnly(force: true)
    if !hasExited, let file = appendOnly.file { emit(.file(.sync(name: file))) }
    return true
  }

  /// The process goes on, and those who wait for its end are told (`finishShutdown` in server.c).
  private mutating func cancelShutdown() {
    log(.warning, "Errors trying to shut down the server. Check the logs for more information.")
    endShutdown()
  }

  /// Nothing is held back any more, and those who wait for the end are told (`cancelShutdown` in server.c;
  /// `replyToClientsBlockedOnShutdown` in blocked.c).
  private mutating func endShutdown() {
    shutdown = nil
    unpauseClients(.shutdown)
    for connection in clients.keys where clients[connection]?.blocked?.reason == .shutdown {
      write(error: "ERR Errors trying to SHUTDOWN. Check logs.", to: connection)
      clients[connection]?.blocked = nil
    }
  }

  /// Says in the log which replicas lack something (`finishShutdown` in server.c).
  private mutating func logLaggingReplicas() {
    var lagging = 0
    for connection in replication.replicas {
      guard let replica = clients[connection]?.replica, replica.acknowledged != replication.offset else { continue }
      lagging += 1
      let lag = replica.state == .online ? now.seconds - replica.acknowledgedAt.seconds : 0
      log(
        .warning,
        "Lagging replica \(replicaName(connection)) reported offset \(replication.offset -| replica.acknowledged) behind "
          + "master, lag=\(lag), state=\(replica.state.infoName ?? "").")
    }
    let count = replication.replicas.count
    if count > 0 { log(.notice, "\(count - lagging) of \(count) replicas are in sync when shutting down.") }
  }

  /// `SHUTDOWN ABORT`; false without a shutdown under way (`abortShutdown` in server.c).
  mutating func abortShutdown() -> Bool {
    guard shutdown != nil else { return false }
    endShutdown()
    log(.notice, "Shutdown manually aborted.")
    return true
  }
}
