import RealRedis
import Redis
import Testing

/// Clients that wait, at a real redis-server and at a node: each line is said by the client whose name it begins with.
@Suite(
  "Clients that wait for a key", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct BlockingTests {
  private static let scenarios = [
    // Served in the order in which they came, each with one.
    ["a BLPOP k 0", "b BRPOP k 0", "c RPUSH k 1 2 3", "c LRANGE k 0 -1"],
    // The first key that holds something; other types wake nobody.
    ["a BLPOP x y 0", "c SET y m", "c DEL y", "c LPUSH y 1", "c EXISTS y"],
    // Whoever is served brings about what the next waits for.
    ["a BLMOVE k l LEFT RIGHT 0", "b BLPOP l 0", "c RPUSH k 1", "c EXISTS k l"],
    ["a BRPOPLPUSH k k 0", "c RPUSH k 1 2", "c LRANGE k 0 -1"],
    ["a BLMPOP 0 2 x y RIGHT COUNT 2", "c RPUSH y 1 2 3", "c LRANGE y 0 -1"],
    // The target is no list.
    ["a BLMOVE k s LEFT RIGHT 0", "c SET s v", "c RPUSH k 1", "c LRANGE k 0 -1"],
    // In a transaction the whole of it comes first.
    ["a BLPOP k 0", "c MULTI", "c RPUSH k 1", "c DEL k", "c RPUSH k 2 3", "c EXEC", "c LRANGE k 0 -1"],
    ["a BLPOP k 0", "c MULTI", "c RPUSH k 1", "c LPOP k", "c EXEC", "c RPUSH k 5"],
    // A key that comes by another way.
    ["a BLPOP k 0", "c RPUSH l 1", "c RENAME l k", "c EXISTS k"],
    ["a BLPOP k 0", "c RPUSH l 1 2", "c COPY l k", "c LRANGE k 0 -1"],
    ["a BLPOP k 0", "c SELECT 1", "c RPUSH k 1", "c SWAPDB 0 1", "c EXISTS k"],
    ["a BLPOP k 0", "c SELECT 1", "c RPUSH k 1", "c MOVE k 0", "c EXISTS k"],
    // Ended from outside.
    ["a CLIENT ID", "a BLPOP k 0", "c CLIENT UNBLOCK #a ERROR", "c CLIENT UNBLOCK #a"],
    ["a CLIENT ID", "a BLPOP k 0", "c CLIENT UNBLOCK #a", "c RPUSH k 1", "c LLEN k"],
    // A command that a pause holds back is done all the same.
    [
      "a CLIENT ID", "c CLIENT PAUSE 100000 WRITE", "a SET k 1", "c CLIENT UNBLOCK #a ERROR", "c GET k",
      "c CLIENT UNPAUSE", "c GET k",
    ],
    // Streams.
    ["a XREAD BLOCK 0 STREAMS s t $ $", "c XADD t 1-1 f v", "a XREAD BLOCK 0 STREAMS s t 0 1-1", "c XADD s 2-1 g w"],
    [
      "c XGROUP CREATE s g $ MKSTREAM", "a XREADGROUP GROUP g one BLOCK 0 STREAMS s >",
      "b XREADGROUP GROUP g two BLOCK 0 STREAMS s >", "c XADD s 1-1 f v", "c XADD s 1-2 f v", "c XACK s g 1-1",
    ],
    ["c XGROUP CREATE s g $ MKSTREAM", "a XREADGROUP GROUP g one BLOCK 0 STREAMS s >", "c DEL s"],
    ["c XGROUP CREATE s g $ MKSTREAM", "a XREADGROUP GROUP g one BLOCK 0 STREAMS s >", "c XGROUP DESTROY s g"],
    ["c XGROUP CREATE s g $ MKSTREAM", "a XREADGROUP GROUP g one BLOCK 0 STREAMS s >", "c SET s v"],
    [
      "c XGROUP CREATE s g $ MKSTREAM", "a XREADGROUP GROUP g one NOACK BLOCK 0 STREAMS s >", "c XADD s 1-1 f v",
      "c XPENDING s g",
    ],
  ]

  /// A reply's number: a line end is one character.
  private static func number(_ reply: String) -> String { String(reply.dropFirst().dropLast()) }

  @Test("are served the same", arguments: scenarios) func served(scenario: [String]) throws {
    let server = try RealServer(["--save", ""])
    var sockets: [String: Socket] = [:]
    var client = NodeClient(at: realNow())
    var connections: [String: ConnectionID] = [:]
    for name in ["a", "b", "c"] {
      sockets[name] = try Socket(port: server.port)
      connections[name] = client.connect()
    }
    var (real, ours): ([String: String], [String: String]) = ([:], [:])
    var (realID, ourID) = ("", "")
    var waiting = 0
    for line in scenario {
      let name = String(line.prefix(1))
      let socket = try #require(sockets[name])
      let connection = try #require(connections[name])
      func words(_ id: String) -> [[UInt8]] {
        line.dropFirst(2).replacing("#a", with: id).split(separator: " ").map { Array($0.utf8) }
      }
      client.send(encode(words(ourID)), on: connection)
      client.advance(by: .zero)
      for (other, connection) in connections {
        ours[other, default: ""] += String(decoding: client.read(connection), as: UTF8.self)
      }
      socket.send(encode(words(realID)))
      if ours[name] == real[name] ?? "" {
        // It waits: the next line may only come once the server knows.
        waiting += 1
        let count = waiting
        #expect(try server.wait { try server.text("INFO", "clients").contains("blocked_clients:\(count)\r") })
      }
      for (other, socket) in sockets {
        while real[other, default: ""].utf8.count < ours[other, default: ""].utf8.count {
          let more = try socket.read()
          guard !more.isEmpty else { break }
          real[other, default: ""] += String(decoding: more, as: UTF8.self)
        }
      }
      if line.hasSuffix("CLIENT ID") {
        (realID, ourID) = (real[name] ?? "", ours[name] ?? "")
        (realID, ourID) = (Self.number(realID), Self.number(ourID))
        (real[name], ours[name]) = ("", "")
      }
      waiting = client.node.clients.count { $0.blocked != nil }
      #expect(ours.filter { !$0.value.isEmpty } == real.filter { !$0.value.isEmpty }, "\(line)")
    }
  }

  @Test("give up in their time") func timeout() throws {
    var client = NodeClient()
    let (a, b) = (client.connect(), client.connect())
    client.send(encode(["BLPOP", "k", "1.5"].map { Array($0.utf8) }), on: a)
    client.send(encode(["XREAD", "BLOCK", "200", "STREAMS", "s", "$"].map { Array($0.utf8) }), on: b)
    client.advance(by: .milliseconds(199))
    #expect(client.read(a).isEmpty)
    #expect(client.read(b).isEmpty)
    client.advance(by: .milliseconds(200))
    #expect(client.read(b) == Array("*-1\r\n".utf8))
    client.advance(by: .milliseconds(1500))
    #expect(client.read(a) == Array("*-1\r\n".utf8))
    // The next command is answered again.
    #expect(client.command("PING", on: a) == "+PONG\r\n")
  }

  @Test("and have said more meanwhile, are answered that after what they waited for") func pipelined() throws {
    var client = NodeClient()
    let (a, b) = (client.connect(), client.connect())
    client.send(encode(["BLPOP", "k", "0"].map { Array($0.utf8) }) + encode([Array("PING".utf8)]), on: a)
    #expect(client.read(a).isEmpty)
    #expect(client.command("RPUSH k v", on: b) == ":1\r\n")
    #expect(client.read(a) == Array("*2\r\n$1\r\nk\r\n$1\r\nv\r\n+PONG\r\n".utf8))
  }

  @Test("and are let go of as if their time was up, where they wait for none, are the end of the process")
  func panic() throws {
    var client = NodeClient()
    let (a, b) = (client.connect(), client.connect())
    _ = client.command("CLIENT PAUSE 1000 WRITE", on: b)
    let id = Self.number(client.command("CLIENT ID", on: a))
    client.send(encode(["SET", "k", "1"].map { Array($0.utf8) }), on: a)
    client.send(encode(["CLIENT", "UNBLOCK", id].map { Array($0.utf8) }), on: b)
    #expect(client.node.hasExited)
    let server = try RealServer(["--save", ""])
    let (held, other) = (try Socket(port: server.port), try Socket(port: server.port))
    _ = try other.command(["CLIENT", "PAUSE", "1000", "WRITE"].map { Array($0.utf8) })
    let number = String(decoding: try held.command(["CLIENT", "ID"].map { Array($0.utf8) }), as: UTF8.self)
    held.send(encode(["SET", "k", "1"].map { Array($0.utf8) }))
    #expect(try server.wait { try server.text("INFO", "clients").contains("blocked_clients:1\r") })
    other.send(encode(["CLIENT", "UNBLOCK", Self.number(number)].map { Array($0.utf8) }))
    #expect(try other.read().isEmpty)
  }

  @Test("do not wait on when their node becomes a replica") func replica() throws {
    var client = NodeClient()
    let (a, b) = (client.connect(), client.connect())
    client.send(encode(["BLPOP", "k", "0"].map { Array($0.utf8) }), on: a)
    #expect(client.command("REPLICAOF 127.0.0.1 1", on: b) == "+OK\r\n")
    #expect(String(decoding: client.read(a), as: UTF8.self).hasPrefix("-UNBLOCKED force unblock"))
    #expect(client.closed.contains(a))
  }
}
