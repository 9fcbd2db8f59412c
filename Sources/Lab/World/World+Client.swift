import Dissection
import RESP
import Redis

// The prompt's own connections: what redis-cli would be. Their packets take no time, so that a command changes a node at
// once and nothing else: none of them is in flight between two steps.

extension World {
  mutating func command(_ name: String, _ arguments: [[UInt8]], _ step: inout Step) throws(LabError) {
    try findMaster(for: name, &step)
    let node = clients.first { $0.name == name }?.node ?? name
    let machine = try requireAnswering(node)
    guard !arguments.isEmpty else { throw LabError("there is no command for \(name)") }
    // Nothing is sent: what the lab can't do is no answer of a server's.
    if let missing = machines[machine].node?.configuration.commandNames.unsimulated(arguments.map { Bytes($0) }) {
      throw LabError("the lab does not simulate \(missing)", advice: "`help commands` lists what there is")
    }
    if awaitsReply(of: name) {
      throw LabError(
        "\(name == node ? "the client of \(name)" : name) still waits for a reply",
        advice: waitsForEndlessScript(name)
          ? "its script has run for a minute, and the lab takes it for endless; another client's SCRIPT KILL may end it"
          : "`continue` or `advance` until it comes; another `client` need not wait")
    }
    step.cause = .command(node: node)
    let link = connectClient(name, machine, &step)
    links[link].request = arguments
    send([UInt8](command: arguments), on: link, from: .opener, &step)
  }

  /// The node if a client's command would reach it now, or what to tell the user.
  func requireAnswering(_ node: String) throws(LabError) -> Int {
    let machine = try requireMachine(node)
    guard machines[machine].life.isAlive else {
      let address = machines[machine].address
      throw LabError(
        "could not connect to Redis at \(address.host):\(address.port): Connection refused",
        advice: "`restart \(node)` starts it again")
    }
    if machines[machine].life == .paused {
      throw LabError("\(node) is paused and would not answer", advice: "`resume \(node)` first")
    }
    return machine
  }

  /// A command of this client, a node's own or one with a name, has no reply yet: it blocks there.
  package func awaitsReply(of client: String) -> Bool {
    clientLink(client).flatMap(link)?.dissector.awaitsReply ?? false
  }

  /// What this client waits for is the end of a script that never comes here: it has run for longer than the lab goes
  /// on with one.
  package func waitsForEndlessScript(_ client: String) -> Bool {
    guard let link = clientLink(client).flatMap(link), let connection = link.acceptor.connection,
      let machine = link.acceptor.machine
    else { return false }
    return machines[machine].node?.runsEndlessScript(of: connection) ?? false
  }

  /// By which name the user knows the client at an end of a link: its own, or its node's.
  func clientName(_ link: Int) -> String {
    links[link].opener.party == .client ? links[link].acceptor.party.name : links[link].opener.party.name
  }

  /// The prompt's link to a node, which stays open from one command to the next; its index.
  mutating func connectClient(_ name: String, _ machine: Int, _ step: inout Step) -> Int {
    if let id = clientLink(name), let link = linkIndex(id),
      links[link].conversation[.opener].state == .established
    {
      return link
    }
    let own = clients.firstIndex { $0.name == name }
    let party = own == nil ? Party.client : .named(name)
    let link = addLink(opener: party, to: machines[machine].address)
    if let own { clients[own].link = links[link].id } else { machines[machine].client = links[link].id }
    settleClients(&step)
    return link
  }

  /// Delivers all that is in flight on the prompt's links.
  mutating func settleClients(_ step: inout Step) {
    let cause = step.cause
    while let (link, side) = clientFlight { arrive(link, side, &step) }
    step.cause = cause
  }

  /// Of all packets in flight on the prompt's links, the one that was sent first. They are all of this step.
  private var clientFlight: (link: Int, side: Side)? {
    var first: (link: Int, side: Side, sequence: UInt64)?
    for link in links.touched where links[link].isClient {
      for side in Side.allCases {
        if let flight = links[link, side].incoming.first, flight.sequence < (first?.sequence ?? .max) {
          first = (link, side, flight.sequence)
        }
      }
    }
    return first.map { ($0.link, $0.side) }
  }
}
