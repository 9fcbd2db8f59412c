import Lab
import Redis
import RESP

// Who is master: FAILOVER and promotion.
extension WhyView {
  static func ofFailover(to target: Address?, _ offset: Int64, _ timeout: Int64?, _ isForced: Bool) -> Explanation {
    let who = target.map(text) ?? "any replica"
    var explanation = Explanation(
      "will hand over to \(who)",
      "FAILOVER: clients' writes wait until \(target == nil ? "a replica" : "it") has acknowledged all "
        + "\(counted(offset, "byte")) of the history.")
    switch (timeout, isForced) {
    case (nil, _): explanation.details.append("No TIMEOUT was given: it may wait for ever, or until FAILOVER ABORT.")
    case (let timeout?, false):
      explanation.details.append("If that takes longer than \(timeout) ms it stays master, and the writes go on.")
    case (let timeout?, true):
      explanation.details.append(
        "If that takes longer than \(timeout) ms it hands over even so (FORCE): what the replica lacks then is lost.")
    }
    return explanation
  }

  static func ofHandOver(_ target: String, _ acknowledged: Int64, _ offset: Int64) -> Explanation {
    let missing = max(0, offset -| acknowledged)
    return Explanation(
      "hands over to \(target), and becomes its replica",
      missing == 0
        ? "It has acknowledged all \(counted(offset, "byte")), so nothing is lost."
        : "The time-out is over, and FORCE was said: it has acknowledged \(acknowledged) of \(counted(offset, "byte")); "
          + "if the other \(missing) don't reach it before PSYNC does, they are lost.")
  }

  static func ofFailoverEnd(_ target: String, _ end: Decision.FailoverEnd) -> Explanation {
    let summary = "gives up handing over to \(target), and stays master"
    return switch end {
    case .timeout(let acknowledged?, let offset):
      Explanation(
        summary, "FAILOVER's time-out is over, and of \(counted(offset, "byte")) only \(acknowledged) are acknowledged."
      )
    case .timeout(nil, _): Explanation(summary, "FAILOVER's time-out is over, and that replica is gone.")
    case .told: Explanation(summary, "FAILOVER ABORT.")
    case .rejected(let reply?):
      Explanation(summary, "It was asked by PSYNC … FAILOVER to take over, and said: \(reply)")
    case .rejected(nil):
      Explanation(summary, "It was asked by PSYNC … FAILOVER to take over, and closed the connection.")
    }
  }

  static func ofPromotion(
    _ reason: Decision.Promotion, _ old: String, _ new: String, _ offset: Int64
  ) -> Explanation {
    let why =
      switch reason {
      case .told: "It was told to: REPLICAOF NO ONE."
      case .failover: "Its master asked it to, by PSYNC … FAILOVER."
      case .failoverAborted: "It was handing over, and that was given up."
      }
    return Explanation(
      "becomes a master", why,
      "Its history is \(old) up to byte \(offset) and gets a new name from there on, \(new). It remembers the old one, "
        + "so that whoever followed that may go on without a full sync.")
  }
}
