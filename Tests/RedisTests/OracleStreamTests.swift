import Glibc
import RealRedis
import Redis
import Testing

/// What the replicas hear of the same commands, from a real redis-server and from a node.
@Suite(.serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct OracleStreamTests {
  private func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func replicasHearTheSameCommands(seed: UInt64) throws {
    let server = try RealServer(["--enable-debug-command", "yes", "--repl-diskless-sync", "no"])
    let replica = try Socket(port: server.port)
    replica.send(encode(words("PSYNC ? -1")))
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    try configuration.set("repl-diskless-sync", "no")
    try configuration.set("save", "")
    var client = NodeClient(configuration, at: realNow())
    let nodeReplica = client.connect()
    client.send(encode(words("PSYNC ? -1")), on: nodeReplica)
    client.advance(by: .seconds(2))
    // Both begin to stream when the snapshot has been sent.
    #expect(try server.wait { try server.text("INFO", "replication").contains("state=online") })
    #expect(String(decoding: client.read(nodeReplica), as: UTF8.self).hasPrefix("+FULLRESYNC"))

    let socket = try Socket(port: server.port)
    let connection = client.connect()
    var script = RandomScript(seed: seed)
    // When a server looks for expired keys by itself is a matter of time, and so is where their DELs stand.
    let played = [words("DEBUG SET-ACTIVE-EXPIRE 0")] + (0..<1_500).map { _ in script.command() }
    for command in played {
      // A client of the node dies with its link on SHUTDOWN or REPLICAOF; the script knows neither.
      client.now = max(client.now, realNow())
      client.advance(by: .zero)
      _ = try socket.command(command)
      _ = client.command(command, on: connection)
    }
    // SAVE takes the count of changes back, which is no change itself.
    for line in ["DISCARD", "SELECT 0", "SET saved 1", "SAVE", "SET the end"] {
      _ = try socket.command(words(line))
      _ = client.command(line, on: connection)
    }
    var real: [UInt8] = []
    while !contains(real, "the\r\n$3\r\nend") {
      let more = try replica.read()
      guard !more.isEmpty else { break }
      real += more
    }
    // The real one's stream follows its payload, which holds no command: the data set was empty.
    let expected = streamCommands(real)
    let given = streamCommands(client.read(nodeReplica))
    let difference = zip(expected, given).enumerated().first { $0.element.0 != $0.element.1 }
    if let difference {
      let from = max(0, difference.offset - 3)
      Issue.record(
        "command \(difference.offset)\nredis: \(expected[from..<difference.offset + 1])\nnode:  \(given[from..<difference.offset + 1])"
      )
    }
    #expect(expected.count > 200)
    #expect(expected.count == given.count)
  }

  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    String(decoding: bytes.suffix(text.utf8.count + 2), as: UTF8.self).contains(text)
  }
}

/// The commands of a stream up to the marker that the test sent last, each as text, PINGs left out.
func streamCommands(_ bytes: [UInt8]) -> [String] {
  var lines: [String] = []
  var position = 0
  func line() -> String? {
    guard let end = bytes[position...].firstIndex(of: 10) else { return nil }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end - 1], as: UTF8.self)
  }
  while position < bytes.count {
    // The snapshot before the stream may have the byte of an asterisk in it, which begins nothing.
    let start = position
    guard bytes[start] == UInt8(ascii: "*"), let head = line(), let count = Int(head.dropFirst()) else {
      position = start + 1
      continue
    }
    var arguments: [String] = []
    for _ in 0..<count {
      guard let head = line(), let length = Int(head.dropFirst()), position + length + 2 <= bytes.count else {
        return lines
      }
      arguments.append(shown(Array(bytes[position..<position + length])))
      position += length + 2
    }
    if arguments != ["ping"] { lines.append(arguments.joined(separator: " ")) }
  }
  return lines
}
