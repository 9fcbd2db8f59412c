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
