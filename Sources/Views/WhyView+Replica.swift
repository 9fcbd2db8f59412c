import Lab
import Redis

// A replica's decisions.
extension WhyView {
  static func ofHandshake(_ decision: Decision) -> Explanation {
    switch decision {
    case .connect(let address, let reason): ofConnect(address, reason)
    case .waitForCron(let address, let time):
      Explanation(
        "waits until \(time.clockText) before it tries \(text(address)) again",
        "A handshake that fails is tried again by the cron, which runs once a second; only a lost stream and a failed "
          + "transfer are worth a new try at once.")
    case .handshakeReply(let state, let reply, let outcome): ofReply(state, reply, outcome)
    case .askForPart(let id, let offset, let ownHistory):
      Explanation(
        "asks for the part of the history that it has missed, from byte \(offset) on",
        "It has \(offset - 1) bytes of the history \(id).",
        ownHistory
          ? "That is its own history, from when it was a master: the new master may go on from there."
          : "That is what it got from the master that it followed before.")
    case .askForAll:
      Explanation(
        "asks for everything",
        "There is no master in its cache whose history it could go on with, so there is no offset to name: PSYNC ? -1.")
    case .adoptNewID(let old, let new, let offset):
      Explanation(
        "follows the same history under a new name",
        "The master was promoted and gave its history a new id: \(old) up to byte \(offset), \(new) from byte "
          + "\(offset + 1) on. Its own replicas have to ask again, to learn the name.")
    default: Explanation("\(decision)")
    }
  }

  private static func ofConnect(_ address: Address, _ reason: Decision.Reconnection) -> Explanation {
    switch reason {
    case .told:
      Explanation("connects to its master \(text(address))", "It was told to: by REPLICAOF, or by its configuration.")
    case .cron:
      Explanation("connects to its master \(text(address))", "The cron, which runs once a second, found no connection.")
    case .lostMaster:
      Explanation(
        "connects to its master \(text(address)) again, at once",
        "The stream broke off. The sooner it asks, the likelier the master's backlog still has what it misses.")
    case .failedTransfer:
      Explanation(
        "connects to its master \(text(address)) again, at once",
        "The transfer failed, and without data there is nothing to wait for.")
    case .timeout:
      Explanation(
        "connects to its master \(text(address)) again, at once", "The master was silent for longer than repl-timeout.")
    }
  }

  private static func ofReply(
    _ state: MasterLink.State, _ reply: String, _ outcome: Decision.HandshakeOutcome
  ) -> Explanation {
    let said = "In state \(state.factName) the master said: \(reply)"
    return switch outcome {
    case .goOn: Explanation("goes on with the handshake", said)
    case .ignoreError:
      Explanation(
        "goes on in spite of the error", said, "A master that does not know this option can be followed even so.")
    case .tryLater: Explanation("closes the connection and tries again at the next second", said)
    case .fallBackToSync:
      Explanation(
        "tries SYNC in place of PSYNC", said,
        "That is no answer to PSYNC, so the master is taken for one from before Redis 2.8.")
    case .full(let id, let offset):
      Explanation(
        "expects a snapshot", said,
        "Whatever data it has will be replaced by the master's as of byte \(offset) of the history \(id).")
    case .fullWithoutID:
      Explanation("expects a snapshot, but can't go on from it later", said, "The line names no id of 40 characters.")
    case .partial:
      Explanation("goes on where it left off", said, "It keeps its data; the bytes that it misses follow at once.")
    }
  }

  static func ofTransfer(_ decision: Decision) -> Explanation {
    switch decision {
    case .transferTarget(let target, let configured, let keys): ofTarget(target, configured.rawValue, keys)
    case .serveWhileLoading(true, let own, _):
      Explanation(
        "serves its old data while it loads the new", "Both are of one history, \(own), so the old is merely behind.")
    case .serveWhileLoading(false, let own, let master):
      Explanation(
        "answers LOADING while it loads",
        "Its own history is \(own), the master's \(master): the old data is of no use.")
    case .dropOwnReplicas(let count):
      Explanation(
        "disconnects \(counted(count, "replica")) of its own",
        "It is about to load the data of another history; they have to ask it anew.")
    case .giveUpMaster(let state, let silent, let timeout):
      Explanation(
        "gives up the connection to its master",
        "The master has been silent for \(silent) s in state \(state.factName); repl-timeout is \(timeout) s.")
    default: Explanation("\(decision)")
    }
  }

  private static func ofTarget(_ target: ReplicaTransfer.Target, _ configured: String, _ keys: Int) -> Explanation {
    let numbers = "It has \(counted(keys, "key")), and repl-diskless-load is \(configured)."
    return switch target {
    case .file(let name): Explanation("writes the snapshot to the file \(name) before it loads it", numbers)
    case .databases: Explanation("loads the snapshot straight from the connection", numbers)
    case .besideDatabases:
      Explanation(
        "loads the snapshot straight from the connection, beside its old data", numbers,
        "If the transfer fails, the old data is still there.")
    }
  }

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
        "Its link to the master is in state \(state.factName), and replica-serve-stale-data is no.")
    case .loadingBeside:
      Explanation(
        "refuses the command", "New data is being loaded beside the old, and the command would meddle with that.")
    }
  }
}
