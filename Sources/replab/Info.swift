import Lab
import Redis

/// What `info` can show.
enum InfoTopic: String, CaseIterable {
  case nodes, links, pending, disk, breakpoints

  var summary: String {
    switch self {
    case .nodes: "the nodes: where they listen, whether they run"
    case .links: "the connections between them, and the prompt's own"
    case .pending: "what will happen next; `choose` and `split` take its numbers"
    case .disk: "the files of each node"
    case .breakpoints: "breakpoints, watches and displays"
    }
  }
}

extension Session {
  func show(_ topic: InfoTopic) {
    let table =
      switch topic {
      case .nodes: nodesTable
      case .links: linksTable
      case .pending: pendingTable
      case .disk: diskTable
      case .breakpoints: breakpointsTable
      }
    if isJSON {
      for object in table.json { output.write(object.text + "\n") }
    } else {
      for line in table.lines(palette) { output.write(line + "\n") }
    }
  }

  private var nodesTable: Table {
    var table = Table(["node", "address", "life"], empty: "no nodes yet: start one, as in: start m --port 7000")
    for machine in timeline.world.machines {
      table.rows.append([machine.name, machine.address.text, machine.life.word])
    }
    return table
  }

  private var linksTable: Table {
    var table = Table(["link", "from", "to", "from-address", "to-address", "lag"], empty: "no links")
    for link in timeline.world.links {
      table.rows.append([
        String(link.id.number), link.opener.party.name, link.acceptor.party.name, link.opener.address.text,
        link.acceptor.address.text, TimeText.words(link.lag),
      ])
    }
    return table
  }

  private var pendingTable: Table {
    var table = Table(["n", "when", "in", "what"], empty: "nothing is pending")
    for (index, pending) in timeline.world.pending.enumerated() {
      let wait = pending.time - timeline.world.now
      table.rows.append([
        String(index + 1), TimeText.clock(pending.time), TimeText.words(wait), text(of: pending.event),
      ])
    }
    return table
  }

  private func text(of event: Pending.Event) -> String {
    switch event {
    case .arrival(let id, let side, let held):
      guard let link = timeline.world.links.first(where: { $0.id == id }) else { return "a segment on link \(id)" }
      let text = "a segment from \(link[side.other].party.name) to \(link[side].party.name), link \(id)"
      return held ? text + ", held by a partition" : text
    case .acknowledgement(let id, let party): return "\(party.name)'s kernel acknowledges what it got, link \(id)"
    case .kernel(let node): return "\(node)'s kernel tells it about a connection"
    case .timer(let node): return "\(node)'s timer"
    }
  }

  private var diskTable: Table {
    var table = Table(["node", "file", "bytes"], empty: "no files")
    for machine in timeline.world.machines {
      for (name, bytes) in machine.disk.sorted(by: { $0.key < $1.key }) {
        table.rows.append([machine.name, name, String(bytes.count)])
      }
    }
    return table
  }

  private var breakpointsTable: Table {
    var table = Table(["number", "kind", "text"], empty: "no breakpoints, watches or displays")
    for breakpoint in timeline.breakpoints {
      table.rows.append([String(breakpoint.number), breakpoint.word, breakpoint.text])
    }
    return table
  }
}

extension Address {
  var text: String { "\(host):\(port)" }
}
