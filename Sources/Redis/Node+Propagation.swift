/// A command on its way to the replicas. `database` is nil for one that belongs to none and needs no SELECT.
package struct PropagatedCommand: Equatable, Sendable {
  package var database: Int?
  package var arguments: [Bytes]

  package init(database: Int?, arguments: [Bytes]) {
    self.database = database
    self.arguments = arguments
  }
}

extension Node {
  /// Notes that the replicas must hear this command when the running unit is over (`alsoPropagate` in server.c).
  package mutating func propagate(_ arguments: [Bytes], database: Int?) {
    pendingPropagation.append(PropagatedCommand(database: database, arguments: arguments))
  }

  /// Ends a unit: several commands go out between MULTI and EXEC, one goes alone (`propagatePendingCommands` in
  /// server.c).
  mutating func propagatePending() {
    guard !pendingPropagation.isEmpty else { return }
    let commands = pendingPropagation
    pendingPropagation = []
    if commands.count > 1 { feed(["MULTI"], database: commands[0].database) }
    for command in commands { feed(command.arguments, database: command.database) }
    // EXEC belongs to no database: the SELECT, if one is needed, precedes the next command.
    if commands.count > 1 { feed(["EXEC"], database: nil) }
  }

  /// Tells first the file, then the replicas (`propagateNow` in server.c).
  private mutating func feed(_ arguments: [Bytes], database: Int?) {
    feedAppendOnly(arguments, database: database)
    feedReplicas(arguments, database: database)
  }
}
