import Redis

extension World {
  /// Nothing is in flight (a partition's hostages apart), no kernel has anything for a process, and no node waits for
  /// anything but the next turn of what it does again and again.
  package var isQuiet: Bool {
    // A recording goes on until it ends.
    if recorded != nil { return false }
    let isSilent = links.allSatisfy { link in
      let isEmpty = link.opener.incoming.isEmpty && link.acceptor.incoming.isEmpty
      return (isEmpty || isHeld(link)) && link.conversation.nextDelayedAck == nil
    }
    return isSilent && machines.allSatisfy { $0.inbox.isEmpty && !waitsForTime($0.name) && isSettled($0) }
      && clients.allSatisfy { !waitsForTime($0.name) }
  }

  /// The node waits for nothing but time: no snapshot is under way, its replicas are online, and its own master is there
  /// or can't be reached.
  private func isSettled(_ machine: Machine) -> Bool {
    guard let node = machine.node, machine.life == .running else { return true }
    if node.isBusyLoading { return false }
    let replication = node.replication
    let replicas = replication.replicas.compactMap { node.clients[$0]?.replica }
    guard node.child == nil, replicas.allSatisfy({ $0.state == .online && !$0.startsOnAcknowledgement }) else {
      return false
    }
    switch replication.link.state {
    case .none, .connected: return true
    case .connect, .connecting: return !canReach(replication.master, from: machine.name)
    default: return false
    }
  }

  /// Whether somebody listens at an address, and no partition is between.
  private func canReach(_ address: Address?, from name: String) -> Bool {
    guard let address, machine(name)?.node?.hosts.failure(of: address.host) == nil,
      let listener = machines.first(where: { $0.listening == address.port })
    else { return false }
    return listener.life == .running && !partitions.contains(Partition(name, listener.name))
  }
}
