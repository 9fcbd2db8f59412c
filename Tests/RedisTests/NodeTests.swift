import Redis
import Testing

@Suite struct NodeTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func answersPipelinedCommandsInOneWrite() {
    var node = Node(configuration: Configuration(), seed: 1, now: .defaultLabClock)
    let client = ConnectionID(.accepted, 1)
    let local = Address(host: "127.0.0.1", port: 6379)
    _ = node.handle(.start(files: [:]), at: .defaultLabClock)
    _ = node.handle(
      .accepted(client, peer: Address(host: "127.0.0.1", port: 50000), local: local), at: .defaultLabClock)
    let effects = node.handle(
      .received(client, bytes("PING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nSET k v\r\nGET k\r\n")), at: .defaultLabClock)
    #expect(effects.count == 1)
    guard case .send(client, let sent)? = effects.first else { return #expect(Bool(false), "nothing was sent") }
    #expect(sent == bytes("+PONG\r\n$-1\r\n+OK\r\n$1\r\nv\r\n"))
  }
}
