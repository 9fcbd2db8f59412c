import Redis

/// How far the replies of two servers to a command have to be alike.
struct ReplyComparison {
  /// Asking once more does no harm, and what comes may depend on how far replication is.
  let mayBeAskedAgain: Bool
  /// The command may end connections to other nodes.
  let breaksLinks: Bool
  /// The reply tells of times, ports, memory and the like: only whether it is an error is compared.
  private let isAboutTheServer: Bool
  /// The elements come in any order.
  private let isUnordered: Bool

  init(_ arguments: [[UInt8]]) {
    let words = arguments.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
    let (name, subcommand) = (words[0], words.count > 1 ? words[1] : "")
    let command = CommandTable.find(Bytes(arguments[0]))
    breaksLinks = ["replicaof", "slaveof", "shutdown", "failover", "client", "debug", "acl"].contains(name)
    isUnordered = ["keys", "scan"].contains(name)
    isAboutTheServer =
      ["info", "role", "client", "config", "time", "lastsave", "command", "memory", "hello", "debug", "ttl", "pttl"]
      .contains(name) || ["expiretime", "pexpiretime", "bgsave", "bgrewriteaof", "wait", "randomkey"].contains(name)
      || (name == "acl" && ["log", "genpass", "cat", "help"].contains(subcommand))
    mayBeAskedAgain =
      (command?.flags.contains(.readonly) ?? false)
      || (["info", "role", "config"].contains(name) && subcommand != "set")
  }

  func areSame(_ lab: [UInt8], _ real: [UInt8]) -> Bool {
    if isAboutTheServer {
      return (lab.first == UInt8(ascii: "-")) == (real.first == UInt8(ascii: "-")) && !real.isEmpty
    }
    if isUnordered { return Self.parts(lab) == Self.parts(real) }
    return lab == real
  }

  private static func parts(_ reply: [UInt8]) -> [String] {
    reply.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }
}
