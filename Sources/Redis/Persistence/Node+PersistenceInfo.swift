import RESP

extension Node {
  /// INFO's section `persistence`. What a child's memory costs is nought here.
  var persistenceInfo: [(String, String)] {
    [("loading", isLoading ? "1" : "0"), ("async_loading", isLoadingBeside ? "1" : "0")]
      + [
        "current_cow_peak", "current_cow_size", "current_cow_size_age",
      ].map { ($0, "0") }
      + childInfo + snapshotInfo + appendOnlyInfo
      + [("module_fork_in_progress", "0"), ("module_fork_last_cow_size", "0")] + appendOnlySizes
      + (loads.progress.map { loadingInfo($0) } ?? [])
  }

  private var childInfo: [(String, String)] {
    let turn = buffersClock.turn(atOrBefore: now) ?? now
    let (processed, total) = child?.process.progress(at: turn) ?? (0, 0)
    let share = total == 0 ? 0 : Double(processed) / Double(total) * 100
    return [
      ("current_fork_perc", share.twoPlaces), ("current_save_keys_processed", "\(processed)"),
      ("current_save_keys_total", "\(total)"),
    ]
  }

  // MARK: Loading

  private var isLoadingBeside: Bool {
    replication.link.transfer?.isAsync == true && replication.link.transfer?.loader != nil
  }

  private func loadingInfo(_ progress: LoadingProgress) -> [(String, String)] {
    let size = progress.total > 0 ? progress.total : progress.usedMemory
    var share = size == 0 ? 0 : Double(progress.loaded) / Double(size) * 100
    var rest = size == 0 ? 1 : size -| progress.loaded
    if progress.total <= 0, size != 0 { (share, rest) = (min(share, 99.99), max(1, rest)) }
    let elapsed = now.seconds - progress.started.seconds
    let eta = elapsed == 0 ? 1 : elapsed *| rest / (progress.loaded + 1)
    return [
      ("loading_start_time", "\(progress.started.seconds)"), ("loading_total_bytes", "\(progress.total)"),
      ("loading_rdb_used_mem", "\(progress.usedMemory)"), ("loading_loaded_bytes", "\(progress.loaded)"),
      ("loading_loaded_perc", share.twoPlaces), ("loading_eta_seconds", "\(eta)"),
    ]
  }

  private var snapshotInfo: [(String, String)] {
    [
      ("rdb_changes_since_last_save", "\(dirty)"), ("rdb_bgsave_in_progress", snapshotChild == nil ? "0" : "1"),
      ("rdb_last_save_time", "\(saving.lastSave.seconds)"),
      ("rdb_last_bgsave_status", saving.lastFailed ? "err" : "ok"),
      ("rdb_last_bgsave_time_sec", saving.lastDuration.map { "\($0)" } ?? "-1"),
      ("rdb_current_bgsave_time_sec", snapshotChild.map { "\(now.seconds - $0.started.seconds)" } ?? "-1"),
      ("rdb_saves", "\(statistics.saves)"), ("rdb_last_cow_size", "0"),
      ("rdb_last_load_keys_expired", "\(saving.lastLoadExpired)"),
      ("rdb_last_load_keys_loaded", "\(saving.lastLoadLoaded)"),
    ]
  }

  private var appendOnlyInfo: [(String, String)] {
    let rewrite = appendOnly.rewrite
    return [
      ("aof_enabled", appendOnly.state == .off ? "0" : "1"),
      ("aof_rewrite_in_progress", rewriteChild == nil ? "0" : "1"),
      ("aof_rewrite_scheduled", rewrite.isScheduled ? "1" : "0"),
      ("aof_last_rewrite_time_sec", rewrite.lastDuration.map { "\($0)" } ?? "-1"),
      ("aof_current_rewrite_time_sec", rewrite.started.map { "\(now.seconds - $0)" } ?? "-1"),
      ("aof_last_bgrewrite_status", rewrite.lastFailed ? "err" : "ok"), ("aof_rewrites", "\(rewrite.count)"),
      ("aof_rewrites_consecutive_failures", "\(rewrite.failures)"),
      ("aof_last_write_status", appendOnly.lastWriteFailed ? "err" : "ok"), ("aof_last_cow_size", "0"),
    ]
  }

  /// Shown only where there is to be an append-only file, and while it is loaded, too.
  private var appendOnlySizes: [(String, String)] {
    guard configuration.appendonly else { return [] }
    return [
      ("aof_current_size", "\(appendOnly.size)"), ("aof_base_size", "\(appendOnly.baseSize)"),
      ("aof_pending_rewrite", appendOnly.rewrite.isScheduled ? "1" : "0"),
      ("aof_buffer_length", "\(appendOnly.buffer.count)"),
      ("aof_pending_bio_fsync", appendOnly.syncEnds == nil ? "0" : "1"),
      ("aof_delayed_fsync", "\(appendOnly.delayedSyncs)"),
    ]
  }
}
