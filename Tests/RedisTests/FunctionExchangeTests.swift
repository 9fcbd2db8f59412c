import RESP
import RealRedis
import Redis
import TestSupport
import Testing

/// Libraries of functions that one server gives to the other by FUNCTION DUMP and RESTORE.
@Suite("Functions", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct FunctionExchangeTests {
  /// Function 1 is in two of them, so that a restored one may collide with one that is there.
  private static let libraries = [
    "#!lua name=one\nredis.register_function('f1', function(keys, args) return {keys, args} end)",
    "#!lua name=two\nlocal n = 2\nredis.register_function('f2', function() return n end)\n"
      + "redis.register_function{function_name='g2', description='says two\\0\\n', callback=function() return 'two' end,"
      + " flags={'no-writes', 'allow-stale'}}",
    "#!lua name=three\nredis.register_function('f1', function() return 'three' end)",
    "#!lua name=one\nredis.register_function('f4', function() return redis.call('SET', 'k', 'v') end)",
    "#!lua name=five\n--[[" + String(repeating: "long ", count: 400)
      + "]] redis.register_function('f5', function() return 5 end)",
  ]

  @Test("of one server are restored by the other, or refused in the same words")
  func exchanged() throws {
    var random = TestRandom(seed: 3)
    let pair = try OraclePair()
    func load(_ library: String) throws { try pair.same(["FUNCTION", "LOAD", library].map { Array($0.utf8) }) }
    let dump = ["FUNCTION", "DUMP"].map { Array($0.utf8) }
    for round in 0..<60 {
      try pair.same(["FUNCTION", "FLUSH"].map { Array($0.utf8) })
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        try load(Self.libraries.randomElement(using: &random) ?? "")
      }
      let dumps = try pair.say(real: dump, ours: dump)
      var (real, ours) = (try #require(bulk(dumps.real)), try #require(bulk(dumps.ours)))
      #expect(real.count == ours.count, "round \(round)")
      if Bool.random(using: &random) { try pair.same(["FUNCTION", "FLUSH"].map { Array($0.utf8) }) }
      // One at most: of several that collide each server may name another one.
      if Bool.random(using: &random) { try load(Self.libraries.randomElement(using: &random) ?? "") }
      if round % 5 == 4 {
        let index = Int.random(in: 0..<min(real.count, ours.count), using: &random)
        real[index] ^= 1
        ours[index] ^= 1
      }
      let policy = [[], ["APPEND"], ["REPLACE"], ["FLUSH"]].randomElement(using: &random) ?? []
      func restore(_ payload: [UInt8]) -> [[UInt8]] {
        ["FUNCTION", "RESTORE"].map { Array($0.utf8) } + [payload] + policy.map { Array($0.utf8) }
      }
      let replies = try pair.say(real: restore(ours), ours: restore(real))
      #expect(shown(replies.real) == shown(replies.ours), "round \(round), \(policy)")
      try pair.same(["FUNCTION", "LIST", "WITHCODE"].map { Array($0.utf8) }, order: .anyWithin)
      for function in ["f1", "f2", "g2", "f4", "f5"] {
        try pair.same(["FCALL", function, "1", "k", "a"].map { Array($0.utf8) })
      }
    }
  }

  @Test("are found whatever the case of their names, libraries are not")
  func names() throws {
    let pair = try OraclePair()
    func library(_ name: String, _ function: String) -> [String] {
      ["FUNCTION", "LOAD", "#!lua name=\(name)\nredis.register_function('\(function)', function() return 1 end)"]
    }
    for call in [
      library("a", "G"), ["FCALL", "g", "0"], ["FCALL_RO", "G", "0"], library("b", "g"), library("A", "h"),
      ["FCALL", "H", "0"],
      ["FUNCTION", "DELETE", "A"], ["FCALL", "h", "0"], ["FCALL", "g", "0"],
    ] {
      try pair.same(call.map { Array($0.utf8) })
    }
  }

  @Test("and scripts can't block in XREAD")
  func blocking() throws {
    let pair = try OraclePair()
    for call in [
      ["EVAL", "return redis.call('xread','block',0,'streams','s','$')", "0"],
      ["EVAL", "return redis.pcall('XREADGROUP','group','g','c','BLOCK','x','streams','s','>')", "0"],
      ["EVAL", "return redis.call('xread','count',1,'streams','s','$')", "0"],
    ] {
      try pair.same(call.map { Array($0.utf8) })
    }
  }

  /// What a bulk string holds.
  private func bulk(_ reply: [UInt8]) -> [UInt8]? {
    guard reply.first == UInt8(ascii: "$"), let line = reply.firstIndex(of: 10) else { return nil }
    return Array(reply[(line + 1)...].dropLast(2))
  }
}
