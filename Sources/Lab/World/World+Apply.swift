import Dissection
import Redis

extension World {
  /// The one way in which a world changes. The same world and the same action give the same step and the same world,
  /// byte for byte, in every process.
  ///
  /// - Throws: what is wrong and what to do about it; the world is then as it was.
  package mutating func apply(_ action: Action) throws(LabError) -> Step {
    var step = Step(number: number + 1, time: now, action: action)
    if hasRecording {
      try applyRecorded(action, &step)
    } else {
      try perform(action, &step)
    }
    settle(&step)
    number += 1
    step.time = now
    step.findChanges(in: &machines)
    return step
  }

  /// What follows from what was touched, and only from that: the prompt's clients get what is in flight for them, who has
  /// written all is told, connections that are over are forgotten, and what is due is found.
  mutating func settle(_ step: inout Step) {
    settleClients(&step)
    notifyWriters()
    noteUntold()
    let touched = links.takeTouched()
    seenLinks = 0
    let ids = touched.map { links[$0].id }
    // A closure would have a copy of the world.
    var over: [Int] = []
    for link in touched where isOver(link: link) { over.append(link) }
    links.remove(at: over)
    let changed = machines.takeTouched()
    guard !hasRecording else { return }
    // It looks at the world that it is taken out of.
    var due = schedule
    schedule = Schedule()
    due.update(changed, ids, &self)
    schedule = due
  }

  /// Nothing more can happen on the connection. One whose other end has lost its power is over once this end has closed
  /// it.
  private mutating func isOver(link: Int) -> Bool {
    links[inPlace: link].isOver() || isAlone(.opener, link) || isAlone(.acceptor, link)
  }

  /// The other end has lost its power, and this one is closed.
  private func isAlone(_ side: Side, _ link: Int) -> Bool {
    links[link, side].connection == nil && isDark(links[link, side.other].machine)
  }

  /// Tells processes that all they have written is delivered, on the links that were touched, and on those of a machine
  /// that takes other arrivals now than it did before.
  private mutating func notifyWriters() {
    var candidates = links.touchedInOrder
    for machine in machines.touchedInOrder {
      let takes = takesArrivals(machine)
      if machines[inPlace: machine].tookArrivals == takes { continue }
      machines[machine].tookArrivals = takes
      candidates += linksOfMachine(machine)
    }
    for link in candidates { notifyIfWritten(link) }
  }

  /// The links at which a machine's process is, in their order.
  func linksOfMachine(_ machine: Int) -> [Int] {
    machines[machine].sockets.links.compactMap(linkIndex).sorted()
  }

  /// Each of these throws, if it does, before it changes anything.
  private mutating func perform(_ action: Action, _ step: inout Step) throws(LabError) {
    switch action {
    case .next:
      guard let due = nextDue else {
        throw LabError("nothing is pending", advice: "only you can make something happen now")
      }
      now = due.time
      happen(due.what, &step)
    case .deliver(let link, let side): try deliver(link, towards: side, &step)
    case .advance(let time): try advance(to: time)
    case .pass(let time): try pass(to: time, &step)
    case .command(let node, let arguments): try command(node, arguments, &step)
    case .connectClient(let name, let node): try connect(name, to: node, &step)
    case .followMaster(let name, let master): try connect(name, toMaster: master, &step)
    case .disconnectClient(let name): try disconnect(name)
    case .start(let node, let launch): try start(node, launch, &step)
    case .stop(let node): try stop(node, &step)
    case .kill(let node): try kill(node, &step)
    case .cutPower(let node): try cutPower(node, &step)
    case .restart(let node): try restart(node, &step)
    case .disk(let node, let state): try setDisk(node, state, &step)
    case .pause(let node): try pause(node, &step)
    case .resume(let node): try resume(node, &step)
    case .cut(let link): try cut(link)
    case .partition(let a, let b): try partition(a, b)
    case .heal(let a, let b): try heal(a, b)
    case .lag(let link, let interval): try lag(link, interval)
    case .lagBetween(let a, let b, let interval): try lag(a, b, interval)
    case .cutPath(let from, let to): try cutPath(from: from, to: to)
    case .jitter(let a, let b, let interval): try jitter(a, b, interval)
    case .bandwidth(let a, let b, let bytes): try bandwidth(a, b, bytes)
    case .drop(let a, let b, let perMille): try drop(a, b, perMille: perMille)
    case .damageFile(let node, let file, let offset): try damage(node, file, at: offset)
    case .damagePacket(let link, let side, let count, let offset):
      try damage(link, towards: side, behind: count, at: offset)
    case .split(let link, let side, let count, let sizes): try split(link, towards: side, behind: count, sizes: sizes)
    case .skew(let node, let skew): try setSkew(node, skew, &step)
    case .nat(let node, let outside): try setOutside(node, outside)
    case .chunk(let node, let size): try chunk(node, size)
    case .fix(let node, let fix): try settle(node, fix, &step)
    case .crossing, .recordingEnds: throw LabError("only a recording has packets that come by themselves")
    }
  }

  mutating func happen(_ what: Due.What, _ step: inout Step) {
    switch what {
    case .kernel(let machine):
      step.cause = .kernel(node: machines[machine].name)
      if let input = machines[machine].inbox.popFirst() { handle(input, machine, &step) }
    case .timer(let machine):
      step.cause = .timer(node: machines[machine].name)
      handle(.wakeUp, machine, &step)
    case .arrival(let id, let side):
      if let link = linkIndex(id) { arrive(link, side, &step) }
    case .acknowledgement(let id, let side):
      guard let link = linkIndex(id) else { return }
      step.cause = .acknowledgement(id, by: links[link, side].party)
      let packets = links[link].conversation.fireDelayedAck(side.tcp, at: now.nanoseconds)
      transmit(packets, on: link, from: side)
    }
  }

  /// `choose`: the segment comes before what would have come first, so it comes at that event's time.
  private mutating func deliver(_ id: Link.ID, towards side: Side, _ step: inout Step) throws(LabError) {
    let index = try requireLink(id)
    guard let first = links[index, side].incoming.first else {
      throw LabError("nothing is in flight on link \(id) towards \(links[index, side].party.name)")
    }
    if isHeld(link: index, towards: side) {
      for end in [links[index].opener.party, links[index].acceptor.party] where isDark(end) {
        throw LabError(
          "\(end.name) has no power, so nothing arrives there", advice: "`restart \(end.name)` gives it back")
      }
      throw LabError(
        "a partition holds what is in flight on link \(id)",
        advice: "`heal \(links[index].opener.party.name) \(links[index].acceptor.party.name)` lets it pass")
    }
    now = max(now, min(first.arrival, nextEventTime ?? first.arrival))
    arrive(index, side, &step)
  }

  private mutating func advance(to time: Instant) throws(LabError) {
    guard time >= now else { throw LabError("the clock does not go backwards", advice: "`back` does") }
    if let next = nextEventTime, next < time {
      throw LabError("an event is due before that time")
    }
    now = time
  }
}
