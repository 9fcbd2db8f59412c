import Hostile
import RESP
import Redis
import Testing

/// Whatever a script does, the node answers, or is busy with it until it is killed.
@Suite("Scripts that nobody means well") struct HostileScriptTests {
  @Test("are ended, and leave a node that goes on", arguments: 0..<1)
  func ended(seed: UInt64) {
    var choices = Choices(seed: seed)
    for _ in 0..<20 {
      let script = HostileScripts.script(&choices)
      var sitting = ScriptSitting()
      let reply = sitting.say(["EVAL", script, "1", "k1", "x"])
      if reply.isEmpty { sitting.kill() }
      #expect(sitting.say(["PING"]) == "+PONG\r\n", "\(script)")
    }
  }

  @Test(
    "take no more memory, stack or time than there is for them",
    arguments: [
      "return string.rep('x', 2^40)", "local t = {} while true do t[#t + 1] = string.rep('x', 2^20) end",
      "local function f() return f() + 1 end return f()", "return string.find(string.rep('a', 2^16), '.-.-.-.-b')",
      "return string.find(string.rep('a', 2^16), string.rep('a?', 2^16))", "while true do pcall(error) end",
      "while true do coroutine.wrap(function() for i = 1, 900 do end end)() end",
      "local t = {} for i = 1, 1e6 do table.insert(t, 1, i) end", "return loadstring(string.dump(function() end))",
      "local t = {} for i = 1, 2e5 do t = {t} end return t", "return cjson.decode(string.rep('[', 1e6))",
      "local s = '' while true do s = s .. 'xxxxxxxxxxxxxxxx' end", "error(setmetatable({}, {__index = error}))",
      "return setmetatable({err = 'x'}, {__index = error})",
    ])
  func bounded(script: String) {
    var sitting = ScriptSitting()
    if sitting.say(["EVAL", script, "0"]).isEmpty { sitting.kill() }
    #expect(sitting.say(["EVAL", "return {1, 'still here'}", "0"]) == "*2\r\n:1\r\n$10\r\nstill here\r\n")
  }
}

/// A node, somebody who runs scripts on it, and somebody who kills them.
private struct ScriptSitting {
  private var node = Node(configuration: Configuration(), seed: 1, now: .defaultLabClock)
  private var now = Instant.defaultLabClock
  private let runner = ConnectionID(.accepted, 1)
  private let killer = ConnectionID(.accepted, 2)

  init() {
    _ = node.handle(.start(files: [:]), at: now)
    for connection in [runner, killer] {
      let address = Address(host: "127.0.0.1", port: 50_000)
      _ = node.handle(.accepted(connection, peer: address, local: address), at: now)
    }
  }

  mutating func say(_ words: [String], by connection: ConnectionID? = nil) -> String {
    let connection = connection ?? runner
    let effects = node.handle(.received(connection, [UInt8](command: words)), at: now)
    var reply: [UInt8] = []
    for case .send(connection, let bytes) in effects { reply += bytes }
    return String(decoding: reply, as: UTF8.self)
  }

  /// Lets it run until others are told, and ends it.
  mutating func kill() {
    while let wakeup = node.nextWakeup, node.isStalled {
      now = max(now, wakeup)
      _ = node.handle(.wakeUp, at: now)
    }
    if say(["SCRIPT", "KILL"], by: killer).hasPrefix("-UNKILLABLE") { self = ScriptSitting() }
  }
}
