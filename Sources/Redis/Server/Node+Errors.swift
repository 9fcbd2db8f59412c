import RESP

// What follows when a command ends in an error (afterErrorReply in Redis).

extension Node {
  /// Counts an error that a client was told, and complains of one that was the answer to a master or to a replica:
  /// neither is ever sent one, so the two no longer have the same data, or do not speak the same language
  /// (`afterErrorReply` in networking.c; `incrementErrorCount` in server.c).
  ///
  /// - Parameters:
  ///   - command: what was to be done, as it came.
  ///   - isCounted: it has been, where it came about within a script.
  mutating func errorReplied(
    _ text: String, to connection: ConnectionID, _ command: [Bytes], isCounted: Bool = false
  ) {
    if !isCounted {
      statistics.errorReplies += 1
      statistics.errors[Self.errorCode(text), default: 0] += 1
    }
    guard let client = clients[connection] else { return }
    if client.isMaster {
      if !command.isEmpty { emit(.decided(.failMastersCommand(command, error: text))) }
      complain("replica", of: "master", client.lastCommand, text)
      logLatestBacklog()
      if configuration.replicaReadOnly, propagationErrorBehavior != "ignore" {
        panicOver("replica", "master", client.lastCommand)
      }
    } else if connection == Self.appendOnlyLoader {
      appendOnlyErrorReplied(text, client.lastCommand)
    } else if client.flags.contains(.replica) {
      closeAnsweredReplicas()
      complain("master", of: "replica", client.lastCommand, text)
    }
  }

  /// What comes before the first space, which Redis looks for in the first 32 bytes only, the `-` among them.
  private static func errorCode(_ text: String) -> String {
    let start = text.bytes.prefix(31)
    return start.firstIndex(of: UInt8(ascii: " ")).map { String(bytes: start[..<$0]) } ?? "ERR"
  }

  /// Tells a client an error that is not the reply to a command of its own that has just run (`addReplyError` in
  /// networking.c).
  mutating func write(error text: String, to connection: ConnectionID, after command: [Bytes] = []) {
    if clients[connection]?.isAnswered == true {
      clients[connection]?.reply.error(text)
      _ = clients[connection]?.reply.takeError()
    }
    errorReplied(text, to: connection, command)
  }

  /// A command of the append-only file fails: it was done once, so it should have been possible (`afterErrorReply` in
  /// networking.c).
  mutating func appendOnlyErrorReplied(_ text: String, _ lastCommand: String?) {
    complain("server", of: "AOF-loading-client", lastCommand, text)
    if propagationErrorBehavior == "panic" { panicOver("server", "AOF-loading-client", lastCommand) }
  }

  /// Says in the log that an error went where none should (`afterErrorReply` in networking.c).
  private mutating func complain(_ from: String, of to: String, _ lastCommand: String?, _ error: String) {
    log(
      .warning,
      "== CRITICAL == This \(from) is sending an error to its \(to): '\(Self.loggedError(error))' after processing the "
        + "command '\(lastCommand ?? "<unknown>")'")
    statistics.unexpectedErrorReplies += 1
  }

  /// Redis logs an error as the place that made it wrote it down: with its code, or, where that is ERR, mostly without.
  private static func loggedError(_ text: String) -> String {
    let withCode = ["ERR", Call.Complaint.syntax, Call.Complaint.noSuchKey, Call.Complaint.sameObject]
    guard text.hasPrefix("ERR "), !withCode.contains(text) else { return "-" + String(bytes: text.bytes.prefix(4_095)) }
    return String(bytes: text.bytes.dropFirst(4).prefix(4_096))
  }

  /// The last 256 bytes of the stream before the command, a block's share at a time (`showLatestBacklog` in
  /// replication.c).
  private mutating func logLatestBacklog() {
    guard let backlog = replication.backlog, backlog.length > 0 else { return }
    let pieces = backlog.writes(from: backlog.end - min(backlog.length, 256))
    log(.warning, "Latest backlog is: '\(pieces.map { InlineCommand.quoted($0) }.joined())'")
  }

  // MARK: propagation-error-behavior

  private var propagationErrorBehavior: String { configuration.others["propagation-error-behavior"] ?? "ignore" }

  private mutating func panicOver(_ from: String, _ to: String, _ lastCommand: String?) {
    panic(
      "This \(from) panicked sending an error to its \(to) after processing the command "
        + "'\(lastCommand ?? "<unknown>")' #networking.c:555")
  }

  // MARK: The end

  /// An invariant of Redis's own is broken: it leaves a bug report and aborts (`_serverPanic`, `bugReportStart` in
  /// debug.c).
  mutating func panic(_ reason: String) {
    log(.warning, "\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===")
    log(.warning, "------------------------------------------------")
    log(.warning, "!!! Software Failure. Press left mouse button to continue")
    log(.warning, "Guru Meditation: \(reason)")
    log(.warning, "------------------------------------------------")
    emit(.exit(code: 134))
    hasExited = true
  }
}
