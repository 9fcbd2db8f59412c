import RESP
import Redis
import Testing

/// What a script has to do with others and with time, where no generated call can show it.
@Suite("Scripts") struct ScriptTests {
  private struct Sitting {
    var client = NodeClient()
    let runner: ConnectionID
    let other: ConnectionID

    init() {
      runner = client.connect()
      other = client.connect()
    }

    /// What the runner's script is answered, if it is over.
    mutating func run(_ script: String) -> String {
      String(decoding: client.command(["EVAL", script, "0"].map { Array($0.utf8) }, on: runner), as: UTF8.self)
    }
  }

  @Test("one that never ends makes the node busy after busy-reply-threshold, and can be killed")
  func killed() {
    var sitting = Sitting()
    #expect(sitting.run("redis.call('get', 'a')\nwhile true do end") == "")
    // Until then the process does nothing else.
    #expect(sitting.client.command("GET a", on: sitting.other) == "")
    sitting.client.advance(by: .seconds(5))
    let busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
    #expect(String(decoding: sitting.client.read(sitting.other), as: UTF8.self) == busy)
    #expect(sitting.client.command("FUNCTION KILL", on: sitting.other) == busy)
    #expect(sitting.client.command("SCRIPT KILL", on: sitting.other) == "+OK\r\n")
    let reply = String(decoding: sitting.client.read(sitting.runner), as: UTF8.self)
    #expect(reply.hasPrefix("-ERR Script killed by user with SCRIPT KILL... script: "))
    #expect(reply.hasSuffix(", on @user_script:2.\r\n"))
    #expect(sitting.client.command("SCRIPT KILL", on: sitting.other).hasPrefix("-NOTBUSY "))
  }

  @Test("one that has written can't be killed; what it would have written later it has not")
  func written() {
    var sitting = Sitting()
    #expect(sitting.run("redis.call('set', 'a', '1') while true do end") == "")
    sitting.client.advance(by: .seconds(6))
    #expect(sitting.client.command("SCRIPT KILL", on: sitting.other).hasPrefix("-UNKILLABLE Sorry"))

    var later = Sitting()
    #expect(later.run("for i = 1, 6e6 do end redis.call('set', 'a', '1') return 'done'") == "")
    later.client.advance(by: .milliseconds(5_500))
    #expect(later.client.command("SCRIPT KILL", on: later.other) == "+OK\r\n")
    #expect(later.client.command("GET a", on: later.other) == "$-1\r\n")
  }

  @Test("one that is slow is answered at its end, and told to the replicas then")
  func ended() {
    var sitting = Sitting()
    #expect(sitting.run("redis.call('set', 'a', '1') for i = 1, 6e6 do end return 'done'") == "")
    sitting.client.advance(by: .milliseconds(5_500))
    #expect(sitting.client.command("GET a", on: sitting.other).hasPrefix("-BUSY "))
    sitting.client.advance(by: .seconds(4))
    #expect(String(decoding: sitting.client.read(sitting.runner), as: UTF8.self) == "$4\r\ndone\r\n")
    #expect(sitting.client.command("GET a", on: sitting.other) == "$1\r\n1\r\n")
  }

  @Test("nothing is left of one for the next, and addresses are the same in every run")
  func pristine() {
    var sitting = Sitting()
    let first = sitting.run("return tostring({})")
    #expect(sitting.run("string.x = 1").hasPrefix("-ERR user_script:1: Attempt to modify a readonly table"))
    #expect(sitting.run("cjson.encode_max_depth(1) return cjson.encode({{1}})").contains("excessive nesting"))
    #expect(sitting.run("return cjson.encode({{1}})") == "$5\r\n[[1]]\r\n")
    #expect(sitting.run("return tostring({})") == first)
  }
}
