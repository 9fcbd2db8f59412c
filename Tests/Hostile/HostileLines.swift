/// Lines for the prompt, made from the verbs' own grammar: what their help says they take, with numbers that nobody would
/// type in earnest, and now and then with a word too many, too few or out of place.
package struct HostileLines {
  package struct Verb {
    package var name: String
    /// As `help` shows the arguments: `[N]`, `NODE full|slow|ok`, `N SIZE…`.
    package var arguments: String

    package init(name: String, arguments: String) { (self.name, self.arguments) = (name, arguments) }
  }

  package struct Command {
    package var name: String
    package var arity: Int

    package init(name: String, arity: Int) { (self.name, self.arity) = (name, arity) }
  }

  private let verbs: [Verb]
  private let commands: [Command]
  private let directives: [String]
  private static let nodes = ["m", "r", "s"]
  private static let keys = ["k", "n", "long", "l"]

  /// - Parameters:
  ///   - verbs: those of the prompt; of what else there is (files, other programs) only what stays in the folder.
  ///   - commands: those of Redis.
  ///   - directives: of redis.conf.
  package init(verbs: [Verb], commands: [Command], directives: [String]) {
    (self.verbs, self.commands, self.directives) = (verbs, commands, directives)
  }

  /// What a session in a lab begins with.
  package static let beginning = [
    "start m --port 7000 --repl-diskless-sync-delay 0", "m SET k 1",
    #"start r --port 7001 --replicaof "127.0.0.1 7000""#, "continue", "m SET n 10", "step 2",
  ]

  /// The next line.
  package func line(_ choices: inout Choices) -> String {
    switch choices.below(16) {
    case 0..<5: command(&choices)
    case 5: replication(&choices)
    case 6: start(&choices)
    case 7: ["step", "continue", "advance 1s", "next", "why", "back", "step 5"][choices.below(7)]
    default: verb(&choices)
    }
  }

  /// A line that looks at things and changes nothing: for recordings, too.
  package func looking(_ choices: inout Choices) -> String {
    let looks =
      ["step", "stepi", "next", "finish", "continue", "until", "advance", "back", "backi", "reverse-continue", "goto"]
      + ["info", "print", "x", "list", "view", "why", "explain", "watch", "display", "break", "delete", "find", "diff"]
    let offered = verbs.filter { looks.contains($0.name) }
    return line(of: choices.pick(offered), &choices)
  }

  // MARK: Verbs

  private func verb(_ choices: inout Choices) -> String { line(of: choices.pick(verbs), &choices) }

  private func line(of verb: Verb, _ choices: inout Choices) -> String {
    var words = [verb.name]
    for part in Self.parts(of: verb.arguments) { words += self.words(for: part, &choices) }
    if choices.once(in: 12) { words.append(HostileNumbers.number(&choices)) }
    if choices.once(in: 12), words.count > 1 { words.removeLast() }
    return words.joined(separator: " ")
  }

  /// What stands between blanks, brackets kept together.
  package static func parts(of arguments: String) -> [String] {
    var parts: [String] = []
    var depth = 0
    var part = ""
    for character in arguments {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if character == " ", depth == 0 {
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
    }
    return (parts + [part]).filter { !$0.isEmpty }
  }

  private func words(for part: String, _ choices: inout Choices) -> [String] {
    if part.hasPrefix("["), part.hasSuffix("]") {
      guard !choices.once(in: 3) else { return [] }
      return Self.parts(of: String(part.dropFirst().dropLast())).flatMap { words(for: $0, &choices) }
    }
    if part.contains("|") {
      return words(for: String(choices.pick(part.split(separator: "|", omittingEmptySubsequences: true))), &choices)
    }
    if part.hasSuffix("…") {
      return (0...choices.below(3)).flatMap { _ in words(for: String(part.dropLast()), &choices) }
    }
    return [word(for: part, &choices)]
  }

  private func word(for part: String, _ choices: inout Choices) -> String {
    if choices.once(in: 16) { return HostileNumbers.number(&choices) }
    switch part {
    case "N", "SIZE", "PORT", "COUNT", "M":
      return choices.once(in: 2) ? "\(choices.below(20))" : HostileNumbers.number(&choices)
    case "DURATION": return HostileNumbers.duration(&choices)
    case "RANGE", "FROM-TO": return HostileNumbers.range(&choices)
    case "DATE": return choices.pick(HostileNumbers.dates)
    case "ADDRESS":
      return choices.pick(["10.0.0.5", "10.0.0.5:17001", "10.0.0.5:0", "nowhere", ":", "1.2.3.4:99999999999"])
    case "NODE": return choices.pick(Self.nodes)
    case "NAME":
      return choices.pick(Self.nodes + ["1", "arrows", "tcpdump", "hex", "fields", "sequence", "ledger", "topology"])
    case "LINK": return choices.pick(["1", "2", "3", "r m", "m r", "s m"] + HostileNumbers.all)
    case "EXPR": return expression(&choices)
    case "SPEC":
      return choices.pick([
        "fullresync", "psync", "set", "message PING", "decision partialresync", "node r", "phase stream",
      ])
    case "WHAT":
      return choices.pick(
        [
          "nodes", "links", "pending", "offsets", "backlog", "buffers", "disk", "breakpoints", "writes", "clients",
          "topology",
        ]
          + ["sentinels", "used-memory", "replid", "redis-version"])
    case "TOPIC": return choices.pick(["replid", "backlog", "offset", "psync", "ack", "wait"])
    case "VERB": return choices.pick(verbs).name
    case "FILE": return "file"
    case "LINE", "COMMAND": return command(&choices)
    case "--directive": return directive(&choices)
    case let word where word.contains(where: \.isLowercase): return word
    default: return HostileNumbers.number(&choices)
    }
  }

  private func expression(_ choices: inout Choices) -> String {
    let facts = [
      "offset", "keys", "state", "link", "backlog_start", "backlog_length", "second_offset", "acknowledged", "port",
    ]
    func operand(_ choices: inout Choices) -> String {
      switch choices.below(4) {
      case 0: HostileNumbers.duration(&choices)
      case 1: HostileNumbers.number(&choices)
      default: choices.pick(Self.nodes) + "." + choices.pick(facts)
      }
    }
    var text = operand(&choices)
    while choices.once(in: 2) {
      text +=
        " " + choices.pick(["=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "and", "or"]) + " " + operand(&choices)
    }
    return choices.once(in: 8) ? "not (\(text))" : text
  }

  // MARK: Nodes

  private func directive(_ choices: inout Choices) -> String {
    let directive = choices.pick(directives)
    let numbers = ["--port", "--repl-backlog-size", "--repl-timeout", "--repl-ping-replica-period", "--hz", "--save"]
    let name = choices.once(in: 2) ? choices.pick(numbers) : "--\(directive)"
    return "\(name) \"\(HostileNumbers.number(&choices))\""
  }

  private func start(_ choices: inout Choices) -> String {
    let name = choices.pick(Self.nodes + ["t"])
    var line = "start \(name)"
    if choices.once(in: 2) { line += " --port 700\(choices.below(4))" }
    for _ in 0..<choices.below(3) { line += " " + directive(&choices) }
    if choices.once(in: 3) {
      line += " --replicaof \"127.0.0.1 \(choices.pick(["7000", "7001"] + HostileNumbers.all))\""
    }
    return line
  }

  /// What a replica says, typed: a master may be told anything.
  private func replication(_ choices: inout Choices) -> String {
    let node = choices.pick(Self.nodes)
    let number = HostileNumbers.number(&choices)
    let other = HostileNumbers.number(&choices)
    return node + " "
      + choices.pick([
        "PSYNC ? \(number)", "PSYNC 4af7360b506843f9346c234825cbf3a4dfffe375 \(number)", "REPLCONF ACK \(number)",
        "REPLCONF listening-port \(number)", "REPLCONF rdb-only \(number)", "WAIT \(number) \(other)",
        "FAILOVER TIMEOUT \(number)", "FAILOVER TO 127.0.0.1 \(number) FORCE TIMEOUT \(other)", "FAILOVER ABORT",
        "CLIENT PAUSE \(number) WRITE", "CLIENT PAUSE \(number)", "CLIENT UNPAUSE", "REPLICAOF 127.0.0.1 \(number)",
        "REPLICAOF NO ONE", "CONFIG SET repl-backlog-size \(number)", "CONFIG SET repl-timeout \(number)",
        "CONFIG SET min-replicas-max-lag \(number)", "CONFIG SET repl-backlog-ttl \(number)",
        "CONFIG SET maxmemory \(number)",
        "CONFIG SET client-output-buffer-limit \"replica \(number) \(other) \(number)\"",
        "CONFIG SET save \"\(number) \(other)\"",
        "CONFIG SET shutdown-timeout \(number)", "CONFIG SET proto-max-bulk-len \(number)", "CONFIG SET hz \(number)",
        "CONFIG SET timeout \(number)", "DEBUG SLEEP \(number)", "DEBUG REPLICATE SET k \(number)", "DEBUG RELOAD",
        "SET k v PX \(number)", "SET k v EXAT \(number)", "EXPIRE k \(number)", "PEXPIREAT k \(number)",
        "SETRANGE long \(number) x",
        "GETRANGE long \(number) \(other)", "INCRBY n \(number)", "DECRBY n \(number)", "INCRBYFLOAT n \(number)",
        "RESTORE k \(number) \"\"", "OBJECT FREQ k", "SCAN \(number) COUNT \(other)", "SELECT \(number)", "SHUTDOWN",
        "CLIENT KILL ID \(number)", "CLIENT NO-EVICT on", "DEBUG POPULATE 3 key \(number)", "INFO", "ROLE",
        "CLIENT LIST",
      ])
  }

  private func command(_ choices: inout Choices) -> String {
    let command = choices.pick(commands)
    let least = abs(command.arity) - 1
    let count = command.arity < 0 ? least + choices.below(4) : least
    var words = [choices.pick(Self.nodes), command.name]
    // What takes a number is often given one, what takes a key a key.
    for index in 0..<max(0, count) {
      words.append(index == 0 && !choices.once(in: 4) ? choices.pick(Self.keys) : argument(&choices))
    }
    return words.joined(separator: " ")
  }

  private func argument(_ choices: inout Choices) -> String {
    let options = [
      "EX", "PX", "EXAT", "PXAT", "COUNT", "TIMEOUT", "NX", "XX", "GT", "GET", "ID", "DB", "REPLACE", "ABSTTL",
    ]
    switch choices.below(5) {
    case 0: return choices.pick(options)
    case 1: return choices.pick(Self.keys)
    default:
      let number = HostileNumbers.number(&choices)
      return number.isEmpty || number.contains(" ") ? "\"\(number)\"" : number
    }
  }
}
