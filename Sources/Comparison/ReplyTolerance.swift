/// How far the replies of two servers to a command have to be alike.
package struct ReplyTolerance: Sendable, Hashable {
  /// The reply tells of times, ports, memory and the like: only whether it is an error is compared.
  package let isAboutTheServer: Bool
  /// The elements come in any order.
  package let isUnordered: Bool

  /// Not every byte of it counts.
  var hasLeeway: Bool { isAboutTheServer || isUnordered }

  package init(_ command: [[UInt8]]) {
    let words = command.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
    let (name, subcommand) = (words.first ?? "", words.count > 1 ? words[1] : "")
    isUnordered = ["keys", "scan"].contains(name)
    isAboutTheServer =
      ["info", "role", "client", "config", "time", "lastsave", "command", "memory", "hello", "debug", "ttl", "pttl"]
      .contains(name)
      || ["expiretime", "pexpiretime", "bgsave", "bgrewriteaof", "wait", "randomkey", "slowlog", "latency", "xpending"]
        .contains(name)
      || (name == "acl" && ["log", "genpass", "cat", "help"].contains(subcommand))
      || (name == "object" && ["freq", "idletime"].contains(subcommand))
      || (name == "xinfo" && ["stream", "consumers"].contains(subcommand))
  }

  package func areSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if isAboutTheServer { return a == b || !Self.isError(a) && !Self.isError(b) && !a.isEmpty && !b.isEmpty }
    if isUnordered { return Self.lines(a) == Self.lines(b) }
    return a == b
  }

  static func isError(_ reply: [UInt8]) -> Bool { reply.first == UInt8(ascii: "-") }

  /// The reply's lines, sorted.
  static func lines(_ reply: [UInt8]) -> [[UInt8]] {
    reply.split(separator: 0x0a).map { Array($0) }.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
