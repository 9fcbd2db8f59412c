import Lua
import RDB

// Scripts (eval.c in Redis 7.0).

extension CommandTable {
  static let scripting: [String: Command.Body] = [
    "eval": { $0.eval(&$1) },
    "eval_ro": { $0.eval(&$1, isReadOnly: true) },
    "evalsha": { $0.evalsha(&$1) },
    "evalsha_ro": { $0.evalsha(&$1, isReadOnly: true) },
    "script|debug": { $0.scriptDebug(&$1) },
    "script|exists": { $0.scriptExists(&$1) },
    "script|flush": { $0.scriptFlush(&$1) },
    "script|help": { $1.help(Node.scriptHelp) },
    "script|kill": { $0.scriptKill(&$1, isEval: true) },
    "script|load": { $0.scriptLoad(&$1) },
  ]
}

extension Node {
  /// EVAL (`evalCommand`, `evalGenericCommand` in eval.c).
  mutating func eval(_ call: inout Call, isReadOnly: Bool = false) {
    feedMonitors(withScript: call)
    guard let keys = scriptKeys(&call) else { return }
    eval(&call, scripts.digest(of: call.arguments[1]), keys, isReadOnly: isReadOnly)
  }

  /// EVALSHA (`evalShaCommand` in eval.c).
  mutating func evalsha(_ call: inout Call, isReadOnly: Bool = false) {
    feedMonitors(withScript: call)
    let digest = call.arguments[1].lowercased()
    guard digest.count == 40 else { return call.reply.error(Self.noScript) }
    guard let keys = scriptKeys(&call) else { return }
    guard scripts[digest] != nil else { return call.reply.error(Self.noScript) }
    eval(&call, digest, keys, isReadOnly: isReadOnly)
  }

  private static let noScript = "NOSCRIPT No matching script. Please use EVAL."

  /// A script is shown before what it does.
  mutating func feedMonitors(withScript call: Call) {
    if !monitors.isEmpty, let client = clients[call.connection] {
      feedMonitors(call.arguments, of: client, in: call.database)
    }
  }

  /// How many of the arguments are keys.
  private func scriptKeys(_ call: inout Call) -> Int? {
    guard let count = call.integer(at: 2) else { return nil }
    guard count <= call.arguments.count - 3 else {
      call.reply.error("ERR Number of keys can't be greater than number of args")
      return nil
    }
    guard count >= 0 else {
      call.reply.error("ERR Number of keys can't be negative")
      return nil
    }
    return Int(count)
  }

  private mutating func eval(_ call: inout Call, _ digest: Bytes, _ keys: Int, isReadOnly: Bool) {
    let known = scripts[digest]
    guard let cached = known ?? newScript(call.arguments[1], &call) else { return }
    if let words = refusal(ofScript: cached.shebang.flags, isReadOnly: isReadOnly, call) {
      // What is refused is kept all the same, if it is a script at all.
      if known != nil || keep(cached, as: digest, &call) { call.reply.error(words) }
      return
    }
    let code = cached.code.array
    var script = Script(
      .eval, cached.shebang.count == 0 ? code : Array(code.dropFirst(cached.shebang.count)),
      strings: PackedStrings(call.arguments[3...]), keyCount: keys)
    let isReadOnly = isReadOnly || cached.shebang.flags.contains(.noWrites)
    let running = RunningScript(
      name: digest, caller: call.connection, command: call.command.name, arguments: call.arguments, isEval: true,
      isReadOnly: isReadOnly, allowsOOM: cached.shebang.flags.contains(.allowOOM))
    if let words = run(&script, as: running, &call) {
      call.reply.error(bytes: Self.notCompiled + words)
    } else if known == nil {
      scripts[digest] = cached
    }
  }

  private static let notCompiled = Array("ERR Error compiling script (new function): ".utf8)

  /// The client is told if its first line makes no sense.
  private func newScript(_ code: Bytes, _ call: inout Call) -> CachedScript? {
    do throws(Shebang.Complaint) {
      return CachedScript(code: code, shebang: try Shebang(code.array))
    } catch {
      call.reply.error("ERR \(error.words)")
      return nil
    }
  }

  /// True if it is a script; else the client is told (`luaCreateFunction` in eval.c).
  @discardableResult
  private mutating func keep(_ new: CachedScript, as digest: Bytes, _ call: inout Call) -> Bool {
    var script = Script(.compile, Array(new.code.array.dropFirst(new.shebang.count)))
    var complaint: [UInt8]?
    script.run { question in
      if case .end(.notCompiled(let words)) = question { complaint = words }
      return .none
    }
    if let complaint {
      call.reply.error(bytes: Self.notCompiled + complaint)
      return false
    }
    scripts[digest] = new
    return true
  }

  // MARK: SCRIPT

  /// SCRIPT LOAD (`scriptCommand` in eval.c).
  mutating func scriptLoad(_ call: inout Call) {
    let digest = scripts.digest(of: call.arguments[2])
    if scripts[digest] == nil {
      guard let new = newScript(call.arguments[2], &call), keep(new, as: digest, &call) else { return }
    }
    call.reply.bulk(digest)
  }

  /// SCRIPT EXISTS (`scriptCommand` in eval.c).
  func scriptExists(_ call: inout Call) {
    call.reply.array(call.arguments.count - 2)
    for digest in call.arguments.dropFirst(2) { call.reply.integer(scripts[digest.lowercased()] == nil ? 0 : 1) }
  }

  /// SCRIPT FLUSH (`scriptCommand`, `scriptingReset` in eval.c).
  mutating func scriptFlush(_ call: inout Call) {
    let isKnown =
      call.arguments.count == 2
      || call.arguments.count == 3
        && (call.arguments[2].matches("SYNC") || call.arguments[2].matches("ASYNC"))
    guard isKnown else { return call.reply.error("ERR SCRIPT FLUSH only support SYNC|ASYNC option") }
    scripts = ScriptCache()
    call.reply.ok()
  }

  /// SCRIPT DEBUG: the lab has no debugger for scripts.
  func scriptDebug(_ call: inout Call) {
    if !call.reply.isEmpty { return call.reply.error("ERR SCRIPT DEBUG must be called outside a pipeline") }
    if call.arguments[2].matches("NO") { return call.reply.ok() }
    guard call.arguments[2].matches("YES") || call.arguments[2].matches("SYNC") else {
      return call.reply.error("ERR Use SCRIPT DEBUG YES/SYNC/NO")
    }
    call.reply.error("ERR the lab does not simulate the debugger for scripts")
  }

  static let scriptHelp = [
    "DEBUG (YES|SYNC|NO)",
    "    Set the debug mode for subsequent scripts executed.",
    "EXISTS <sha1> [<sha1> ...]",
    "    Return information about the existence of the scripts in the script cache.",
    "FLUSH [ASYNC|SYNC]",
    "    Flush the Lua scripts cache. Very dangerous on replicas.",
    "    When called without the optional mode argument, the behavior is determined by the",
    "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
    "    * ASYNC: Asynchronously flush the scripts cache.",
    "    * SYNC: Synchronously flush the scripts cache.",
    "KILL",
    "    Kill the currently executing Lua script.",
    "LOAD <script>",
    "    Load a script into the scripts cache without executing it.",
  ]
}
