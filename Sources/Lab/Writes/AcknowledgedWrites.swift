import Dissection
import RESP
import Redis

/// The writes that clients were told of, where each of them is, and which are lost since when.
///
/// It is told from the steps, one after the other, when somebody asks; nothing is counted for it as they happen.
///
/// A write is a place in a history of replication, `id[offset]`. A node has it if its data descend from that history past
/// this place: a client's command does it (`told`), the stream brings it (`History`), a snapshot of a master that has it
/// is loaded, or a file that has it (`Files`). It is gone from there when the process ends, when a full sync replaces the
/// data, when the file is replaced or its end is lost. It is lost when nobody has it any more.
package struct AcknowledgedWrites: Sendable {
  package private(set) var writes: [AcknowledgedWrite] = []
  /// In the order of the world's machines.
  package internal(set) var holders: [WriteHolder] = []
  /// In the order in which they came about.
  package private(set) var losses: [WriteLoss] = []

  var histories: [String: WriteHistory] = [:]
  /// What the snapshots had that were begun: what a replica may write is in its own, and in no history.
  var snapshots: [Snapshot: RangeSet<Int>] = [:]
  /// How far replicas have acknowledged each history, by their names.
  private var acknowledged: [Acknowledgement: Int64] = [:]
  /// What this step has taken from somewhere, and what earlier ones have of which the only copy is on its way.
  var departures: [WriteLoss.Departure] = []

  /// Somebody has something since the last step that he had not, or will not get what was on its way to him.
  private var hasGained = false
  /// How often it was looked through what all have. It is not needed at most steps.
  private(set) var searches = 0

  /// What somebody has no more since the last step.
  private(set) var departed = RangeSet<Int>()

  struct Snapshot: Hashable {
    var node: String
    var place: AcknowledgedWrite.Place
  }

  private struct Acknowledgement: Hashable {
    var id: String
    var replica: String
  }

  package init() {}

  /// The step led to this world.
  package mutating func note(_ step: Step, _ world: World) {
    let late = departures.count
    departed = RangeSet()
    hasGained = false
    for machine in step.touchedMachines(in: world) { look(at: machine, step, world) }
    findLosses(step, world, late)
  }

  private mutating func look(at machine: Int, _ step: Step, _ world: World) {
    while holders.count <= machine { holders.append(WriteHolder(name: world.machines[holders.count].name)) }
    let (before, now) = (holders[machine].process, ProcessState(world.machines[machine]))
    let memory = holders[machine].memory
    defer {
      holders[machine].forgetReplaced(holders[machine].memory)
      let state = holders[machine].process?.state
      if holders[machine].memory != memory || state != before?.state { hasGained = true }
    }
    if let before, now?.isSameProcess(before) != true { processEnded(machine, before, step, world) }
    guard let now else { return noteFiles(of: machine, nil, before, RangeSet(), step, world) }
    if let before, now.isSameProcess(before) {
      processWentOn(machine, before, now, step, world)
    } else {
      processBegan(machine, now, step, world)
    }
    noteAcknowledgements(of: machine, now, step)
    noteWaits(of: machine, step, world)
  }

  // MARK: A process's life

  private mutating func processEnded(_ machine: Int, _ before: ProcessState, _ step: Step, _ world: World) {
    // Its last act may have been to save.
    noteFiles(of: machine, nil, before, RangeSet(), step, world)
    let isDark = !world.machines[machine].hasPower
    let isKilled = if case .kill = step.action { true } else { false }
    depart(machine, holders[machine].memory, isDark ? .powerLost : .processEnded(isKilled: isKilled))
    holders[machine].memory = RangeSet()
    holders[machine].process = nil
  }

  private mutating func processBegan(_ machine: Int, _ now: ProcessState, _ step: Step, _ world: World) {
    let node = world.machines[machine].node
    let candidates =
      node?.configuration.appendonly == true ? [now.base].compactMap(\.self) + now.increments : [now.snapshot]
    let files = candidates.filter { holders[machine].files[$0] != nil }
    var memory = RangeSet<Int>()
    for file in files {
      let count = world.machines[machine].disk.files[file]?.bytes.count ?? 0
      memory.formUnion(holders[machine].files[file]?.writes(upTo: count) ?? RangeSet())
    }
    holders[machine].memory = memory
    holders[machine].beginning = .init(step: step.number, files: files)
    holders[machine].process = now
    beginHistory(of: machine, now)
    noteFiles(of: machine, now, nil, RangeSet(), step, world)
  }

  private mutating func processWentOn(
    _ machine: Int, _ before: ProcessState, _ now: ProcessState, _ step: Step, _ world: World
  ) {
    let had = holders[machine].memory
    if now.isMaster, now.ids.current != before.ids.current { beginHistory(of: machine, now) }
    noteClientsWrites(machine, before, now, step, world)
    noteReload(machine, before, step)
    let loaded = followMaster(machine, before, now, world)
    let forks = now.child != before.child && now.child != nil
    if forks {
      let place = AcknowledgedWrite.Place(id: now.ids.current, offset: now.offset)
      snapshots[Snapshot(node: holders[machine].name, place: place)] = holders[machine].memory
    }
    holders[machine].process = now
    // What came with a snapshot was no command, and is in no increment.
    noteFiles(of: machine, now, before, holders[machine].memory.subtracting(had).subtracting(loaded), step, world)
    // The child before may have ended with the same step, and left its file.
    if forks { holders[machine].forked = holders[machine].memory }
  }

  // MARK: What clients did

  private mutating func noteClientsWrites(
    _ machine: Int, _ before: ProcessState, _ now: ProcessState, _ step: Step, _ world: World
  ) {
    guard now.dirty != before.dirty || now.offset != before.offset else { return }
    for reply in step.replies where node(of: reply.client, world) == machine {
      guard let request = reply.request, isWrite(request, answered: reply, step, world.machines[machine]) else {
        continue
      }
      let number = writes.count + 1
      var place: AcknowledgedWrite.Place?
      // A script may keep what it writes to itself (`redis.set_repl`).
      if now.isMaster, now.hasHistory, now.offset != before.offset {
        place = .init(id: now.ids.current, offset: offset(behind: reply.client, step, world) ?? now.offset)
      }
      writes.append(
        AcknowledgedWrite(
          number: number, client: reply.client, node: world.machines[machine].name, request: request, step: step.number,
          place: place))
      if let place {
        let databases = StreamStretch.databases(of: world.machines[machine], before, upTo: place.offset)
        histories[place.id]?.append(number, at: place.offset, databases: databases)
      }
      holders[machine].memory.insert(number)
    }
  }

  private func isWrite(_ request: [[UInt8]], answered reply: Step.Reply, _ step: Step, _ machine: Machine) -> Bool {
    guard let name = request.first, reply.bytes.first != UInt8(ascii: "-"),
      let command = machine.node?.configuration.commandNames.find(naming: request.map { Bytes($0) })
        ?? CommandTable.find(Bytes(name))
    else { return false }
    // Who has waited in vain has written nothing.
    if case .command(reply.client, _) = step.action {} else if reply.bytes.starts(with: "*-1".utf8) { return false }
    let mayWrite = command.flags.contains(.write) || command.flags.contains(.mayReplicate) || command.name == "exec"
    return mayWrite && command.name != "publish"
  }

  /// The machine at which one of the prompt's clients is.
  private func node(of client: String, _ world: World) -> Int? {
    world.machineIndex(client) ?? world.clients.first { $0.name == client }.flatMap { world.machineIndex($0.node) }
  }

  /// Where the stream was when the client's own command was over: what WAIT goes by. Of a client that was served with what
  /// another one wrote nothing is known but the end of the step.
  private func offset(behind client: String, _ step: Step, _ world: World) -> Int64? {
    guard case .command(client, _) = step.action else { return nil }
    return nodeClient(client, world)?.lastWriteOffset
  }

  private func nodeClient(_ client: String, _ world: World) -> Client? {
    guard let link = world.clientLink(client).flatMap(world.link), let connection = link.acceptor.connection,
      case .node(let node) = link.acceptor.party
    else { return nil }
    return world.machine(node)?.node?.clients[connection]
  }

  /// DEBUG RELOAD and DEBUG LOADAOF put what files have in the place of what is in memory.
  private mutating func noteReload(_ machine: Int, _ before: ProcessState, _ step: Step) {
    guard case .command(_, let words) = step.action, words.count > 1,
      step.reply?.first == UInt8(ascii: "+")
    else { return }
    let said = words.map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard said[0] == "debug", said[1] == "reload" && said.contains("nosave") else { return }
    let loaded: RangeSet<Int> =
      if case .whole(let writes, _, _, _)? = holders[machine].files[before.snapshot] { writes } else { RangeSet() }
    let stays = said.contains("noflush") ? holders[machine].memory : RangeSet()
    depart(machine, holders[machine].memory.subtracting(loaded.union(stays)), .reloaded(before.snapshot))
    holders[machine].memory = loaded.union(stays)
  }

  // MARK: What is known of the replicas

  private mutating func noteAcknowledgements(of machine: Int, _ now: ProcessState, _ step: Step) {
    guard !writes.isEmpty, now.isMaster else { return }
    for delivery in step.delivered where delivery.to == .node(holders[machine].name) {
      guard case .ack(let acknowledgement) = delivery.message.kind, case .node(let replica) = delivery.from else {
        continue
      }
      let key = Acknowledgement(id: now.ids.current, replica: replica)
      acknowledged[key] = max(acknowledged[key] ?? .min, acknowledgement.offset)
    }
  }

  /// WAIT speaks of all that its client has written so far.
  private mutating func noteWaits(of machine: Int, _ step: Step, _ world: World) {
    for reply in step.replies where node(of: reply.client, world) == machine {
      guard let request = reply.request, let name = request.first, reply.bytes.first == UInt8(ascii: ":"),
        String(decoding: name, as: UTF8.self).lowercased() == "wait",
        let count = Int(String(decoding: reply.bytes.dropFirst().dropLast(2), as: UTF8.self)), count > 0
      else { continue }
      for index in writes.indices.reversed() where writes[index].client == reply.client && writes[index].place != nil {
        if let waited = writes[index].waited, waited.count >= count { break }
        writes[index].waited = .init(count: count, step: step.number)
      }
    }
  }

  /// The replicas that have acknowledged a write, to whichever master, by their names. What a history began with is
  /// acknowledged with its first byte.
  package func acknowledgers(of write: AcknowledgedWrite) -> [String] {
    let names = acknowledged.filter { key, offset in
      if let place = write.place { return has(place, at: .init(id: key.id, offset: offset)) }
      return histories[key.id]?.beginning.contains(write.number) == true
    }.map(\.key.replica)
    return holders.map(\.name).filter { names.contains($0) && $0 != write.node }
  }

  // MARK: What is lost

  func machineHas(_ machine: Int, _ world: World) -> RangeSet<Int> {
    holders[machine].memory.union(holders[machine].kept(on: world.machines[machine].disk))
  }

  /// What somebody has, in memory or on a disk.
  package func kept(in world: World) -> RangeSet<Int> {
    holders.indices.reduce(into: RangeSet()) { $0.formUnion(machineHas($1, world)) }
  }

  mutating func depart(_ machine: Int, _ writes: RangeSet<Int>, _ cause: WriteLoss.Cause, file: String? = nil) {
    guard !writes.isEmpty else { return }
    departed.formUnion(writes)
    let departure = WriteLoss.Departure(node: holders[machine].name, file: file, cause: cause, writes: writes)
    departures.append(departure)
    if file == nil, cause.isReplacement { holders[machine].replaced.append(departure) }
  }

  /// What is on its way to a replica: the kernels deliver it, even if its sender is no more.
  package func flights(in world: World) -> [(to: String, writes: RangeSet<Int>)] {
    world.links.compactMap { link in
      guard case .node(let name) = link.opener.party, let machine = world.machine(name), let node = machine.node,
        let connection = link.opener.connection, let session = node.replication.session,
        session.connection == connection
      else { return nil }
      var count = link.opener.incoming.byteCount + link.conversation.unsent(.acceptor)
      for case .received(connection, let bytes) in machine.inbox { count += bytes.count }
      count += node.clients[connection]?.unappliedStream.count ?? 0
      guard count > 0 else { return nil }
      let end = session.offset +| Int64(count)
      let databases = node.configuration.databases
      return (name, stream(node.replication.ids.current, after: session.offset, upTo: end, databases: databases))
    }
  }

  /// - Parameter late: so many of the departures are of earlier steps.
  private mutating func findLosses(_ step: Step, _ world: World, _ late: Int) {
    guard departures.count > late || hasGained && !(departures.isEmpty && losses.isEmpty) else { return }
    searches += 1
    let kept = kept(in: world)
    // What has come up again somewhere was not lost.
    for index in losses.indices where !losses[index].writes.isDisjoint(kept) { losses[index].writes.subtract(kept) }
    losses.removeAll { $0.writes.isEmpty }
    guard !departures.isEmpty else { return }
    let gone = departures.reduce(into: RangeSet<Int>()) { $0.formUnion($1.writes) }.subtracting(kept)
    let flying = gone.isEmpty ? [] : flights(in: world)
    let lost = gone.subtracting(flying.reduce(into: RangeSet()) { $0.formUnion($1.writes) })
    defer { departures.removeAll { $0.writes.intersection(gone).subtracting(lost).isEmpty } }
    guard !lost.isEmpty else { return }
    let others = holders.compactMap { holder in
      holder.process.map {
        WriteLoss.Other(node: holder.name, isMaster: $0.isMaster, id: $0.ids.current, offset: $0.offset)
      }
    }
    // A file that goes may be one that had them longer than the memory.
    let files = departures.filter { $0.file != nil && !$0.writes.isDisjoint(lost) }
    let before = holders.indices.filter { machine in files.contains { $0.node == holders[machine].name } }
      .flatMap { holders[$0].replaced }.filter { earlier in
        !earlier.writes.isDisjoint(lost) && !departures.contains { $0.file == nil && $0.cause == earlier.cause }
      }
    for machine in holders.indices { holders[machine].forgetReplaced(lost) }
    losses.append(
      WriteLoss(
        step: step.number, writes: lost, departures: before + departures.filter { !$0.writes.isDisjoint(lost) },
        others: others,
        wasOnItsWay: late > 0 && departures[..<late].contains { !$0.writes.isDisjoint(lost) }))
  }

  /// Whether a node that took a write has been started again since.
  package func hasBegunAnew(_ node: String?, since write: AcknowledgedWrite) -> Bool {
    write.node == node && holders.first { $0.name == node }?.beginning.map { $0.step > write.step } ?? false
  }

  /// How many are lost at this moment.
  package var lostCount: Int { losses.reduce(0) { $0 + $1.writes.count } }

  /// The step at which a write was lost, if it was.
  package func loss(of number: Int) -> WriteLoss? { losses.first { $0.writes.contains(number) } }
}

/// Writes that nobody has any more.
package struct WriteLoss: Sendable {
  package let step: Int
  package internal(set) var writes: RangeSet<Int>
  /// From where the last copies went with this step, and why; of a node whose file was the last that had them, before that why they
  /// had gone from its memory.
  package let departures: [Departure]
  /// The processes that there were then, and how far each was in which history.
  package let others: [Other]
  /// The only copy was on its way to a replica, and has not arrived.
  package let wasOnItsWay: Bool

  package struct Departure: Sendable {
    package var node: String
    /// nil: from memory.
    package var file: String?
    package var cause: Cause
    package var writes: RangeSet<Int>
  }

  package enum Cause: Sendable, Hashable {
    case processEnded(isKilled: Bool)
    case powerLost
    /// The data were replaced by a snapshot of a master, which is this place of a history.
    case fullSync(master: String?, AcknowledgedWrite.Place)
    /// DEBUG RELOAD NOSAVE.
    case reloaded(String)
    /// Another file has its name now.
    case fileReplaced
    case fileDeleted

    /// Other data are in the place of those that went.
    var isReplacement: Bool {
      switch self {
      case .fullSync, .reloaded: true
      case .processEnded, .powerLost, .fileReplaced, .fileDeleted: false
      }
    }
  }

  package struct Other: Sendable {
    package var node: String
    package var isMaster: Bool
    package var id: String
    package var offset: Int64
  }
}

extension Step {
  /// Whose process or disk may be another than before, by their places in the world.
  func touchedMachines(in world: World) -> Range<Int> {
    let name: String? =
      switch cause {
      case .arrival(_, _, .node(let name), _), .timer(let name), .kernel(let name), .command(let name): name
      case .arrival, .acknowledgement: nil
      case .passage, .user: ""
      }
    guard let name else { return 0..<0 }
    return world.machineIndex(name).map { $0..<$0 + 1 } ?? world.machines.indices
  }
}
