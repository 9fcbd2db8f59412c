import Dissection
import Redis

// The prompt's own connections: what redis-cli would be. Their packets take no time, so that a command changes a node at
// once and nothing else: none of them is in flight between two steps.

extension World {
  mutating func command(_ name: String, _ arguments: [[UInt8]], _ step: inout Step) throws(LabError) {
    let machine = try requireMachine(name)
    guard !arguments.isEmpty else { throw LabError("there is no command for \(name)") }
    guard machines[machine].life.isAlive else {
      let address = machines[machine].address
      throw LabError(
        "could not connect to Redis at \(address.host):\(address.port): Connection refused",
        advice: "`restart \(name)` starts it again")
    }
    // Nothing is sent: what the lab can't do is no answer of a server's.
    if let missing = machines[machine].node?.configuration.commandNames.unsimulated(arguments.map { Bytes($0) }) {
      throw LabError("the lab does not simulate \(missing)", advice: "`help commands` lists what there is")
    }
    if machines[machine].life == .paused {
      throw LabError("\(name) is paused and would not answer", advice: "`resume \(name)` first")
    }
    if awaitsReply(of: name) {
      throw LabError("the client of \(name) still waits for a reply", advice: "`continue` or `advance` until it comes")
    }
    step.cause = .command(node: name)
    let link = connectClient(machine, &step)
    send(Self.request(arguments), on: link, from: .opener, &step)
  }

  /// A command was sent to the node at the prompt and has no reply yet: it blocks there.
  package func awaitsReply(of node: String) -> Bool {
    machine(node)?.client.flatMap(link)?.dissector.awaitsReply ?? false
  }

  /// The prompt's link to a node, which stays open from one command to the next; its index.
  private mutating func connectClient(_ machine: Int, _ step: inout Step) -> Int {
    if let id = machines[machine].client, let link = linkIndex(id),
      links[link].conversation[.opener].state == .established
    {
      return link
    }
    let link = addLink(opener: .client, to: machines[machine].address.port, lag: .zero)
    machines[machine].client = links[link].id
    settleClients(&step)
    return link
  }

  /// Delivers all that is in flight on the prompt's links.
  mutating func settleClients(_ step: inout Step) {
    let cause = step.cause
    while let (link, side) = clientFlight { arrive(link, side, &step) }
    step.cause = cause
  }

  /// Of all packets in flight on the prompt's links, the one that was sent first.
  private var clientFlight: (link: Int, side: Side)? {
    var first: (link: Int, side: Side, sequence: UInt64)?
    for link in links.indices where links[link].isClient {
      for side in Side.allCases {
        if let flight = links[link][side].incoming.first, flight.sequence < (first?.sequence ?? .max) {
          first = (link, side, flight.sequence)
        }
      }
    }
    return first.map { ($0.link, $0.side) }
  }

  /// A command as every client sends it: an array of bulk strings.
  private static func request(_ arguments: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(arguments.count)\r\n".utf8)
    for argument in arguments {
      bytes += Array("$\(argument.count)\r\n".utf8)
      bytes += argument
      bytes += [13, 10]
    }
    return bytes
  }
}
