import Foundation
import Testing

/// Whoever is no page of this session's gets nothing, and costs nothing.
@Suite("The page's server") struct WebServerTests {
  /// The status of an answer.
  private static func status(_ answer: String) -> Int? {
    answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }

  private func get(_ page: PageProcess, _ target: String, _ headers: [String: String] = [:], method: String = "GET")
    throws -> String
  {
    let all = ["Host": "127.0.0.1:\(page.port)"].merging(headers) { $1 }.filter { $1 != "" }
    return try RawClient(port: page.port).request(target, all, method: method)
  }

  private func connected(_ page: PageProcess) throws -> RawClient {
    let client = try RawClient(port: page.port)
    #expect(Self.status(client.upgrade(page.port, token: page.token)) == 101)
    return client
  }

  @Test("With the token there is the page, under a policy that lets nothing else in, and its files by it")
  func page() throws {
    let page = try PageProcess()
    let answer = try get(page, "/?token=\(page.token)")
    #expect(Self.status(answer) == 200)
    for line in [
      "default-src 'none'; script-src 'self'; style-src 'self'", "X-Content-Type-Options: nosniff",
      "Referrer-Policy: no-referrer", "Cache-Control: no-store", "X-Frame-Options: DENY",
    ] {
      #expect(answer.contains(line), "\(line)")
    }
    #expect(!answer.contains("unsafe-inline"))
    #expect(try Self.status(get(page, "/page.js?token=\(page.token)")) == 200)
    #expect(try Self.status(get(page, "/other.js?token=\(page.token)")) == 404)
    #expect(try Self.status(get(page, "/../../etc/passwd?token=\(page.token)")) == 404)
    #expect(page.token.count == 32 && page.address == "http://127.0.0.1:\(page.port)/?token=\(page.token)")
    #expect(page.end(SIGINT).contains("interrupted"))
  }

  @Test("Without the token, with a wrong one, with two, for another name or from another page there is nothing")
  func refused() throws {
    let page = try PageProcess()
    let good = "/?token=\(page.token)"
    for target in ["/", "/page.js", "/?token=", "/?token=\(page.token.dropLast())", good + "0", good + "&token=x"] {
      #expect(try Self.status(get(page, target)) == 403, "\(target)")
    }
    let hosts = ["example.com", "example.com:\(page.port)", "127.0.0.1:1", "127.0.0.1", "[::1]:\(page.port)", ""]
    for host in hosts { #expect(try Self.status(get(page, good, ["Host": host])) == 403, "\(host)") }
    for origin in ["http://example.com", "null", "https://127.0.0.1:\(page.port)", "http://127.0.0.1:1"] {
      #expect(try Self.status(get(page, good, ["Origin": origin])) == 403, "\(origin)")
    }
    #expect(try Self.status(get(page, good, ["Origin": "http://localhost:\(page.port)"])) == 200)
    for method in ["POST", "PUT", "OPTIONS", "DELETE"] {
      #expect(try Self.status(get(page, good, method: method)) == 405, "\(method)")
    }
  }

  @Test("A socket needs all of it, too, and a handshake that is one; then a line is run") func sockets() throws {
    let page = try PageProcess()
    func upgrade(_ token: String, origin: String? = nil, key: String = "dGhlIHNhbXBsZSBub25jZQ==") throws -> Int? {
      Self.status(try RawClient(port: page.port).upgrade(page.port, token: token, origin: origin, key: key))
    }
    #expect(try upgrade("0") == 403)
    #expect(try upgrade(page.token, origin: "http://evil.example") == 403)
    #expect(try upgrade(page.token, key: "short") == 400)
    // Whoever does not say from where is no browser.
    let headers = ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"]
    #expect(try Self.status(get(page, "/socket?token=\(page.token)", headers)) == 403)
    let client = try connected(page)
    client.send(RawClient.frame(Array(#"{"id":5,"line":"start m --port 7000"}"#.utf8)))
    #expect(try client.answer(to: 5)["done"] as? Bool == true)
    client.send(RawClient.frame(Array(#"{"id":6,"ask":"scene","moment":1}"#.utf8)))
    let scene = try #require(try client.answer(to: 6)["scene"] as? [String: Any])
    #expect((scene["nodes"] as? [[String: Any]])?.map { $0["name"] as? String } == ["m"])
    client.send(RawClient.frame(Array(#"{"id":7,"ask":"scene","moment":-3}"#.utf8)))
    #expect((try client.answer(to: 7)["error"] as? String)?.contains("no such moment") == true)
  }

  @Test("Of two pages one drives: the other looks, until it takes over") func driving() throws {
    let page = try PageProcess()
    let (first, second) = (try connected(page), try connected(page))
    second.send(RawClient.frame(Array(#"{"id":1,"line":"start m --port 7000"}"#.utf8)))
    #expect((try second.answer(to: 1)["error"] as? String)?.contains("Another page drives") == true)
    first.send(RawClient.frame(Array(#"{"id":1,"line":"start m --port 7000"}"#.utf8)))
    #expect(try first.answer(to: 1)["done"] as? Bool == true)
    second.send(RawClient.frame(Array(#"{"id":2,"ask":"drive"}"#.utf8)))
    #expect(try second.answer(to: 2)["done"] as? Bool == true)
    second.send(RawClient.frame(Array(#"{"id":3,"line":"m SET a b"}"#.utf8)))
    #expect(try second.answer(to: 3)["done"] as? Bool == true)
  }

  static let forgeries: [(String, [UInt8], Int)] = [
    ("no JSON", RawClient.frame(Array("step".utf8)), 1003),
    ("a number for a line", RawClient.frame(Array(#"{"line":7}"#.utf8)), 1003),
    ("a moment beyond all numbers", RawClient.frame(Array(#"{"ask":"scene","moment":1e400}"#.utf8)), 1003),
    ("invalid UTF-8", RawClient.frame([0x22, 0xff, 0xfe]), 1003),
    ("bytes that are no text", RawClient.frame([1, 2, 3], opcode: 2), 1002),
    ("a continuation of nothing", RawClient.frame([1], opcode: 0), 1002),
    ("an opcode that means nothing", RawClient.frame([1], opcode: 5), 1002),
    ("reserved bits", RawClient.frame(Array("{}".utf8), first: 0xC1), 1002),
    ("a ping too long", RawClient.frame([UInt8](repeating: 1, count: 126), opcode: 9), 1002),
    ("too long a message", RawClient.frame([UInt8](repeating: 0x20, count: 70_000)), 1009),
    (
      "too long a message in pieces",
      (0..<3).flatMap { piece in
        RawClient.frame([UInt8](repeating: 0x20, count: 30_000), opcode: piece == 0 ? 1 : 0, isLast: false)
      }, 1009
    ),
  ]

  @Test("What is no message of a page closes its connection with the reason, and no other's") func forged() throws {
    let page = try PageProcess()
    let good = try connected(page)
    for (number, (name, bytes, code)) in Self.forgeries.enumerated() {
      let bad = try connected(page)
      bad.send(bytes)
      #expect(bad.closeCode() == code, "\(name)")
      #expect(bad.isClosed(), "\(name)")
      good.send(RawClient.frame(Array(#"{"id":\#(number),"line":"start n\#(number)"}"#.utf8)))
      #expect(try good.answer(to: number)["done"] as? Bool == true, "\(name)")
    }
  }

  @Test("What asks without end, or never ends asking, is shut before it fills memory") func floods() throws {
    let page = try PageProcess(script: "start m --port 7000")
    let line = [UInt8](repeating: 0x61, count: 1 << 16)
    func pour(_ client: RawClient) -> Int {
      var sent = 0
      for _ in 0..<4_000 {
        let count = client.send(line)
        sent += count
        if count < line.count { break }
      }
      return sent
    }
    // A head that goes on for ever.
    let endless = try RawClient(port: page.port)
    endless.send("GET / HTTP/1.1\r\nX: ")
    #expect(pour(endless) < 4_000 * line.count)
    #expect(endless.isClosed())
    // A frame that says it has 2^62 bytes, and brings them.
    let frame = try connected(page)
    frame.send(RawClient.head(1 << 62))
    #expect(pour(frame) < 4_000 * line.count)
    #expect(frame.isClosed())
    // Somebody who asks and never reads the answers: at last its output buffer is full.
    let deaf = try connected(page)
    let question = RawClient.frame(Array(#"{"id":1,"ask":"bytes","moment":0}"#.utf8))
    let large = RawClient.frame(Array(#"{"id":1,"line":"help all"}"#.utf8))
    var isShut = false
    for _ in 0..<40_000 where !isShut {
      isShut = deaf.send(large) < large.count || deaf.send(question) < question.count
    }
    #expect(isShut)
    #expect(page.peakMemory < 400 << 20, "\(page.peakMemory)")
    // And the session is unharmed.
    let client = try connected(page)
    client.send(RawClient.frame(Array(#"{"id":9,"ask":"scene","moment":1}"#.utf8)))
    #expect(try client.answer(to: 9)["scene"] != nil)
  }

  @Test("A line that never ends costs the server no time, though its library takes the square of its length for one")
  func endlessLines() throws {
    let page = try PageProcess()
    // More than there are threads to read on.
    let clients = try (0...ProcessInfo.processInfo.activeProcessorCount).map { index in
      let client = try RawClient(port: page.port)
      if index > 0 { client.send("GET / HTTP/1.1\r\nX: ") }
      client.send([UInt8](repeating: 0, count: 100_000))
      return client
    }
    for client in clients { #expect(client.isClosed()) }
    #expect(try Self.status(get(page, "/?token=\(page.token)")) == 200)
  }

  @Test("A connection on which one request follows another may go on, whatever all of them are together")
  func manyRequests() throws {
    let page = try PageProcess()
    let client = try RawClient(port: page.port)
    let headers = [
      "Host": "127.0.0.1:\(page.port)", "Connection": "keep-alive", "Cookie": String(repeating: "c", count: 8_000),
    ]
    for _ in 0..<12 { #expect(client.request("/none", headers).contains("HTTP/1.1 403")) }
  }

  @Test("A hundred pages look at once; one more is told that there are too many") func manyPages() throws {
    let page = try PageProcess()
    let clients = try (0..<100).map { _ in try connected(page) }
    #expect(Self.status(try RawClient(port: page.port).upgrade(page.port, token: page.token)) == 503)
    clients[0].send(RawClient.frame(Array(#"{"id":1,"line":"start m --port 7000"}"#.utf8)))
    for client in clients {
      #expect(try client.message { $0["type"] as? String == "printed" }["line"] as? String == "start m --port 7000")
    }
  }

  @Test("A port that is taken is told in the system's words") func taken() throws {
    let page = try PageProcess()
    let run = try Program.run(Program.replab, ["web", "--no-open", "--port", "\(page.port)"])
    #expect(run.status == 2 && run.errors.contains("Address already in use"), "\(run.errors)")
  }
}
