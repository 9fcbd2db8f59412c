import Lab
import Redis
import RESP

// A master's decisions.
extension WhyView {
  /// Full or partial: the question that PSYNC asks, and all that answers it.
  static func ofPartialResync(
    _ replica: String, _ request: PartialResync, _ verdict: PartialResync.Verdict
  ) -> Explanation {
    var details = ["\(replica) asked for the history \(request.id) from byte \(request.offset) on."]
    var own = "The history here is \(request.ids.current), \(counted(request.masterOffset, "byte")) long."
    if request.ids.secondOffset >= 0 {
      own += " Before byte \(request.ids.secondOffset) it is also \(request.ids.second)."
    }
    details.append(own)
    details.append(backlog(request))
    let summary: String
    switch verdict {
    case .accepted(let bytes):
      summary = "lets \(replica) go on where it left off: it lacks \(counted(bytes, "byte"))"
    case .fullRequested:
      summary = "sends \(replica) everything: that is what it asked for"
      details[0] = "\(replica) has no history to go on from: it asked for ?."
    case .unknownID:
      summary = "sends \(replica) everything: it followed another history"
    case .beyondSecondID:
      summary = "sends \(replica) everything: its history parted from this one"
      details.append(
        "The id is the second one here, but vouches only for bytes before \(request.ids.secondOffset): what \(replica) "
          + "has beyond them is no part of this history.")
    case .noBacklog:
      summary = "sends \(replica) everything: there is no backlog"
    case .tooOld:
      summary = "sends \(replica) everything: the backlog no longer has what it misses"
      if let first = request.firstByte {
        details.append(
          "It would need \(counted(first -| request.offset, "byte")) that were dropped; a larger repl-backlog-size keeps more."
        )
      }
    case .tooNew:
      summary = "sends \(replica) everything: it claims more than was ever written here"
    }
    var explanation = Explanation(summary)
    explanation.details = details
    return explanation
  }

  private static func backlog(_ request: PartialResync) -> String {
    guard let first = request.firstByte else { return "No backlog is kept: no replica has come before." }
    guard request.length > 0 else { return "The backlog is empty; byte \(first) will be its first." }
    return "The backlog has the \(request.length) bytes from \(first) to \(first +| (request.length -| 1)); byte "
      + "\(first +| request.length) may be asked for too, by who has missed nothing."
  }

  static func ofRefusal(_ refusal: Decision.SyncRefusal) -> Explanation {
    switch refusal {
    case .alreadyReplica: Explanation("ignores PSYNC", "The client is its replica already.")
    case .failoverToMaster:
      Explanation("refuses PSYNC", "PSYNC FAILOVER asks a replica to become master; this node is one.")
    case .failoverWithOtherID(let asked, let own):
      Explanation("refuses PSYNC", "PSYNC FAILOVER named the history \(asked); this node's is \(own).")
    case .failingOver: Explanation("refuses PSYNC", "It is about to hand over to another node.")
    case .ownLinkDown(let state):
      Explanation(
        "refuses PSYNC",
        "It is a replica itself, and its own link to the master is in state \(state.replStateName): it has nothing to pass on."
      )
    case .pendingOutput(let count):
      Explanation(
        "refuses PSYNC", "Replies of \(counted(count, "byte")) wait for the client; they would mix with the payload.")
    case .filterWithoutEOF:
      Explanation("refuses PSYNC", "A filtered snapshot is only sent without a file, which needs capa eof.")
    case .badOffset(let text): Explanation("refuses PSYNC", "\(text) is no offset.")
    }
  }

  static func ofHistory(_ id: String, _ offset: Int64) -> Explanation {
    Explanation(
      "begins a history of its own: \(id)",
      "It is the first replica, and nothing was kept of what was written before; the id that INFO showed until now "
        + "stands for nothing that a replica could have. The offset stays \(offset).")
  }

  static func ofDelay(_ waited: Int64, _ delay: Int64, _ waiting: Int, _ enough: Int) -> Explanation {
    Explanation(
      "waits for more replicas before it makes a snapshot",
      "The oldest has waited \(waited) s of repl-diskless-sync-delay's \(delay) s.",
      enough == 0
        ? "\(counted(waiting, "replica")) waiting; repl-diskless-sync-max-replicas is 0, so no number would be enough."
        : "\(counted(waiting, "replica")) waiting; with \(enough) it would begin at once.")
  }

  static func ofJoining(_ replica: String, _ offset: Int64) -> Explanation {
    Explanation(
      "lets \(replica) have the snapshot that is being made",
      "Another replica waits for that file, and all that was written since byte \(offset) has been kept.")
  }

  static func ofOnline(_ replica: String, awaitsAcknowledgement: Bool) -> Explanation {
    awaitsAcknowledgement
      ? Explanation(
        "takes \(replica) for online, but says nothing yet",
        "The payload ended with a mark, which a replica finds only at the end of what it read: the stream waits for its "
          + "first acknowledgement.")
      : Explanation("takes \(replica) for online", "The payload had a length, so the stream may follow at once.")
  }

  static func ofStream(_ replica: String, _ kept: Int64) -> Explanation {
    Explanation("begins to send \(replica) the stream", "What it has not been sent yet: \(counted(kept, "byte")).")
  }

  static func ofIdleBacklog(_ idle: Int64, _ ttl: Int64) -> Explanation {
    Explanation(
      "gives up its backlog, and its history with it",
      "There has been no replica for \(idle) s, and repl-backlog-ttl is \(ttl) s. A new replication id follows: nobody "
        + "could check any more what was in the old one.")
  }

  static func ofSnapshot(_ target: Decision.SnapshotTarget, _ replicas: String) -> Explanation {
    switch target {
    case .sockets:
      Explanation(
        "makes a snapshot and sends it as it is made, to \(replicas)",
        "repl-diskless-sync is yes, and every replica that waits understands a payload that ends with a mark (capa eof)."
      )
    case .disk(let isDiskless, let understandEOF):
      Explanation(
        "makes a snapshot in a file first, for \(replicas)",
        isDiskless && !understandEOF
          ? "repl-diskless-sync is yes, but a replica that waits does not understand a payload that ends with a mark."
          : "repl-diskless-sync is no.")
    }
  }

  static func ofNextSnapshot(_ replica: String, _ reason: Decision.NextSnapshotReason) -> Explanation {
    switch reason {
    case .goesToSockets:
      Explanation(
        "lets \(replica) wait for the next snapshot",
        "The one under way goes straight to others, and its beginning is gone.")
    case .nobodyToJoin:
      Explanation(
        "lets \(replica) wait for the next snapshot",
        "Nobody has kept what was written since the one under way began, or only for a replica that can do more.")
    case .otherChild:
      Explanation("lets \(replica) wait for the next snapshot", "Another child is at work.")
    }
  }

  static func ofDrop(_ replica: String, _ reason: Decision.DropReason) -> Explanation {
    switch reason {
    case .silent(let seconds, let timeout):
      Explanation(
        "disconnects \(replica)", "It has not acknowledged for \(seconds) s; repl-timeout is \(timeout) s.")
    case .notReading(let seconds, let timeout):
      Explanation(
        "disconnects \(replica)", "It has not read the payload for \(seconds) s; repl-timeout is \(timeout) s.")
    case .outputBuffer(let bytes, let limit):
      Explanation(
        "disconnects \(replica)",
        "What is kept for it takes \(bytes) bytes; client-output-buffer-limit replica (or repl-backlog-size, if larger) "
          + "allows \(limit).")
    case .reply:
      Explanation(
        "disconnects \(replica)", "A command of its made a reply, and replies would mix with the stream.")
    case .snapshotFailed: Explanation("disconnects \(replica)", "The snapshot that it waited for failed.")
    case .historyChanged:
      Explanation("disconnects \(replica)", "The history that it follows has another id now; it has to ask again.")
    }
  }

  static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.first ?? "nobody" : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }
}
