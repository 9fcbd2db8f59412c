import Lab
import Redis

/// The words for a node's decisions, made here and nowhere else: what was decided, and the numbers that decided it.
package enum WhyView {
  /// `why`: all decisions of a step, or those of one node in it, each with its numbers.
  package static func lines(
    _ step: Step, of node: String? = nil, in world: World, width: Int = pageWidth
  ) -> [Line] {
    let lines = step.notes.flatMap { note -> [Line] in
      guard let decision = note.decision, node == nil || note.node == node else { return [] }
      return self.lines(decision, of: note.node, in: world, width: width)
    }
    return lines.isEmpty ? [Line("no node decided anything in this step", .dim)] : lines
  }

  /// One decision: who decided what, and why.
  package static func lines(
    _ decision: Decision, of node: String, in world: World, width: Int = pageWidth
  ) -> [Line] {
    let explanation = explanation(decision, of: node, in: world)
    return Line.filled("\(node): \(explanation.summary)", .heading, width: width)
      + explanation.details.flatMap { Line.filled($0, indent: 2, width: width) }
  }

  /// One sentence for the display of a step.
  package static func summary(_ decision: Decision, of node: String, in world: World) -> String {
    explanation(decision, of: node, in: world).summary
  }

  struct Explanation {
    var summary: String
    var details: [String] = []

    init(_ summary: String, _ details: String...) {
      self.summary = summary
      self.details = details
    }
  }

  static func explanation(_ decision: Decision, of node: String, in world: World) -> Explanation {
    let name = { (connection: ConnectionID) in replica(connection, of: node, in: world) }
    switch decision {
    case .connect(let address, let reason): return ofConnect(text(address), reason)
    case .cannotConnect(let address, let failure): return ofVainAttempt(address, failure)
    case .waitForCron(let address, let time): return ofWaiting(text(address), until: time)
    case .handshakeReply(let state, let reply, let outcome): return ofReply(state, reply, outcome)
    case .askForPart(let id, let offset, let ownHistory): return ofRequest(id, offset, ownHistory: ownHistory)
    case .askForAll: return ofRequestForAll
    case .adoptNewID(let old, let new, let offset): return ofNewID(old, new, offset)
    case .transferTarget(let target, let configured, let keys): return ofTarget(target, configured.rawValue, keys)
    case .serveWhileLoading(let serves, let own, let master): return ofLoading(serves, own, master)
    case .dropOwnReplicas(let count): return ofOwnReplicas(count)
    case .giveUpMaster(let state, let silent, let timeout): return ofSilence(state, silent, timeout)
    case .failMastersCommand(let command, let error): return ofFailure(command, error)
    case .refuseSync(let refusal): return ofRefusal(refusal)
    case .partialResync(let connection, let request, let verdict):
      return ofPartialResync(name(connection), request, verdict)
    case .beginHistory(let id, let offset): return ofHistory(id, offset)
    case .snapshot(let target, let replicas): return ofSnapshot(target, list(replicas.map(name)))
    case .delaySnapshot(let waited, let delay, let waiting, let enough):
      return ofDelay(waited, delay, waiting, enough)
    case .joinSnapshot(let connection, let offset): return ofJoining(name(connection), offset)
    case .waitForNextSnapshot(let connection, let reason): return ofNextSnapshot(name(connection), reason)
    case .online(let connection, let awaits): return ofOnline(name(connection), awaitsAcknowledgement: awaits)
    case .startStream(let connection, let kept): return ofStream(name(connection), kept)
    case .dropReplica(let connection, let reason): return ofDrop(name(connection), reason)
    case .freeBacklog(let idle, let ttl): return ofIdleBacklog(idle, ttl)
    case .awaitHandOver(let target, let offset, let timeout, let isForced):
      return ofFailover(to: target, offset, timeout, isForced)
    case .handOver(let target, let acknowledged, let offset): return ofHandOver(text(target), acknowledged, offset)
    case .abortFailover(let target, let end): return ofFailoverEnd(target.map(text) ?? "any replica", end)
    case .becomeMaster(let reason, let old, let new, let offset): return ofPromotion(reason, old, new, offset)
    case .subjectivelyDown(let kind, let name, let reason): return ofDown(kind, name, reason)
    case .objectivelyDown(let master, let sentinels, let quorum): return ofObjectivelyDown(master, sentinels, quorum)
    case .delayFailover(let master, let until): return ofFailoverDelay(master, until)
    case .vote(let runID, let epoch, let isOwn): return ofVote(runID, epoch, isOwn: isOwn)
    case .keepVote(let asked, let epoch, let given, let givenIn): return ofKeptVote(asked, epoch, given, givenIn)
    case .countVotes(let votes, let voters, let needed, let epoch, let isElected):
      return ofCount(votes, voters, needed, epoch, isElected: isElected)
    case .selectReplica(let master, let candidates, let chosen):
      return ofSelection(master, candidates, chosen: chosen)
    case .takeConfiguration(let master, let own, let told): return ofConfiguration(master, own, told)
    case .tilt(let milliseconds, let limit): return ofTilt(milliseconds, limit)
    case .rewrite(let rewriting): return ofRewriting(rewriting)
    case .waitForReplicas(let asked, let offset, let timeout, let replicas):
      return ofWait(asked, offset, timeout, replicas.map { progress($0, name) })
    case .answerWait(let end, let asked, let offset, let replicas):
      return ofWaitEnd(end, asked, offset, replicas, replicas.map { progress($0, name) })
    case .keyExpired(let key, let since, let outcome): return ofExpiry(key, since, outcome)
    case .deleteExpired(let count, let first, let database): return ofTimer(count, first, database)
    case .evict(let evicted): return ofEviction(evicted)
    case .refuseCommand(let refusal): return ofCommand(refusal)
    case .holdBack(let command, let reason): return ofHolding(command, reason)
    case .refuseConnection(let clients, let limit): return ofConnection(clients, limit)
    case .closeClient(let connection, let end): return ofClientEnd(client(connection, of: node, in: world), end)
    case .logIn(let user, let login): return ofLogin(user, login)
    case .requireLogIn(let command): return ofRequiredLogin(command)
    case .deny(let denied, let user): return ofDenial(denied, user)
    case .loaded(let report): return ofLoading(report)
    }
  }

  /// What to call a replica: its node's name, else its address.
  private static func replica(_ connection: ConnectionID, of node: String, in world: World) -> String {
    guard let client = world.machine(node)?.node?.clients[connection] else { return "a replica" }
    let port = client.replica?.listeningPort ?? 0
    if let machine = world.machines.first(where: { $0.address.port == port }) { return machine.name }
    return "the replica \(client.peer.host):\(port == 0 ? client.peer.port : port)"
  }

  /// What to call a client that is no replica: by its address, as long as it is there.
  private static func client(_ connection: ConnectionID, of node: String, in world: World) -> String {
    guard let peer = world.machine(node)?.node?.clients[connection]?.peer else { return "a client" }
    return "the client \(text(peer))"
  }

  package static func text(_ address: Address) -> String { "\(address.host):\(address.port)" }
}
