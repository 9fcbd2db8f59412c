import RealRedis
import Testing

@testable import Redis

/// What a master logs of a replica whose connection ends in order, or is broken, and by which name it calls it.
struct LostReplicaTests {
  struct Loss: CustomTestStringConvertible, Sendable {
    var isReset: Bool
    var announces: Bool
    var isOnline: Bool
    var testDescription: String {
      "\(isReset ? "reset" : "closed")\(announces ? ", has announced its address" : "")\(isOnline ? ", online" : "")"
    }

    static let all = [false, true].flatMap { reset in
      [false, true].flatMap { announces in
        [false, true].map { Loss(isReset: reset, announces: announces, isOnline: $0) }
      }
    }

    var commands: [String] {
      ["REPLCONF listening-port 7009"] + (announces ? ["REPLCONF ip-address 10.0.0.9"] : []) + ["PSYNC ? -1"]
    }
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: Loss.all)
  func aReplicaThatIsGoneIsNamedAsByARealMaster(_ loss: Loss) throws {
    #expect(own(loss) == (try real(loss)))
  }

  private func real(_ loss: Loss) throws -> [String] {
    let server = try RealServer(["--repl-diskless-sync", "no", "--loglevel", "verbose"])
    func beReplica() throws {
      let socket = try Socket(port: server.port)
      for command in loss.commands { _ = try socket.command(command.split(separator: " ").map { Array($0.utf8) }) }
      if loss.isOnline {
        _ = server.wait { server.log.contains("succeeded") }
        socket.send(Array("REPLCONF ACK 0\r\n".utf8))
        _ = try socket.read()
      }
      if loss.isReset { socket.breakAtEnd() }
    }
    try beReplica()
    _ = server.wait { server.log.contains(" lost.") }
    return Self.end(
      server.log.split(separator: "\n").map { $0.split(separator: " ").dropFirst(6).joined(separator: " ") })
  }

  private func own(_ loss: Loss) -> [String] {
    var pump = Pump()
    pump.start("m", port: 7000) {
      $0.replDisklessSync = false
      $0.loglevel = .verbose
    }
    // A real server has been asked by then whether it is there.
    _ = pump.command("m", "PING")
    let replica = pump.connect(to: "m")
    for command in loss.commands { pump.send(command, on: replica) }
    while pump.step() {}
    if loss.isOnline {
      pump.run(seconds: 0.5)
      pump.send("REPLCONF ACK 0", on: replica)
      while pump.step() {}
    }
    pump.cut(replica, reset: loss.isReset)
    while pump.step() {}
    return Self.end(pump.logged("m"))
  }

  /// How the client's end was found, and the replica's name; not the client's number, nor what CLIENT LIST says of it.
  private static func end(_ log: [String]) -> [String] {
    log.compactMap { line in
      if line.hasPrefix("Client closed connection id=") { return line.contains("flags=S") ? "closed" : nil }
      if line.hasPrefix("Reading from client:") { return line }
      guard line.hasPrefix("Connection with replica") else { return nil }
      return line.split(separator: "#").count > 1 ? "Connection with replica client id # lost." : line
    }
  }
}
