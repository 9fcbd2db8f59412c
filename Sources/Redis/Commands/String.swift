extension CommandTable {
  static let stringCommands: [Command] = [
    Command("get", arity: 2, flags: [.readonly, .fast], keys: (1, 1, 1)) { node, call in
      guard case .string(let string)? = node.databases[call.database][call.arguments[1]]?.value else {
        call.reply.null()
        return
      }
      call.reply.bulk(string.bytes)
    },
    Command("set", arity: -3, flags: [.write, .denyoom], keys: (1, 1, 1)) { node, call in
      node.databases[call.database].set(call.arguments[1], to: .string(StringValue(call.arguments[2])))
      node.dirty += 1
      call.reply.ok()
    },
  ]
}
