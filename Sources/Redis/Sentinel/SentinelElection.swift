import OrderedCollections
import RESP

// Who of the Sentinels replaces the master: whoever most of them vote for in an epoch. Each votes once an epoch, for the first
// that asks.

extension Node {
  /// Votes for a Sentinel, if this one has not voted in that epoch or a later one; returns the vote that holds
  /// (`sentinelVoteLeader` in sentinel.c).
  mutating func vote(_ name: String, for runID: String, epoch: UInt64) -> (leader: String?, epoch: UInt64) {
    guard let master = sentinel.masters[name] else { return (nil, 0) }
    if epoch > sentinel.currentEpoch {
      sentinel.currentEpoch = epoch
      flushSentinelConfig()
      sentinelEvent(.warning, "+new-epoch", text: "\(epoch)")
    }
    if master.instance.leaderEpoch < epoch, sentinel.currentEpoch <= epoch {
      sentinel.masters[name]?.instance.leader = runID
      sentinel.masters[name]?.instance.leaderEpoch = epoch
      flushSentinelConfig()
      emit(.decided(.vote(for: runID, epoch: epoch, isOwn: runID == sentinel.id)))
      sentinelEvent(.warning, "+vote-for-leader", text: "\(runID) \(sentinel.currentEpoch)")
      if runID.asciiLowercased() != sentinel.id {
        delayFailover(of: name)
      }
    } else {
      emit(
        .decided(.keepVote(asked: runID, epoch: epoch, given: master.instance.leader, in: master.instance.leaderEpoch)))
    }
    return (sentinel.masters[name]?.instance.leader, sentinel.masters[name]?.instance.leaderEpoch ?? 0)
  }

  /// Another failover has to wait from now on, and up to a second more, so that not all Sentinels begin at once.
  mutating func delayFailover(of name: String) {
    let start = milliseconds +| Int64(random.next() % 1_000)
    sentinel.masters[name]?.failoverStart = start
  }

  /// The Sentinel for which more than half of all voted, and as many as the quorum; this one's own vote, if it has not voted, goes
  /// to who is ahead, or to itself (`sentinelGetLeader`, `sentinelLeaderIncr` in sentinel.c).
  mutating func leader(of name: String, epoch: UInt64) -> String? {
    guard let master = sentinel.masters[name] else { return nil }
    var votes: OrderedDictionary<String, Int> = [:]
    for other in master.sentinels.values where other.leaderEpoch == sentinel.currentEpoch {
      if let leader = other.leader { votes[leader, default: 0] += 1 }
    }
    let ahead = votes.max { $0.value < $1.value }?.key
    let own = vote(name, for: ahead ?? sentinel.id, epoch: epoch)
    if let leader = own.leader, own.epoch == epoch { votes[leader, default: 0] += 1 }
    let voters = master.sentinels.count + 1
    let needed = max(voters / 2 + 1, master.quorum)
    let winner = votes.max { $0.value < $1.value }.flatMap { $0.value >= needed ? $0.key : nil }
    emit(
      .decided(
        .countVotes(
          votes.map { Decision.Votes(for: $0.key, count: $0.value) }, voters: voters, needed: needed, epoch: epoch,
          isElected: winner?.asciiLowercased() == sentinel.id)))
    return winner
  }
}
