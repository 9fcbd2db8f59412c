import Lab
import Redis

// Who may do what.
extension WhyView {
  static func ofLogin(_ user: String, _ login: Decision.Login) -> Explanation {
    switch login {
    case .rightPassword: Explanation("logs the client in as \(user)", "The password is one of the user's.")
    case .anyPassword:
      Explanation("logs the client in as \(user)", "The user needs no password (nopass), so any will do.")
    case .wrongPassword: Explanation("refuses to log the client in as \(user)", "The password is none of the user's.")
    case .noSuchUser:
      Explanation(
        "refuses to log the client in as \(user)",
        "There is no such user. The error does not say so: it would tell names.")
    case .userIsOff:
      Explanation(
        "refuses to log the client in as \(user)", "The user is off: ACL SETUSER \(user) on would change that.")
    }
  }

  static func ofRequiredLogin(_ command: String) -> Explanation {
    Explanation(
      "refuses \(command.uppercased()): the client has not logged in",
      "The default user, which every connection begins as, needs a password (requirepass); before AUTH little is answered."
    )
  }

  static func ofDenial(_ denied: Decision.Denied, _ user: String) -> Explanation {
    switch denied {
    case .command(let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not run it",
        "None of the user's rules allows the command; ACL SETUSER \(user) +\(command) would.")
    case .key(let key, let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not touch the key \(key) so",
        "The command is allowed, but no pattern of the user's keys fits this one with what the command does to it.")
    case .channel(let channel, let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not use the channel \(channel)",
        "The command is allowed, but no pattern of the user's channels fits this one.")
    }
  }
}

// What a node decides about its clients and their commands.
extension WhyView {
  static func ofCommand(_ refusal: Decision.CommandRefusal) -> Explanation {
    switch refusal {
    case .readOnlyReplica:
      Explanation("refuses to write", "It is a replica, and replica-read-only is yes: a write here would be its alone.")
    case .goodReplicas(let count, let needed, let maxLag):
      Explanation(
        "refuses to write",
        "\(counted(count, "replica")) acknowledged within the last \(maxLag) s (min-replicas-max-lag); "
          + "min-replicas-to-write asks for \(needed).")
    case .masterDown(let state):
      Explanation(
        "refuses to answer",
        "Its link to the master is in state \(state.replStateName), and replica-serve-stale-data is no.")
    case .loadingBeside:
      Explanation(
        "refuses the command", "New data is being loaded beside the old, and the command would meddle with that.")
    case .loading:
      Explanation("answers LOADING", "It is loading a data set, and the command needs one that is whole.")
    case .snapshotFailed:
      Explanation(
        "refuses to write",
        "Its last snapshot failed, and stop-writes-on-bgsave-error is yes: it takes no data that it might not be able to "
          + "keep. A snapshot that succeeds ends this.")
    case .appendOnlyFailed:
      Explanation(
        "refuses to write", "Its append-only file can't be written, so what it takes now would not be on its disk.")
    case .protected(let command, let directive, let value):
      Explanation(
        "refuses \(command)",
        "\(directive) is \(value); only a configuration file or an option at the start can change that.")
    case .outOfMemory(let used, let maxmemory, let policy):
      Explanation(
        "refuses what may need more memory",
        "used_memory \(used) > maxmemory \(maxmemory), and "
          + (policy == .noeviction
            ? "maxmemory-policy is noeviction: no key goes to make room."
            : "maxmemory-policy \(policy.rawValue) finds no key that may go.")
          + " Reading and deleting go on.")
    case .busyScript(let isEval):
      Explanation(
        "answers BUSY",
        "A \(isEval ? "script" : "function") has been running for longer than busy-reply-threshold, and nothing else is done before "
          + "it ends. It can be killed as long as it has written nothing.")
    case .fromReplica:
      Explanation(
        "refuses the command", "The client has become its replica, and a replica's link is for acknowledgements alone.")
    }
  }

  static func ofHolding(_ command: String, _ reason: Decision.HoldReason) -> Explanation {
    let name = command.uppercased()
    return switch reason {
    case .clientPause(let end, let onlyWrites):
      Explanation(
        "lets \(name) wait", "CLIENT PAUSE holds \(onlyWrites ? "writes" : "all commands") back until \(end.clockText)."
      )
    case .failover:
      Explanation(
        "lets \(name) wait",
        "A FAILOVER is under way: what were written now, the new master might not have. It goes on when that has ended; "
          + "if this node is a replica then, a write is refused.")
    case .shutdown:
      Explanation(
        "lets \(name) wait", "A shutdown waits for the replicas to have everything; a new write would put that off.")
    }
  }

  static func ofConnection(_ clients: Int, _ limit: Int64) -> Explanation {
    Explanation(
      "turns a client away",
      "It has \(counted(clients, "client")), and maxclients is \(limit). Replicas and the master count as clients, too."
    )
  }

  static func ofClientEnd(_ client: String, _ end: Decision.ClientEnd) -> Explanation {
    switch end {
    case .idle(let seconds, let timeout):
      Explanation("closes \(client)", "It has said nothing for \(seconds) s; timeout is \(timeout) s.")
    case .protocolBroken(let reason):
      Explanation(
        "closes \(client)",
        "Its bytes break the protocol or a limit of it: \(reason). What follows them can't be told apart any more.")
    }
  }

  // MARK: WAIT

  /// `r has byte 54`.
  static func progress(_ progress: Decision.Progress, _ name: (ConnectionID) -> String) -> String {
    "\(name(progress.replica)) has \(counted(progress.acknowledged, "byte"))"
      + (progress.isOnline ? "" : " and is not online")
  }

  static func ofWait(_ asked: Int64, _ offset: Int64, _ timeout: Int64, _ replicas: [String]) -> Explanation {
    Explanation(
      "lets WAIT wait for \(counted(asked, "replica"))",
      "The client's last write ends at byte \(offset). So far: \(list(replicas)).",
      timeout == 0
        ? "The time-out is 0, so it may wait for ever; GETACK asks the replicas."
        : "It waits \(timeout) ms at most; GETACK asks the replicas.")
  }

  static func ofWaitEnd(
    _ end: Decision.WaitEnd, _ asked: Int64, _ offset: Int64, _ replicas: [Decision.Progress], _ words: [String]
  ) -> Explanation {
    let count = replicas.count { $0.isOnline && $0.acknowledged >= offset }
    let numbers =
      "\(counted(count, "replica")) acknowledged byte \(offset), where the client's last write ends; \(asked) "
      + "\(asked == 1 ? "was" : "were") asked for."
    let all = words.isEmpty ? "It has no replica." : "As it knows: \(list(words))."
    return switch end {
    case .atOnce: Explanation("answers WAIT at once: \(count)", numbers, all)
    case .inTransaction:
      Explanation("answers WAIT at once: \(count)", numbers, all, "Within a transaction nothing can wait.")
    case .enough: Explanation("answers WAIT: \(count)", numbers, all)
    case .timeout:
      Explanation(
        "answers WAIT, whose time is up: \(count)", numbers, all,
        "The write stays, and may still reach the others: WAIT only counts.")
    }
  }

  // MARK: Expiry

  private static let deletion = "DEL (UNLINK with lazyfree-lazy-expire yes)"

  static func ofExpiry(_ key: String, _ since: Int64, _ outcome: Decision.Expiry) -> Explanation {
    let late = "Its time was up \(since) ms ago."
    return switch outcome {
    case .deletes:
      Explanation("deletes \(key), which has expired", late, "The stream tells its replicas, by \(deletion).")
    case .deletesOnReplica:
      Explanation(
        "deletes \(key), which has expired", late,
        "A client writes to it, which replica-read-only no allows here, so it must really be gone. Nobody else is told: what a "
          + "replica's own replicas get is its master's stream.")
    case .leavesToMaster:
      Explanation(
        "takes \(key) for gone, and keeps it", late,
        "A replica deletes nothing by itself: it waits for its master's DEL, and answers as if that had come. Until then "
          + "DBSIZE counts the key.")
    case .leavesDuringPause:
      Explanation(
        "takes \(key) for gone, and keeps it", late, "Clients are paused, and meanwhile the data must not change.")
    }
  }

  static func ofTimer(_ count: Int, _ first: String, _ database: Int) -> Explanation {
    let what = count == 1 ? first : "\(first) and \(counted(count - 1, "more key"))"
    return Explanation(
      "deletes \(what): expired",
      "Its timer looks for keys of database \(database) whose time is up. The stream tells its replicas of each, by "
        + "\(deletion)."
    )
  }
}
