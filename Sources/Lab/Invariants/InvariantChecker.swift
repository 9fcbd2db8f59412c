import RESP
import Redis

/// Looks after every step whether what must hold does (`check on`).
///
/// What a step touched is looked at, and nothing else: a replica is held to its master where something came or went on the link
/// between them, or one of them has become something else.
struct InvariantChecker: Sendable {
  /// The moment that was looked at last.
  private(set) var moment: Int
  private(set) var writes: AcknowledgedWrites
  /// What is broken at this moment, by its name; of what a step did not touch, since an earlier one.
  private(set) var standing: [String: BrokenInvariant] = [:]
  /// What the last step broke, in a fixed order.
  private(set) var fresh: [BrokenInvariant] = []
  /// The last step that explains that fewer have a write than did.
  private var lastFault = 0
  /// How often the data of each machine's process had been changed when it was looked at last.
  private var dirty: [Int: Int64] = [:]
  /// The machines that took writes when they were looked at last.
  private var accepting: Set<Int> = []
  /// When replicas were last found to have the very data of their masters.
  private var compared: [String: Compared] = [:]

  /// How many times in a row each replica was told to take everything, and by whom.
  private var syncs: [String: (master: String, count: Int)] = [:]

  /// So many full syncs in a row have led to nothing.
  private static let mostSyncs = 3
  /// So many keys are compared at every step; where there are more, only when that is asked for.
  var mostKeys = 1_000

  init() { (moment, writes) = (0, AcknowledgedWrites()) }

  /// The step led to this world, and is the next one after that which was looked at last.
  mutating func note(_ step: Step, _ world: World) {
    moment = step.number
    if step.action.isFault {
      lastFault = step.number
      syncs = [:]
    }
    noteSyncs(step)
    writes.note(step, world)
    let machines = Array(step.touchedMachines(in: world))
    let touched = machines.map { world.machines[$0].name }
    // DEBUG may change data of which neither an offset nor a count tells.
    if step.action.isFault { compared = [:] }
    let pairs = pairs(of: machines, step, world)
    let looked = Set(pairs.map { world.machines[$0.replica].name })
    // What is said of a replica whose master alone did something holds as long as nobody has looked.
    let isWide = Self.isWide(step)
    var broken = standing.filter { _, fault in
      guard let replica = fault.replica, !isWide else { return fault.nodes.allSatisfy { !touched.contains($0) } }
      return !touched.contains(replica) && !looked.contains(replica)
    }
    var found = pairs.flatMap { findings($0, world) }
    broken = broken.filter { !$0.value.isOfPromise }
    found += brokenPromises()
    for (replica, sync) in syncs where sync.count >= Self.mostSyncs {
      found.append(.endlessSync(replica: replica, master: sync.master, count: sync.count))
    }
    let accepted = accepting
    for machine in machines {
      if Self.acceptsWrites(machine, world) { accepting.insert(machine) } else { accepting.remove(machine) }
    }
    if accepting != accepted
      || step.changes.contains(where: { [.role, .life, .replid, .replicas].contains($0.property) })
      || standing.values.contains(where: \.isOfMasters)
    {
      broken = broken.filter { !$0.value.isOfMasters }
      found += twoMasters(world)
    }
    for one in found { broken[one.name] = one }
    fresh = broken.keys.filter { standing[$0] == nil }.sorted().compactMap { broken[$0] }
    standing = broken
  }

  // MARK: A replica and its master

  /// A replica and the master that feeds it, both ends being of one mind about that.
  private struct Pair {
    var replica: Int
    var master: Int
    var link: Link
    var session: ReplicaSession
  }

  /// As long as these are the same, so are the data.
  private struct Compared: Equatable {
    var place: AcknowledgedWrite.Place
    /// What clients and scripts have changed, be it in the stream or not.
    var dirty: Int64
    var mastersDirty: Int64
  }

  /// All who have to do with the machines that the step touched have to be looked at, not only those on whose links it was.
  private static func isWide(_ step: Step) -> Bool {
    step.action.isFault
      || step.changes.contains { [.role, .life, .replid, .replicas, .link, .state].contains($0.property) }
  }

  private mutating func pairs(of machines: [Int], _ step: Step, _ world: World) -> [Pair] {
    guard !machines.isEmpty else { return [] }
    var ids = Set(step.delivered.map(\.link) + step.sent.map(\.link))
    switch step.cause {
    case .arrival(let link, _, _, _), .acknowledgement(let link, _): ids.insert(link)
    default: break
    }
    let isWide = Self.isWide(step)
    for machine in machines {
      guard let node = world.machines[machine].node else { continue }
      // A script can change data and keep that from the replicas.
      let hasChanged = dirty.updateValue(node.dirty, forKey: machine) != node.dirty
      if isWide || hasChanged {
        ids.formUnion(world.machines[machine].sockets.links)
      } else if let connection = node.replication.session?.connection,
        let link = world.machines[machine].sockets[connection]
      {
        ids.insert(link)
      }
    }
    return ids.sorted().compactMap { world.linkIndex($0) }.compactMap { pair(on: $0, world) }
  }

  private func pair(on index: Int, _ world: World) -> Pair? {
    let link = world.links[index]
    guard case .node(let replica) = link.opener.party, case .node(let master) = link.acceptor.party,
      let opener = link.opener.connection, let acceptor = link.acceptor.connection,
      let a = world.machineIndex(replica), let b = world.machineIndex(master),
      world.machines[a].node?.replication.session?.connection == opener,
      let session = world.machines[b].node?.clients[acceptor]?.replica, session.state == .online
    else { return nil }
    return Pair(replica: a, master: b, link: link, session: session)
  }

  private mutating func findings(_ pair: Pair, _ world: World) -> [BrokenInvariant] {
    guard let replica = world.machines[pair.replica].node, let master = world.machines[pair.master].node,
      let followed = replica.replication.session
    else { return [] }
    let (name, masterName) = (world.machines[pair.replica].name, world.machines[pair.master].name)
    let offset = master.replication.session?.offset ?? master.replication.offset
    guard replica.replication.ids.current == master.replication.ids.current else {
      return [
        .otherHistory(
          replica: name, id: replica.replication.ids.current, master: masterName,
          masterID: master.replication.ids.current)
      ]
    }
    guard followed.offset <= offset else {
      return [.ahead(replica: name, offset: followed.offset, master: masterName, masterOffset: offset)]
    }
    var found = bytes(pair, replica, followed, world)
    let moment = Compared(
      place: .init(id: master.replication.ids.current, offset: offset), dirty: replica.dirty, mastersDirty: master.dirty
    )
    let isComparable =
      followed.offset == offset && !replica.isStalled && !master.isStalled && replica.configuration.replicaReadOnly
      && (master.replication.isMaster || master.configuration.replicaReadOnly)
    if isComparable, compared[name] != moment, max(replica.databases.keyCount, master.databases.keyCount) <= mostKeys {
      if replica.digest == master.digest {
        compared[name] = moment
      } else {
        found.append(.otherData(replica: name, master: masterName, offset: offset))
      }
    }
    return found
  }

  /// The offsets that both count, and the bytes on the wire between them.
  private func bytes(_ pair: Pair, _ replica: Node, _ followed: MasterSession, _ world: World) -> [BrokenInvariant] {
    guard let whole = pair.link.dissector.ledger.sent, let connection = pair.link.opener.connection,
      !replica.isStalled, !pair.session.isPrePsync
    else { return [] }
    let sent = whole +| Int64(pair.link.dissector.pendingByteCount(.acceptor))
    var unapplied = replica.clients[connection]?.unappliedStream.count ?? 0
    for case .received(connection, let bytes) in world.machines[pair.replica].inbox { unapplied += bytes.count }
    guard followed.offset +| Int64(unapplied) == sent else {
      return [
        .bytesReceived(
          replica: world.machines[pair.replica].name, offset: followed.offset, unapplied: unapplied, sent: sent,
          link: pair.link.id)
      ]
    }
    // What was under way is gone where somebody has cut the connection.
    let isReset = [pair.link.opener, pair.link.acceptor].contains { end in
      end.incoming.first.map { PacketKind($0.packet) == .reset } ?? false
    }
    guard let next = pair.session.next, !isReset else { return [] }
    let inFlight = pair.link.opener.incoming.byteCount + pair.link.conversation.unsent(.acceptor)
    guard next -| 1 == sent +| Int64(inFlight) else {
      return [
        .bytesSent(
          master: world.machines[pair.master].name, replica: world.machines[pair.replica].name, offset: next -| 1,
          inFlight: inFlight, sent: sent, link: pair.link.id)
      ]
    }
    return []
  }

  // MARK: A sync after the other

  /// What somebody does may lead to a full sync; what is left alone should not, again and again.
  private mutating func noteSyncs(_ step: Step) {
    for delivery in step.delivered {
      guard case .node(let replica) = delivery.to, case .node(let master) = delivery.from else { continue }
      switch delivery.message.kind {
      case .fullResync: syncs[replica] = (master, (syncs[replica]?.count ?? 0) + 1)
      case .stream, .streamPing, .streamSelect: syncs[replica] = nil
      default: break
      }
    }
  }

  // MARK: WAIT

  /// A client was told that its write is on so many replicas, and that is no longer so, with nothing to explain it.
  private func brokenPromises() -> [BrokenInvariant] {
    let before = standing.values.compactMap { if case .fewerReplicas(let write, _, _) = $0 { write } else { nil } }
    return (writes.departed.numbers + before).compactMap { number in
      let write = writes.writes[number - 1]
      guard let waited = write.waited, waited.step > lastFault else { return nil }
      let left = writes.holders.count { $0.name != write.node && $0.memory.contains(number) }
      return left < waited.count ? .fewerReplicas(write: number, promised: waited.count, left: left) : nil
    }
  }

  // MARK: Who accepts writes

  private static func acceptsWrites(_ machine: Int, _ world: World) -> Bool {
    world.machines[machine].life == .running && world.machines[machine].node?.acceptsWrites == true
  }

  private func twoMasters(_ world: World) -> [BrokenInvariant] {
    let masters = world.machines.indices.filter { Self.acceptsWrites($0, world) }
    var found: [BrokenInvariant] = []
    for (place, first) in masters.enumerated() {
      for second in masters[(place + 1)...] {
        guard let a = world.machines[first].node?.replication.ids.current,
          let b = world.machines[second].node?.replication.ids.current
        else { continue }
        let parting = writes.parting(of: a, and: b)
        // A node that has started from an append-only file knows of no history; its data do.
        guard parting != nil || !writes.holders[first].memory.isDisjoint(writes.holders[second].memory) else {
          continue
        }
        found.append(.twoMasters(world.machines[first].name, world.machines[second].name, parting: parting))
      }
    }
    return found
  }
}

extension BrokenInvariant {
  /// Whose data or offsets are not what they should be.
  fileprivate var replica: String? {
    switch self {
    case .otherHistory(let replica, _, _, _), .ahead(let replica, _, _, _), .otherData(let replica, _, _),
      .bytesSent(_, let replica, _, _, _, _), .bytesReceived(let replica, _, _, _, _):
      replica
    case .endlessSync, .fewerReplicas, .twoMasters: nil
    }
  }

  fileprivate var isOfPromise: Bool { if case .fewerReplicas = self { true } else { false } }
  fileprivate var isOfMasters: Bool { if case .twoMasters = self { true } else { false } }
}

extension Action {
  /// Whether it may be the reason that fewer nodes have what more had: whatever is more than writing, reading and letting
  /// things happen.
  var isFault: Bool {
    switch self {
    case .next, .advance, .pass, .connectClient, .disconnectClient, .start, .chunk, .fix, .split, .crossing,
      .recordingEnds:
      return false
    case .command(_, let words):
      let name = words.first.map { String(decoding: $0, as: UTF8.self).lowercased() } ?? ""
      return [
        "replicaof", "slaveof", "failover", "shutdown", "debug", "config", "client", "psync", "sync", "replconf",
      ].contains(name)
    default: return true
    }
  }
}
