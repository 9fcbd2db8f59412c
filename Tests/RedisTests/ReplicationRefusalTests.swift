import RealRedis
import Testing

@testable import Redis

/// What a master may require of its replica, and what the replica has: the rows of PROTOCOL.md's table of rights, and
/// the logins that fail.
struct Rights: Sendable, CustomTestStringConvertible {
  var name: String
  /// The master's default user needs this password.
  var requirepass: String?
  /// Rules of the master's user `rep`.
  var user: [String]?
  var masteruser: String?
  var masterauth: String?
  var outcome: Outcome

  enum Outcome: Sendable {
    /// It follows, and goes on following.
    case follows
    /// It tries again once a second.
    case retries
    /// It tries again at once, hundreds of times a second.
    case storms
    /// It follows, but is dropped at its first acknowledgement, and asks again.
    case isDropped
  }

  var testDescription: String { name }

  private static func rep(_ rules: String, _ outcome: Outcome) -> Rights {
    Rights(
      name: rules, user: ["on", ">pw"] + rules.split(separator: " ").map(String.init), masteruser: "rep",
      masterauth: "pw",
      outcome: outcome)
  }

  static let all = [
    Rights(name: "a password is needed, and none is given", requirepass: "pw", outcome: .storms),
    Rights(name: "the wrong password", requirepass: "pw", masterauth: "px", outcome: .retries),
    Rights(name: "the right password", requirepass: "pw", masterauth: "pw", outcome: .follows),
    Rights(name: "a password that nobody asked for", masterauth: "pw", outcome: .retries),
    Rights(name: "no such user", masteruser: "rep", masterauth: "pw", outcome: .retries),
    Rights(
      name: "a user that is off", user: [">pw", "+psync", "+replconf", "+ping"], masteruser: "rep", masterauth: "pw",
      outcome: .retries),
    rep("+psync +replconf +ping", .follows),
    rep("+psync +replconf", .follows),
    rep("+psync +ping", .isDropped),
    rep("+psync", .isDropped),
    rep("+sync +replconf +ping", .follows),
    rep("+replconf +ping", .storms),
    rep("+ping", .storms),
    rep("+@all -psync -sync", .storms),
  ]

  var master: [String] {
    ["--repl-diskless-sync-delay", "0"] + (requirepass.map { ["--requirepass", $0] } ?? [])
      + (user.map { ["--user", "rep"] + $0 } ?? [])
  }

  func replica(of port: Int) -> [String] {
    ["--replicaof", "127.0.0.1 \(port)"] + (masteruser.map { ["--masteruser", $0] } ?? [])
      + (masterauth.map { ["--masterauth", $0] } ?? [])
  }
}

/// What was said on the first connections, and how many there were.
private struct Dialogue: Equatable {
  var links: [[String]] = []

  /// The replica's words up to its first acknowledgement, then the master's up to the payload; ids, marks, ports and
  /// lengths apart, and without the newlines that only mean patience.
  ///
  /// A replica whose login is refused closes the connection: how much of the rest is answered before is a matter of time.
  init(_ recorded: [RecordedLink], _ rights: Rights) {
    links = recorded.map { link in
      let answers = Self.words(link.fromMaster, until: "$")
      return Self.words(link.fromReplica, until: "REPLCONF ACK") + ["---"]
        + (rights.outcome == .retries ? answers.prefix(2) : answers[...])
    }
  }

  private static func words(_ bytes: [UInt8], until end: String) -> [String] {
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    // Commands in one line each.
    var said: [String] = []
    while !lines.isEmpty {
      let line = lines.removeFirst().trimmingPrefix { $0 == "\n" }
      if line.hasPrefix("*"), let count = Int(line.dropFirst()) {
        said.append(
          stride(from: 1, to: 2 * count, by: 2).compactMap { $0 < lines.count ? lines[$0] : nil }.joined(separator: " ")
        )
        lines.removeFirst(min(lines.count, 2 * count))
      } else if !line.isEmpty {
        said.append(String(line))
      }
      if said.last?.hasPrefix(end) == true { break }
    }
    return said.map(Self.withoutChance).filter { !$0.hasPrefix("REPLCONF ACK") }
  }

  private static func withoutChance(_ line: String) -> String {
    if line.hasPrefix("REPLCONF listening-port") { return "REPLCONF listening-port" }
    if line.hasPrefix("$") { return line.hasPrefix("$EOF:") ? "$EOF" : "$length" }
    return line.split(separator: " ").map { $0.count == 40 && $0.allSatisfy(\.isHexDigit) ? "id" : $0 }
      .joined(separator: " ")
  }
}

@Suite("Refusals", .enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct ReplicationRefusalTests {
  /// Between real servers, ours behind a real master, and a real replica behind ours: the same words both ways.
  @Test("are the same between real servers and ours, both ways", arguments: Rights.all)
  func sameWords(_ rights: Rights) throws {
    let real = try realToReal(rights)
    let behindReal = try oursBehindReal(rights)
    let behindOurs = try realBehindOurs(rights)
    let count = min(rights.outcome == .follows ? 1 : 2, real.count, behindReal.count, behindOurs.count)
    #expect(
      count == (rights.outcome == .follows ? 1 : 2),
      "connections: \(real.count) real, \(behindReal.count) of our replica, \(behindOurs.count) to our master")
    func said(_ links: [RecordedLink]) -> Dialogue { Dialogue(Array(links.prefix(count)), rights) }
    #expect(said(behindReal) == said(real), "our replica")
    #expect(said(behindOurs) == said(real), "our master")
  }

  /// Enough was heard: a link that goes on, or two of those that don't, the second of them over.
  private func isHeard(_ rights: Rights, _ proxy: RecordingProxy) -> Bool {
    let links = proxy.links
    if rights.outcome == .follows {
      return links.contains { String(decoding: $0.fromReplica, as: UTF8.self).contains("\r\nACK\r\n") }
    }
    return links.count > 2
  }

  private func realToReal(_ rights: Rights) throws -> [RecordedLink] {
    let master = try RealServer(rights.master)
    let proxy = try RecordingProxy(to: master.port)
    defer { proxy.close() }
    let replica = try RealServer(rights.replica(of: proxy.port))
    _ = master.wait { isHeard(rights, proxy) }
    replica.kill()
    return proxy.links
  }

  private func oursBehindReal(_ rights: Rights) throws -> [RecordedLink] {
    let master = try RealServer(rights.master)
    let proxy = try RecordingProxy(to: master.port)
    defer { proxy.close() }
    let replica = try SocketHost { $0.take(rights.replica(of: proxy.port)) }
    _ = replica.run { _ in isHeard(rights, proxy) }
    return proxy.links
  }

  private func realBehindOurs(_ rights: Rights) throws -> [RecordedLink] {
    let master = try SocketHost { $0.take(rights.master) }
    let proxy = try RecordingProxy(to: master.port)
    defer { proxy.close() }
    let starting = rights.replica(of: proxy.port)
    let replica = try RealServer(starting)
    _ = master.run { _ in isHeard(rights, proxy) }
    replica.kill()
    return proxy.links
  }
}

extension Configuration {
  /// Directives of a test, which are right.
  fileprivate mutating func take(_ arguments: [String]) {
    do { try read(arguments: arguments) } catch { Issue.record("\(error)") }
  }
}
