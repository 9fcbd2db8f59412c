import Lab
import Redis

// A Sentinel: who is down, who does the failover, and which replica becomes the master.
extension WhyView {
  static func ofDown(_ kind: SentinelInstance.Kind, _ name: String, _ reason: Decision.DownReason) -> Explanation {
    let summary = "finds the \(word(kind)) \(kind == .sentinel ? short(name) : name) down (sdown)"
    return switch reason {
    case .silent(let milliseconds, let limit):
      Explanation(
        summary, "No good answer to PING for \(milliseconds) ms > down-after-milliseconds \(limit).",
        kind == .master
          ? "That is its own opinion: it asks the other Sentinels for theirs."
          : "Nobody is asked about that, and nothing follows but that it is no candidate.")
    case .saysReplica(let milliseconds, let limit):
      Explanation(
        summary,
        "It says that it is a replica, for \(milliseconds) ms > \(limit) (down-after-milliseconds and two INFO periods)."
      )
    case .rebooted(let milliseconds, let limit):
      Explanation(
        summary,
        "It was started again \(milliseconds) ms ago and has not answered since: > master-reboot-down-after-period \(limit)."
      )
    }
  }

  private static func word(_ kind: SentinelInstance.Kind) -> String {
    switch kind {
    case .master: "master"
    case .slave: "replica"
    case .sentinel: "Sentinel"
    }
  }

  static func ofObjectivelyDown(_ master: String, _ sentinels: Int, _ quorum: Int) -> Explanation {
    Explanation(
      "finds the master \(master) down for all (odown)",
      "\(counted(sentinels, "Sentinel")) can't reach it, itself among them; the quorum is \(quorum).",
      "The quorum only begins a failover. To do it, a Sentinel needs the votes of more than half of all.")
  }

  static func ofFailoverDelay(_ master: String, _ until: Instant) -> Explanation {
    Explanation(
      "does not begin a failover of \(master) before \(until.clockText)",
      "Another was begun, or voted for, too short a time ago: there are two times failover-timeout between two of them."
    )
  }

  static func ofVote(_ runID: String, _ epoch: UInt64, isOwn: Bool) -> Explanation {
    Explanation(
      isOwn ? "votes for itself in epoch \(epoch)" : "votes for \(short(runID)) in epoch \(epoch)",
      isOwn
        ? "It has given no vote in this epoch, and knows of nobody who is ahead."
        : "That one was the first to ask, or is ahead; and so this one waits before it begins a failover itself.")
  }

  static func ofKeptVote(_ asked: String, _ epoch: UInt64, _ given: String?, _ givenIn: UInt64) -> Explanation {
    Explanation(
      "keeps to its vote: \(given.map(short) ?? "nobody") in epoch \(givenIn)",
      "It was asked for \(short(asked)) in epoch \(epoch), and each votes once an epoch.")
  }

  static func ofCount(
    _ votes: [Decision.Votes], _ voters: Int, _ needed: Int, _ epoch: UInt64, isElected: Bool
  ) -> Explanation {
    let list = votes.map { "\(short($0.sentinel)) has \($0.count)" }.joined(separator: ", ")
    return Explanation(
      isElected ? "is elected to do the failover of epoch \(epoch)" : "is not elected in epoch \(epoch) yet",
      "Votes: \(list.isEmpty ? "none" : list).",
      "It takes \(needed) of \(voters): more than half of all known Sentinels, and no less than the quorum.")
  }

  static func ofSelection(
    _ master: String, _ candidates: [Decision.Candidate], chosen: String?
  ) -> Explanation {
    var explanation = Explanation(
      chosen.map { "chooses \($0) to become the master \(master)" }
        ?? "finds no replica that could become the master \(master)")
    for candidate in candidates {
      let numbers =
        "priority \(candidate.priority), offset \(candidate.offset), run id \(candidate.runID.map(short) ?? "unknown")"
      explanation.details.append(
        "\(candidate.name): \(numbers)" + (candidate.flaw.map { "; out, since \(text($0))" } ?? ""))
    }
    explanation.details.append(
      "The lowest priority is first, then the highest offset, then the lowest run id.")
    return explanation
  }

  private static func text(_ flaw: Decision.Candidate.Flaw) -> String {
    switch flaw {
    case .down: "it is down (sdown)"
    case .disconnected: "there is no connection to it"
    case .priorityZero: "priority 0 means never"
    case .silent(let milliseconds): "it has answered no PING for \(milliseconds) ms"
    case .oldInfo(let milliseconds, let limit): "its INFO is \(milliseconds) ms old, more than \(limit)"
    case .linkDownTooLong(let milliseconds, let limit):
      "its link to the master was down for \(milliseconds) ms, more than \(limit)"
    }
  }

  static func ofConfiguration(_ master: String, _ own: UInt64, _ told: UInt64) -> Explanation {
    Explanation(
      "takes on the newer configuration of \(master)",
      "A Sentinel's hello has epoch \(told) > \(own): there was a failover, and where that ended is where the master is."
    )
  }

  static func ofTilt(_ milliseconds: Int64, _ limit: Int64) -> Explanation {
    Explanation(
      "only looks on for a while (TILT)",
      "\(milliseconds) ms between two turns of its timer, where it expects 100 and puts up with \(limit): it stood still, or "
        + "its clock was moved, and every instance would seem to have been silent.")
  }
}
