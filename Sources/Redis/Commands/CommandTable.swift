/// All commands by name.
package enum CommandTable {
  package static let all: [String: Command] = Dictionary(
    uniqueKeysWithValues: (connectionCommands + stringCommands + replicationCommands).map { ($0.name, $0) })

  package static func find(_ arguments: [Bytes]) -> Command? { all[arguments[0].text.lowercased()] }
}

extension Command {
  /// Whether the command runs at once between MULTI and EXEC, instead of being queued.
  var runsInsideMulti: Bool { ["exec", "discard", "multi", "watch", "quit", "reset"].contains(name) }
}
