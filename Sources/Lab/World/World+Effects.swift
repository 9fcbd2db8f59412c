import Dissection
import RESP
import Redis

// What a node learns, and what it does about it.

extension World {
  /// Gives a node an input, and carries out what follows.
  mutating func handle(_ input: Input, _ machine: Int, _ step: inout Step) {
    guard machines[machine].life.isAlive else { return }
    step.noteProperties(of: machine, &machines)
    tellRoom(machine)
    for effect in machines[machine].handle(input, at: now, patience) {
      carryOut(effect, of: machine, &step)
      // What follows a process's end has nobody to do it, even if another server is there by now.
      if case .exit = effect { break }
    }

    if case .closed(let connection, _) = input, let end = linkEnd(of: machine, connection) {
      // A node forgets a connection whose peer is gone, and its end is closed with that.
      close(end.index, end.side)
    }
    if case .received(let connection, _) = input { setNoDelay(connection, machine) }
    readAll(machine)
  }

  /// How much the kernel has of what a node wrote to each replica, so that the node knows what a write of its own will
  /// find. It is another amount only on links that were touched.
  private mutating func tellRoom(_ machine: Int) {
    noteUntold()
    guard !machines[machine].untold.isEmpty else { return }
    for id in machines[machine].untold {
      guard let link = linkIndex(id), let connection = links[link].acceptor.connection else { continue }
      let count = links[inPlace: link].undelivered(.acceptor)
      if machines[machine].node?.note(heldByKernel: count, of: connection) == true { links[inPlace: link].told = count }
    }
    machines[machine].untold.removeAll(keepingCapacity: true)
  }

  /// Looks through the links that were touched for those that lead from a master to a replica, which opened it.
  mutating func noteUntold() {
    while seenLinks < links.touched.count {
      let link = links.touched[seenLinks]
      seenLinks += 1
      guard let connection = links[link].acceptor.connection, let machine = links[link].acceptor.machine else {
        continue
      }
      // A link of the prompt's leads to a replica where somebody has typed PSYNC there.
      let mayBeReplica = links[link].isReplication || machines[inPlace: machine].node?.knowsReplica(connection) == true
      guard mayBeReplica, links[link].told != links[inPlace: link].undelivered(.acceptor) else { continue }
      let id = links[link].id
      let place = machines[machine].untold.partitioningIndex { $0 >= id }
      if place < machines[machine].untold.count, machines[machine].untold[place] == id { continue }
      machines[machine].untold.insert(id, at: place)
    }
  }

  /// Redis sets TCP_NODELAY on a connection when it makes a client of it, so a replica's link has it once its handshake
  /// and transfer are over.
  private mutating func setNoDelay(_ connection: ConnectionID, _ machine: Int) {
    guard connection.origin == .opened, machines[machine].node?.clients.index(forKey: connection) != nil,
      let end = linkEnd(of: machine, connection)
    else { return }
    links[end.index].conversation.setNoDelay(true, end.side.tcp)
  }

  /// Gives a node an input now if it can take it, or as soon as it can: after what waits already, and not while paused.
  mutating func offer(_ input: Input, _ machine: Int, _ step: inout Step) {
    if machines[machine].life == .running, machines[machine].inbox.isEmpty {
      handle(input, machine, &step)
    } else if machines[machine].life.isAlive {
      machines[machine].inbox.append(input)
    }
  }

  private mutating func carryOut(_ effect: Effect, of machine: Int, _ step: inout Step) {
    // An effect that follows the process's own end has nobody to carry it out for.
    guard machines[machine].life.isAlive else { return }
    let name = machines[machine].name
    switch effect {
    case .open(let connection, let address): open(connection, to: address, of: machine)
    case .send(let connection, let bytes):
      if let end = linkEnd(of: machine, connection) { send(bytes, on: end.index, from: end.side, &step) }
    case .notifyWhenWritten(let connection):
      if let end = linkEnd(of: machine, connection) {
        links[end.index, end.side].awaitsWritten = true
        let count = links[end.index].undelivered(end.side)
        links[end.index, end.side].wasFull = count >= ReplicaSession.socketBuffer
        notifyIfWritten(end.index)
      }
    case .close(let connection):
      if let end = linkEnd(of: machine, connection) { close(end.index, end.side) }
    case .file(let operation): machines[machine].disk.perform(operation, at: now)
    case .listen(let port):
      listen(machine, on: port == 0 ? nil : port)
      machines[machine].address.port = port
    case .log(let entry): step.notes.append(Note(node: name, content: .log(entry)))
    case .decided(let decision):
      step.notes.append(Note(node: name, content: .decision(decision)))
      if case .failMastersCommand(let command, let error) = decision { step.markFailure(of: command, by: name, error) }
    case .exit(let code):
      let (delay, process) = (machines[machine].node?.restart, machines[machine].node?.processID)
      endProcess(machine, .ended(code: code))
      if let delay, let process { execute(machine, as: process, after: delay, &step) }
    }
  }
}
