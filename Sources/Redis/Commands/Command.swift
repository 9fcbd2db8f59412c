/// A command's entry in the table: what `COMMAND INFO` says of it, and what it does. There is one of each, which all share.
package final class Command: Sendable {
  package typealias Body = @Sendable (inout Node, inout Call) -> Void

  /// In lower case; a subcommand's as `config|get`.
  package let name: String
  /// Number of arguments with the name; negative: at least as many.
  package let arity: Int
  package let flags: CommandFlags
  /// Those that the flags imply, too.
  package let categories: CommandCategories
  package let keys: [KeySpec]
  /// Hints for clients, as `COMMAND INFO` lists them.
  package let tips: [String]
  /// Sorted by name; a real Redis lists them in hash order.
  package let subcommands: [Command]
  /// Its number among all commands and subcommands, by which ACLs know it.
  package let id: Int
  /// What runs it: nil for a command that is only a container of subcommands, and for one that the lab doesn't simulate.
  package let body: Body?

  /// Whether the command runs at once between MULTI and EXEC, instead of being queued.
  let runsInsideMulti: Bool
  /// Whether it begins or ends a subscription.
  let subscribes: Bool

  init(_ entry: CommandCatalogue.Entry, id: Int, body: Body?, subcommands: [Command] = []) {
    (name, arity, flags, keys, tips) = (entry.name, entry.arity, entry.flags, entry.keys, entry.tips)
    categories = entry.categories.union(CommandCategories(impliedBy: entry.flags, beside: entry.categories))
    (self.id, self.body, self.subcommands) = (id, body, subcommands)
    runsInsideMulti = ["exec", "discard", "multi", "watch", "quit", "reset"].contains(entry.name)
    subscribes = entry.flags.contains(.pubsub) && entry.name.hasSuffix("subscribe")
  }

  /// With these subcommands alone.
  private init(_ command: Command, subcommands: [Command]) {
    (name, arity, flags, categories) = (command.name, command.arity, command.flags, command.categories)
    (keys, tips, id, body) = (command.keys, command.tips, command.id, command.body)
    (runsInsideMulti, subscribes) = (command.runsInsideMulti, command.subscribes)
    self.subcommands = subcommands
  }

  /// The command as far as a node can run it: with its subcommands that it can, nil if there is nothing.
  package var runnable: Command? {
    let run = subcommands.filter { $0.body != nil }
    if body == nil, run.isEmpty { return nil }
    return run.count == subcommands.count ? self : Command(self, subcommands: run)
  }

  /// Whether the command may have so many arguments, its name among them (`commandCheckArity` in server.c).
  package func accepts(argumentCount: Int) -> Bool {
    arity >= 0 ? argumentCount == arity : argumentCount >= -arity
  }
}

/// The flags that decide whether a command may run, in the order and by the names in which `COMMAND INFO` prints them.
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
  /// Allowed before AUTH.
  package static let noAuth = CommandFlags(rawValue: 1 << 13)
  /// May send something to the replicas without being a command that writes; not shown.
  package static let mayReplicate = CommandFlags(rawValue: 1 << 14)
  package static let noMandatoryKeys = CommandFlags(rawValue: 1 << 15)
  /// Only with `enable-debug-command`; not shown.
  package static let protected = CommandFlags(rawValue: 1 << 16)
  package static let noAsyncLoading = CommandFlags(rawValue: 1 << 17)
  package static let noMulti = CommandFlags(rawValue: 1 << 18)
  package static let movableKeys = CommandFlags(rawValue: 1 << 19)
  package static let allowBusy = CommandFlags(rawValue: 1 << 20)
  /// May meet any key, which it does not name; not shown.
  package static let touchesArbitraryKeys = CommandFlags(rawValue: 1 << 21)

  static let names: [(CommandFlags, String)] = [
    (.write, "write"), (.readonly, "readonly"), (.denyoom, "denyoom"), (.admin, "admin"), (.pubsub, "pubsub"),
    (.noscript, "noscript"), (.blocking, "blocking"), (.loading, "loading"), (.stale, "stale"),
    (.skipMonitor, "skip_monitor"), (.skipSlowlog, "skip_slowlog"), (.asking, "asking"), (.fast, "fast"),
    (.noAuth, "no_auth"), (.noMandatoryKeys, "no_mandatory_keys"), (.noAsyncLoading, "no_async_loading"),
    (.noMulti, "no_multi"), (.movableKeys, "movablekeys"), (.allowBusy, "allow_busy"),
  ]

  /// Those that `COMMAND INFO` keeps to itself.
  static let hidden: [(CommandFlags, String)] = [
    (.mayReplicate, "may_replicate"), (.protected, "protected"),
    (.touchesArbitraryKeys, "touches_arbitrary_keys"),
  ]
}

/// The ACL categories, in the order in which `COMMAND INFO` prints them.
package struct CommandCategories: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The names of all.
  package static let order = [
    "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo", "stream",
    "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
  ]

  package static let keyspace = CommandCategories(rawValue: 1 << 0)
  package static let read = CommandCategories(rawValue: 1 << 1)
  package static let write = CommandCategories(rawValue: 1 << 2)
  package static let set = CommandCategories(rawValue: 1 << 3)
  package static let sortedset = CommandCategories(rawValue: 1 << 4)
  package static let list = CommandCategories(rawValue: 1 << 5)
  package static let hash = CommandCategories(rawValue: 1 << 6)
  package static let string = CommandCategories(rawValue: 1 << 7)
  package static let bitmap = CommandCategories(rawValue: 1 << 8)
  package static let hyperloglog = CommandCategories(rawValue: 1 << 9)
  package static let geo = CommandCategories(rawValue: 1 << 10)
  package static let stream = CommandCategories(rawValue: 1 << 11)
  package static let pubsub = CommandCategories(rawValue: 1 << 12)
  package static let admin = CommandCategories(rawValue: 1 << 13)
  package static let fast = CommandCategories(rawValue: 1 << 14)
  package static let slow = CommandCategories(rawValue: 1 << 15)
  package static let blocking = CommandCategories(rawValue: 1 << 16)
  package static let dangerous = CommandCategories(rawValue: 1 << 17)
  package static let connection = CommandCategories(rawValue: 1 << 18)
  package static let transaction = CommandCategories(rawValue: 1 << 19)
  package static let scripting = CommandCategories(rawValue: 1 << 20)

  package var names: [String] {
    CommandCategories.order.indices.filter { rawValue & (1 << $0) != 0 }.map { CommandCategories.order[$0] }
  }

  /// The category of that name, as `COMMAND LIST FILTERBY ACLCAT` takes it (`ACLGetCommandCategoryFlagByName` in
  /// acl.c).
  package init?(name: String) {
    guard let index = CommandCategories.order.firstIndex(of: name) else { return nil }
    self.init(rawValue: 1 << UInt32(index))
  }

  /// The categories that the flags imply (`setImplicitACLCategories` in server.c).
  init(impliedBy flags: CommandFlags, beside others: CommandCategories) {
    self = flags.contains(.fast) ? .fast : .slow
    if flags.contains(.write) { insert(.write) }
    // A script that only reads is no command that reads.
    if flags.contains(.readonly), !others.contains(.scripting) { insert(.read) }
    if flags.contains(.admin) { formUnion([.admin, .dangerous]) }
    if flags.contains(.pubsub) { insert(.pubsub) }
    if flags.contains(.blocking) { insert(.blocking) }
  }
}

/// Where a command's keys are and what it does with them.
package struct KeySpec: Sendable {
  /// The first letters are Redis's: RO, RW, OW (overwrites without reading) and RM (removes).
  package enum Access: String, Sendable { case readOnly = "RO", readWrite = "RW", overwrite = "OW", remove = "RM" }
  package enum Use: String, Sendable {
    case access, update, insert, delete
    /// What is found this way is no key.
    case notKey = "not_key"
    /// There may be more keys than this way finds.
    case incomplete
    /// What is done with the key depends on the other arguments.
    case variableFlags = "variable_flags"
  }

  /// Where the first key is.
  package enum Begin: Sendable, Hashable {
    case index(Int)
    /// Behind a word, which is looked for from there on; negative: backwards from there, counted from the end.
    case keyword(String, from: Int)
    case unknown
  }
  /// Which arguments are keys from there on.
  package enum Find: Sendable, Hashable {
    /// `last` is relative to the first; negative: counted from the end, -1 being the last argument. A `limit` of 2 stops
    /// half-way.
    case range(last: Int, step: Int, limit: Int)
    /// The first says how many follow it.
    case counted
    case unknown
  }

  package let begin: Begin
  package let find: Find
  /// nil where it is no key.
  package let access: Access?
  package let uses: [Use]
  package internal(set) var notes: String?
}
