import Capture
import Dissection
import Lab
import Redis

/// What happened to nodes and connections that is no message: a picture writes it over their columns.
package struct TranscriptNote: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// Something is done to the network, a disk or a node from outside.
    case fault
    /// A process begins, or is no more.
    case begins, ends
    case decision
  }

  package var time: Instant
  package var kind: Kind
  /// Whom it is about.
  package var parties: [Party]
  package var text: String
}

/// A packet that matters by itself: it ends a connection, or refuses one.
package struct TranscriptPacket: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case fin, reset
    /// A SYN that is answered by a RST: nobody listens there.
    case refused
  }

  package var time: Instant
  package var link: Link.ID
  package var from: Party
  package var to: Party
  package var kind: Kind

  /// A recording does not tell who it was that nobody listened to: a replica as well as a client.
  private var isUnknown: Bool { if case .node(let name) = from { Participants.isClient(name) } else { false } }

  /// A line about it.
  package var text: String {
    switch kind {
    case .fin: "FIN, connection \(link) ends"
    case .reset: "RST, connection \(link) breaks"
    case .refused: (isUnknown ? "\(from.name): " : "") + "SYN, refused: RST"
    }
  }
}

// MARK: - What a step has of them

extension Step {
  /// The faults, deaths and decisions of a step, in their order.
  ///
  /// - Parameter conclusions: in a recording, what its bytes show.
  package func transcriptNotes(in world: World, conclusions: [Conclusion] = []) -> [TranscriptNote] {
    func note(_ kind: TranscriptNote.Kind, _ parties: [String], _ text: String) -> TranscriptNote {
      TranscriptNote(time: time, kind: kind, parties: parties.map { .node($0) }, text: text)
    }
    var notes: [TranscriptNote] = []
    if let done = action.noted { notes.append(note(done.kind, done.nodes, StepView.what(self, room: .max))) }
    if case .cut(let id) = action, let link = world.link(id) {
      notes.append(
        TranscriptNote(
          time: time, kind: .fault, parties: [link.opener.party, link.acceptor.party], text: "link \(id) is cut"))
    }
    if case .lag(let id, let lag) = action, let link = world.link(id) {
      notes.append(
        TranscriptNote(
          time: time, kind: .fault, parties: [link.opener.party, link.acceptor.party],
          text: "a packet takes \(lag.text) on link \(id)"))
    }
    if case .passage(let storm?) = cause { notes.append(note(.decision, [storm.node], StormView.text(of: storm))) }
    for own in self.notes {
      guard let decision = own.decision, decision.isInPictures else { continue }
      notes.append(
        note(.decision, [own.node], "\(own.node): \(WhyView.summary(decision, of: own.node, in: world))"))
    }
    for conclusion in conclusions where conclusion.isInPictures {
      notes.append(note(.decision, [conclusion.node], "\(conclusion.node): \(WhyView.summary(conclusion))"))
    }
    for loss in losses {
      notes.append(
        note(.fault, [loss.node], "\(loss.node) loses the last \(counted(loss.byteCount, "byte")) of \(loss.file)"))
    }
    // What a process does to itself.
    for change in changes where change.property == .life && action.noted?.nodes.contains(change.node) != true {
      let hasEnded = change.after != .text("running") && change.after != .text("paused")
      notes.append(note(hasEnded ? .ends : .begins, [change.node], "\(change.node) is \(change.after)"))
    }
    return notes
  }

  /// The FINs, RSTs and refusals among its packets.
  package func transcriptPackets(worlds: [World]) -> [TranscriptPacket] {
    let notable = packets.filter { $0.flags.contains(.fin) || $0.flags.contains(.reset) }
    guard !notable.isEmpty else { return [] }
    let ends = notable.count == 1 && packets.count == 1 ? [causeEnds] : PacketEnds.find(notable, in: worlds)
    return zip(notable, ends).compactMap { packet, ends in
      guard let ends else { return nil }
      // Linux answers a SYN to a port where nobody listens with a RST that has no number of its own.
      let isRefusal =
        packet.flags.contains(.reset) && packet.flags.contains(.acknowledgement) && packet.sequence == 0
      return TranscriptPacket(
        time: time, link: ends.link, from: isRefusal ? ends.to : ends.from, to: isRefusal ? ends.from : ends.to,
        kind: isRefusal ? .refused : packet.flags.contains(.reset) ? .reset : .fin)
    }
  }

  /// Its packets that crossed one link.
  package func packets(on link: Link.ID, worlds: [World]) -> [Packet] {
    if packets.count == 1, let ends = causeEnds { return ends.link == link ? packets : [] }
    return zip(packets, PacketEnds.find(packets, in: worlds)).compactMap { $1?.link == link ? $0 : nil }
  }

  private var causeEnds: PacketEnds? {
    guard case .arrival(let link, let from, let to, _) = cause else { return nil }
    return PacketEnds(link: link, from: from, to: to)
  }
}

/// Whose packets these are.
private struct PacketEnds {
  var link: Link.ID
  var from: Party
  var to: Party

  static func find(_ packets: [Packet], in worlds: [World]) -> [PacketEnds?] {
    struct Ports: Hashable {
      var source: Int
      var destination: Int
    }
    guard !packets.isEmpty else { return [] }
    var byPorts: [Ports: PacketEnds] = [:]
    for world in worlds {
      for link in world.links {
        let (opener, acceptor) = (link.opener, link.acceptor)
        byPorts[Ports(source: opener.address.port, destination: acceptor.address.port)] = PacketEnds(
          link: link.id, from: opener.party, to: acceptor.party)
        byPorts[Ports(source: acceptor.address.port, destination: opener.address.port)] = PacketEnds(
          link: link.id, from: acceptor.party, to: opener.party)
      }
    }
    return packets.map {
      byPorts[Ports(source: Int($0.source.port), destination: Int($0.destination.port))]
    }
  }
}

extension Action {
  /// What is done from outside, and to which nodes; nil for what happens by itself or is seen otherwise.
  fileprivate var noted: (kind: TranscriptNote.Kind, nodes: [String])? {
    switch self {
    case .start(let node, _), .restart(let node): (.begins, [node])
    case .kill(let node), .cutPower(let node): (.ends, [node])
    case .stop(let node), .pause(let node), .resume(let node), .damageFile(let node, _, _): (.fault, [node])
    case .disk(let node, _), .skew(let node, _), .nat(let node, _): (.fault, [node])
    case .partition(let a, let b), .heal(let a, let b), .jitter(let a, let b, _), .bandwidth(let a, let b, _),
      .drop(let a, let b, _):
      (.fault, [a, b])
    case .cutPath(let a, let b), .lagBetween(let a, let b, _): (.fault, [a, b])
    case .damagePacket: (.fault, [])
    case .next, .deliver, .advance, .pass, .command, .connectClient, .disconnectClient, .followMaster, .cut, .lag,
      .split,
      .chunk, .fix, .crossing, .recordingEnds:
      nil
    }
  }
}

extension Decision {
  /// Whether a picture has it: the choices that lead somewhere, and not those that the next message says anyway.
  fileprivate var isInPictures: Bool {
    switch kind {
    case .cannotConnect, .adoptNewID, .dropOwnReplicas, .failMastersCommand, .refuseSync, .partialResync, .snapshot,
      .joinSnapshot, .waitForNextSnapshot, .awaitHandOver, .handOver, .abortFailover, .becomeMaster, .subjectivelyDown,
      .objectivelyDown, .delayFailover, .vote, .countVotes, .selectReplica, .takeConfiguration, .tilt, .evict,
      .dropReplica,
      .giveUpMaster, .freeBacklog, .refuseCommand, .refuseConnection, .closeClient:
      true
    case .connect, .waitForCron, .handshakeReply, .askForPart, .askForAll, .transferTarget, .serveWhileLoading,
      .beginHistory, .delaySnapshot, .online, .startStream, .keepVote, .rewrite, .waitForReplicas, .answerWait,
      .keyExpired,
      .deleteExpired, .loaded, .holdBack, .logIn, .requireLogIn, .deny:
      false
    }
  }
}

extension Conclusion {
  /// The same of a recording.
  fileprivate var isInPictures: Bool {
    switch kind {
    case .sendsAll, .goesOn, .asksToTakeOver: true
    case .asksForAll, .asksForPart, .asksTheOldWay, .sendsForm, .refuses, .ends: false
    }
  }
}
