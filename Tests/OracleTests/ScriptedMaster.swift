import Lab
import RealRedis
import Synchronization

/// Says the same to each replica: a line for each command of the handshake, and then all the rest.
final class ScriptedMaster: Sendable {
  private let listener: Listener
  private let heard = Mutex<[String]>([])

  /// What was said to it on the first connection.
  var commands: [String] { heard.withLock { $0 } }

  init(port: Int, saying script: [UInt8]) throws {
    listener = try Listener(port: port)
    inThread { [listener, weak self] in
      while let replica = listener.accept() {
        let commands = Self.talk(to: replica, script)
        self?.heard.withLock { if $0.isEmpty { $0 = commands } }
        // The snapshot is all that there is: the replica hears of no end, unless it leaves.
        while let more = try? replica.read(), !more.isEmpty {}
      }
    }
  }

  deinit { listener.close() }

  private static func talk(to replica: Socket, _ script: [UInt8]) -> [String] {
    var rest = script[...]
    var commands: [String] = []
    while let command = try? replica.readReply() {
      commands.append(text(command))
      guard let line = try? takeLine(&rest) else { break }
      replica.send(line)
      if text(line).hasPrefix("+FULLRESYNC") {
        replica.send(Array(rest))
        break
      }
    }
    return commands
  }
}

extension Timeline {
  /// What was said on the first connection of a replica to its master's port.
  func firstLink(to port: Int) -> RecordedLink {
    var link = RecordedLink()
    var opener: UInt16?
    for packet in packets where !packet.payload.isEmpty {
      let bytes = Array(packet.payload)
      if opener == nil, Int(packet.destination.port) == port, OracleTests.text(bytes).contains("PING") {
        opener = packet.source.port
      }
      if packet.source.port == opener { link.append(bytes, isFromMaster: false) }
      if packet.destination.port == opener { link.append(bytes, isFromMaster: true) }
    }
    return link
  }
}
