import Dissection
import Redis

// What the node does, and what follows from that at once.

extension Rebuilding {
  mutating func handle(_ input: Input) {
    pending.append(input)
    carryOut([])
  }

  /// What the node did is done, and what follows from that at once.
  mutating func carryOut(_ effects: [Effect]) {
    write(effects)
    while !pending.isEmpty {
      let input = pending.removeFirst()
      write(node.handle(input, at: now))
    }
    readOwn()
  }

  private mutating func write(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .open(let id, let address): wanted.append((id, address))
      case .send(let id, let bytes):
        // What it has closed there, it says nothing on.
        guard let connection = connections[id], lines[connection]?.closed == nil else { continue }
        wire.send(bytes, on: connection, from: id.origin == .opened ? .opener : .acceptor, at: time)
      case .notifyWhenWritten(let id): pending.append(.written(id))
      case .close(let id):
        wanted.removeAll { $0.id == id }
        guard let connection = connections.removeValue(forKey: id) else { continue }
        lines[connection]?.isStreaming = false
        wire.finish(connection, from: id.origin == .opened ? .opener : .acceptor, at: time)
      default: break
      }
    }
  }

  /// Counts what the node has said meanwhile.
  mutating func readOwn() {
    let events = wire.transcript.events
    while readEvents < events.count {
      let event = events[readEvents]
      readEvents += 1
      guard case .message(let message) = event.what, message.isCounted,
        let connection = wire.recorded(event.connection), recorded.sides[connection] == message.side
      else { continue }
      lines[connection]?.said += 1
      if let late = lines[connection]?.late, late > 0 { lines[connection]?.late = late - 1 }
    }
  }
}
