import Lab
import RESP
import Redis

// A replica's decisions.
extension WhyView {
  static func ofVainAttempt(_ address: Address, _ failure: ConnectFailure) -> Explanation {
    Explanation(
      "can't connect to \(text(address)) at all",
      failure == .unknownHost
        ? "The name \(address.host) leads nowhere: of the lab's names, each is a node's, and there is none like it. "
          + "The cron tries again every second, as there might be one some time."
        : "The lab's network is one machine's loopback: 127.0.0.1, localhost and the nodes' names. The cron tries "
          + "again every second.")
  }

  static func ofWaiting(_ address: String, until time: Instant) -> Explanation {
    Explanation(
      "waits until \(time.clockText) before it tries \(address) again",
      "A handshake that fails is tried again by the cron, which runs once a second; only a lost stream and a failed "
        + "transfer are worth a new try at once.")
  }

  static func ofRequest(_ id: String, _ offset: Int64, ownHistory: Bool) -> Explanation {
    Explanation(
      "asks for the part of the history that it has missed, from byte \(offset) on",
      "It has \(offset -| 1) bytes of the history \(id).",
      ownHistory
        ? "That is its own history, from when it was a master: the new master may go on from there."
        : "That is what it got from the master that it followed before.")
  }

  static var ofRequestForAll: Explanation {
    Explanation(
      "asks for everything",
      "There is no master in its cache whose history it could go on with, so there is no offset to name: PSYNC ? -1.")
  }

  static func ofNewID(_ old: String, _ new: String, _ offset: Int64) -> Explanation {
    Explanation(
      "follows the same history under a new name",
      "The master was promoted and gave its history a new id: \(old) up to byte \(offset), \(new) from byte "
        + "\(offset +| 1) on. Its own replicas have to ask again, to learn the name.")
  }

  static func ofConnect(_ address: String, _ reason: Decision.Reconnection) -> Explanation {
    switch reason {
    case .told:
      Explanation("connects to its master \(address)", "It was told to: by REPLICAOF, or by its configuration.")
    case .handOver:
      Explanation(
        "connects to its new master \(address)",
        "FAILOVER, and no REPLICAOF: it is handing over to that node, and will ask it by PSYNC … FAILOVER to take over."
      )
    case .cron:
      Explanation("connects to its master \(address)", "The cron, which runs once a second, found no connection.")
    case .lostMaster:
      Explanation(
        "connects to its master \(address) again, at once",
        "The stream broke off. The sooner it asks, the likelier the master's backlog still has what it misses.")
    case .failedTransfer:
      Explanation(
        "connects to its master \(address) again, at once",
        "The transfer failed, and without data there is nothing to wait for.")
    case .timeout:
      Explanation(
        "connects to its master \(address) again, at once", "The master was silent for longer than repl-timeout.")
    }
  }

  static func ofReply(
    _ state: MasterLink.State, _ reply: String, _ outcome: Decision.HandshakeOutcome
  ) -> Explanation {
    let said = "In state \(state.replStateName) the master said: \(reply)"
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

  static func ofFailure(_ command: [Bytes], _ error: String) -> Explanation {
    Explanation(
      "can't do what its master did: \(shown(command))",
      "It says: \(error).",
      "The master could, so the two do not hold the same data, or are not configured alike. Nobody is told: a replica sends "
        + "its master no replies. It goes on, counts the command as applied, and INFO's unexpected_error_replies counts it; "
        + "propagation-error-behavior panic would end it instead.")
  }

  static func ofLoading(_ serves: Bool, _ own: String, _ master: String) -> Explanation {
    serves
      ? Explanation(
        "serves its old data while it loads the new", "Both are of one history, \(own), so the old is merely behind.")
      : Explanation(
        "answers LOADING while it loads",
        "Its own history is \(own), the master's \(master): the old data is of no use.")
  }

  static func ofOwnReplicas(_ count: Int) -> Explanation {
    Explanation(
      "disconnects \(counted(count, "replica")) of its own",
      "It is about to load the data of another history; they have to ask it anew.")
  }

  static func ofSilence(_ state: MasterLink.State, _ silent: Int64, _ timeout: Int64) -> Explanation {
    Explanation(
      "gives up the connection to its master",
      "The master has been silent for \(silent) s in state \(state.replStateName); repl-timeout is \(timeout) s.")
  }

  static func ofTarget(_ target: ReplicaTransfer.Target, _ configured: String, _ keys: Int) -> Explanation {
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
}
