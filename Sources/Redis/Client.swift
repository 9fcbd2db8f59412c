/// One client of a node: redis-cli, a replica, or the node's own master.
package struct Client: Sendable {
  package var id: Int
  package var connection: ConnectionID
  package var peer: Address
  package var database = 0
}
