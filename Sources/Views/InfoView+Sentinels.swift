import Lab
import Redis

// `info sentinels`: what each Sentinel believes.
extension InfoView {
  static func sentinels(_ world: World) -> Table {
    var table = Table(
      [.init("sentinel"), .init("of"), .init("what"), .init("at"), .init("flags"), .init("more")],
      empty: #"no Sentinels: start one, as in: start s1 --sentinel "monitor mymaster 127.0.0.1 7000 2""#)
    for machine in world.machines {
      guard let sentinel = machine.node?.sentinel, machine.node?.isSentinel == true else { continue }
      for (name, master) in sentinel.masters {
        table.rows.append(row(machine.name, name, master.instance, of(master, epoch: sentinel.currentEpoch), world))
        for slave in master.slaves.values {
          let more = "offset \(slave.replica.offset), priority \(slave.replica.priority)"
          table.rows.append(row("", name, slave, more, world))
        }
        for other in master.sentinels.values {
          let vote = other.leader.map { "votes for \(Self.sentinel($0, world)), epoch \(other.leaderEpoch)" } ?? ""
          table.rows.append(row("", name, other, vote, world))
        }
      }
    }
    return table
  }

  private static func of(_ master: MonitoredMaster, epoch: UInt64) -> String {
    let state = master.failoverState == .none ? "" : ", \(master.failoverState.word)"
    return "quorum \(master.quorum), epoch \(master.configEpoch) of \(epoch)\(state)"
  }

  private static func row(
    _ sentinel: String, _ master: String, _ instance: SentinelInstance, _ more: String, _ world: World
  ) -> [String] {
    let flags = instance.words(isDisconnected: false).filter { $0 != instance.kind.rawValue }
    return [
      sentinel, master, instance.kind == .slave ? "replica" : instance.kind.rawValue,
      world.node(at: instance.address) ?? WhyView.text(instance.address),
      flags.isEmpty ? "–" : flags.joined(separator: ","), more,
    ]
  }

  /// A Sentinel's name in the lab, by its id.
  private static func sentinel(_ id: String, _ world: World) -> String {
    world.machines.first { $0.node?.isSentinel == true && $0.node?.sentinel.id == id }?.name ?? short(id)
  }
}
