import Dissection
import RESP
import Redis

// A client that asks Sentinels where the master is, as the libraries do that speak with them: whoever answers first is
// believed, and is listened to for `+switch-master`. It has a connection to that Sentinel beside the one to the master, by the
// name `app@s1`.

extension World {
  /// Asks one Sentinel after the other; which one knew, and the node at the address that it said.
  mutating func askSentinels(
    for master: String, as client: String, _ step: inout Step
  ) throws(LabError) -> (sentinel: String, node: String) {
    let sentinels = machines.indices.filter { isSentinel($0) && machines[$0].life == .running }
    guard !sentinels.isEmpty else {
      throw LabError(
        "no Sentinel runs that could be asked",
        advice: #"`start s1 --sentinel "monitor \#(master) 127.0.0.1 7000 1"` makes one"#)
    }
    for machine in sentinels {
      let name = machines[machine].name
      guard let address = ask(machine, for: master, as: client, &step) else { continue }
      guard let node = node(at: address) else {
        throw LabError("\(name) says that \(master) is at \(address.host):\(address.port), where no node is")
      }
      return (name, node)
    }
    let known = machines[sentinels[0]].node?.sentinel.masters.keys.joined(separator: ", ") ?? ""
    throw LabError(
      "no Sentinel watches a master '\(master)'",
      advice: known.isEmpty ? "`SENTINEL MONITOR` has one watch it" : "there is \(known)")
  }

  /// The address that one Sentinel says, by `SENTINEL GET-MASTER-ADDR-BY-NAME`; nil if it does not know.
  private mutating func ask(_ machine: Int, for master: String, as client: String, _ step: inout Step) -> Address? {
    let name = "\(client)@\(machines[machine].name)"
    if !clients.contains(where: { $0.name == name }) {
      clients.append(PromptClient(name: name, node: machines[machine].name))
    }
    let link = connectClient(name, machine, &step)
    let question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master].map(\.bytes)
    links[link].request = question
    let before = step.replies.count
    send([UInt8](command: question), on: link, from: .opener, &step)
    settleClients(&step)
    let address = step.replies[before...].first { $0.client == name }.flatMap { Self.address(in: $0.bytes) }
    if address == nil { try? disconnect(name) }
    return address
  }

  private static func address(in reply: [UInt8]) -> Address? {
    var decoder = ReplyDecoder()
    decoder.feed(reply)
    guard case .array(let parts)? = try? decoder.next(), parts.count == 2, case .bulk(let host) = parts[0],
      case .bulk(let port) = parts[1], let number = Number.integer(port)
    else { return nil }
    return Address(host: String(bytes: host), port: Int(number))
  }

  /// Subscribes at the Sentinel to what it says when the master is another one.
  mutating func hearOfSwitches(_ client: String, at sentinel: String, _ step: inout Step) {
    guard let machine = machineIndex(sentinel) else { return }
    let name = "\(client)@\(sentinel)"
    guard clientState(name) == .idle else { return }
    let link = connectClient(name, machine, &step)
    let command = ["SUBSCRIBE", "+switch-master"].map { Array($0.utf8) }
    links[link].request = command
    send([UInt8](command: command), on: link, from: .opener, &step)
    settleClients(&step)
  }

  /// What a client of this kind was sent unasked by its Sentinel: it goes where the master is now.
  mutating func followSwitch(_ message: [UInt8], to listener: String) {
    guard let at = listener.firstIndex(of: "@"),
      let index = clients.firstIndex(where: { $0.name == listener[..<at] }), let master = clients[index].sentinelMaster
    else { return }
    var decoder = ReplyDecoder()
    decoder.feed(message)
    guard case .array(let parts)? = try? decoder.next(), parts.count == 3, case .bulk(let text) = parts[2] else {
      return
    }
    // mymaster 127.0.0.1 7000 127.0.0.1 7001
    let words = String(bytes: text).split(separator: " ")
    guard words.count == 5, words[0] == master, let port = Int(words[4]),
      let node = node(at: Address(host: String(words[3]), port: port))
    else { return }
    leaveNode(index)
    clients[index].node = node
  }

  private mutating func leaveNode(_ index: Int) {
    guard let link = clients[index].link.flatMap(linkIndex) else { return }
    clients[index].link = nil
    close(link, .opener)
  }

  /// A client of this kind whose connection is gone asks anew before it connects, unless it hears of switches still.
  mutating func findMaster(for client: String, _ step: inout Step) throws(LabError) {
    guard let index = clients.firstIndex(where: { $0.name == client }), let master = clients[index].sentinelMaster,
      clients[index].link == nil, !clients.contains(where: { $0.name.hasPrefix("\(client)@") && $0.link != nil })
    else { return }
    let (sentinel, node) = try askSentinels(for: master, as: client, &step)
    if let index = clients.firstIndex(where: { $0.name == client }) { clients[index].node = node }
    hearOfSwitches(client, at: sentinel, &step)
  }
}
