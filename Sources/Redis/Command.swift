/// A command's entry in the table: what `COMMAND INFO` says of it, and what it does.
package struct Command: Sendable {
  /// In lower case; a subcommand's as `config|get`.
  package var name: String
  /// Number of arguments with the name; negative: at least as many.
  package var arity: Int
  package var flags: CommandFlags
  package var body: @Sendable (inout Node, inout Call) -> Void
  /// Positions of the first and the last key and the distance between keys; 0 0 0: no key.
  package var keys: (first: Int, last: Int, step: Int)

  package init(
    _ name: String, arity: Int, flags: CommandFlags = [], keys: (first: Int, last: Int, step: Int) = (0, 0, 0),
    body: @escaping @Sendable (inout Node, inout Call) -> Void
  ) {
    self.name = name
    self.arity = arity
    self.flags = flags
    self.keys = keys
    self.body = body
  }
}

/// The flags that decide whether a command may run; their names are those that `COMMAND INFO` prints.
package struct CommandFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let write = CommandFlags(rawValue: 1 << 0)
  package static let readonly = CommandFlags(rawValue: 1 << 1)
  package static let denyoom = CommandFlags(rawValue: 1 << 2)
  package static let admin = CommandFlags(rawValue: 1 << 3)
  package static let pubsub = CommandFlags(rawValue: 1 << 4)
  package static let noscript = CommandFlags(rawValue: 1 << 5)
  package static let blocking = CommandFlags(rawValue: 1 << 6)
  /// Allowed while the data set is being loaded.
  package static let loading = CommandFlags(rawValue: 1 << 7)
  /// Allowed while the link to the master is down and `replica-serve-stale-data` is no.
  package static let stale = CommandFlags(rawValue: 1 << 8)
  package static let skipMonitor = CommandFlags(rawValue: 1 << 9)
  package static let skipSlowlog = CommandFlags(rawValue: 1 << 10)
  package static let asking = CommandFlags(rawValue: 1 << 11)
  package static let fast = CommandFlags(rawValue: 1 << 12)
  package static let noAuth = CommandFlags(rawValue: 1 << 13)
  package static let mayReplicate = CommandFlags(rawValue: 1 << 14)
  package static let noAsyncLoading = CommandFlags(rawValue: 1 << 15)
  package static let noMulti = CommandFlags(rawValue: 1 << 16)
  package static let movableKeys = CommandFlags(rawValue: 1 << 17)
  package static let allowBusy = CommandFlags(rawValue: 1 << 18)
  package static let noMandatoryKeys = CommandFlags(rawValue: 1 << 19)
  /// Only with `enable-debug-command`.
  package static let protected = CommandFlags(rawValue: 1 << 20)
}
