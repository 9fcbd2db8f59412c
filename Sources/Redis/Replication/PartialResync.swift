import RESP

/// Whether a replica that lost its link can go on from where it was: the whole decision and nothing else (docs/PROTOCOL.md,
/// 2; `masterTryPartialResynchronization` in replication.c).
///
///     PSYNC R N      R: the history that the replica followed, N: the first byte that it has not got
///
///     1. the same history?   R is the current id, or R is the second one and N no later than it vouches for
///     2. still there?        firstByte ≤ N ≤ firstByte + length; the upper end is "I have missed nothing"
package struct PartialResync: Hashable, Sendable {
  /// What was asked for.
  package var id: String
  package var offset: Int64
  /// What the master is, and what it has on offer; nil: no backlog.
  package var ids: ReplicationID
  package var firstByte: Int64?
  package var length: Int64
  package var masterOffset: Int64

  package enum Verdict: Hashable, Sendable {
    /// Bytes of history that the replica is sent.
    case accepted(bytes: Int64)
    /// R is `?`: the replica has no history and wants everything.
    case fullRequested
    case unknownID
    /// R was this node's id once, but the histories had parted before N.
    case beyondSecondID
    case noBacklog
    /// N is older than what is kept.
    case tooOld
    /// N is newer than what the master ever wrote.
    case tooNew
  }

  package init(id: String, offset: Int64, of replication: Replication) {
    self.id = id
    self.offset = offset
    ids = replication.ids
    firstByte = replication.backlog?.firstByte
    length = replication.backlog?.length ?? 0
    masterOffset = replication.offset
  }

  /// What the master answers (`masterTryPartialResynchronization` in replication.c).
  package var verdict: Verdict {
    let isCurrent = Self.same(id, ids.current)
    let isSecond = Self.same(id, ids.second)
    guard isCurrent || (isSecond && offset <= ids.secondOffset) else {
      if id.utf8.first == UInt8(ascii: "?") { return .fullRequested }
      return isSecond ? .beyondSecondID : .unknownID
    }
    guard let firstByte else { return .noBacklog }
    if offset < firstByte { return .tooOld }
    if offset > firstByte +| length { return .tooNew }
    return .accepted(bytes: length == 0 ? 0 : length -| (offset -| firstByte))
  }

  /// Redis compares ids without regard to case.
  private static func same(_ a: String, _ b: String) -> Bool {
    a.bytes.elementsEqual(b.bytes) { asciiLowercase($0) == asciiLowercase($1) }
  }
}
