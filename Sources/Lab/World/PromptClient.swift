import Dissection
import Redis

/// Another connection of the prompt's own to a node, whose name begins a line as a node's does (`client NAME NODE`).
package struct PromptClient: Sendable, Equatable {
  package let name: String
  package internal(set) var node: String
  /// It asks the Sentinels where the master of this name is (`client NAME --sentinel MASTER`).
  package internal(set) var sentinelMaster: String?
  /// nil: its connection is gone, and its next command makes another.
  package internal(set) var link: Link.ID?
}

/// What one of the prompt's clients does at the moment.
package enum ClientState: Sendable, Hashable {
  case notConnected, idle
  /// Its command has no reply yet.
  case waits(request: [[UInt8]])
  case inTransaction(queued: Int)
  /// It hears what is published on so many channels and patterns.
  case subscribed(count: Int)
  /// It is shown every command.
  case monitors
}

extension World {
  /// The names of the prompt's clients with their nodes: a node's own client, if it was ever used, has the node's name.
  package var clientNames: [(name: String, node: String)] {
    machines.filter { $0.client != nil }.map { ($0.name, $0.name) } + clients.map { ($0.name, $0.node) }
  }

  package func clientState(_ name: String) -> ClientState {
    guard let link = clientLink(name).flatMap(link) else { return .notConnected }
    if link.dissector.awaitsReply { return .waits(request: link.request) }
    guard let client = nodeClient(link) else { return .idle }
    if let transaction = client.transaction { return .inTransaction(queued: transaction.queue.count) }
    if client.flags.contains(.monitor) { return .monitors }
    return client.subscriptions.isEmpty ? .idle : .subscribed(count: client.subscriptions.count)
  }

  /// The client waits for something that comes by itself: time, or the end of a pause.
  func waitsForTime(_ name: String) -> Bool {
    guard awaitsReply(of: name), let link = clientLink(name).flatMap(link), case .node(let node) = link.acceptor.party,
      let machine = machine(node), machine.life == .running
    else { return false }
    guard let blocked = nodeClient(link)?.blocked else { return true }
    switch blocked.reason {
    case .wait, .keys: return blocked.deadline != nil
    case .paused: return machine.node?.pauses.current.map { $0.end != .max } ?? true
    case .shutdown: return true
    }
  }

  /// What the node knows of the client at the other end.
  private func nodeClient(_ link: Link) -> Client? {
    guard case .node(let node) = link.acceptor.party, let connection = link.acceptor.connection else { return nil }
    return machine(node)?.node?.clients[connection]
  }

  /// The link of one of the prompt's clients.
  func clientLink(_ name: String) -> Link.ID? {
    if let client = clients.first(where: { $0.name == name }) { return client.link }
    return machine(name)?.client
  }

  /// `client NAME NODE`.
  mutating func connect(_ name: String, to node: String, _ step: inout Step) throws(LabError) {
    try checkName(name)
    if machineIndex(name) != nil { throw LabError("\(name) is a node", advice: "choose another name") }
    let machine = try requireAnswering(node)
    clients.append(PromptClient(name: name, node: node))
    _ = connectClient(name, machine, &step)
  }

  /// `client NAME --sentinel MASTER`.
  mutating func connect(_ name: String, toMaster master: String, _ step: inout Step) throws(LabError) {
    try checkName(name)
    if machineIndex(name) != nil { throw LabError("\(name) is a node", advice: "choose another name") }
    let (sentinel, node) = try askSentinels(for: master, as: name, &step)
    clients.append(PromptClient(name: name, node: node, sentinelMaster: master))
    hearOfSwitches(name, at: sentinel, &step)
    if let machine = machineIndex(node), machines[machine].life == .running { _ = connectClient(name, machine, &step) }
  }

  /// `client NAME off`.
  mutating func disconnect(_ name: String) throws(LabError) {
    guard let index = clients.firstIndex(where: { $0.name == name }) else {
      let nearest = Suggestion.nearest(to: name, among: clients.map(\.name)).map { "did you mean '\($0)'?" }
      throw LabError("there is no client '\(name)'", advice: nearest ?? "`info clients` lists them")
    }
    let prefix = clients[index].name + "@"
    for client in clients where client.name == name || client.name.hasPrefix(prefix) {
      if let link = client.link.flatMap(linkIndex) { close(link, .opener) }
    }
    clients.removeAll { $0.name == name || $0.name.hasPrefix(prefix) }
  }
}
