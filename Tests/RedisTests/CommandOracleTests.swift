import Glibc
import RESP
import RealRedis
import Redis
import Testing

/// Generated calls of every command that works on one type of value, right and wrong, to a real redis-server and to a node:
/// the same replies, the same data, the same encodings, the same bytes in a DUMP, and the same stream to a replica.
///
/// `REPLAB_CALLS=100000` plays so many of each type, `REPLAB_FAMILY=scripts` those of one alone.
@Suite("Commands of each type", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct CommandOracleTests {
  private static let calls = getenv("REPLAB_CALLS").flatMap { Int(String(cString: $0)) } ?? 2_000

  private static let families = RandomScript.Family.allCases.filter { family in
    getenv("REPLAB_FAMILY").map { String(cString: $0) == "\(family)" } ?? true
  }

  /// In RESP3 a client may hear of what it does itself: each event stands before, behind or within the reply.
  /// In which order SORT meets the members of a set is a matter of its hash table.
  @Test("tell of each event where it happens", arguments: families.filter { $0 != .sorting })
  func inOrder(family: RandomScript.Family) throws {
    let pair = try OraclePair(version: 3, hearsItself: true)
    var script = RandomScript(seed: 5)
    for step in 0..<max(Self.calls / 4, 400) {
      if step % 200 == 0 {
        for line in script.limits() { try pair.same(line.map { Array($0.utf8) }) }
      }
      let call = script.call(of: family).map { Array($0.utf8) }
      guard try pair.same(call, order: RandomScript.order(of: call)) else { return }
    }
  }

  @Test("answer, keep and pass on the same", arguments: families, [2, 3])
  func same(family: RandomScript.Family, version: Int) throws {
    let pair = try OraclePair(version: version)
    var script = RandomScript(seed: UInt64(version))
    var compared = 0
    for step in 0..<Self.calls {
      // Small limits bring every encoding about; they change now and then.
      if step % 200 == 0 {
        for line in script.limits() { try pair.same(line.map { Array($0.utf8) }) }
      }
      let call = script.call(of: family).map { Array($0.utf8) }
      guard try pair.same(call, order: RandomScript.order(of: call)) else { return }
      if step - compared >= 100, script.isAtRest {
        compared = step
        guard try pair.sameData(hasOrder: family.hasOrder, hasTimes: family.hasTimes) else { return }
      }
    }
    // In which order SORT meets the members of a set is a matter of its hash table.
    try pair.sameEvents(inOrder: family != .sorting)
    try pair.sameStream()
  }
}

/// A real server and a node that are told the same, each with a replica's connection beside.
final class OraclePair {
  let server: RealServer
  private let socket: Socket
  private let replica: Socket
  private var client: NodeClient
  private let connection: ConnectionID
  private let nodeReplica: ConnectionID
  /// Those who are told of all events.
  private let subscriber: Socket
  private let nodeSubscriber: ConnectionID
  private var step = 0
  private var lastCalls: [String] = []

  private let hearsItself: Bool

  init(version: Int = 2, hearsItself: Bool = false) throws {
    self.hearsItself = hearsItself
    server = try RealServer([
      "--enable-debug-command", "yes", "--repl-diskless-sync", "no", "--save", "", "--repl-timeout", "100000",
      "--notify-keyspace-events", "AKEmn",
    ])
    socket = try Socket(port: server.port, patience: 10)
    replica = try Socket(port: server.port)
    subscriber = try Socket(port: server.port)
    replica.send(encode([Array("PSYNC".utf8), Array("?".utf8), Array("-1".utf8)]))
    var configuration = Configuration()
    for (name, value) in [
      ("enable-debug-command", "yes"), ("repl-diskless-sync", "no"), ("save", ""), ("repl-timeout", "100000"),
      ("notify-keyspace-events", "AKEmn"),
    ] {
      try configuration.set(name, value)
    }
    // Two seconds will have passed until its replica is there.
    client = NodeClient(configuration, at: realNow() - Interval.seconds(2))
    nodeReplica = client.connect()
    client.send(encode([Array("PSYNC".utf8), Array("?".utf8), Array("-1".utf8)]), on: nodeReplica)
    client.advance(by: .seconds(2))
    connection = client.connect()
    nodeSubscriber = client.connect()
    let subscribing = ["PSUBSCRIBE", "__key*__:*"].map { Array($0.utf8) }
    _ = try subscriber.command(subscribing)
    _ = client.command(subscribing, on: nodeSubscriber)
    let server = server
    #expect(try server.wait { try server.text("INFO", "replication").contains("state=online") })
    #expect(String(decoding: client.read(nodeReplica), as: UTF8.self).hasPrefix("+FULLRESYNC"))
    // When a server looks for expired keys by itself is a matter of time.
    _ = try say(["DEBUG", "SET-ACTIVE-EXPIRE", "0"].map { Array($0.utf8) })
    if version == 3 { _ = try say(["HELLO", "3"].map { Array($0.utf8) }) }
    if hearsItself { _ = try say(subscribing) }
  }

  private struct Replies {
    var real: [UInt8]
    var ours: [UInt8]
    var isSame: Bool { real == ours }
  }

  private func say(_ call: [[UInt8]]) throws -> Replies {
    client.now = max(client.now, realNow())
    client.advance(by: .zero)
    let ours = client.command(call, on: connection)
    guard hearsItself else { return Replies(real: try socket.command(call), ours: ours) }
    // A reply is one of several messages.
    socket.send(encode(call))
    var (real, scanner, position) = ([UInt8](), ReplyScanner(), 0)
    while position < ours.count, try scanner.next(in: ours.span, at: &position) { real += try socket.readReply() }
    return Replies(real: real, ours: ours)
  }

  /// Says something to each, which need not be the same; what they answer.
  func say(real: [[UInt8]], ours: [[UInt8]]) throws -> (real: [UInt8], ours: [UInt8]) {
    client.now = max(client.now, realNow())
    client.advance(by: .zero)
    return (try socket.command(real), client.command(ours, on: connection))
  }

  /// How the elements of a reply may differ.
  enum Order: Equatable {
    case same
    /// Those of the outermost array may come in any order, so many at a time.
    case any(groups: Int)
    /// Those of every array may come in any order.
    case anyWithin
    /// They are drawn by lot: only how many there are is settled.
    case drawn
    /// How long ago something was differs by what has passed between the two: the number behind a name.
    case idle
  }

  /// Says the same to both; false, and an issue, if they don't answer the same.
  @discardableResult
  func same(_ call: [[UInt8]], order: Order = .same) throws -> Bool {
    let line = call.map { shown($0) }.joined(separator: " ")
    lastCalls = lastCalls.suffix(7) + [line]
    let replies: Replies
    do {
      replies = try say(call)
    } catch {
      Issue.record("\(error)\ncall \(step): \(lastCalls.joined(separator: "\n  "))")
      return false
    }
    let (real, ours) = (replies.real, replies.ours)
    step += 1
    if agree(real, ours, order) { return true }
    Issue.record(
      """
      call \(step): \(lastCalls.joined(separator: "\n  "))
      redis: \(shown(real).prefix(1500))
      node:  \(shown(ours).prefix(1500))
      """)
    return false
  }

  /// The values of which a reply and what is pushed consist.
  private func messages(_ bytes: [UInt8]) -> [[UInt8]] {
    var (messages, scanner, position) = ([[UInt8]](), ReplyScanner(), 0)
    while true {
      let start = position
      guard position < bytes.count, (try? scanner.next(in: bytes.span, at: &position)) == true else { return messages }
      messages.append(Array(bytes[start..<position]))
    }
  }

  private func agree(_ real: [UInt8], _ ours: [UInt8], _ order: Order) -> Bool {
    let (real, ours) = (withoutTimes(real), withoutTimes(ours))
    if real == ours || withoutIdle(real, behind: "idle") == withoutIdle(ours, behind: "idle") { return true }
    let (theirs, mine) = hearsItself ? (messages(real), messages(ours)) : ([], [])
    if theirs.count > 1 { return theirs.count == mine.count && zip(theirs, mine).allSatisfy { agree($0, $1, order) } }
    if case .idle = order { return withoutIdle(real) == withoutIdle(ours) }
    // One that is drawn by itself.
    if case .drawn = order, real.first == UInt8(ascii: "$"), real.first == ours.first {
      return !real.starts(with: Array("$-1".utf8)) && !ours.starts(with: Array("$-1".utf8))
    }
    guard let a = ReplyParts(real), let b = ReplyParts(ours), a.head == b.head, a.elements.count == b.elements.count
    else { return false }
    switch order {
    case .same, .idle: return false
    case .any(let groups): return a.grouped(by: groups) == b.grouped(by: groups)
    case .anyWithin: return a.canonical == b.canonical
    case .drawn: return true
    }
  }

  /// The whole data set, and each key's encoding; its DUMP, too, where that depends on no order of hash tables.
  func sameData(hasOrder: Bool, hasTimes: Bool) throws -> Bool {
    _ = try say([Array("DISCARD".utf8)])
    // Key by key first: that tells which one differs.
    let keys = (0..<RandomScript.keyCount).map { "k\($0)" } + ["there"]
    for key in keys where !(try say(["DEBUG", "DIGEST-VALUE", key].map { Array($0.utf8) })).isSame {
      let dump = try say(["DUMP", key].map { Array($0.utf8) })
      Issue.record("\(key)\nredis: \(shown(dump.real))\nnode:  \(shown(dump.ours))")
    }
    guard try same((["DEBUG", "DIGEST-VALUE"] + keys).map { Array($0.utf8) }),
      try same(["DEBUG", "DIGEST"].map { Array($0.utf8) })
    else { return false }
    for number in 0..<RandomScript.keyCount {
      let key = "k\(number)"
      guard try same(["OBJECT", "ENCODING", key].map { Array($0.utf8) }) else { return false }
      let encoding = try say(["OBJECT", "ENCODING", key].map { Array($0.utf8) }).real
      guard hasOrder || !String(decoding: encoding, as: UTF8.self).contains("hashtable") else { continue }
      if hasTimes {
        guard try same(["XINFO", "STREAM", key, "FULL", "COUNT", "0"].map { Array($0.utf8) }) else { return false }
        let groups = try say(["XINFO", "GROUPS", key].map { Array($0.utf8) }).real
        if groups.starts(with: "*".utf8), !groups.starts(with: "*0".utf8) { continue }
      }
      guard try same(["DUMP", key].map { Array($0.utf8) }) else { return false }
    }
    return true
  }

  /// What both subscribers were told.
  func sameEvents(inOrder: Bool = true, atLeast least: Int = 100) throws {
    for line in [["DISCARD"], ["PUBLISH", "__key__:", "end"]] { _ = try say(line.map { Array($0.utf8) }) }
    var real: [UInt8] = []
    while !String(decoding: real.suffix(40), as: UTF8.self).contains("__key__:\r\n$3\r\nend") {
      let more = try subscriber.read()
      guard !more.isEmpty else { break }
      real += more
    }
    var (expected, given) = (Self.events(real), Self.events(client.read(nodeSubscriber)))
    if !inOrder { (expected, given) = (expected.sorted(), given.sorted()) }
    if let index = zip(expected, given).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
      let range = max(0, index - 3)...index
      Issue.record("event \(index)\nredis: \(expected[range])\nnode:  \(given[range])")
    }
    #expect(expected.count > least)
    #expect(given.count == expected.count)
  }

  /// Channel and message of each, as far as they have no line ends.
  private static func events(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "*4\r\n$8\r\npmessage\r\n").map {
      $0.split(separator: "\r\n").filter { !$0.hasPrefix("$") }.dropFirst().joined(separator: " ")
    }
  }

  /// What both replicas were told.
  func sameStream(atLeast least: Int = 100) throws {
    for line in [["DISCARD"], ["SELECT", "0"], ["SET", "saved", "1"], ["SET", "the", "end"]] {
      _ = try say(line.map { Array($0.utf8) })
    }
    var real: [UInt8] = []
    while !String(decoding: real.suffix(20), as: UTF8.self).contains("the\r\n$3\r\nend") {
      let more = try replica.read()
      guard !more.isEmpty else { break }
      real += more
    }
    let expected = streamCommands(withoutTimes(real))
    let given = streamCommands(withoutTimes(client.read(nodeReplica)))
    let difference = zip(expected, given).enumerated().first { $0.element.0 != $0.element.1 }
    if let difference {
      let from = max(0, difference.offset - 3)
      Issue.record(
        "command \(difference.offset)\nredis: \(expected[from..<difference.offset + 1])\nnode:  \(given[from..<difference.offset + 1])"
      )
    }
    #expect(expected.count > least)
    #expect(given.count == expected.count)
  }
}

/// The milliseconds of now, of which the two have different ones, as a row of sharps.
private func withoutTimes(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  var start: Int?
  for index in 0...bytes.count {
    if index < bytes.count, (0x30...0x39).contains(bytes[index]) {
      start = start ?? index
    } else if let first = start {
      if index - first == 13, bytes[first] == UInt8(ascii: "1") || bytes[first] == UInt8(ascii: "2") {
        for digit in first..<index { bytes[digit] = UInt8(ascii: "#") }
      }
      start = nil
    }
  }
  return bytes
}

/// Without the numbers that come directly behind a string, or behind a certain one.
private func withoutIdle(_ bytes: [UInt8], behind name: Substring? = nil) -> [Substring] {
  var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
  for index in lines.indices.dropFirst() where lines[index].hasPrefix(":") && !lines[index - 1].hasPrefix(":") {
    if name == nil || lines[index - 1] == name { lines[index] = ":#" }
  }
  return lines
}

/// The elements of a reply's outermost array, each with all that it holds.
private struct ReplyParts {
  var head: String
  var elements: [[UInt8]] = []

  init?(_ reply: [UInt8]) {
    guard let type = reply.first, "*~%>".utf8.contains(type), let end = reply.firstIndex(of: 10) else { return nil }
    head = String(decoding: reply[..<end], as: UTF8.self)
    var position = end + 1
    while position < reply.count {
      guard let next = Self.end(of: reply, from: position) else { return nil }
      elements.append(Array(reply[position..<next]))
      position = next
    }
  }

  /// The same whatever the order of the elements of each array in it.
  var canonical: [UInt8] {
    let elements = elements.map { ReplyParts($0)?.canonical ?? $0 }
    return Array(head.utf8) + elements.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
  }

  /// Where one value ends that begins there.
  private static func end(of bytes: [UInt8], from start: Int) -> Int? {
    guard start < bytes.count, let line = bytes[start...].firstIndex(of: 10) else { return nil }
    let number = Int(String(decoding: bytes[(start + 1)..<(line - 1)], as: UTF8.self)) ?? 0
    switch bytes[start] {
    case UInt8(ascii: "$"), UInt8(ascii: "="): return number < 0 ? line + 1 : line + 1 + number + 2
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"):
      var position = line + 1
      for _ in 0..<max(0, bytes[start] == UInt8(ascii: "%") ? 2 * number : number) {
        guard let next = end(of: bytes, from: position) else { return nil }
        position = next
      }
      return position
    default: return line + 1
    }
  }

  func grouped(by count: Int) -> [[UInt8]] {
    stride(from: 0, to: elements.count, by: count).map { start in
      elements[start..<min(start + count, elements.count)].flatMap { $0 }
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
