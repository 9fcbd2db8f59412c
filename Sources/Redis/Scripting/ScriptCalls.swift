import Lua

// What a script calls (script.c in Redis 7.0).

extension Node {
  /// redis.call and redis.pcall (`scriptCall` in script.c).
  mutating func callFromScript(_ arguments: [Bytes]) -> ScriptAnswer {
    let found = configuration.commandNames.resolve(arguments).command
    if let refusal = refusalFromScript(of: found, arguments) {
      errorReplied(refusal, to: Self.scriptClient, arguments)
      if let found { statistics.commands.change(found) { $0.rejected += 1 } }
      statistics.errorsCharged = statistics.errorReplies
      return .refused("-\(refusal)".bytes)
    }
    guard let command = found, let version = script?.version else { return .none }
    if command.flags.contains(.write) { script?.writes() }
    // Whoever waits for all this has given up: a script may make many calls, each of which takes long.
    if isGivenUp { return .refused(Array("-ERR".utf8)) }
    if let index = clients.index(forKey: Self.scriptClient) { clients[index].reply.version = version }
    execute(command, arguments, for: Self.scriptClient)
    guard let index = clients.index(forKey: Self.scriptClient) else { return .bytes([]) }
    return .bytes(clients[index].reply.take())
  }

  /// Why it may not, in the order in which Redis looks (`scriptVerifyCommandArity`, `scriptVerifyAllowStale` in script.c).
  private mutating func refusalFromScript(of command: Command?, _ arguments: [Bytes]) -> String? {
    guard let command else { return "ERR Unknown Redis command called from script" }
    guard command.accepts(argumentCount: arguments.count) else {
      return "ERR Wrong number of args calling Redis command from script"
    }
    if command.flags.contains(.noscript) { return "ERR This Redis command is not allowed from script" }
    guard command.body != nil else { return "ERR Unknown Redis command called from script" }
    if isStale, !command.flags.contains(.stale) {
      return "ERR Can not execute the command on a stale replica"
    }
    return denialFromScript(of: command, arguments) ?? refusalToWrite(command) ?? refusalByMemory(command)
  }

  /// (`scriptVerifyACL` in script.c.)
  private mutating func denialFromScript(of command: Command, _ arguments: [Bytes]) -> String? {
    guard let connection = script?.caller, let index = clients.index(forKey: connection) else { return nil }
    let user = clients[index].user
    guard let denial = denial(of: command, arguments, to: user) else { return nil }
    let caller = clients[index]
    noteDenial(denial, of: command, arguments, to: caller, in: .lua)
    return "ERR The user executing the script \(denial.wordsInScript)"
  }

  /// (`scriptVerifyWriteCommandAllow` in script.c.)
  private func refusalToWrite(_ command: Command) -> String? {
    if script?.isReadOnly == true, !command.flags.isDisjoint(with: [.write, .mayReplicate]) {
      return "ERR Write commands are not allowed from read-only scripts."
    }
    guard command.flags.contains(.write), script?.hasWritten == false, let caller = script?.caller else { return nil }
    if isReplica, configuration.replicaReadOnly, !mustObey(caller) {
      return Decision.CommandRefusal.readOnlyReplica.words
    }
    return (diskRefusal ?? lackOfGoodReplicas)?.words
  }

  /// (`scriptVerifyOOM` in script.c.)
  private func refusalByMemory(_ command: Command) -> String? {
    guard isOutOfMemory, command.flags.contains(.denyoom), let script, !script.allowsOOM, !script.hasWritten,
      !mustObey(script.caller)
    else { return nil }
    return "OOM command not allowed when used memory > 'maxmemory'."
  }

  /// redis.acl_check_cmd (`luaRedisAclCheckCmdPermissionsCommand` in script_lua.c).
  func mayCallFromScript(_ arguments: [Bytes]) -> ScriptAnswer {
    guard let command = configuration.commandNames.resolve(arguments).command else { return .noSuchCommand }
    guard let caller = script.flatMap({ clients[$0.caller] }) else { return .allowed(true) }
    return .allowed(denial(of: command, arguments, to: caller.user) == nil)
  }
}
