import Capture
import Dissection
import Redis

/// An event that has not happened yet, as `info pending` and `choose` number them.
package struct Pending: Sendable, Hashable {
  package var time: Instant
  package var event: Event
  /// How many packets of the same link and direction come before it, whatever is chosen: it is TCP.
  package var place = 0

  package enum Event: Sendable, Hashable {
    /// The kernel tells a node something about one of its connections.
    case kernel(node: String)
    /// A packet arrives, unless it is `held` by a partition.
    case arrival(Link.ID, towards: Side, held: Bool)
    /// A kernel acknowledges what it had put off to acknowledge.
    case acknowledgement(Link.ID, by: Party)
    case timer(node: String)
  }
}

extension World {
  /// The order of events: by time, then by class, then by `tie`.
  struct Due: Comparable {
    var time: Instant
    /// At the same time, what a kernel already holds comes first, then what arrives, then what a timer does.
    var rank: UInt8
    var tie: UInt64
    var what: What

    enum What {
      case kernel(machine: Int)
      case arrival(link: Int, side: Side)
      case acknowledgement(link: Int, side: Side)
      case timer(machine: Int)
    }

    static func < (a: Self, b: Self) -> Bool { (a.time, a.rank, a.tie) < (b.time, b.rank, b.tie) }
    static func == (a: Self, b: Self) -> Bool { (a.time, a.rank, a.tie) == (b.time, b.rank, b.tie) }
  }

  /// Every event that is due at some time: at most one for each queue, since queues keep their order.
  func forEachDue(_ body: (Due) -> Void) {
    for (index, machine) in machines.enumerated() where machine.life == .running {
      if !machine.inbox.isEmpty { body(Due(time: now, rank: 0, tie: UInt64(index), what: .kernel(machine: index))) }
      if let wakeup = machine.wakeup {
        body(Due(time: max(wakeup, now), rank: 3, tie: UInt64(index), what: .timer(machine: index)))
      }
    }
    for index in links.indices {
      if let (side, deadline) = links[index].conversation.nextDelayedAck {
        let time = max(Instant(microseconds: deadline / 1_000), now)
        let what = Due.What.acknowledgement(link: index, side: Side(side))
        body(Due(time: time, rank: 2, tie: UInt64(index), what: what))
      }
      if isHeld(link: index) { continue }
      for side in Side.allCases {
        if let first = links[index][side].incoming.first {
          let what = Due.What.arrival(link: index, side: side)
          body(Due(time: max(first.arrival, now), rank: 1, tie: first.sequence, what: what))
        }
      }
    }
  }

  /// The event that happens next, if any.
  var nextDue: Due? {
    var earliest: Due?
    forEachDue { due in if earliest.map({ due < $0 }) ?? true { earliest = due } }
    return earliest
  }

  /// When the next event happens, nil while only the user can make something happen.
  package var nextEventTime: Instant? { nextDue?.time }

  /// All that is pending, in the order in which it will happen if nothing else comes up, and at the end what partitions
  /// hold.
  package var pending: [Pending] {
    var due: [Due] = []
    forEachDue { event in
      if case .arrival = event.what { return }
      due.append(event)
    }
    var events = due.map { ($0, Pending(time: $0.time, event: event($0.what))) }
    for link in links.indices {
      let held = isHeld(link: link)
      for side in Side.allCases {
        for (place, flight) in links[link][side].incoming.enumerated() {
          let time = max(flight.arrival, now)
          let due = Due(
            time: time, rank: held ? .max : 1, tie: flight.sequence, what: .arrival(link: link, side: side))
          let event = Pending.Event.arrival(links[link].id, towards: side, held: held)
          events.append((due, Pending(time: time, event: event, place: place)))
        }
      }
    }
    return events.sorted { a, b in
      (a.0.rank == .max ? 1 : 0, a.0.time, a.0.rank, a.0.tie) < (b.0.rank == .max ? 1 : 0, b.0.time, b.0.rank, b.0.tie)
    }.map(\.1)
  }

  private func event(_ what: Due.What) -> Pending.Event {
    switch what {
    case .kernel(let machine): .kernel(node: machines[machine].name)
    case .arrival(let link, let side): .arrival(links[link].id, towards: side, held: false)
    case .acknowledgement(let link, let side): .acknowledgement(links[link].id, by: links[link][side].party)
    case .timer(let machine): .timer(node: machines[machine].name)
    }
  }
}
