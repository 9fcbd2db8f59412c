import Lua
import RDB

// Functions (functions.c in Redis 7.0).

extension CommandTable {
  static let functions: [String: Command.Body] = [
    "fcall": { $0.fcall(&$1) },
    "fcall_ro": { $0.fcall(&$1, isReadOnly: true) },
    "function|delete": { $0.functionDelete(&$1) },
    "function|dump": { $0.functionDump(&$1) },
    "function|flush": { $0.functionFlush(&$1) },
    "function|help": { $1.help(Node.functionHelp) },
    "function|kill": { $0.scriptKill(&$1, isEval: false) },
    "function|list": { $0.functionList(&$1) },
    "function|load": { $0.functionLoad(&$1) },
    "function|restore": { $0.functionRestore(&$1) },
    "function|stats": { $0.functionStats(&$1) },
  ]
}

extension Node {
  /// FCALL (`fcallCommand`, `fcallCommandGeneric` in functions.c). The library is run before the function, each time: what it
  /// keeps in its own variables lasts as long as the call.
  mutating func fcall(_ call: inout Call, isReadOnly: Bool = false) {
    feedMonitors(withScript: call)
    guard let (function, library) = functions.find(call.arguments[1]) else {
      return call.reply.error("ERR Function not found")
    }
    guard let count = call.integer(at: 2, complaint: "ERR Bad number of keys provided") else { return }
    guard count <= call.arguments.count - 3 else {
      return call.reply.error("ERR Number of keys can't be greater than number of args")
    }
    guard count >= 0 else { return call.reply.error("ERR Number of keys can't be negative") }
    if let words = refusal(ofScript: function.flags, isReadOnly: isReadOnly, call) { return call.reply.error(words) }
    var script = Script(
      .call(function: function.name.array), library.body, strings: PackedStrings(call.arguments[3...]),
      keyCount: Int(count))
    let running = RunningScript(
      name: function.name, caller: call.connection, command: call.command.name, arguments: call.arguments,
      isEval: false,
      isReadOnly: isReadOnly || function.flags.contains(.noWrites), allowsOOM: function.flags.contains(.allowOOM))
    if let words = run(&script, as: running, &call) { call.reply.error(bytes: Array("ERR ".utf8) + words) }
  }

  // MARK: FUNCTION

  /// FUNCTION LOAD (`functionLoadCommand` in functions.c).
  mutating func functionLoad(_ call: inout Call) {
    let options = call.arguments[2..<call.arguments.count - 1]
    if let unknown = options.first(where: { !$0.matches("REPLACE") }) {
      return call.reply.error("ERR Unknown option given: \(unknown.printed)")
    }
    guard let code = call.arguments.last else { return }
    var lines: [LogEntry] = []
    do throws(LibraryMetadata.Complaint) {
      let name = try functions.load(
        code.array, replaces: !options.isEmpty, isBounded: !mustObey(call.connection), &lines)
      dirty += 1
      call.reply.bulk(name)
    } catch {
      complain(error, &call)
    }
    for line in lines { log(line.level, line.text) }
  }

  private func complain(_ complaint: LibraryMetadata.Complaint, _ call: inout Call) {
    // What comes behind the end of a text Redis does not say.
    call.reply.error(bytes: Array("ERR ".utf8) + complaint.words)
  }

  /// FUNCTION DELETE (`functionDeleteCommand` in functions.c).
  mutating func functionDelete(_ call: inout Call) {
    guard functions.library(call.arguments[2]) != nil else { return call.reply.error("ERR Library not found") }
    functions.remove(call.arguments[2])
    dirty += 1
    call.reply.ok()
  }

  /// FUNCTION FLUSH (`functionFlushCommand` in functions.c).
  mutating func functionFlush(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return functionSyntaxError(&call) }
    guard call.arguments.count == 2 || call.arguments[2].matches("SYNC") || call.arguments[2].matches("ASYNC") else {
      return call.reply.error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
    }
    functions = FunctionLibraries()
    dirty += 1
    call.reply.ok()
  }

  private func functionSyntaxError(_ call: inout Call) {
    call.reply.error(
      "ERR unknown subcommand or wrong number of arguments for '\(call.arguments[1].prefix(128).printed)'. Try FUNCTION HELP."
    )
  }

  /// FUNCTION LIST (`functionListCommand` in functions.c).
  func functionList(_ call: inout Call) {
    var (withCode, pattern): (Bool, Bytes?) = (false, nil)
    var position = 2
    while position < call.arguments.count {
      let argument = call.arguments[position]
      position += 1
      if !withCode, argument.matches("WITHCODE") {
        withCode = true
      } else if pattern == nil, argument.matches("LIBRARYNAME") {
        guard position < call.arguments.count else {
          return call.reply.error("ERR library name argument was not given")
        }
        pattern = call.arguments[position]
        position += 1
      } else {
        return call.reply.error("ERR Unknown argument \(argument.printed)")
      }
    }
    let listed = functions.all.filter { library in
      pattern.map { Glob.matches($0.array, library.name.array, ignoringCase: true) } ?? true
    }
    call.reply.array(listed.count)
    for library in listed { describe(library, withCode: withCode, &call) }
  }

  private func describe(_ library: FunctionLibraries.Library, withCode: Bool, _ call: inout Call) {
    call.reply.map(withCode ? 4 : 3)
    call.reply.bulk("library_name")
    call.reply.bulk(library.name)
    call.reply.bulk("engine")
    call.reply.bulk("LUA")
    call.reply.bulk("functions")
    call.reply.array(library.functions.count)
    for function in library.functions {
      call.reply.map(3)
      call.reply.bulk("name")
      call.reply.bulk(function.name)
      call.reply.bulk("description")
      if let description = function.description { call.reply.bulk(description) } else { call.reply.null() }
      call.reply.bulk("flags")
      let flags = ScriptFlags.names.filter { function.flags.contains($0.flag) }
      call.reply.set(flags.count)
      for flag in flags { call.reply.simple(flag.name) }
    }
    guard withCode else { return }
    call.reply.bulk("library_code")
    call.reply.bulk(library.code)
  }

  /// FUNCTION STATS (`functionStatsCommand` in functions.c).
  func functionStats(_ call: inout Call) {
    if let busy, busy.script.isEval { return call.reply.error(busyRefusal(busy).words) }
    call.reply.map(2)
    call.reply.bulk("running_script")
    if let busy {
      call.reply.map(3)
      call.reply.bulk("name")
      call.reply.bulk(busy.script.name)
      call.reply.bulk("command")
      call.reply.array(busy.script.arguments.count)
      for argument in busy.script.arguments { call.reply.bulk(argument) }
      call.reply.bulk("duration_ms")
      call.reply.integer((now - busy.since).microseconds / 1000)
    } else {
      call.reply.null()
    }
    call.reply.bulk("engines")
    call.reply.map(1)
    call.reply.bulk("LUA")
    call.reply.map(2)
    call.reply.bulk("libraries_count")
    call.reply.integer(functions.all.count)
    call.reply.bulk("functions_count")
    call.reply.integer(functions.functionCount)
  }

  /// FUNCTION DUMP (`functionDumpCommand` in functions.c).
  func functionDump(_ call: inout Call) {
    var writer = RDB.Writer(compresses: configuration.rdbcompression)
    for library in functions.all { writer.function(library.code.array) }
    call.reply.bulk(withFooter(writer.take()))
  }

  /// FUNCTION RESTORE (`functionRestoreCommand` in functions.c).
  mutating func functionRestore(_ call: inout Call) {
    guard call.arguments.count <= 4 else { return functionSyntaxError(&call) }
    let policy = call.arguments.count == 4 ? call.arguments[3] : "APPEND"
    guard policy.matches("APPEND") || policy.matches("REPLACE") || policy.matches("FLUSH") else {
      return call.reply.error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
    }
    let payload = call.arguments[2].array
    guard isIntact(payload) else { return call.reply.error("ERR DUMP payload version or checksum are wrong") }
    var lines: [LogEntry] = []
    do throws(LibraryMetadata.Complaint) {
      let restored = try Node.libraries(in: payload, &lines)
      if policy.matches("FLUSH") {
        functions = restored
      } else {
        try functions.join(restored, replaces: policy.matches("REPLACE"))
      }
      dirty += 1
      call.reply.ok()
    } catch {
      complain(error, &call)
    }
    for line in lines { log(line.level, line.text) }
  }

  /// What a payload has before its footer (`functionRestoreCommand` in functions.c; `rdbFunctionLoad` in rdb.c).
  private static func libraries(
    in payload: [UInt8], _ log: inout [LogEntry]
  ) throws(LibraryMetadata.Complaint) -> FunctionLibraries {
    var libraries = FunctionLibraries()
    var reader = RDB.Reader(verifiesChecksum: false)
    let records = payload.dropLast(10)
    reader.feed(Array("REDIS0010".utf8) + records + [0xFF] + [UInt8](repeating: 0, count: 8))
    while true {
      var event: RDB.Event?
      do { event = try reader.next() } catch { throw Node.noLibrary("failed loading the given functions payload") }
      switch event {
      case .header: break
      case .function(let code): _ = try libraries.load(code, replaces: false, isBounded: false, &log)
      case .end, nil:
        guard reader.isAtEnd else { throw Node.noLibrary("failed loading the given functions payload") }
        return libraries
      default: throw Node.noLibrary("given type is not a function")
      }
    }
  }

  private static func noLibrary(_ words: String) -> LibraryMetadata.Complaint { .init(words: Array(words.utf8)) }

  static let functionHelp = [
    "LOAD [REPLACE] <FUNCTION CODE>",
    "    Create a new library with the given library name and code.",
    "DELETE <LIBRARY NAME>",
    "    Delete the given library.",
    "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
    "    Return general information on all the libraries:",
    "    * Library name",
    "    * The engine used to run the Library",
    "    * Library description",
    "    * Functions list",
    "    * Library code (if WITHCODE is given)",
    "    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
    "STATS",
    "    Return information about the current function running:",
    "    * Function name",
    "    * Command used to run the function",
    "    * Duration in MS that the function is running",
    "    If no function is running, return nil",
    "    In addition, returns a list of available engines.",
    "KILL",
    "    Kill the current running function.",
    "FLUSH [ASYNC|SYNC]",
    "    Delete all the libraries.",
    "    When called without the optional mode argument, the behavior is determined by the",
    "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
    "    * ASYNC: Asynchronously flush the libraries.",
    "    * SYNC: Synchronously flush the libraries.",
    "DUMP",
    "    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command",
    "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
    "    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
    "    control how to handle existing libraries (default APPEND):",
    "    * FLUSH: delete all existing libraries.",
    "    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
    "    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
    "      libraries with the new libraries (notice that even on this option there is a chance of failure",
    "      in case of functions name collision with another library).",
  ]
}
