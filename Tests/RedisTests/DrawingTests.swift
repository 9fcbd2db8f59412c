import RESP
import Testing

@testable import Redis

/// Commands that draw by lot: what holds of every draw.
@Suite("What is drawn by lot")
struct DrawingTests {
  private var client: NodeClient
  private let connection: ConnectionID
  private let replica: ConnectionID

  init() throws { (client, connection, replica) = try NodeClient.withReplica() }

  private mutating func say(_ line: String) -> String { client.command(line, on: connection) }
  /// The strings of a reply.
  private mutating func strings(_ line: String) -> [String] {
    say(line).split(separator: "\r\n").filter { !"*$~%".contains($0.first ?? "*") }.map(String.init)
  }
  private mutating func members(_ key: String) -> Set<String> { Set(strings("SMEMBERS \(key)")) }

  /// The numbers of an intset, or a hash table's words.
  static let kinds = [(1...40).map(String.init), (1...40).map { "m\($0)" }]

  @Test(
    "SPOP takes as many different members as it is asked for, and tells the replicas which",
    arguments: kinds, [1, 2, 20, 34, 35, 39])
  mutating func popped(members all: [String], count: Int) {
    _ = say("SADD s \(all.joined(separator: " "))")
    _ = client.read(replica)
    let popped = strings("SPOP s \(count)")
    let left = members("s")
    #expect(popped.count == count)
    #expect(Set(popped).union(left) == Set(all))
    #expect(left.count == all.count - count)
    var told = streamCommands(client.read(replica)).map { $0.replacing("\"", with: "") }
    told.removeAll { $0.hasPrefix("SELECT") || $0.contains("MULTI") || $0.contains("EXEC") }
    #expect(told.count == count)
    for (command, member) in zip(told, popped) { #expect(command.contains(member), "\(command)") }
    #expect(told.allSatisfy { $0.contains("SREM") })
  }

  @Test(
    "SPOP of the last member is told the replicas as SREM, of all with a count as DEL", arguments: ["", " 1", " 5"])
  mutating func last(count: String) {
    _ = say("SADD s a")
    _ = client.read(replica)
    _ = say("SPOP s\(count)")
    #expect(say("EXISTS s") == ":0\r\n")
    #expect(String(decoding: client.read(replica), as: UTF8.self).contains(count.isEmpty ? "SREM" : "DEL"))
  }

  @Test("what stays when most of a set is popped is an intset again if it may be")
  mutating func isPackedAgain() {
    _ = say("SADD s \((1...600).map(String.init).joined(separator: " ")) word")
    #expect(say("OBJECT ENCODING s").contains("hashtable"))
    // One word and many numbers: with two left, one of a few tries leaves numbers.
    _ = say("SPOP s 599")
    #expect(say("SCARD s") == ":2\r\n")
    #expect(say("OBJECT ENCODING s").contains(members("s").contains("word") ? "hashtable" : "intset"))
  }

  @Test(
    "a positive count draws different elements, a negative one as many as it says",
    arguments: ["SRANDMEMBER", "HRANDFIELD"], [1, 2, 9, 13, 14, 30, 39, 40, 41, -1, -3, -100])
  mutating func drawn(command: String, count: Int) {
    let all = Self.kinds[1]
    for packed in [true, false] {
      _ = say("CONFIG SET hash-max-listpack-entries \(packed ? 512 : 1)")
      _ = say("DEL k")
      if command == "SRANDMEMBER" {
        _ = say("SADD k \(all.joined(separator: " "))")
      } else {
        _ = say("HSET k \(all.map { "\($0) v\($0)" }.joined(separator: " "))")
      }
      let drawn = strings("\(command) k \(count)")
      #expect(drawn.count == (count < 0 ? -count : min(count, all.count)))
      #expect(Set(drawn).isSubset(of: all))
      if count > 0 { #expect(Set(drawn).count == drawn.count) }
      guard command == "HRANDFIELD" else { continue }
      let pairs = strings("HRANDFIELD k \(count) WITHVALUES")
      #expect(pairs.count == 2 * drawn.count)
      for index in stride(from: 0, to: pairs.count, by: 2) { #expect(pairs[index + 1] == "v\(pairs[index])") }
    }
  }

  @Test("each member is drawn about as often as any other") mutating func isFair() {
    _ = say("SADD s a b c d")
    var counts: [String: Int] = [:]
    for _ in 0..<400 { counts[strings("SRANDMEMBER s")[0], default: 0] += 1 }
    for member in ["a", "b", "c", "d"] { #expect((60...140).contains(counts[member] ?? 0)) }
    let many = strings("SRANDMEMBER s -4000")
    for member in ["a", "b", "c", "d"] { #expect((800...1200).contains(many.count { $0 == member })) }
  }

  @Test("more draws than a node has room for are refused", arguments: ["SRANDMEMBER s", "HRANDFIELD h"])
  mutating func bounded(line: String) {
    _ = say("SADD s a")
    _ = say("HSET h a b")
    #expect(say("\(line) -9223372036854775807").hasPrefix("-ERR a node of the lab"))
    #expect(say("\(line) -1048576").hasPrefix("*1048576\r\n"))
  }

  @Test(
    "a walk meets each element that is there all along, whatever comes and goes meanwhile",
    arguments: ["SSCAN", "HSCAN"])
  mutating func walked(command: String) {
    let isSet = command == "SSCAN"
    _ = say("CONFIG SET hash-max-listpack-entries 1")
    for number in 0..<500 { _ = say(isSet ? "SADD k m\(number)" : "HSET k m\(number) v\(number)") }
    var met: [String] = []
    var cursor = "0"
    var round = 0
    repeat {
      var reply = strings("\(command) k \(cursor) COUNT 7")
      cursor = reply.removeFirst()
      if isSet {
        met += reply
      } else {
        met += stride(from: 0, to: reply.count, by: 2).map { reply[$0] }
        for index in stride(from: 0, to: reply.count, by: 2) {
          #expect(reply[index + 1] == "v\(reply[index].dropFirst())")
        }
      }
      // Those from 200 on go, others come.
      _ = say("\(isSet ? "SREM" : "HDEL") k m\(200 + round * 4) m\(201 + round * 4) m\(202 + round * 4)")
      _ = say(isSet ? "SADD k new\(round)" : "HSET k new\(round) vew\(round)")
      round += 1
    } while cursor != "0" && round < 1000
    #expect(cursor == "0")
    #expect(Set(met).isSuperset(of: (0..<200).map { "m\($0)" }))
  }
}
