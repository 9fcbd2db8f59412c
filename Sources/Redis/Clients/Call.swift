/// One command being executed for one client.
package struct Call: Sendable {
  private let passedInPlace = PassedInPlace()
  /// The connection of the client that asked.
  package let connection: ConnectionID
  package let command: Command
  /// The command's name and arguments, as they came.
  package var arguments: [Bytes]
  /// The client's selected database.
  package var database: Int
  /// What the client is answered.
  package var reply: ReplyBuffer
  /// How the command reaches the replicas.
  package var propagation: Propagation = .ifChanged
  /// The caller is this node's master, whose commands are obeyed without question.
  package var fromMaster = false
  /// Where its arguments are that others are not to see.
  var redacted: Set<Int> = []
  /// A load has begun, and the command is over when that is.
  var waitsForLoad = false

  /// Nobody is shown the argument at that position (`redactClientCommandArgument` in networking.c).
  mutating func redact(_ position: Int) { redacted.insert(position) }

  /// The arguments as SLOWLOG and MONITOR show them.
  var shownArguments: [Bytes] {
    redacted.isEmpty
      ? arguments : arguments.enumerated().map { redacted.contains($0) ? "(redacted)" : $1 }
  }

  /// How a command reaches the replicas (docs/PROTOCOL.md, 4; `forceCommandPropagation`, `preventCommandPropagation`
  /// in server.c).
  package enum Propagation: Equatable, Sendable {
    /// As it came, if it changed something.
    case ifChanged
    /// In this form, if it changed something.
    case rewritten([Bytes])
    /// As it came, whether or not it changed something.
    case always
    /// As it came, whether or not it changed something, and into no file.
    case toReplicas
    case never
  }
}

/// Reading arguments as Redis does, with its complaints.
extension Call {
  enum Complaint {
    static let syntax = "ERR syntax error"
    static let notInteger = "ERR value is not an integer or out of range"
    static let wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"
    static let noSuchKey = "ERR no such key"
    static let databaseRange = "ERR DB index is out of range"
    static let sameObject = "ERR source and destination objects are the same"
  }

  /// The integer at that position; if it is none, the client is told so (`getLongLongFromObjectOrReply` in object.c).
  mutating func integer(at position: Int, complaint: String = Complaint.notInteger) -> Int64? {
    guard let value = Integer.parse(arguments[position]) else {
      reply.error(complaint)
      return nil
    }
    return value
  }

  /// An integer between two bounds, as C's int is (`getRangeLongFromObjectOrReply` in object.c).
  mutating func integer(at position: Int, in range: ClosedRange<Int64>, complaint: String? = nil) -> Int64? {
    guard let value = integer(at: position, complaint: complaint ?? Complaint.notInteger) else { return nil }
    guard range.contains(value) else {
      reply.error(
        complaint ?? "ERR value is out of range, value must between \(range.lowerBound) and \(range.upperBound)")
      return nil
    }
    return value
  }

  /// A count that is not negative (`getPositiveLongFromObjectOrReply` in object.c).
  mutating func positiveInteger(at position: Int, complaint: String? = nil) -> Int64? {
    integer(at: position, in: 0...Int64.max, complaint: complaint ?? "ERR value is out of range, must be positive")
  }

  /// The keys behind their number, and where the first argument stands that is none; at least one must.
  mutating func countedKeys(at position: Int) -> (keys: ArraySlice<Bytes>, next: Int)? {
    guard
      let count = integer(at: position, in: 1...Int64.max, complaint: "ERR numkeys should be greater than 0")
    else { return nil }
    guard count < arguments.count - position - 1 else {
      syntaxError()
      return nil
    }
    let next = position + 1 + Int(count)
    return (arguments[position + 1..<next], next)
  }

  /// `COUNT n` and nothing else, or nothing, which stands for one.
  mutating func countOption(from position: Int) -> Int? {
    if position == arguments.count { return 1 }
    guard position + 2 == arguments.count, arguments[position].matches("COUNT") else {
      // The number of a first COUNT is looked at before what follows.
      if position + 2 < arguments.count, arguments[position].matches("COUNT"),
        integer(at: position + 1, in: 1...Int64.max, complaint: "ERR count should be greater than 0") == nil
      {
        return nil
      }
      syntaxError()
      return nil
    }
    return integer(at: position + 1, in: 1...Int64.max, complaint: "ERR count should be greater than 0")
      .map { Int(clamping: $0) }
  }

  static let cInt = Int64(Int32.min)...Int64(Int32.max)

  /// The command can't have so many arguments (`addReplyErrorArity` in networking.c).
  mutating func wrongArity() {
    reply.error("ERR wrong number of arguments for '\(command.name)' command")
  }

  /// The arguments make no sense (`addReplyErrorObject` in networking.c).
  mutating func syntaxError() { reply.error(Complaint.syntax) }

  /// The answer to HELP: the lines between Redis's own first and last ones (`addReplyHelp` in networking.c).
  mutating func help(_ lines: [String]) {
    let name = command.name.prefix { $0 != "|" }.uppercased()
    reply.array(lines.count + 3)
    reply.simple("\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
    for line in lines { reply.simple(line) }
    reply.simple("HELP")
    reply.simple("    Prints this help.")
  }
}
