import Capture
import HashTreeCollections

/// Connections by number, each in a box of its own: a change after a copy copies one connection and the few nodes of the
/// tree that lead to it, so a history of a recording with thousands of connections may keep many copies.
struct ConnectionList: Equatable, Sendable {
  private var connections: TreeDictionary<Int, Boxed<Connection>> = [:]

  subscript(number: Int) -> Connection? { connections[number]?.value }

  var count: Int { connections.count }

  // Without copying the connection:

  func side(of source: Endpoint, in number: Int) -> Side? {
    connections[number].map { $0.value.opener == source ? .opener : .acceptor }
  }

  func state(_ number: Int) -> Connection.State? { connections[number]?.value.state }

  func lonelyChannel(_ number: Int) -> Channel? { connections[number]?.value.lonelyChannel }

  mutating func join(_ number: Int, _ partner: Int) {
    connections[number]?.value.partner = partner
    connections[partner]?.value.partner = number
  }

  mutating func append(_ connection: Connection) { connections[connection.number] = Boxed(connection) }

  mutating func remove(_ number: Int) { connections[number] = nil }

  /// Changes the connection in its place; it must be there.
  mutating func update<Context, Result>(
    _ number: Int, with context: inout Context, _ change: (inout Connection, inout Context) -> Result
  ) -> Result {
    connections.updateValue(forKey: number) { connection in
      guard connection != nil else { preconditionFailure("no connection \(number)") }
      return change(&connection!.value, &context)
    }
  }

  /// The numbers of those that are open, in their order.
  var open: [Int] { connections.filter { $0.value.value.state == .open }.map(\.key).sorted() }
}
