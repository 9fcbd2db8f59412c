import Lua
import RDB
import RESP

/// A script that runs, or a function (`scriptRunCtx` in script.h).
struct RunningScript: Equatable, Sendable {
  /// The script's digest, or the function's name.
  var name: Bytes
  /// The client that asked for it, and what it said.
  var caller: ConnectionID
  var command: String
  var arguments: [Bytes]
  var isEval: Bool
  /// It may not write.
  var isReadOnly: Bool
  /// It may need more memory than there is.
  var allowsOOM: Bool
  /// Of what it does, the append-only file is told (1) and the replicas (2).
  var replication = 3
  /// A command that writes has been called: what it has begun can't be refused any more.
  var hasWritten = false
  /// What its calls are answered in.
  var version = ProtocolVersion.resp2
  var isInTransaction = false
  /// How far it has come.
  var instructions: Int64 = 0
  /// How far it was when it first called a command that writes.
  var firstWrite: Int64?
  /// Where it was when it was found to be slow, and what there was then, if it had written nothing.
  var line = 0
  var before: Data?
  /// It was given up.
  var isEndless = false

  mutating func writes() {
    if !hasWritten { firstWrite = instructions }
    hasWritten = true
  }
}

extension [Bytes] {
  init(_ words: ScriptWords) {
    self = []
    reserveCapacity(words.count)
    words.forEach { append(Bytes($0)) }
  }
}

extension PackedStrings {
  init(_ strings: ArraySlice<Bytes>) {
    self.init(count: strings.count, size: strings.reduce(0) { $0 + $1.count })
    for string in strings { string.withSpan { append($0) } }
  }
}

extension Node {
  /// The client whose command is being executed, be it by a script (`server.current_client`).
  var currentClient: ConnectionID? { executing == Self.scriptClient ? script?.caller : executing }

  /// The client in whose name a script's commands are done.
  static let scriptClient = ConnectionID(.opened, .max - 1)

  /// Its caller does what a master said, or the append-only file: whatever it is, it is done (`mustObeyClient` in
  /// networking.c).
  func mustObey(_ connection: ConnectionID) -> Bool {
    connection == Self.appendOnlyLoader || clients[connection]?.isMaster == true
  }

  /// Nothing may wait: within a transaction, and within a script (`CLIENT_DENY_BLOCKING`).
  var deniesBlocking: Bool { isInExec || script != nil }

  /// Why the script may not run now (`scriptPrepareForRun` in script.c).
  func refusal(ofScript flags: ScriptFlags, isReadOnly: Bool, _ call: Call) -> String? {
    if flags.contains(.compatible) {
      return isStale ? Decision.CommandRefusal.masterDown(replication.link.state).words : nil
    }
    if isStale, !flags.contains(.allowStale) {
      return
        "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and 'allow-stale' flag is not "
        + "set on the script."
    }
    if flags.contains(.noWrites) { return nil }
    if let words = refusalToWrite(ofScript: isReadOnly, call) { return words }
    guard isOutOfMemory, !flags.contains(.allowOOM) else { return nil }
    return "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"
  }

  private func refusalToWrite(ofScript isReadOnly: Bool, _ call: Call) -> String? {
    let isObeyed = mustObey(call.connection)
    if isReplica, configuration.replicaReadOnly, !isObeyed {
      return "READONLY Can not run script with write flag on readonly replica"
    }
    if let refusal = diskRefusal, !isObeyed { return refusal.wordsForScript }
    if isReadOnly { return "ERR Can not execute a script with write flag using *_ro command." }
    return lackOfGoodReplicas?.words
  }

  /// Runs it, and answers the client with what comes of it (`scriptPrepareForRun`, `scriptResetRun` in script.c;
  /// `luaCallFunction` in script_lua.c).
  ///
  /// - Returns: what the compiler says of what is no script.
  mutating func run(_ script: inout Script, as running: RunningScript, _ call: inout Call) -> [UInt8]? {
    self.script = running
    self.script?.isInTransaction = isInExec
    addScriptClient(of: call)
    script.random = scriptRandom
    var complaint: [UInt8]?
    // What its client is told of meanwhile stands before what it returns.
    var start: Int?
    script.run { question in
      if case .value = question, start == nil { start = call.reply.position }
      if case .end(let end) = question {
        // It may fail in the middle of telling what it returns.
        if let start { _ = call.reply.take(from: start) }
        if case .notCompiled(let words) = end { complaint = words }
      }
      return answer(question, &call)
    }
    scriptRandom = script.random
    clients.endScript()
    if let ended = self.script.take(), ended.isEndless || isSlow(after: ended.instructions) {
      slowScript = Boxed(ended)
    }
    // What it has done is told in its place.
    if complaint == nil { call.propagation = .never }
    return complaint
  }

  /// It does all in the name of the caller, whose rights it has (`scriptCall`, `scriptPrepareForRun` in script.c).
  private mutating func addScriptClient(of call: Call) {
    var client = Client(
      id: 1, connection: Self.scriptClient, peer: Self.nowhere, local: Self.nowhere, now: now,
      buffers: ClientBuffers(buffersClock))
    client.user = clients[call.connection]?.user
    client.database = call.database
    clients.beginScript(as: client)
  }

  private static let nowhere = Address(host: "?", port: 0)

  private mutating func answer(_ question: ScriptQuestion, _ call: inout Call) -> ScriptAnswer {
    if script?.isEndless == true { return .end(.abandoned) }
    switch question {
    case .call(let arguments): return callFromScript([Bytes](arguments))
    case .mayCall(let arguments): return mayCallFromScript([Bytes](arguments))
    case .log(let level, let text): logFromScript(level, text)
    case .setRESP(let version): script?.version = version == 3 ? .resp3 : .resp2
    case .setReplication(let targets): script?.replication = targets
    case .sha1(let bytes): return .bytes(SHA1.hex(bytes))
    case .ran(let instructions, let line): return goesOn(after: instructions, line: line) ? .none : .end(.abandoned)
    case .register: break
    case .value(let value): reply(value, &call)
    case .end(let end): reply(end, &call)
    }
    return .none
  }

  mutating func logFromScript(_ level: Int, _ text: [UInt8]) {
    guard LogEntry.Level.allCases.indices.contains(level) else { return }
    log(LogEntry.Level.allCases[level], String(bytes: text.prefix { $0 != 0 }))
  }

  // MARK: What it returns

  /// A part of its result (`luaReplyToRedisReply` in script_lua.c).
  private mutating func reply(_ value: ScriptValue, _ call: inout Call) {
    switch value {
    case .null: call.reply.null()
    case .bulk(let bytes): call.reply.bulk(bytes)
    case .integer(let number): call.reply.integer(number)
    case .boolean(let isTrue):
      if script?.version == .resp3 {
        call.reply.boolean(isTrue)
      } else if isTrue {
        call.reply.integer(1)
      } else {
        call.reply.null()
      }
    case .status(let text): call.reply.simple(bytes: text)
    case .error(let text, let isCounted): replyScriptError(Self.trimmed(text), isCounted: isCounted, &call)
    case .double(let number): call.reply.double(number)
    case .bigNumber(let digits): call.reply.bigNumber(digits)
    case .verbatim(let text, let format): call.reply.verbatim(bytes: text, format: format)
    case .map(let count): call.reply.map(count)
    case .set(let count): call.reply.set(count)
    case .array(let count): call.reply.array(count)
    }
  }

  /// Without the ends of lines at both ends; those within become blanks.
  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    func isEnd(_ byte: UInt8) -> Bool { byte == 13 || byte == 10 }
    var text = text[...]
    while text.last.map(isEnd) == true { text.removeLast() }
    return text.map { isEnd($0) ? 32 : $0 }
  }

  /// It has failed (`luaCallFunction` in script_lua.c).
  private mutating func reply(_ end: ScriptEnd, _ call: inout Call) {
    let name = (script?.name ?? Bytes()).array
    switch end {
    case .notCompiled: break
    case .failed(var text, let source, let line, let isCounted):
      if let source, let line { text += " script: ".utf8 + name + ", on ".utf8 + source + ":".utf8 + line + ".".utf8 }
      replyScriptError(Self.trimmed(text), isCounted: isCounted, &call)
    case .failedPlainly(let text):
      let words = Array("ERR Error running script ".utf8) + name + ", ".utf8 + text.prefix(100)
      replyScriptError(Self.trimmed(words), isCounted: false, &call)
    case .noSuchFunction: replyScriptError(Array("ERR Function not found".utf8), isCounted: false, &call)
    }
  }

  /// An error as it is, and one of perhaps several in the reply. One that a command of the script's ended in has been
  /// counted for that command.
  private mutating func replyScriptError(_ text: [UInt8], isCounted: Bool, _ call: inout Call) {
    call.reply.raw([UInt8(ascii: "-")] + text + [13, 10])
    errorReplied(String(bytes: text), to: call.connection, call.arguments, isCounted: isCounted)
    if isCounted { statistics.commands.change(call.command) { $0.failed += 1 } }
  }
}

extension Decision.CommandRefusal {
  /// What a script is told that may write.
  fileprivate var wordsForScript: String {
    let blocked =
      "but it's currently unable to persist to disk. Writable scripts are blocked. Use 'no-writes' flag for read "
      + "only scripts."
    return self == .snapshotFailed
      ? "MISCONF Redis is configured to save RDB snapshots, " + blocked
      : "MISCONF Redis is configured to persist data to AOF, " + blocked + " AOF error: No space left on device"
  }
}

/// How long scripts take: here it is no matter of the machine.
enum ScriptTime {
  /// Instructions in a millisecond.
  static let perMillisecond: Int64 = 1_000
  /// What has not ended by then is taken for endless (`Node.runsEndlessScript`).
  static let longest: Int64 = 60_000 * perMillisecond
  /// How long FUNCTION LOAD lets a library run: half a second.
  static let longestLoad: Int64 = 500 * perMillisecond
}
