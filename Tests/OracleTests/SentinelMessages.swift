import Capture
import Comparison
import Dissection
import RESP

/// What Sentinels, a master and its replicas said to each other, link by link, without what is a matter of time.
///
/// What comes again and again (PING, INFO, hello messages) is kept apart from the rest, and of it only what differs from the time
/// before: how often it comes, and what comes between, is chance. Who connects from where is told by what is said: a Sentinel by its
/// name, a replica by the port that it listens on. Whoever says neither is a client, and left out.
struct SentinelMessages: Equatable {
  /// By who speaks to whom over which connection, and of the periodic messages for each kind.
  private(set) var links: [String: [String]] = [:]

  private let ports: [String: Int]
  private let names: [UInt16: String]
  private let ids: [String: String]

  init(_ packets: [Packet], ports: [String: Int], ids: [String: String]) {
    self.ports = ports
    names = Dictionary(uniqueKeysWithValues: ports.map { (UInt16($1), $0) })
    self.ids = ids
    var traffic = TrafficDissector(listeners: [])
    var heard: [Int: [Message]] = [:]
    for packet in packets {
      for observation in traffic.consume(packet) { heard[observation.connection, default: []] += observation.messages }
    }
    for observation in traffic.end() { heard[observation.connection, default: []] += observation.messages }
    var histories = Histories()
    for (number, messages) in heard.sorted(by: { $0.key < $1.key }) {
      guard let acceptor = traffic.ends(of: number).flatMap({ names[$0.acceptor.port] }),
        messages.contains(where: { $0.side == .acceptor })
      else { continue }
      for message in messages where message.side == .opener {
        let words = message.words.map { String(decoding: $0, as: UTF8.self) }
        if words.starts(with: ["CLIENT", "SETNAME"]), let (sentinel, kind) = named(words[2]) {
          add(messages, "\(sentinel) → \(acceptor) \(kind)")
          break
        }
        if words.starts(with: ["REPLCONF", "listening-port"]), let replica = UInt16(words[2]).flatMap({ names[$0] }) {
          add(messages, replica, acceptor, &histories)
          break
        }
      }
    }
  }

  static func == (a: Self, b: Self) -> Bool { a.links == b.links }

  /// `sentinel-0123abcd-cmd` is a Sentinel, and what its connection is for.
  private func named(_ client: String) -> (String, String)? {
    let parts = client.split(separator: "-").map(String.init)
    guard parts.count == 3, let id = ids.keys.first(where: { $0.hasPrefix(parts[1]) }) else { return nil }
    return (ids[id] ?? "", parts[2])
  }

  // MARK: A Sentinel's connection

  private static let periodic: Set<String> = ["PING", "INFO", "PUBLISH"]

  /// Each command with its answer.
  private mutating func add(_ messages: [Message], _ link: String) {
    var said: [String] = []
    var transaction: [String] = []
    var answers: [Int: Message] = [:]
    for message in messages { if let command = message.answers?.number { answers[command] = message } }
    // An end may come amidst of a reply.
    for message in messages where message.kind != .truncated {
      switch message.side {
      case .opener:
        let name = message.words.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
        let answer = answers[message.number]
        let exchange = text(message.words) + " → " + (answer.map { text($0, to: name) } ?? "nothing")
        if name == "MULTI" || !transaction.isEmpty {
          transaction.append(exchange)
          if name == "EXEC" { end(&transaction, on: link) }
        } else if !Self.periodic.contains(name) {
          if exchange != said.last { said.append(exchange) }
        } else if answer != nil {
          add(exchange, to: "\(link) \(name)")
        }
      case .acceptor:
        if message.answers == nil { add(text(message, to: ""), to: "\(link) messages") }
      }
    }
    said += transaction
    // A connection that comes to nothing more is made again and again.
    if links[link]?.suffix(said.count) != said[...] { links[link, default: []] += said }
  }

  /// Who is the first to put the old master right, and whether another one does it, too, is chance.
  private mutating func end(_ transaction: inout [String], on link: String) {
    let list = link.contains("→ m ") ? "Sentinels → m cmd" : link
    let place = "\(list) MULTI"
    if links[place]?.suffix(transaction.count) != transaction[...] { links[place, default: []] += transaction }
    transaction = []
  }

  /// Hellos are a list for each Sentinel that says them. Whether one knows of a new epoch, and takes the master to be where it
  /// was, long enough to say so is a matter of time.
  private mutating func add(_ line: String, to list: String) {
    var list = list
    if let hello = line.firstMatch(of: /__sentinel__:hello \S+?,(\d+),/),
      let (name, _) = ports.first(where: { "\($1)" == hello.1 })
    {
      list += " of \(name)"
      if Self.isBetweenEpochs(line) { return }
    }
    if links[list]?.last != line { links[list, default: []].append(line) }
  }

  private static func isBetweenEpochs(_ hello: String) -> Bool {
    let fields = hello.split(separator: ",")
    return fields.count == 8 && !fields[7].hasPrefix(fields[3])
  }

  /// Each Sentinel has heard all at each server, and from each other one; so have the replicas, as the master passes it on.
  var haveAllSaidHello: Bool {
    ["s1", "s2", "s3"].allSatisfy { speaker in
      ["r1", "r2"].allSatisfy { links["m → \($0), its replica PUBLISH of \(speaker)"] != nil }
        && ["s1", "s2", "s3"].allSatisfy { listener in
          ["m", "r1", "r2"].allSatisfy { links["\(listener) → \($0) pubsub messages of \(speaker)"] != nil }
            && (speaker == listener || links["\(speaker) → \(listener) cmd PUBLISH of \(speaker)"] != nil)
        }
    }
  }

  private func text(_ words: [[UInt8]]) -> String {
    naming(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
  }

  /// Of INFO only that it is answered; how many somebody was published to or how many clients were killed is chance.
  private func text(_ reply: Message, to name: String) -> String {
    let lines = String(decoding: reply.bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    switch name {
    case "INFO": return lines.first.map { String($0.prefix(1)) } ?? ""
    case "PUBLISH", "EXEC": return lines.map { $0.hasPrefix(":") ? ":" : $0 }.joined(separator: " ")
    default: return naming(lines.filter { !$0.hasPrefix("$") }.joined(separator: " "))
    }
  }

  private func naming(_ text: String) -> String {
    ids.reduce(text) {
      $0.replacing($1.key, with: $1.value).replacing("sentinel-\($1.key.prefix(8))", with: "sentinel-\($1.value)")
    }
  }

  // MARK: A replica's connection

  private mutating func add(_ messages: [Message], _ replica: String, _ master: String, _ histories: inout Histories) {
    var writer = ConversationWriter()
    let tolerance = Tolerance.servers { $0 }
    for message in messages {
      // A hello that was published at the master is published at its replicas.
      if message.kind == .stream, let name = message.words.first, name.elementsEqual("PUBLISH".utf8) {
        // One that was silent may hear of another master before it finds that its replicas have left it.
        let hello = text(message.words)
        if hello.contains(",\(ports[master] ?? 0),") { add(hello, to: "\(master) → \(replica), its replica PUBLISH") }
      } else {
        writer.hear(message, histories: &histories, tolerance: tolerance)
      }
    }
    let (up, down) = ("\(replica) → \(master), its master", "\(master) → \(replica), its replica")
    links[up, default: []] += writer.conversation.replica.map(\.text)
    links[down, default: []] += writer.conversation.master.map(\.text)
  }
}
