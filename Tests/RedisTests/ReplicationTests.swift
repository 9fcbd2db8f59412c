import Testing

@testable import Redis

/// Two nodes, wired to each other.
@Suite struct ReplicationTests {
  static func pair(
    keys: Int = 3, master: (inout Configuration) -> Void = { _ in }, replica: (inout Configuration) -> Void = { _ in }
  ) -> Pump {
    var pump = Pump()
    pump.start("m", port: 7000, seed: 1, master)
    pump.run(seconds: 0.5)
    for index in 0..<keys { pump.command("m", "SET key:\(index) value:\(index)") }
    pump.start("r", port: 7001, seed: 2) {
      $0.replicaof = Address(host: "127.0.0.1", port: 7000)
      $0.replDisklessLoad = .onEmptyDB
      replica(&$0)
    }
    return pump
  }

  @Test func theHandshakeAndTheTransferSayWhatARealRedisSays() throws {
    var pump = Self.pair()
    pump.run(seconds: 0.05)
    let wire = try #require(pump.wires(from: "r", to: "m").first)
    #expect(
      wire.fromOpener.texts == [
        "*1\r\n$4\r\nPING\r\n",
        "*3\r\n$8\r\nREPLCONF\r\n$14\r\nlistening-port\r\n$4\r\n7001\r\n",
        "*5\r\n$8\r\nREPLCONF\r\n$4\r\ncapa\r\n$3\r\neof\r\n$4\r\ncapa\r\n$6\r\npsync2\r\n",
        "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n",
        "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$1\r\n0\r\n",
      ])
    let id = try #require(pump.nodes["m"]).replication.ids.current
    #expect(Array(wire.fromAcceptor.texts.prefix(4)) == ["+PONG\r\n", "+OK\r\n", "+OK\r\n", "+FULLRESYNC \(id) 0\r\n"])
    #expect(wire.fromAcceptor.count == 5)
    #expect(wire.fromAcceptor[4].starts(with: "$EOF:".utf8))
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }

  @Test func theStreamBeginsOnTheAcknowledgementAfterTheChildsEnd() throws {
    var pump = Self.pair()
    pump.run(seconds: 0.05)
    pump.command("m", "SET qq ww")
    pump.run(seconds: 0.5)
    #expect(pump.wires(from: "r", to: "m")[0].fromAcceptor.count == 5)
    #expect(pump.nodes["m"]?.clients.first { $0.replica != nil }?.replica?.state == .online)
    pump.run(seconds: 1)
    let wire = pump.wires(from: "r", to: "m")[0]
    #expect(
      wire.fromAcceptor.texts.last == "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$2\r\nqq\r\n$2\r\nww\r\n")
    let value = pump.command("r", "GET qq")
    #expect(value == "$2\r\nww\r\n")
    pump.run(seconds: 1)
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.texts.last?.hasSuffix("$2\r\n52\r\n") == true)
    #expect(pump.nodes["r"]?.replication.offset == 52)
  }
}
