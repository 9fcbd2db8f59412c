import Dissection
import Redis

// A node's life: start, stop, kill, restart, pause, resume.

extension World {
  mutating func start(_ name: String, _ launch: Launch, _ step: inout Step) throws(LabError) {
    try checkName(name)
    if let old = machine(name), old.life.isAlive {
      throw LabError(
        "\(name) runs already, on port \(old.address.port)", advice: "choose another name, or `stop \(name)`")
    }
    let launch = launch.withFile
    var disk = machine(name)?.disk ?? Disk()
    launch.lay(on: &disk, after: machine(name)?.launch)
    let configuration = try Configuration(launch, files: disk.contents, ports: ports)
    try checkPort(configuration.port, for: name)

    let index: Int
    if let known = machineIndex(name) {
      index = known
    } else {
      machines.append(
        Machine(name: name, address: Address(host: "127.0.0.1", port: configuration.port), launch: launch))
      index = machines.count - 1
      machineIndices[name] = index
      tellHosts()
    }
    machines[index].launch = launch
    machines[index].disk = disk
    run(index, configuration, &step)
  }

  mutating func restart(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireMachine(name)
    if machines[index].life.isAlive {
      throw LabError("\(name) runs already", advice: "`stop \(name)` or `kill \(name)` first")
    }
    let configuration = try Configuration(
      machines[index].launch, files: machines[index].disk.contents, ports: ports)
    try checkPort(configuration.port, for: name)
    run(index, configuration, &step)
  }

  /// execve: the process that has just closed all that it had is the same program again, with the same arguments.
  mutating func execute(_ index: Int, as process: Int, after delay: Interval, _ step: inout Step) {
    do throws(LabError) {
      let configuration = try Configuration(
        machines[index].launch, files: machines[index].disk.contents, ports: ports)
      try checkPort(configuration.port, for: machines[index].name)
      run(index, configuration, &step) { $0.execute(as: process, after: delay) }
    } catch {
      // What its file says now, or where it would listen, does not let it.
      machines[index].life = .ended(code: 1)
    }
  }

  /// A new server on a machine.
  private mutating func run(
    _ index: Int, _ configuration: Configuration, _ step: inout Step, prepared: (inout Node) -> Void = { _ in }
  ) {
    step.noteProperties(of: index, &machines)
    restorePower(index)
    let hosts = hosts
    let chance = chances.removeValue(forKey: machines[index].name) ?? Chance()
    machines[index].address.port = configuration.port
    var node = Node(
      configuration: configuration, seed: random.next(), chance: chance, hosts: hosts,
      now: now + machines[index].skew)
    prepared(&node)
    machines[index].node = node
    let file = machines[index].configFile
    machines[index].node?.configFile = file
    if let chunk = machines[index].chunk { machines[index].node?.replication.chunkSize = chunk }
    machines[index].life = .running
    if machines[index].disk.state != .ok { handle(.disk(machines[index].disk.state), index, &step) }
    handle(.start(files: machines[index].disk.contents), index, &step)
  }

  mutating func stop(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireAlive(name)
    if machines[index].life == .paused {
      throw LabError("\(name) is paused and would not notice", advice: "`resume \(name)` first, or `kill \(name)`")
    }
    handle(.terminate, index, &step)
  }

  /// kill -9. Its children go with it.
  mutating func kill(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireAlive(name)
    step.noteProperties(of: index, &machines)
    endProcess(index, .killed)
  }

  /// The machine loses its power, and comes back with what its disk kept (`restart`).
  ///
  /// Its kernel tells nobody, and what it had sent and had not arrived is lost: its peers learn of it by their own
  /// timeouts, or by a RST once it is back and gets a segment of a connection that it does not know.
  mutating func cutPower(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireMachine(name)
    step.noteProperties(of: index, &machines)
    for (file, bytes) in machines[index].disk.losePower(at: now) {
      step.losses.append(Step.Loss(node: name, file: file, byteCount: bytes))
    }
    guard machines[index].hasPower else { return }
    machines[index].hasPower = false
    darkCount += 1
    machines[index].client = nil
    for client in clients.indices where clients[client].node == name && clients[client].link != nil {
      clients[client].link = nil
      step.lostClients.append(clients[client].name)
    }
    let party = Party.node(name)
    for link in links.indices {
      for side in Side.allCases where links[link, side].party == party {
        forgetConnection(link, side)
        links[link, side].awaitsWritten = false
        links[link].conversation.losePower(side.tcp)
        links[link, side.other].incoming.removeAll()
      }
    }
    if machines[index].life.isAlive { forgetProcess(index, .killed) }
  }

  /// The machine's kernel is there again. Of what was sent to it meanwhile comes what TCP sends first until it is
  /// acknowledged; bare acknowledgements are not sent twice.
  private mutating func restorePower(_ index: Int) {
    guard !machines[index].hasPower else { return }
    machines[index].hasPower = true
    darkCount -= 1
    let party = Party.node(machines[index].name)
    for link in links.indices {
      for side in Side.allCases where links[link, side].party == party {
        let first = links[link, side].incoming.first {
          !$0.packet.payload.isEmpty || !$0.packet.flags.isDisjoint(with: [.syn, .fin])
        }
        links[link, side].incoming.removeAll()
        guard var flight = first else { continue }
        flight.arrival = max(flight.arrival, now + links[link].lag)
        links[link, side].incoming.append(flight)
      }
    }
  }

  mutating func setDisk(_ name: String, _ state: DiskState, _ step: inout Step) throws(LabError) {
    let index = try requireMachine(name)
    guard machines[index].disk.state != state else {
      throw LabError("the disk of \(name) is \(state.words) already")
    }
    machines[index].disk.state = state
    if machines[index].life.isAlive { handle(.disk(state), index, &step) }
  }

  mutating func pause(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireAlive(name)
    guard machines[index].life == .running else { throw LabError("\(name) is paused already") }
    step.noteProperties(of: index, &machines)
    machines[index].life = .paused
    machines[index].pausedAt = now
  }

  mutating func resume(_ name: String, _ step: inout Step) throws(LabError) {
    let index = try requireAlive(name)
    guard machines[index].life == .paused else { throw LabError("\(name) is not paused") }
    step.noteProperties(of: index, &machines)
    machines[index].life = .running
    handle(.resumed(since: machines[index].pausedAt + machines[index].skew), index, &step)
    readAll(index)
    if machines[index].node?.isAtTurn ?? false { handle(.wakeUp, index, &step) }
  }

  /// The process is gone, whether it ended or was killed, and its kernel closes what it had open.
  mutating func endProcess(_ index: Int, _ life: Machine.Life) {
    let unread = Set(machines[index].inbox.compactMap(\.unreadConnection))
    let party = Party.node(machines[index].name)
    for link in links.indices {
      for side in Side.allCases where links[link, side].party == party {
        // What was not accepted yet is reset, too.
        let isRude =
          links[link, side].connection.map(unread.contains)
          ?? (links[link].conversation[side.tcp].state == .synReceived)
        close(link, side, unread: isRude)
      }
    }
    forgetProcess(index, life)
  }

  private mutating func forgetProcess(_ index: Int, _ life: Machine.Life) {
    if let chance = machines[index].node?.chance { chances[machines[index].name] = chance }
    machines[index].lastMaster = machines[index].node?.replication.master
    machines[index].node = nil
    listen(index, on: nil)
    machines[index].sockets = Sockets()
    machines[index].wakeup = nil
    machines[index].inbox = []
    machines[index].hasUnread = false
    machines[index].life = life
  }

  func checkName(_ name: String) throws(LabError) {
    let isWord = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    let startsWithLetter = name.utf8.first.map { $0 | 0x20 >= UInt8(ascii: "a") } ?? false
    if !isWord || !startsWithLetter {
      throw LabError(
        "'\(name)' can't be a node's name", advice: "a name is a letter, then letters, digits, '-' and '_'")
    }
    if let client = clients.first(where: { $0.name == name }) {
      throw LabError("\(name) is a client of \(client.node) already", advice: "`client \(name) off` ends it")
    }
    if ["client", "nobody"].contains(name) {
      throw LabError("'\(name)' has a meaning of its own and can't name a node")
    }
  }

  /// Where each node listens, or did.
  private var ports: [String: Int] {
    Dictionary(machines.map { ($0.name, $0.address.port) }, uniquingKeysWith: { first, _ in first })
  }

  private func checkPort(_ port: Int, for name: String) throws(LabError) {
    let other = machines.indices.first { machines[inPlace: $0].listening == port && machines[inPlace: $0].name != name }
    if let other {
      throw LabError(
        "port \(port) is in use by \(machines[other].name)", advice: "`start \(name) --port \(freePort)` is free")
    }
  }

  /// The lowest port above all that nodes listen on.
  private var freePort: Int { (machines.indices.compactMap { machines[inPlace: $0].listening }.max() ?? 6999) + 1 }
}

extension Input {
  /// The connection on which a dying process leaves data unread: its kernel then says RST where it would have said FIN.
  fileprivate var unreadConnection: ConnectionID? {
    if case .received(let connection, _) = self { connection } else { nil }
  }
}
