import Dissection
import Lab
import RESP
import Redis

/// What a topology tells of one node.
struct TopologyRow: Sendable {
  var member: Topology.Member
  /// What it is and does: `master`, `replica connected`, `✗ killed`.
  var state: String
  var offset: Int64?
  /// How many bytes of its master's history it has not applied.
  var behind: Int64?
  var keys: Int64?
  /// The link to its master: number, phase, how long a packet takes, what is under way, what is in its way. Of a Sentinel,
  /// what it watches.
  var link: String
  /// What nodes that are alike have in common.
  var likeness: String
  /// It is dead, or stands still, or its link is cut off.
  var isFault: Bool
  /// The last step changed it.
  var isMarked = false

  var name: String { member.name + (isMarked ? "*" : "") }

  static func all(in world: World, after step: Step?) -> [TopologyRow] {
    let changed = Set(step?.changes.map(\.node) ?? [])
    var rows = world.recorded.map { all(in: $0) } ?? lab(world)
    for index in rows.indices where changed.contains(rows[index].member.name) { rows[index].isMarked = true }
    return rows
  }
}

// MARK: - Of a lab

extension TopologyRow {
  private struct Account {
    var id: ExpressionValue
    var offset: Int64?
    var keys: Int64?
    var link: ExpressionValue
    var isLoading: Bool
  }

  private static func lab(_ world: World) -> [TopologyRow] {
    let topology = Topology(of: world)
    var accounts: [String: Account] = [:]
    for machine in world.machines {
      accounts[machine.name] = Account(
        id: NodeProperty.replid.value(in: machine), offset: integer(.offset, machine), keys: integer(.keys, machine),
        link: NodeProperty.link.value(in: machine), isLoading: NodeProperty.loading.value(in: machine) == .truth(true))
    }
    // Of two links of a replica, the later one is that which it uses.
    var links: [String: Link] = [:]
    for link in world.links where link.phase != nil {
      if case .node(let replica) = link.opener.party { links[replica] = link }
    }
    return topology.members.compactMap { member in
      guard let machine = world.machine(member.name), let account = accounts[member.name] else { return nil }
      if member.kind == .sentinel { return sentinel(member, machine, world) }
      let words = words(machine, member, account)
      let master = member.master.flatMap { accounts[$0] }
      var behind: Int64?
      if let master, let there = master.offset, let here = account.offset, account.id != .none, master.id == account.id
      {
        behind = there -| here
      }
      let link = member.kind == .replica && machine.life.isAlive ? self.link(links[member.name], member, world) : nil
      return TopologyRow(
        member: member, state: words.state, offset: account.offset, behind: member.kind == .replica ? behind : nil,
        keys: account.keys, link: link?.text ?? "", likeness: words.state + (link?.likeness ?? ""),
        isFault: words.isFault || link?.isCut ?? false)
    }
  }

  private static func integer(_ property: NodeProperty, _ machine: Machine) -> Int64? {
    if case .integer(let number) = property.value(in: machine) { number } else { nil }
  }

  private static func words(
    _ machine: Machine, _ member: Topology.Member, _ account: Account
  ) -> (state: String, isFault: Bool) {
    guard machine.hasPower else { return ("✗ no power", true) }
    switch machine.life {
    case .killed, .ended: return ("✗ \(machine.life.word)", true)
    case .paused: return ("‖ paused \(member.kind.rawValue)", true)
    case .running: break
    }
    if account.isLoading { return ("\(member.kind.rawValue), loads", false) }
    if case .text(let link) = account.link { return ("\(member.kind.rawValue) \(link)", false) }
    return (member.kind.rawValue, false)
  }

  private static func link(
    _ link: Link?, _ member: Topology.Member, _ world: World
  ) -> (text: String, likeness: String, isCut: Bool) {
    var (words, likeness) = ([String](), "")
    if let link {
      let phase = link.phase?.rawValue ?? ""
      words.append("\(link.id) \(phase)")
      likeness = ", \(phase)"
      if link.lag != World.latency { words.append("lag \(link.lag.text)") }
      for (arrow, end) in [(">>>", link.acceptor), ("<<<", link.opener)] {
        if let flight = flight(end) { words.append("\(arrow) \(flight)") }
      }
    } else {
      words.append("no link")
      likeness = ", no link"
    }
    let wall = member.master.flatMap { self.wall(member.name, $0, world) }
    if let wall {
      words.append(wall.text)
      likeness += ", " + wall.text
    }
    return (words.joined(separator: ", "), likeness, wall?.isCut ?? false)
  }

  /// What is under way to an end.
  private static func flight(_ end: Link.End) -> String? {
    guard let first = end.incoming.first?.packet else { return nil }
    let bytes = end.incoming.reduce(0) { $0 +| $1.packet.length }
    let isOne = end.incoming.count == 1
    if bytes == 0 { return isOne ? InfoView.kind(first) : counted(end.incoming.count, "packet") }
    return isOne ? "\(bytes) B" : "\(bytes) B in \(end.incoming.count)"
  }

  /// What is in the way between a replica and its master.
  private static func wall(_ replica: String, _ master: String, _ world: World) -> (text: String, isCut: Bool)? {
    if world.partitions.contains(World.Partition(replica, master)) { return ("┃ partition", true) }
    let (up, down) = (world.faults(from: replica, to: master), world.faults(from: master, to: replica))
    if up?.isCut == true { return ("┃ nothing from \(replica)", true) }
    if down?.isCut == true { return ("┃ nothing from \(master)", true) }
    guard let faults = up ?? down else { return nil }
    var words: [String] = []
    if faults.jitter > .zero { words.append("jitter \(faults.jitter.text)") }
    if let bandwidth = faults.bandwidth { words.append("\(bandwidth) B/s") }
    if faults.loss > 0 { words.append("\(Action.percent(faults.loss)) lost") }
    return words.isEmpty ? nil : (words.joined(separator: ", "), false)
  }

  private static func sentinel(_ member: Topology.Member, _ machine: Machine, _ world: World) -> TopologyRow {
    let isDead = machine.life != .running || !machine.hasPower
    let state =
      !machine.hasPower
      ? "✗ no power"
      : machine.life == .paused
        ? "‖ paused sentinel"
        : machine.life.isAlive ? "sentinel" : "✗ \(machine.life.word)"
    let masters = machine.node?.sentinel.masters.map { name, master in
      let node = world.machines.first { $0.address.port == master.instance.address.port }?.name
      let flags = master.instance.words(isDisconnected: false).filter { $0 != master.instance.kind.rawValue }
      return "\(name) = \(node ?? WhyView.text(master.instance.address))"
        + (flags.isEmpty ? "" : " " + flags.joined(separator: ","))
        + (master.failoverState == .none ? "" : " \(master.failoverState.word)")
    }
    let link = (masters ?? []).joined(separator: "; ")
    return TopologyRow(
      member: member, state: state, link: link, likeness: link.isEmpty ? state : "\(state), \(link)", isFault: isDead)
  }
}

// MARK: - Of a recording

extension TopologyRow {
  /// What crossed the wire; nothing that nodes keep for themselves.
  static func all(in recorded: Recorded) -> [TopologyRow] {
    Topology(of: recorded).members.map { member in
      let link = recorded.replicationLinks(of: member.name).last { $0.opener.party.name == member.name }
      var words: [String] = []
      if let link {
        words.append("\(link.id) \(link.phase?.rawValue ?? "commands")")
      }
      let behind = link.flatMap { link in
        link.balance.sent.flatMap { sent in link.balance.acknowledged.map { sent -| $0 } }
      }
      var state = member.kind.rawValue
      if case .text(let word) = recorded.value(.link, of: member.name) { state += " " + word }
      var offset: Int64?
      if case .integer(let number) = recorded.value(.offset, of: member.name) { offset = number }
      return TopologyRow(
        member: member, state: state, offset: offset, behind: behind, link: words.joined(separator: ", "),
        likeness: state + (link?.phase.map { ", \($0.rawValue)" } ?? ""), isFault: false)
    }
  }
}
