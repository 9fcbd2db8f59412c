import Dissection
import RESP

/// What replies tell of a node's configuration: CONFIG GET says it before CONFIG SET changes it; a refusal, or that there
/// was none, says the rest.
struct RecordedSettings {
  /// Directives and their values at the start, in the order in which they were learned.
  private(set) var found: [(directive: String, value: String)] = []
  /// Somebody from elsewhere was sent away. Where nobody was, no directive is in the way of those who came.
  private(set) var isProtected = false
  private var known: Set<String> = []
  private var asked: [Int: [Int: [[UInt8]]]] = [:]
  /// What was queued since MULTI, by the connection.
  private var queues: [Int: [[[UInt8]]]] = [:]
  /// The lowest number of a database that there is not, and the number of those that there must be.
  private var databases = 16

  /// What is no setting of a node that hears the recording only.
  private static let others: Set<String> = [
    "port", "dir", "bind", "logfile", "daemonize", "pidfile", "save", "appendonly", "replicaof", "slaveof",
    "unixsocket",
    "supervised", "requirepass", "masterauth", "masteruser", "repl-diskless-sync", "repl-diskless-sync-delay",
  ]

  mutating func hear(_ message: Message, on connection: Int) {
    if message.side == .opener {
      guard message.kind == .command else { return }
      asked[connection, default: [:]][message.number] = message.words
      return
    }
    if message.bytes.starts(with: Array("-DENIED Redis is running in protected mode".utf8)) { isProtected = true }
    if message.bytes.starts(with: Array("-MASTERDOWN".utf8)) { learn("replica-serve-stale-data", "no") }
    guard let number = message.answers?.number, let words = asked[connection]?.removeValue(forKey: number) else {
      return
    }
    switch words.first.map({ String(bytes: $0).lowercased() }) {
    case "multi": if message.bytes.starts(with: "+OK".utf8) { queues[connection] = [] }
    case "exec":
      let queue = queues.removeValue(forKey: connection) ?? []
      let elements = ReplyElements(message.bytes)?.elements ?? []
      if queue.count == elements.count { for (words, element) in zip(queue, elements) { hear(element, to: words) } }
    case "discard", "reset": queues[connection] = nil
    default:
      if queues[connection] == nil { return hear(message.bytes, to: words) }
      if message.bytes.starts(with: "+QUEUED".utf8) { queues[connection]?.append(words) }
    }
  }

  private mutating func hear(_ reply: [UInt8], to words: [[UInt8]]) {
    let texts = words.map { String(bytes: $0) }
    let error = reply.first == UInt8(ascii: "-") ? String(bytes: ReplyElements.text(reply)) : nil
    switch (texts.first?.lowercased(), texts.dropFirst().first?.lowercased()) {
    case ("config", "get"): hearConfiguration(reply)
    case ("config", "set"):
      if error == nil {
        for index in stride(from: 2, to: texts.count, by: 2) { known.insert(texts[index].lowercased()) }
      }
    case ("debug", _):
      if error?.hasPrefix("ERR DEBUG command not allowed") != true { learn("enable-debug-command", "yes") }
    case ("select", _), ("move", _):
      if error == "ERR DB index is out of range", let number = Int(texts.last ?? ""), number > 0 { limit(number) }
    default: break
    }
  }

  private mutating func limit(_ number: Int) {
    guard number < databases else { return }
    databases = number
    found.removeAll { $0.directive == "databases" }
    known.remove("databases")
    learn("databases", "\(number)")
  }

  private mutating func hearConfiguration(_ reply: [UInt8]) {
    guard let elements = ReplyElements(reply)?.elements else { return }
    for index in stride(from: 0, to: elements.count - 1, by: 2) {
      let name = String(bytes: ReplyElements.text(elements[index]))
      learn(name, String(bytes: ReplyElements.text(elements[index + 1])))
    }
  }

  private mutating func learn(_ directive: String, _ value: String) {
    guard !Self.others.contains(directive), known.insert(directive).inserted else { return }
    found.append((directive, value))
  }
}
