import Lab
import Redis

/// The words for a node's decisions, made here and nowhere else: what was decided, and the numbers that decided it.
package enum WhyView {
  /// `why`: all decisions of a step, each with its numbers.
  package static func lines(_ step: Step, in world: World) -> [Line] {
    let lines = step.notes.flatMap { note -> [Line] in
      guard case .decision(let decision) = note.content else { return [] }
      return self.lines(decision, of: note.node, in: world)
    }
    return lines.isEmpty ? [Line("no node decided anything in this step", .dim)] : lines
  }

  /// One decision: who decided what, and why.
  package static func lines(_ decision: Decision, of node: String, in world: World) -> [Line] {
    let explanation = explanation(decision, of: node, in: world)
    return Line.filled("\(node): \(explanation.summary)", .heading)
      + explanation.details.flatMap { Line.filled($0, indent: 2) }
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
    case .connect, .waitForCron, .handshakeReply, .askForPart, .askForAll, .adoptNewID:
      return ofHandshake(decision)
    case .transferTarget, .serveWhileLoading, .dropOwnReplicas, .giveUpMaster: return ofTransfer(decision)
    case .refuseSync(let refusal): return ofRefusal(refusal)
    case .partialResync(let connection, let request, let verdict):
      return ofPartialResync(name(connection), request, verdict)
    case .beginHistory, .snapshot, .delaySnapshot, .joinSnapshot, .waitForNextSnapshot, .online, .startStream:
      return ofFullSync(decision, name)
    case .dropReplica(let connection, let reason): return ofDrop(name(connection), reason)
    case .freeBacklog(let idle, let ttl):
      return Explanation(
        "gives up its backlog, and its history with it",
        "There has been no replica for \(idle) s, and repl-backlog-ttl is \(ttl) s. A new replication id follows: nobody "
          + "could check any more what was in the old one.")
    case .refuseCommand(let refusal): return ofCommand(refusal)
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

  static func text(_ address: Address) -> String { "\(address.host):\(address.port)" }
}
