import Comparison
import Redis

/// How far the replies of two servers to a command have to be alike.
struct ReplyComparison {
  /// Asking once more does no harm, and what comes may depend on how far replication is.
  let mayBeAskedAgain: Bool
  /// The command may end connections to other nodes.
  let breaksLinks: Bool
  private let tolerance: ReplyTolerance

  init(_ arguments: [[UInt8]]) {
    let words = arguments.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
    let (name, subcommand) = (words[0], words.count > 1 ? words[1] : "")
    let command = CommandTable.find(Bytes(arguments[0]))
    breaksLinks =
      ["replicaof", "slaveof", "shutdown", "failover", "client", "debug"].contains(name)
      || (name == "acl" && ["deluser", "load"].contains(subcommand))
    tolerance = ReplyTolerance(arguments)
    mayBeAskedAgain =
      (command?.flags.contains(.readonly) ?? false)
      || (["info", "role", "config"].contains(name) && subcommand != "set")
  }

  func areSame(_ lab: [UInt8], _ real: [UInt8]) -> Bool { tolerance.areSame(lab, real) }
}
