@testable import Redis

/// Wires nodes directly: what one sends the others receive, in one queue, and time moves when the queue is empty.
struct Pump {
  /// One TCP connection: who opened it, who accepted it, and all that each said, a write an element.
  struct Wire {
    var opener: String
    var openerID: ConnectionID
    var acceptor: String
    var acceptorID: ConnectionID
    var fromOpener: [[UInt8]] = []
    var fromAcceptor: [[UInt8]] = []
    var isOpen = true
  }

  private struct Event {
    var node: String
    var input: Input
  }

  private(set) var nodes: [String: Node] = [:]
  private(set) var now = Instant.defaultLabClock
  private(set) var wires: [Wire] = []
  private(set) var logs: [String: [LogEntry]] = [:]
  private(set) var decisions: [String: [Decision]] = [:]
  private(set) var files: [String: [String: [UInt8]]] = [:]
  private(set) var exits: [String: Int] = [:]
  private(set) var inputs: [String: [(Input, Instant)]] = [:]
  private var queue: [Event] = []
  private var accepted: UInt64 = 0
  /// A node whose inputs wait.
  var paused: Set<String> = []

  // MARK: Nodes

  mutating func start(
    _ name: String, port: Int, seed: UInt64 = 1, chance: Chance = Chance(),
    _ configure: (inout Configuration) -> Void = { _ in }
  ) {
    var configuration = Configuration()
    configuration.port = port
    configuration.save = []
    configuration.replDisklessSyncDelay = 0
    configure(&configuration)
    nodes[name] = Node(configuration: configuration, seed: seed, chance: chance, now: now)
    push(name, .start(files: files[name] ?? [:]))
  }

  mutating func kill(_ name: String) {
    nodes[name] = nil
    queue.removeAll { $0.node == name }
    for index in wires.indices where wires[index].isOpen && [wires[index].opener, wires[index].acceptor].contains(name)
    {
      cut(index, reset: true)
    }
  }

  /// SIGTERM.
  mutating func terminate(_ name: String) { push(name, .terminate) }

  /// Breaks a connection for both ends.
  mutating func cut(_ index: Int, reset: Bool = false) {
    guard wires[index].isOpen else { return }
    wires[index].isOpen = false
    push(wires[index].opener, .closed(wires[index].openerID, reset: reset))
    push(wires[index].acceptor, .closed(wires[index].acceptorID, reset: reset))
  }

  mutating func configure(_ name: String, _ change: (inout Node) -> Void) { change(&nodes[name]!) }

  // MARK: Clients

  /// Connects a client of the test's own to a node.
  mutating func connect(to name: String) -> Int {
    accepted += 1
    let id = ConnectionID(.accepted, accepted)
    wires.append(
      Wire(opener: "test", openerID: ConnectionID(.opened, accepted), acceptor: name, acceptorID: id))
    push(name, .accepted(id, peer: Address(host: "127.0.0.1", port: 50_000 + Int(accepted)), local: address(of: name)))
    return wires.count - 1
  }

  mutating func send(_ bytes: [UInt8], on wire: Int) {
    wires[wire].fromOpener.append(bytes)
    push(wires[wire].acceptor, .received(wires[wire].acceptorID, bytes))
  }

  mutating func send(_ words: String, on wire: Int) {
    send(encode(words.split(separator: " ").map { Bytes($0.utf8) }), on: wire)
  }

  /// Sends a command on a connection of its own and returns the raw reply; nothing else is delivered meanwhile.
  @discardableResult
  mutating func command(_ name: String, _ words: String) -> String {
    let wire = connect(to: name)
    send(words, on: wire)
    let (waiting, mine) = (queue.dropLast(2), queue.suffix(2))
    queue = []
    for event in mine { deliver(event) }
    queue = waiting + queue
    let reply = wires[wire].fromAcceptor.joined()
    wires[wire].isOpen = false
    deliver(Event(node: name, input: .closed(wires[wire].acceptorID, reset: false)))
    return String(decoding: reply, as: UTF8.self)
  }

  // MARK: Time

  /// Delivers what is in flight; false if nothing is.
  @discardableResult
  mutating func step() -> Bool {
    guard let index = queue.firstIndex(where: { !paused.contains($0.node) }) else { return false }
    deliver(queue.remove(at: index))
    return true
  }

  /// Lets so much time pass, with all that happens in it.
  mutating func run(seconds: Double) {
    let end = Instant(microseconds: now.microseconds + Int64(seconds * 1_000_000))
    while true {
      if step() { continue }
      let next = nodes.filter { !paused.contains($0.key) }.compactMap { name, node in node.nextWakeup.map { (name, $0) }
      }
      .min { ($0.1, $0.0) < ($1.1, $1.0) }
      guard let next, next.1 <= end else { break }
      now = max(now, next.1)
      deliver(Event(node: next.0, input: .wakeUp))
    }
    now = end
  }

  /// Delivers until something is true; false if nothing is in flight or due before `limit` seconds have passed.
  mutating func run(limit: Double = 100, until question: (Pump) -> Bool) -> Bool {
    let end = now.microseconds + Int64(limit * 1_000_000)
    while !question(self) {
      if step() { continue }
      let next = nodes.compactMap { name, node in node.nextWakeup.map { (name, $0) } }
        .min { ($0.1, $0.0) < ($1.1, $1.0) }
      guard let next, next.1.microseconds <= end else { return false }
      now = max(now, next.1)
      deliver(Event(node: next.0, input: .wakeUp))
    }
    return true
  }

  // MARK: What was said

  func wires(from opener: String, to acceptor: String) -> [Wire] {
    wires.filter { $0.opener == opener && $0.acceptor == acceptor }
  }

  func logged(_ name: String) -> [String] { (logs[name] ?? []).map(\.text) }

  // MARK: Delivery

  private mutating func push(_ node: String, _ input: Input) { queue.append(Event(node: node, input: input)) }

  private func address(of name: String) -> Address {
    Address(host: "127.0.0.1", port: nodes[name]?.configuration.port ?? 0)
  }

  private mutating func deliver(_ event: Event) {
    guard var node = nodes[event.node] else { return }
    nodes[event.node] = nil
    let effects = node.handle(event.input, at: now)
    nodes[event.node] = node
    inputs[event.node, default: []].append((event.input, now))
    for effect in effects { carryOut(effect, of: event.node) }
  }

  private mutating func carryOut(_ effect: Effect, of name: String) {
    switch effect {
    case .open(let id, let address): open(id, to: address, by: name)
    case .send(let id, let bytes): transmit(bytes, on: id, by: name)
    case .notifyWhenWritten(let id): push(name, .written(id))
    case .close(let id): close(id, by: name)
    case .file(let operation): apply(operation, to: name)
    case .log(let entry): logs[name, default: []].append(entry)
    case .decided(let decision): decisions[name, default: []].append(decision)
    case .exit(let code):
      exits[name] = code
      kill(name)
    case .listen: break
    }
  }

  private mutating func open(_ id: ConnectionID, to address: Address, by name: String) {
    guard let target = nodes.first(where: { $0.value.configuration.port == address.port })?.key else {
      push(name, .connectFailed(id, .refused))
      return
    }
    accepted += 1
    let acceptorID = ConnectionID(.accepted, accepted)
    wires.append(Wire(opener: name, openerID: id, acceptor: target, acceptorID: acceptorID))
    let local = Address(host: "127.0.0.1", port: 40_000 + Int(accepted))
    push(target, .accepted(acceptorID, peer: local, local: address))
    push(name, .connected(id, local: local))
  }

  private mutating func transmit(_ bytes: [UInt8], on id: ConnectionID, by name: String) {
    guard let index = index(of: id, of: name) else { return }
    if wires[index].openerID == id, wires[index].opener == name {
      wires[index].fromOpener.append(bytes)
      push(wires[index].acceptor, .received(wires[index].acceptorID, bytes))
    } else {
      wires[index].fromAcceptor.append(bytes)
      if nodes[wires[index].opener] != nil { push(wires[index].opener, .received(wires[index].openerID, bytes)) }
    }
  }

  private mutating func close(_ id: ConnectionID, by name: String) {
    guard let index = index(of: id, of: name) else { return }
    wires[index].isOpen = false
    let isOpener = wires[index].openerID == id && wires[index].opener == name
    let (peer, peerID) =
      isOpener
      ? (wires[index].acceptor, wires[index].acceptorID) : (wires[index].opener, wires[index].openerID)
    if nodes[peer] != nil { push(peer, .closed(peerID, reset: false)) }
  }

  private func index(of id: ConnectionID, of name: String) -> Int? {
    wires.lastIndex { wire in
      guard wire.isOpen else { return false }
      return (wire.openerID == id && wire.opener == name) || (wire.acceptorID == id && wire.acceptor == name)
    }
  }

  private mutating func apply(_ operation: FileOperation, to name: String) {
    switch operation {
    case .write(let file, let bytes): files[name, default: [:]][file] = bytes
    case .append(let file, let bytes): files[name, default: [:]][file, default: []] += bytes
    case .truncate(let file, let count):
      files[name, default: [:]][file] = (files[name]?[file]).map { Array($0.prefix(count)) }
    case .sync: break
    case .rename(let from, let to): files[name, default: [:]][to] = files[name, default: [:]].removeValue(forKey: from)
    case .delete(let file): files[name, default: [:]][file] = nil
    }
  }
}

extension [[UInt8]] {
  func joined() -> [UInt8] { reduce(into: []) { $0 += $1 } }
  var texts: [String] { map { String(decoding: $0, as: UTF8.self) } }
}
