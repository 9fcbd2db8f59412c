// FAILOVER: a master waits until a replica has everything, becomes its replica and asks it to take over.

extension Node {
  /// The failover is over, well or not: clients' writes go on (`clearFailoverState` in replication.c).
  mutating func endFailover() {
    guard replication.failover.state != .none else { return }
    replication.failover = Failover()
    unpauseClients(.failover)
  }

  /// Gives up the failover; a node that is its target's replica already becomes the master again (`abortFailover` in
  /// replication.c).
  mutating func abortFailover(_ reason: String, _ end: Decision.FailoverEnd) {
    guard replication.failover.state != .none else { return }
    emit(.decided(.abortFailover(to: replication.failover.target, end)))
    let target = replication.failover.target.map { "\($0.host):\($0.port)" } ?? "any replica"
    log(.notice, "FAILOVER to \(target) aborted: \(reason)")
    if replication.failover.state == .inProgress { becomeMaster(.failoverAborted) }
    endFailover()
  }

  /// Hands over once a replica has everything or the time is up, or gives up then (`updateFailoverStatus` in
  /// replication.c).
  mutating func updateFailover() {
    guard replication.failover.state == .waitingForSync else { return }
    if let deadline = replication.failover.deadline, deadline <= now {
      guard replication.failover.isForced, let target = replication.failover.target else {
        let acknowledged = possibleTargets.compactMap { $0.replica?.acknowledged }.max()
        abortFailover(
          "Replica never caught up before timeout", .timeout(acknowledged: acknowledged, offset: replication.offset))
        return
      }
      log(.notice, "FAILOVER to \(target.host):\(target.port) time out exceeded, failing over.")
      handOver(to: target)
      return
    }
    guard let target = caughtUpReplica else { return }
    log(.notice, "Failover target \(target.host):\(target.port) is synced, failing over.")
    handOver(to: target)
  }

  /// Becomes the replica of the target, which PSYNC … FAILOVER is to make the master (`updateFailoverStatus` in
  /// replication.c).
  mutating func handOver(to target: Address) {
    replication.failover.target = target
    replication.failover.state = .inProgress
    let acknowledged = possibleTargets.compactMap { $0.replica?.acknowledged }.max() ?? 0
    emit(.decided(.handOver(to: target, acknowledged: acknowledged, offset: replication.offset)))
    becomeReplica(of: target, .handOver)
  }

  /// The replica that was asked for, or all of them.
  private var possibleTargets: [Client] {
    replication.replicas.compactMap { clients[$0] }.filter {
      replication.failover.target == nil || address(of: $0) == replication.failover.target
    }
  }

  private func address(of replica: Client) -> Address {
    Address(host: replicaIP(replica), port: replica.replica?.listeningPort ?? 0)
  }

  /// The replica that was asked for, or any, if it has acknowledged everything (`updateFailoverStatus` in
  /// replication.c).
  private var caughtUpReplica: Address? {
    possibleTargets.first { $0.replica?.acknowledged == replication.offset }.map(address(of:))
  }

  /// FAILOVER (`failoverCommand` in replication.c).
  mutating func receiveFailover(_ call: inout Call) {
    if call.arguments.count == 2, call.arguments[1].matches("abort") {
      if replication.failover.state == .none {
        call.reply.error("ERR No failover in progress.")
      } else {
        abortFailover("Failover manually aborted", .told)
        call.reply.ok()
      }
      return
    }
    guard let request = FailoverRequest(&call) else { return }
    if let refusal = refusal(of: request) {
      call.reply.error(refusal)
      return
    }
    if let target = request.target {
      log(.notice, "FAILOVER requested to \(target.host):\(target.port).")
    } else {
      log(.notice, "FAILOVER requested to any replica.")
    }
    replication.failover.state = .waitingForSync
    replication.failover.target = request.target
    replication.failover.isForced = request.isForced
    // One that does not fit wraps around in Redis, and has passed: it is given up at the next turn of the timer.
    replication.failover.deadline = request.timeout.map { $0 > .max - milliseconds ? now : now + .milliseconds($0) }
    pauseClients(.failover)
    emit(
      .decided(
        .awaitHandOver(
          to: request.target, offset: replication.offset, timeout: request.timeout, isForced: request.isForced)))
    call.reply.ok()
  }

  /// Why the failover can't begin, or nil (`failoverCommand`, `findReplica` in replication.c).
  private func refusal(of request: FailoverRequest) -> String? {
    if replication.failover.state != .none { return "ERR FAILOVER already in progress." }
    if !replication.isMaster { return "ERR FAILOVER is not valid when server is a replica." }
    if replication.replicas.isEmpty { return "ERR FAILOVER requires connected replicas." }
    if request.isForced, request.timeout == nil || request.target == nil {
      return "ERR FAILOVER with force option requires both a timeout and target HOST and IP."
    }
    guard let target = request.target else { return nil }
    let found = replication.replicas.lazy.compactMap { clients[$0] }.first {
      replicaIP($0) == target.host && $0.replica?.listeningPort == target.port
    }
    guard let found else { return "ERR FAILOVER target HOST and PORT is not a replica." }
    return found.replica?.state == .online ? nil : "ERR FAILOVER target replica is not online."
  }
}

/// `FAILOVER [TO host port [FORCE]] [TIMEOUT milliseconds]` (`failoverCommand` in replication.c).
private struct FailoverRequest {
  var target: Address?
  var timeout: Int64?
  var isForced = false

  /// nil: the reply says what is wrong.
  init?(_ call: inout Call) {
    let arguments = call.arguments
    var index = 1
    while index < arguments.count {
      if arguments[index].matches("timeout"), index + 1 < arguments.count, timeout == nil {
        guard let number = Integer.parse(arguments[index + 1]) else {
          call.reply.error("ERR value is not an integer or out of range")
          return nil
        }
        guard number > 0 else {
          call.reply.error("ERR FAILOVER timeout must be greater than 0")
          return nil
        }
        timeout = number
        index += 2
      } else if arguments[index].matches("to"), index + 2 < arguments.count, target == nil {
        guard let port = Integer.parse(arguments[index + 2]) else {
          call.reply.error("ERR value is not an integer or out of range")
          return nil
        }
        target = Address(host: arguments[index + 1].printed, port: Int(port))
        index += 3
      } else if arguments[index].matches("force"), !isForced {
        isForced = true
        index += 1
      } else {
        call.reply.error("ERR syntax error")
        return nil
      }
    }
  }
}

/// A planned handover from a master to one of its replicas (docs/PROTOCOL.md, 9).
package struct Failover: Equatable, Sendable {
  /// How far a failover is, by the names that INFO has for it (`getFailoverStateString` in replication.c).
  package enum State: String, Sendable {
    case none = "no-failover"
    /// Writes are paused until a replica has all.
    case waitingForSync = "waiting-for-sync"
    /// This node has become the target's replica and sends `PSYNC … FAILOVER`.
    case inProgress = "failover-in-progress"
  }
  package var state: State = .none
  package var target: Address?
  package var deadline: Instant?
  package var isForced = false

  package init() {}
}
