import Comparison
import Lab
import RESP
import RealRedis
import Redis

/// The real servers that stand for a lab's nodes, each on a port of its own: what the lab calls port 7000 is another one
/// here, and a proxy that records stands between each replica and its master.
final class RealNodes {
  private let program: String
  private var servers: [String: RealServer] = [:]
  private var clients: [String: Socket] = [:]
  /// Real ports by those of the lab.
  private var ports: [Int: Int] = [:]
  private var proxies: [Pair: RecordingProxy] = [:]
  private var listeners: [Pair: RealConversations] = [:]

  init(program: String) { self.program = program }

  deinit { for proxy in proxies.values { proxy.close() } }

  /// What was said so far, as far as it passed through.
  func runs() -> [Pair: ConversationRun] {
    let lab = Dictionary(ports.map { ($1, $0) }) { first, _ in first }
    for pair in listeners.keys { said[pair] = listeners[pair]?.runs { lab[$0] ?? $0 } }
    return said
  }
  private var said: [Pair: ConversationRun] = [:]

  func interrupt(_ node: String, port: Int?) {
    for pair in listeners.keys where pair.replica == node || pair.masterPort == port { listeners[pair]?.interrupt() }
  }
}

// MARK: - Ports

extension RealNodes {
  /// The port that a real server has in place of the lab's.
  private func port(for lab: Int) throws -> Int {
    if let port = ports[lab] { return port }
    let port = try freePort()
    ports[lab] = port
    return port
  }

  /// Where a replica finds the master that it is to follow.
  private func proxyPort(of replica: String, to masterPort: Int) throws -> Int {
    let pair = Pair(replica: replica, masterPort: masterPort)
    if let proxy = proxies[pair] { return proxy.port }
    let proxy = try RecordingProxy(to: port(for: masterPort))
    proxies[pair] = proxy
    listeners[pair] = RealConversations(proxy)
    return proxy.port
  }

  /// A directive's or command's words with the ports that they name put right.
  private func words(_ name: String, _ words: [String], of node: String) throws -> [String] {
    switch name.lowercased() {
    case "port": return try words.map { try Int($0).map { "\(try port(for: $0))" } ?? $0 }
    case "replicaof", "slaveof":
      // `127.0.0.1 7000` may be one word or two.
      return try words.map { word in
        // A node's name leads to where all of them are.
        var parts = word.split(separator: " ").map { servers[String($0)] == nil ? String($0) : "127.0.0.1" }
        guard let last = parts.last, let master = Int(last) else { return parts.joined(separator: " ") }
        parts[parts.count - 1] = "\(try proxyPort(of: node, to: master))"
        return parts.joined(separator: " ")
      }
    case "failover": return words.map { Int($0).map { "\(ports[$0] ?? $0)" } ?? $0 }
    default: return words
    }
  }

  /// What redis-server is started with.
  private func arguments(_ launch: Launch, of node: String) throws -> [String] {
    var (result, directive, values): ([String], String, [String]) = ([], "", [])
    func flush() throws {
      guard !directive.isEmpty, directive != "port" else { return }
      result += ["--" + directive] + (try words(directive, values, of: node))
    }
    for argument in launch.arguments {
      if argument.hasPrefix("--") {
        try flush()
        (directive, values) = (String(argument.dropFirst(2)), [])
      } else {
        values.append(argument)
      }
    }
    try flush()
    return result
  }

  /// A file with the ports that it names put right, and with those files in it that it includes.
  private func configurationFile(
    _ bytes: [UInt8], of node: String, including files: [String: [UInt8]], depth: Int = 0
  ) throws -> [UInt8] {
    let lines = try String(bytes: bytes).split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in
        let parts = line.split(separator: " ").map(String.init)
        if parts.count == 2, parts[0].lowercased() == "include", depth < 32,
          let included = Configuration.included(parts[1], from: files)
        {
          let text = try configurationFile(included, of: node, including: files, depth: depth + 1)
          return String(bytes: text)
        }
        guard let name = parts.first, ["port", "replicaof", "slaveof"].contains(name.lowercased()) else {
          return String(line)
        }
        return try ([name] + words(name, Array(parts.dropFirst()), of: node)).joined(separator: " ")
      }
    return lines.joined(separator: "\n").bytes
  }
}

// MARK: - What the user does

extension RealNodes {
  /// - Parameter port: the one on which the lab's node listens.
  func start(_ node: String, _ launch: Launch, port labPort: Int) throws {
    var files: [String: [UInt8]] = [:]
    var arguments = try arguments(launch, of: node)
    if let file = launch.file {
      let others = Dictionary(launch.others.map { ($0.name, $0.bytes) }) { first, _ in first }
      files["redis.conf"] = try configurationFile(file.bytes, of: node, including: others)
      arguments.insert("redis.conf", at: 0)
    }
    clients[node] = nil
    servers[node] = try RealServer(arguments, files: files, port: port(for: labPort), program: program)
  }

  func restart(_ node: String) throws { try servers[node]?.restart() }

  func kill(_ node: String) {
    clients[node] = nil
    servers[node]?.kill()
  }

  func stop(_ node: String) {
    clients[node] = nil
    servers[node]?.stop()
  }

  func pause(_ node: String) { servers[node]?.pause() }
  func resume(_ node: String) { servers[node]?.resume() }

  /// While they hold, nothing that replicas and masters say arrives.
  func hold(_ holds: Bool) { for proxy in proxies.values { proxy.hold(holds) } }

  func cut(_ pair: Pair) { proxies[pair]?.cut() }

  /// A client's command on the connection that the prompt keeps; nil if the server closed it instead of a reply.
  func command(_ node: String, _ command: [[UInt8]]) throws -> [UInt8]? {
    guard let server = servers[node] else { throw RealServerError("\(node) was never started") }
    let client = try clients[node] ?? Socket(port: server.port)
    clients[node] = client
    let text = command.map { String(bytes: $0) }
    let changed = try words(text[0], Array(text.dropFirst()), of: node)
    let arguments =
      [command[0]]
      + zip(command.dropFirst(), changed).map { old, new in
        String(bytes: old) == new ? old : new.bytes
      }
    let reply = try? client.command(arguments)
    if reply == nil { clients[node] = nil }
    return reply
  }
}
