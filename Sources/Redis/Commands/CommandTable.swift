/// All commands by name: a line of the catalogue each, and what runs it, which stands at the head of its family's file.
package enum CommandTable {
  /// What the lab simulates, family by family, as `help commands` heads them. Of a command that none of them has, the lab
  /// says that it doesn't simulate it.
  private static let families: [(title: String, bodies: [[String: Command.Body]])] = [
    ("Strings", [strings]), ("Keys", [keys, dumps, sorting]), ("Expiry", [expiry]), ("Lists", [lists]),
    ("Sets", [sets]), ("Sorted sets", [sortedSets]), ("Hashes", [hashes]), ("Streams", [streams]),
    ("Bitmaps", [bitmaps]),
    ("HyperLogLog", [hyperLogLogs]), ("Geo", [geo]), ("Databases", [databases]),
    ("Scripts and functions", [scripting, functions]), ("Transactions", [transactions]),
    ("Publish and subscribe", [pubsub]), ("Replication", [replication]),
    ("Snapshots and files", [saves]),
    ("Connections and clients", [connection, client, clientTracking]), ("Users", [accessControl]),
    ("Configuration", [config]),
    ("The server", [server, command, memory, slowlog, latency, debug]),
  ]

  /// By full name: `get`, `config|get`.
  package static let bodies: [String: Command.Body] = Dictionary(
    uniqueKeysWithValues: families.flatMap { $0.bodies.flatMap { $0.map { ($0.key, $0.value) } } })

  /// What a node can run, by what it is about: names as one types them, in alphabetical order.
  package static let simulated: [(title: String, names: [String])] = families.map { family in
    let names = family.bodies.flatMap(\.keys)
    return (family.title, names.map { $0.replacing("|", with: " ").uppercased() }.sorted())
  }

  /// Every command of Redis 7.0, those included that a node can't run, in alphabetical order; a real Redis lists them
  /// in hash order (`populateCommandTable` in server.c). Their ids number them and their subcommands.
  package static let known: [Command] = {
    let all = CommandCatalogue.lines.map { CommandCatalogue.Entry($0) }.sorted { $0.name < $1.name }
    let families = Dictionary(grouping: all.filter { $0.name.contains("|") }) { $0.name.prefix { $0 != "|" } }
    var next = 0
    func command(_ entry: CommandCatalogue.Entry) -> Command {
      let id = next
      next += 1
      let subcommands = (families[entry.name[...]] ?? []).map(command)
      return Command(entry, id: id, body: bodies[entry.name], subcommands: subcommands)
    }
    return all.filter { !$0.name.contains("|") }.map(command)
  }()

  /// Those that a process in Sentinel mode has: SENTINEL, and some of a server's (`populateCommandStructure` in server.c).
  static let ofSentinel: [Command] = {
    let shared: Set<String> = [
      "acl", "auth", "client", "command", "hello", "info", "ping", "psubscribe", "publish", "punsubscribe", "role",
      "shutdown", "subscribe", "unsubscribe",
    ]
    let own = CommandCatalogue.sentinel.split(separator: "\n").map { CommandCatalogue.Entry($0) }
    let subcommands = own.indices.dropFirst().map { index in
      Command(own[index], id: serverIDCount + index, body: sentinel[own[index].name])
    }
    let family = Command(own[0], id: serverIDCount, body: sentinel[own[0].name], subcommands: subcommands)
    return (all.filter { shared.contains($0.name) } + [family]).sorted { $0.name < $1.name }
  }()

  /// Of those that a process in Sentinel mode has, by a name as COMMAND INFO has it: `sentinel`, `sentinel|set`.
  package static func findOfSentinel(fullName: Bytes) -> Command? {
    let name = fullName.lowercased().text
    return ofSentinel.lazy.compactMap { command in
      command.name == name ? command : command.subcommands.first { $0.name == name }
    }.first
  }

  /// Those that a node can run.
  package static let all: [Command] = known.compactMap(\.runnable)

  /// By the ids: `config`, `config|get`.
  static let names = known.flatMap { [$0.name] + $0.subcommands.map(\.name) } + sentinelNames

  /// The number of ids, a server's and then SENTINEL's.
  static let idCount = serverIDCount + sentinelNames.count
  private static let serverIDCount = known.reduce(0) { $0 + 1 + $1.subcommands.count }
  private static let sentinelNames = CommandCatalogue.sentinel.split(separator: "\n").map {
    String($0.prefix { $0 != " " })
  }

  /// In small letters and in capitals, as nearly everybody writes them.
  private static let byName: [Bytes: Int] = {
    var index: [Bytes: Int] = [:]
    for (position, command) in known.enumerated() {
      index[Bytes(command.name)] = position
      index[Bytes(command.name.uppercased())] = position
    }
    return index
  }()

  /// The command of that name, in any case (`lookupCommand` in server.c).
  package static func find(_ name: Bytes) -> Command? {
    if let position = byName[name] { return known[position] }
    return byName[name.lowercased()].map { known[$0] }
  }

  /// By a name as ACL rules and COMMAND INFO have it, in any case: `get`, `config|get` (`ACLLookupCommand` in acl.c;
  /// `lookupCommandBySds` in server.c).
  package static func find(fullName: Bytes) -> Command? {
    let parts = fullName.array.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let command = find(Bytes(first)) else { return nil }
    if parts.count == 1 { return command }
    let name = fullName.lowercased().text
    return command.subcommands.first { $0.name == name }
  }
}
