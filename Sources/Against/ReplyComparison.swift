import Comparison
import Redis

/// How far the replies of two servers to a command have to be alike.
struct ReplyComparison {
  /// Asking once more does no harm, and what comes may depend on how far replication is.
  private let isQuestion: Bool
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
    isQuestion =
      (command?.flags.contains(.readonly) ?? false)
      || (["info", "role", "config"].contains(name) && subcommand != "set")
  }

  /// Whether to ask once more after this reply. A write that was refused for want of replicas has done nothing; from when on a
  /// replica counts depends on when its master next looks (Redis's `refreshGoodSlavesCount`).
  func mayBeAskedAgain(after reply: [UInt8]) -> Bool { isQuestion || reply.starts(with: Array("-NOREPLICAS".utf8)) }

  func areSame(_ lab: [UInt8], _ real: [UInt8]) -> Bool { tolerance.areSame(lab, real) }
}
