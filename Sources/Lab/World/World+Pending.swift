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
  /// The event that happens next, if any.
  var nextDue: Due? { schedule.next(in: self) }

  /// When the next event happens, nil while only the user can make something happen.
  package var nextEventTime: Instant? { nextDue?.time }

  /// All that is pending, in the order in which it will happen if nothing else comes up, and at the end what partitions
  /// hold.
  package var pending: [Pending] {
    var events: [(Due, Pending)] = []
    var world = self
    func note(_ what: Due.What, _ event: Pending.Event) {
      if let due = world.due(what) { events.append((due, Pending(time: due.time, event: event))) }
    }
    for machine in machines.indices {
      let name = machines[machine].name
      note(.kernel(machine: machine), .kernel(node: name))
      note(.timer(machine: machine), .timer(node: name))
    }
    for link in links.indices {
      for side in Side.allCases {
        note(.acknowledgement(links[link].id, side), .acknowledgement(links[link].id, by: links[link, side].party))
      }
    }
    for link in links.indices {
      for side in Side.allCases {
        let held = isHeld(link: link, towards: side)
        for (place, flight) in links[link, side].incoming.enumerated() {
          let time = max(flight.arrival, now)
          let due = Due(
            time: time, rank: held ? Due.Rank.held : Due.Rank.arrival, tie: flight.sequence,
            what: .arrival(links[link].id, side))
          let event = Pending.Event.arrival(links[link].id, towards: side, held: held)
          events.append((due, Pending(time: time, event: event, place: place)))
        }
      }
    }
    return events.sorted { a, b in
      (a.0.rank == Due.Rank.held ? 1 : 0, a.0) < (b.0.rank == Due.Rank.held ? 1 : 0, b.0)
    }.map(\.1)
  }
}
