import RESP
import RealRedis
import Testing

@testable import replab

@Suite(
  "Replies look as redis-cli prints them",
  .enabled(if: RealServer.isInstalled && RealServer.find("redis-cli") != nil, "redis-server and redis-cli are needed"))
struct ReplyTextTests {
  let server: RealServer

  init() throws {
    server = try RealServer(["--enable-debug-command", "yes"])
    try server.command("SET", "k", "v")
    try server.command("RPUSH", "list", "a", "b\"c", "\u{1}\n\t\\", "日", "e", "f", "g", "h", "i", "j", "k")
  }

  @Test(
    "RESP2",
    arguments: [
      "PING", "GET k", "GET none", "STRLEN k", "LRANGE list 0 -1", "LRANGE none 0 -1", "NOSUCH", "LPUSH k x",
      "CONFIG GET maxmemory*", "COMMAND INFO get nosuch set", "DEBUG PROTOCOL map", "DEBUG PROTOCOL set",
      "DEBUG PROTOCOL double", "DEBUG PROTOCOL bignum", "DEBUG PROTOCOL verbatim", "DEBUG PROTOCOL null", "ROLE",
      "LOLWUT", "DEBUG HTSTATS 0", "EVAL \"return {{1,{2,{}}},{{},3}}\" 0", "EVAL \"return {}\" 0",
    ])
  func resp2(line: String) throws { try compare(line, version: 2) }

  // redis-cli 7.0 cannot print RESP3's big numbers.
  @Test(
    "RESP3",
    arguments: [
      "GET none", "CONFIG GET maxmemory*", "DEBUG PROTOCOL map", "DEBUG PROTOCOL set", "DEBUG PROTOCOL double",
      "DEBUG PROTOCOL verbatim", "DEBUG PROTOCOL null", "DEBUG PROTOCOL true",
      "DEBUG PROTOCOL false", "DEBUG PROTOCOL string", "COMMAND DOCS get", "HELLO 3", "CONFIG GET nosuch",
      "EVAL \"redis.setresp(3); return {map={a={1,2},b={map={c={}}}}}\" 0",
    ])
  func resp3(line: String) throws { try compare(line, version: 3) }

  private func compare(_ line: String, version: Int) throws {
    let cli = try #require(RealServer.find("redis-cli"))
    let words = try Words.split(line)
    let printed = try Program.run(
      cli, ["--no-raw", "-p", "\(server.port)"] + (version == 3 ? ["-3"] : []) + words.map(\.text))
    let socket = try Socket(port: server.port)
    _ = try socket.command([Array("HELLO".utf8), Array("\(version)".utf8)])
    var decoder = ReplyDecoder()
    decoder.feed(try socket.command(words.map(\.bytes)))
    let reply = try #require(try decoder.next())
    var mine = ReplyText.text(of: reply, to: words.map(\.bytes))
    var real = printed.output
    // Each client has an id of its own.
    if line.hasPrefix("HELLO") {
      mine = mine.replacing(/\(integer\) \d+/, with: "")
      real = real.replacing(/\(integer\) \d+/, with: "")
    }
    #expect(mine == real.replacing("\r\n", with: "\n"))
  }
}
