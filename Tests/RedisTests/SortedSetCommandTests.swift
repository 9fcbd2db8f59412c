import Testing

@testable import Redis

/// What the oracle can't be asked: clients that wait, and what is drawn by lot.
@Suite("Commands on sorted sets, by themselves")
struct SortedSetCommandTests {
  /// What one client says, or an input of another, and what the one that waits gets by it.
  @Test(
    "A client that waits gets an entry from whatever makes the key",
    arguments: [
      ("BZPOPMIN k 0", "ZADD k 1 a 2 b", "*3\r\n$1\r\nk\r\n$1\r\na\r\n$1\r\n1\r\n"),
      ("BZPOPMAX k 0", "ZADD k 1 a 2 b", "*3\r\n$1\r\nk\r\n$1\r\nb\r\n$1\r\n2\r\n"),
      (
        "BZMPOP 0 1 k MAX COUNT 5", "ZADD k 1 a 2 b",
        "*2\r\n$1\r\nk\r\n*2\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
      ),
      ("BZPOPMIN x k 0", "ZUNIONSTORE k 1 other", "*3\r\n$1\r\nk\r\n$1\r\no\r\n$1\r\n7\r\n"),
      ("BZPOPMIN k 0", "GEOADD k 0 0 here", "*3\r\n$1\r\nk\r\n$4\r\nhere\r\n$16\r\n3377699720527872\r\n"),
    ])
  func blocked(wait: String, call: String, reply: String) {
    var client = NodeClient()
    let (waiting, other) = (client.connect(), client.connect())
    _ = client.command("ZADD other 7 o", on: other)
    #expect(client.command(wait, on: waiting) == "")
    // A key of another type wakes nobody.
    _ = client.command("LPUSH k x", on: other)
    _ = client.command("DEL k", on: other)
    #expect(client.read(waiting).isEmpty)
    _ = client.command(call, on: other)
    #expect(String(decoding: client.read(waiting), as: UTF8.self) == reply)
  }

  @Test("Who has waited long enough gets nothing")
  func timedOut() {
    var client = NodeClient()
    let connection = client.connect()
    #expect(client.command("BZPOPMIN k 1", on: connection) == "")
    client.advance(by: .milliseconds(1_100))
    #expect(String(decoding: client.read(connection), as: UTF8.self) == "*-1\r\n")
    #expect(client.command("ZADD k 1 a", on: connection) == ":1\r\n")
    #expect(client.command("ZCARD k", on: connection) == ":1\r\n")
  }

  @Test("ZRANDMEMBER draws as many as it is asked for, each once or more than once", arguments: [10, 300])
  func drawn(size: Int) {
    var client = NodeClient()
    let connection = client.connect()
    _ = client.command("ZADD k " + (0..<size).map { "\($0) m\($0)" }.joined(separator: " "), on: connection)
    func draw(_ count: Int) -> [String] {
      client.command("ZRANDMEMBER k \(count)", on: connection).split(separator: "\r\n").filter { $0.hasPrefix("m") }
        .map(String.init)
    }
    let members = Set((0..<size).map { "m\($0)" })
    for count in [1, 2, size / 2, size - 1] {
      let drawn = draw(count)
      #expect(drawn.count == count)
      #expect(Set(drawn).count == count)
      #expect(members.isSuperset(of: drawn))
    }
    #expect(draw(size + 5) == (0..<size).reversed().map { "m\($0)" })
    #expect(draw(-3 * size).count == 3 * size)
    #expect(Set(draw(-20 * size)).isSubset(of: members))
    #expect(
      client.command("ZRANDMEMBER k -9000000000", on: connection)
        == "-ERR a node of the lab draws no more than 1048576 times at once\r\n")
  }

  @Test("PFSELFTEST finds dense and sparse in agreement, and takes nothing from chance")
  func selfTest() {
    var client = NodeClient()
    let connection = client.connect()
    let before = client.node.random
    #expect(client.command("PFSELFTEST", on: connection) == "+OK\r\n")
    #expect(client.node.random == before)
  }
}
