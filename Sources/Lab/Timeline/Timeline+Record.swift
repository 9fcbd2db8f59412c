import Capture
import Dissection
import RESP
import Redis

// What is left of a session: a script that brings it about again, and the packets that were seen.

extension Timeline {
  /// All packets that crossed a wire from the beginning to the current moment, in time order.
  package var packets: [Packet] {
    var all: [Packet] = []
    forEachStep { all += $0.packets }
    return all
  }

  /// What was done on the current branch, from its beginning to its end, besides letting things happen.
  package var deeds: [Action] { (1..<end + 1).map { self[$0].action }.filter { !$0.isEvent } }

  /// The lab commands that lead from an empty world of the same seed and clock to the current moment, whatever ways were
  /// taken to get there. Where things happened by themselves, there is a `goto`: it lets just as many happen again.
  ///
  /// - Parameter hidesPasswords: each password is another word then, the same one wherever it stands.
  /// - Returns: the commands, and how many passwords were hidden.
  package func script(hidesPasswords: Bool = false) -> (lines: [String], hidden: Int) {
    if let recording {
      let words = ["replay", recording.name] + (recording.filter.map { [$0] } ?? [])
      let line = words.map { Action.quoted($0.bytes) }.joined(separator: " ")
      return ([line, "goto \(position)"], 0)
    }
    var lines: [String] = []
    var names = PasswordNames()
    var world = World(seed: seed, clock: world.start)
    var happened = false
    for number in 1..<position + 1 {
      let action = self[number].action
      if action.isEvent {
        happened = true
      } else {
        if happened { lines.append("goto \(number - 1)") }
        happened = false
        lines.append((hidesPasswords ? action.hidingPasswords(&names) : action).line(in: world))
      }
      // It was possible the first time.
      _ = try? world.apply(action)
      // A script would wait for the reply, and let happen meanwhile what happened later.
      if action.isAwaited(in: world) { lines[lines.count - 1] = "send " + lines[lines.count - 1] }
    }
    if happened { lines.append("goto \(position)") }
    return (lines, names.count)
  }
}

extension Action {
  /// It is a command of a node's own client, which waits for a reply.
  fileprivate func isAwaited(in world: World) -> Bool {
    guard case .command(let name, _) = self, world.machineIndex(name) != nil else { return false }
    return world.awaitsReply(of: name)
  }

  fileprivate func hidingPasswords(_ names: inout PasswordNames) -> Action {
    switch self {
    case .start(let node, let launch): .start(node: node, names.replace(in: launch))
    case .command(let node, let arguments):
      .command(node: node, arguments: names.replace(Passwords.places(in: arguments), in: arguments))
    default: self
    }
  }
}

extension Action {
  /// The lab command that does it in a world.
  package func line(in world: World) -> String {
    switch self {
    case .next, .crossing, .recordingEnds: "goto \(world.number + 1)"
    case .deliver(let link, let side): "choose \(world.pendingNumber(of: link, towards: side))"
    case .advance(let time): "advance \((time - world.now).text)"
    case .pass(let time): "advance \((time - world.now).text) at once"
    case .command(let node, let arguments): ([node] + arguments.map(Self.quoted)).joined(separator: " ")
    case .connectClient(let name, let node): "client \(name) \(node)"
    case .followMaster(let name, let master): "client \(name) --sentinel \(InlineCommand.word(master.bytes))"
    case .disconnectClient(let name): "client \(name) off"
    case .start(let node, let launch):
      (["start", node] + (launch.file.map { [$0.name] } ?? []) + launch.arguments)
        .map { Self.quoted($0.bytes) }.joined(separator: " ")
    case .stop(let node): "stop \(node)"
    case .kill(let node): "kill \(node)"
    case .cutPower(let node): "kill \(node) --power"
    case .skew(let node, .zero): "skew \(node) off"
    case .skew(let node, let skew): "skew \(node) \(skew > .zero ? "+" : "")\(skew.text)"
    case .nat(let node, let outside): "nat \(node) \(outside?.text ?? "off")"
    case .disk(let node, let state): "disk \(node) \(state.words)"
    case .restart(let node): "restart \(node)"
    case .pause(let node): "pause \(node)"
    case .resume(let node): "resume \(node)"
    case .cut(let link): "cut \(link)"
    case .partition(let a, let b): "partition \(a) \(b)"
    case .heal(let a, let b): "heal \(a) \(b)"
    case .lag(let link, let interval): "lag \(link) \(interval.text)"
    case .lagBetween(let a, let b, let interval): "lag \(a) \(b) \(interval.text)"
    case .cutPath(let from, let to): "partition \(from) \(to) --one-way"
    case .jitter(let a, let b, let interval): "jitter \(a) \(b) \(interval.text)"
    case .bandwidth(let a, let b, let bytes): "bandwidth \(a) \(b) \(bytes.map(String.init) ?? "off")"
    case .drop(let a, let b, let perMille): "drop \(a) \(b) \(Self.percent(perMille))"
    case .damageFile(let node, let file, let offset): "damage \(node) \(Self.quoted(file.bytes)) \(offset)"
    case .damagePacket(let link, let side, let count, let offset):
      "damage \(world.pendingNumber(ofData: link, towards: side, behind: count)) \(offset)"
    case .split(let link, let side, let count, let sizes):
      "split \(world.pendingNumber(ofData: link, towards: side, behind: count)) "
        + sizes.map(String.init).joined(separator: " ")
    case .chunk(let node, .bytes(let size)): "chunk \(size) \(node)"
    case .chunk(let node, .record): "chunk record \(node)"
    case .fix(let node, let fix): "fix \(node) \(fix.words)"
    }
  }

  /// `2.5%`.
  package static func percent(_ perMille: Int) -> String {
    "\(perMille / 10)" + (perMille % 10 == 0 ? "" : ".\(perMille % 10)") + "%"
  }

  /// As redis-cli would take it; in quotes, too, where a script would begin a comment.
  fileprivate static func quoted(_ bytes: [UInt8]) -> String {
    bytes.contains(UInt8(ascii: "#")) ? InlineCommand.quoted(bytes) : InlineCommand.word(bytes)
  }
}

extension World {
  /// The number by which `info pending` knows a packet that is in flight towards a side of a link, from 1: the first one, or the one
  /// before which so many arrive.
  package func pendingNumber(of link: Link.ID, towards side: Side, at place: Int = 0) -> Int {
    let index = pending.firstIndex {
      if case .arrival(link, towards: side, _) = $0.event { $0.place == place } else { false }
    }
    return (index ?? 0) + 1
  }

  /// The same of the one that is behind so many others with data.
  fileprivate func pendingNumber(ofData link: Link.ID, towards side: Side, behind others: Int) -> Int {
    let place = linkIndex(link).flatMap { try? requireData($0, side, behind: others) }
    return pendingNumber(of: link, towards: side, at: place ?? 0)
  }

  /// How many packets with data arrive on a link before the one at that place.
  package func dataCount(before place: Int, of link: Link.ID, towards side: Side) -> Int {
    guard let index = linkIndex(link) else { return 0 }
    return links[index, side].incoming.prefix(place).count { !$0.packet.payload.isEmpty }
  }
}

extension Fix {
  /// As `fix` takes it.
  fileprivate var words: String {
    switch self {
    case .replid(let id): "replid \(id)"
    case .eofMark(let mark): "eof-mark \(mark)"
    case .runID(let id): "run-id \(id)"
    case .usedMemory(let bytes): "used-memory \(bytes)"
    case .redisVersion(let version): "redis-version \(version)"
    case .rdbVersion(let version): "rdb-version \(version)"
    case .fork(let fails): "fork \(fails ? "fail" : "ok")"
    }
  }
}
