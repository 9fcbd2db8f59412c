import RESP
import RealRedis
import Testing

/// A real redis-server is given the same bytes, and must find the same wrong.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed")) struct OracleTests {
  @Test("A real server answers each kind of broken bytes with the same words, and closes")
  func sameWords() throws {
    let server = try RealServer()
    for (input, reason, _) in RequestTests.refused {
      let error = ProtocolError(reason, offset: 0)
      let said = try answer(of: server, to: input.latin1)
      #expect(said == (error.reply ?? []) + [13, 10], "\(input.prefix(40))")
    }
  }

  @Test("A real server that wants a password uses the same words for what a stranger may not send")
  func sameWordsForStrangers() throws {
    let server = try RealServer(["--requirepass", "x"])
    let unauthenticated: [(String, ProtocolError.Reason)] = [
      ("*11\r\n", .unauthenticatedMultibulkLength), ("*1\r\n$16385\r\n", .unauthenticatedBulkLength),
    ]
    for (input, reason) in unauthenticated {
      let said = try answer(of: server, to: input.latin1)
      #expect(said == ProtocolError(reason, offset: 0).reply.map { $0 + [13, 10] })
    }
  }

  @Test("A real server splits lines at the same places")
  func sameSplit() throws {
    let server = try RealServer()
    let lines = [
      #"a b  c"#, #""a b" 'c d'"#, #"a"b c d""#, #""\x41\xzz\n\t\a\b\r\\""#, #"'\n\''"#, "a\u{0b}b\tc\r d", #"x"" ''"#,
      #"\x41 \n"#, "\u{0c}a\u{0b} b", "\u{ff}\u{80} \"\u{ff}\"",
    ]
    for line in lines {
      let words = try #require(InlineCommand.split(line.latin1), "\(line)")
      // The server gives the words back as the list that it was told to keep.
      let socket = try Socket(port: server.port)
      socket.send("DEL l\r\nRPUSH l \(line)\r\n".latin1)
      _ = try socket.readReply()
      #expect(try socket.readReply() == ":\(words.count)\r\n".latin1, "\(line)")
      var decoder = ReplyDecoder()
      decoder.feed(try socket.command(["LRANGE", "l", "0", "-1"].map(\.latin1)))
      #expect(try decoder.next() == .array(words.map { .bulk($0) }), "\(line)")
    }
  }

  @Test("Replies of a real server in both protocols are decoded and encoded to the same bytes")
  func replies() throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    for version in [ProtocolVersion.resp2, .resp3] {
      let socket = try Socket(port: server.port)
      for command in [
        ["HELLO", "\(version.rawValue)"], ["CONFIG", "GET", "repl-*"], ["COMMAND", "DOCS", "GET", "SET"],
        ["COMMAND", "INFO", "GET", "ZADD"], ["ZADD", "z", "0.1", "a", "1e100", "b", "inf", "c"],
        ["ZRANGE", "z", "0", "-1", "WITHSCORES"], ["INFO"], ["GET", "none"], ["DEBUG", "PROTOCOL", "bignum"],
        ["DEBUG", "PROTOCOL", "true"], ["DEBUG", "PROTOCOL", "verbatim"], ["DEBUG", "PROTOCOL", "set"],
        ["DEBUG", "PROTOCOL", "map"], ["DEBUG", "PROTOCOL", "double"], ["DEBUG", "PROTOCOL", "null"], ["NOPE", "a"],
      ] {
        let name = command.joined(separator: " ")
        let raw = try socket.command(command.map(\.latin1))
        var decoder = ReplyDecoder()
        decoder.feed(raw)
        let value = try #require(try decoder.next(), "\(name)")
        var again: [UInt8] = []
        again.append(value, version)
        // An array that isn't there is a null like any other to a client.
        if again != raw { #expect(value == .null, "\(name)") }
        #expect(decoder.pendingByteCount == 0)
      }
    }
  }

  /// What `server` says to `bytes` on a connection of their own, up to its end. With no end it waits, and fails.
  private func answer(of server: RealServer, to bytes: [UInt8]) throws -> [UInt8] {
    let socket = try Socket(port: server.port)
    socket.send(bytes)
    var all: [UInt8] = []
    while true {
      // A connection closed with bytes unread ends in a reset.
      guard let more = try? socket.read(), !more.isEmpty else { return all }
      all += more
    }
  }
}
