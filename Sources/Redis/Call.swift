/// One command being executed for one client.
package struct Call: Sendable {
  /// The connection of the client that asked.
  package let connection: ConnectionID
  package let command: Command
  /// The command's name and arguments, as they came.
  package var arguments: [Bytes]
  /// The client's selected database.
  package var database: Int
  /// What the client is answered.
  package var reply: ReplyBuffer
  /// How the command reaches the replicas.
  package var propagation: Propagation = .ifChanged
  /// The caller is this node's master, whose commands are obeyed without question.
  package var fromMaster = false
  /// A load has begun, and the command is over when that is.
  var waitsForLoad = false

  /// How a command reaches the replicas (docs/PROTOCOL.md, 4; `forceCommandPropagation`, `preventCommandPropagation`
  /// in server.c).
  package enum Propagation: Equatable, Sendable {
    /// As it came, if it changed something.
    case ifChanged
    /// In this form, if it changed something.
    case rewritten([Bytes])
    /// As it came, whether or not it changed something.
    case always
    case never
  }
}
