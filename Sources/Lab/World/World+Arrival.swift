import Capture
import Dissection
import Redis

// What a kernel does with a packet that arrives, and what its process hears of it.

extension World {
  /// The first packet under way to `side` arrives.
  mutating func arrive(_ link: Int, _ side: Side, _ step: inout Step) {
    guard var packet = links[link, side].incoming.popFirst()?.packet else { return }
    packet.timestamp = now.nanoseconds
    let id = links[link].id
    let from = links[link, side.other].party
    step.cause = .arrival(id, from: from, to: links[link, side].party, PacketKind(packet))
    step.packets.append(packet)

    let isReading = isReading(side, ofLink: link)
    let isListening =
      packet.flags.contains(.syn) && !links[link].leadsNowhere && listeners[links[link].acceptor.address.port] != nil
    let reception = links[link].conversation.receive(
      packet, at: now.nanoseconds, isListening: isListening, isReading: isReading)
    if !isReading, let machine = links[link, side].machine { machines[machine].hasUnread = true }
    transmit(reception.responses, on: link, from: side)
    let bytes = reception.bytes.whole
    for message in links[link].dissector.consume(bytes, from: side.other) {
      links[link].enterPhase(of: message, &step.entered)
      step.delivered.append(Delivery(link: id, from: from, to: links[link, side].party, message: message))
      if case .reply = message.kind, links[link].isClient {
        // What answers nothing was published, or is shown to a monitor.
        let request = message.answers == nil ? nil : links[link].request
        step.replies.append(Step.Reply(client: clientName(link), request: request, bytes: message.bytes))
        if request == nil { followSwitch(message.bytes, to: clientName(link)) }
      }
    }
    step.phase = links[link].phase
    if step.phase == .connect, PacketKind(packet) == .syn { step.entered.append(.connect) }

    for event in reception.events where event != .peerClosed && event != .peerReset { tell(event, link, side, &step) }
    if !bytes.isEmpty, let connection = links[link, side].connection, let machine = links[link, side].machine {
      offer(.received(connection, bytes), machine, &step)
    }
    for event in reception.events where event == .peerClosed || event == .peerReset { tell(event, link, side, &step) }
    // What a client can't read it can't go on from, as redis-cli couldn't.
    if side == .opener, links[link].isClient, links[link].dissector.stage == .broken, clientLink(clientName(link)) == id
    {
      tellClient(.peerClosed, link, &step)
    }
    notifyIfWritten(link)
  }

  /// Tells the process at an end what became of its connection.
  private mutating func tell(_ event: TCPConversation.Event, _ link: Int, _ side: Side, _ step: inout Step) {
    if event == .accepted {
      accept(link, &step)
    } else if links[link, side].party.isClient {
      tellClient(event, link, &step)
    } else if let connection = links[link, side].connection, let machine = links[link, side].machine {
      switch event {
      case .connected: offer(.connected(connection, local: links[link].opener.address), machine, &step)
      case .refused:
        forgetConnection(link, side)
        offer(.connectFailed(connection, .refused), machine, &step)
      case .peerClosed: offer(.closed(connection, reset: false), machine, &step)
      case .peerReset:
        forgetConnection(link, side)
        offer(.closed(connection, reset: true), machine, &step)
      case .accepted: break
      }
    }
  }

  /// accept(2), by the process that listens on the port now.
  private mutating func accept(_ link: Int, _ step: inout Step) {
    let port = links[link].acceptor.address.port
    guard let machine = listeners[port] else {
      transmit(links[link].conversation.abort(.acceptor, at: now.nanoseconds), on: link, from: .acceptor)
      return
    }
    machines[machine].accepted += 1
    let connection = ConnectionID(.accepted, machines[machine].accepted)
    links[link].acceptor.party = .node(machines[machine].name)
    links[link].acceptor.machine = machine
    links[link].acceptor.connection = connection
    machines[machine].sockets[connection] = links[link].id
    let (peer, local) = (links[link].opener.address, links[link].acceptor.address)
    offer(.accepted(connection, peer: peer, local: local), machine, &step)
  }

  /// The prompt's connection is gone, and with it the reply that was to come.
  private mutating func tellClient(_ event: TCPConversation.Event, _ link: Int, _ step: inout Step) {
    guard event == .peerClosed || event == .peerReset else { return }
    let name = clientName(link)
    if links[link].opener.party != .client || links[link].dissector.awaitsReply { step.lostClients.append(name) }
    for index in clients.indices where clients[index].link == links[link].id { clients[index].link = nil }
    if event == .peerClosed { close(link, .opener) }
    if let machine = links[link].acceptor.machine, machines[machine].client == links[link].id {
      machines[machine].client = nil
    }
  }
}

extension SharedBytes {
  /// The bytes as an array, which is the shared one where they are all of it: what a write brought in one segment, as most
  /// do.
  fileprivate var whole: [UInt8] { stretch.count == array.count ? array : Array(slice) }
}
