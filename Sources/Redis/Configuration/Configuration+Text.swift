import RESP

/// Why a configuration could not be read. Its description is what redis-server prints before it exits.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// From 1, in the file that was being read; 0 where no line by itself is wrong.
  package var line: Int
  package var text: String
  package var reason: String

  package var description: String {
    if line == 0 { return "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\n\(reason)" }
    return """
      *** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
      Reading the configuration file, at line \(line)
      >>> '\(text)'
      \(reason)
      """
  }
}

extension Configuration {
  /// A file that includes itself ends a real process when its stack is full.
  private static let deepestInclude = 32

  /// Reads a redis.conf: one directive a line, `#` before a comment, arguments quoted as redis-cli quotes them
  /// (`loadServerConfigFromString` in config.c).
  ///
  /// - Parameters:
  ///   - include: is given the name after an `include` and returns that file, or nil if there is none.
  ///   - depth: how many files include this one, one the other.
  package mutating func read(
    _ text: String, depth: Int = 0, include: (String) -> String? = { _ in nil }
  ) throws(ConfigurationError) {
    var number = 0
    let text = text.utf8.contains(0) ? String(bytes: text.bytes.asReadByLines(of: 1024)) : text
    for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      let line = Configuration.trim(line)
      guard let first = line.utf8.first, first != UInt8(ascii: "#") else { continue }
      func failure(_ reason: String) -> ConfigurationError { .init(line: number, text: line, reason: reason) }
      guard let arguments = Configuration.split(line) else { throw failure("Unbalanced quotes in configuration line") }
      guard let name = arguments.first else { continue }
      if name.asciiLowercased() == "include", arguments.count == 2 {
        guard depth < Self.deepestInclude else { throw failure("files that include each other have no end") }
        guard let included = include(arguments[1]) else {
          let reason = "Fatal error, can't open config file '\(arguments[1])': No such file or directory"
          throw ConfigurationError(line: 0, text: line, reason: reason)
        }
        try read(included, depth: depth + 1, include: include)
      } else if isSentinel, name.asciiLowercased() == "sentinel", arguments.count > 1 {
        sentinelDirectives.append(
          SentinelDirective(line: number, text: line, arguments: Array(arguments.dropFirst())))
      } else if let reason = apply(arguments) {
        throw failure(reason)
      }
    }
    hz = min(max(hz, 1), 500)
  }

  /// What a process in Sentinel mode begins with (`initSentinelConfig` in sentinel.c).
  package static var ofSentinel: Configuration {
    var configuration = Configuration()
    configuration.commandNames.isSentinel = true
    configuration.port = 26_379
    // A Sentinel has to be reached by others.
    configuration.others["protected-mode"] = "no"
    return configuration
  }

  /// What only the whole of a configuration can be wrong about (`loadServerConfigFromString` in config.c).
  package func check() throws(ConfigurationError) {
    if isSentinel { _ = try Sentinel(sentinelDirectives) }
    if replicaof != nil, DirectiveTable.find("cluster-enabled")?.get(self) == "yes" {
      throw ConfigurationError(line: 0, text: "", reason: "replicaof directive not allowed in cluster mode")
    }
  }

  /// Reads what follows `redis-server [FILE]`: each `--directive` begins a line, and its arguments follow
  /// (`loadServerConfig` in config.c; `main` in server.c).
  package mutating func read(arguments: [String]) throws(ConfigurationError) {
    try read(Configuration.lines(of: arguments).joined(separator: "\n"))
  }

  /// The lines of a file that would say the same.
  package static func lines(of arguments: [String]) -> [String] {
    var lines: [String] = []
    // Only a directive that has an argument can be followed by another: `--masterauth --secret` is a password.
    var lastIsComplete = true
    for (index, argument) in arguments.enumerated() {
      guard lastIsComplete, argument.hasPrefix("--") else {
        // A Sentinel's lines are given whole: `--sentinel "monitor mymaster 127.0.0.1 7000 2"`.
        let isLine = lines.last?.asciiLowercased() == "sentinel"
        let quoted = isLine ? argument : InlineCommand.quoted(argument)
        if lines.isEmpty { lines.append(quoted) } else { lines[lines.count - 1] += " " + quoted }
        lastIsComplete = true
        continue
      }
      lines.append(String(argument.dropFirst(2)))
      lastIsComplete = Configuration.split(argument)?.count != 1
      let next = index + 1 < arguments.count ? arguments[index + 1] : nil
      if !lastIsComplete, next?.hasPrefix("--") ?? true,
        let empty = ["--save": " \"\"", "--sentinel": ""][argument.asciiLowercased()]
      {
        lines[lines.count - 1] += empty
        lastIsComplete = true
      }
    }
    return lines
  }

  /// Sets one directive as a line of a file does.
  package mutating func set(_ name: String, _ arguments: String...) throws(ConfigurationError) {
    if let reason = apply([name] + arguments) {
      throw ConfigurationError(line: 1, text: ([name] + arguments).joined(separator: " "), reason: reason)
    }
  }

  /// One directive with its arguments, from a file; returns Redis's complaint (`loadServerConfigFromString`,
  /// `queueLoadModule` in config.c).
  private mutating func apply(_ arguments: [String]) -> String? {
    let name = arguments[0].asciiLowercased()
    if let directive = DirectiveTable.find(name) {
      if !directive.flags.contains(.multipleArguments) {
        return arguments.count == 2 ? directive.set(&self, [arguments[1]], .file) : "wrong number of arguments"
      }
      // All arguments may also come as one, quoted.
      if arguments.count == 2, !arguments[1].isEmpty {
        return directive.set(&self, Configuration.split(arguments[1]) ?? [], .file)
      }
      return directive.set(&self, Array(arguments.dropFirst()), .file)
    }
    switch (name, arguments.count) {
    case ("list-max-ziplist-entries", 2), ("list-max-ziplist-value", 2), ("lua-replicate-commands", 2): return nil
    case ("rename-command", 3):
      return commandNames.rename(Bytes(arguments[1]), to: Bytes(arguments[2]))
    case ("user", 2...):
      return addUser(arguments)
    case ("loadmodule", 2...):
      modules.append(arguments[1])
      return nil
    case ("sentinel", 1): return nil
    case ("sentinel", _): return "sentinel directive while not in sentinel mode"
    default:
      guard name.contains(".") else { return "Bad directive or wrong number of arguments" }
      return arguments.count < 2 ? "Module config specified without value" : nil
    }
  }

  /// A line `user NAME RULE…` (`ACLAppendUserForLoading` in acl.c). Commands and categories that are not known are only
  /// complained of at the start.
  private mutating func addUser(_ arguments: [String]) -> String? {
    // The complaint names the word two before the one that it is about, as Redis does.
    func complaint(_ position: Int, _ error: RuleError) -> String {
      "Error in user declaration '\(arguments[position])': \(error.rawValue)"
    }
    if users.contains(where: { $0[0] == arguments[1] }) { return complaint(1, .duplicateUser) }
    let rules: [Bytes]
    do throws(Rules.Unclosed) {
      rules = try Rules.merge(arguments.dropFirst(2).map { Bytes($0) })
    } catch {
      // Redis has no words of its own for this, and takes those of the last error that it met.
      return complaint(error.position, .unknown)
    }
    var user = User(Bytes(arguments[1]), allowsAllChannels: aclAllowsAllChannels)
    for (position, rule) in rules.enumerated() {
      do throws(RuleError) {
        try user.apply(rule, pubsubDefault: aclAllowsAllChannels)
      } catch {
        if error != .unknown { return complaint(position, error) }
      }
    }
    users.append([arguments[1]] + rules.map(\.text))
    return nil
  }

  static func trim(_ line: Substring.UTF8View) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }
    guard let first = line.firstIndex(where: { !isBlank($0) }), let last = line.lastIndex(where: { !isBlank($0) })
    else {
      return ""
    }
    return String(Substring(line[first...last]))
  }

  /// Splits a line into arguments; nil where a quote stays open (`sdssplitargs` in sds.c).
  static func split(_ line: String) -> [String]? {
    InlineCommand.split(line.bytes).map { $0.map { String(bytes: $0) } }
  }
}
