import Dissection
import Redis

extension World {
  /// Nothing is in flight (a partition's hostages apart), no kernel has anything for a process, and no node waits for
  /// anything but the next turn of what it does again and again.
  package var isQuiet: Bool {
    // A recording goes on until it ends.
    if hasRecording { return false }
    // What comes next says it most often, without a look at all the others.
    if let next = nextDue, next.rank != Due.Rank.timer { return false }
    let isSilent = links.indices.allSatisfy { link in
      let isSilent = Side.allCases.allSatisfy {
        links[link, $0].incoming.isEmpty || isHeld(link: link, towards: $0)
      }
      return isSilent && links[link].conversation.nextDelayedAck == nil
    }
    return isSilent
      && machines.indices.allSatisfy { machine in
        machines[machine].inbox.isEmpty && !waitsForTime(machines[machine].name) && isSettled(machine)
      }
      && clients.allSatisfy { !waitsForTime($0.name) }
  }

  /// The node waits for nothing but time: no snapshot is under way, its replicas are online, and its own master is there
  /// or can't be reached.
  private func isSettled(_ machine: Int) -> Bool {
    guard machines[machine].life == .running, machines[machine].node != nil else { return true }
    if machines[machine].node?.isBusyLoading == true { return false }
    // A shutdown that waits for the replicas ends by itself.
    if machines[machine].node?.shutdown != nil { return false }
    guard machines[machine].node?.isSentinelSettled != false else { return false }
    guard machines[machine].node?.child == nil, !hasUnsettledReplica(machine) else { return false }
    switch machines[machine].node?.replication.link.state {
    case nil, .none?, .connected?: return true
    case .connect?, .connecting?:
      return !canReach(machines[machine].node?.replication.master, from: machines[machine].name)
    default: return false
    }
  }

  /// A replica is not yet online, or online and not yet fed.
  private func hasUnsettledReplica(_ machine: Int) -> Bool {
    machines[machine].node?.replication.replicas.contains { connection in
      guard let state = machines[machine].node?.clients[connection]?.replica?.state else { return false }
      return state != .online || machines[machine].node?.clients[connection]?.replica?.startsCommandStreamOnAck == true
    } ?? false
  }

  /// Whether somebody listens at an address, and no partition is between.
  private func canReach(_ address: Address?, from name: String) -> Bool {
    guard let address, machine(name)?.node?.hosts.failure(of: address.host) == nil,
      let listener = machine(at: address, from: machineIndex(name)), listeners[machines[listener].address.port] != nil
    else { return false }
    return machines[listener].life == .running && !partitions.contains(Partition(name, machines[listener].name))
      && faults(from: name, to: machines[listener].name)?.isCut != true
      && faults(from: machines[listener].name, to: name)?.isCut != true
  }
}
