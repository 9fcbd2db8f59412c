import Capture

/// Connections by number: a history of a recording with thousands of them may keep many copies.
struct ConnectionList: Equatable, Sendable {
  private var connections = NumberedList<Connection>()

  subscript(number: Int) -> Connection? { connections[number] }

  var count: Int { connections.count }

  // Without copying the connection:

  func side(of source: Endpoint, in number: Int) -> Side? {
    connections.look(at: number) { $0.opener == source ? .opener : .acceptor }
  }

  func state(_ number: Int) -> Connection.State? { connections.look(at: number, \.state) }

  func ends(of number: Int) -> (opener: Endpoint, acceptor: Endpoint)? {
    connections.look(at: number) { ($0.opener, $0.acceptor) }
  }

  func purpose(of number: Int) -> ConversationDissector.Purpose? {
    connections.look(at: number, \.conversation.purpose)
  }

  mutating func join(_ number: Int, _ partner: Int) {
    connections.update(number) { $0.partner = partner }
    connections.update(partner) { $0.partner = number }
  }

  mutating func append(_ connection: Connection) { connections.put(connection, at: connection.number) }

  mutating func remove(_ number: Int) { connections.remove(number) }

  /// Changes the connection in its place; nil if it is not there.
  @discardableResult
  mutating func update<Context, Result>(
    _ number: Int, with context: inout Context, _ change: (inout Connection, inout Context) -> Result
  ) -> Result? {
    connections.update(number) { change(&$0, &context) }
  }

  /// The numbers of those that are open, in their order.
  var open: [Int] { connections.numbers { $0.state == .open } }
}
