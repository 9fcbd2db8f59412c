extension CommandTable {
  static let connectionCommands: [Command] = [
    Command("ping", arity: -1, flags: [.fast]) { _, call in
      if call.arguments.count == 1 { call.reply.simple("PONG") } else { call.reply.bulk(call.arguments[1]) }
    },
    Command("echo", arity: 2, flags: [.loading, .stale, .fast]) { _, call in call.reply.bulk(call.arguments[1]) },
    Command("select", arity: 2, flags: [.loading, .stale, .fast]) { node, call in
      guard let index = Integer.parse(call.arguments[1]) else {
        call.reply.error("ERR value is not an integer or out of range")
        return
      }
      guard index >= 0, index < node.databases.count else {
        call.reply.error("ERR DB index is out of range")
        return
      }
      call.database = Int(index)
      call.reply.ok()
    },
  ]
}
