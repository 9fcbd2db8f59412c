import Redis

extension World {
  /// Nothing is in flight (a partition's hostages apart), no kernel has anything for a process, and no node waits for
  /// anything but the next turn of what it does again and again.
  package var isQuiet: Bool {
    let isSilent = links.allSatisfy { link in
      let isEmpty = link.opener.incoming.isEmpty && link.acceptor.incoming.isEmpty
      return (isEmpty || isHeld(link)) && link.conversation.nextDelayedAck == nil
    }
    return isSilent && machines.allSatisfy { $0.inbox.isEmpty && !$0.awaitsReply }
  }
}
