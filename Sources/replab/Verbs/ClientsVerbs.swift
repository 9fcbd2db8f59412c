import Lab

/// Several people at one node: `client`.
extension Verb {
  static let clientsVerbs: [Verb] = [
    Verb(
      name: "client", family: .nodes, arguments: "NAME NODE|off",
      summary: "make another client of a node, or end one",
      details: """
        Its name then begins a line as a node's does: `client c1 m`, and then
        `c1 WAIT 1 0`. It may wait while other lines go on; its reply comes under the
        line or the step that brings it. `info clients` says who waits for what.
        `client app --sentinel mymaster` asks the Sentinels where the master of that
        name is, and follows it: it hears +switch-master, and asks again when its
        connection is lost.
        """,
      example: "client c1 m", offers: [.nothing, .nodes, .nothing],
      run: { session, arguments in
        let name = try arguments.required(0, "a name for the client")
        if arguments[1] == "off" {
          try arguments.atMost(2)
          return try session.apply(.disconnectClient(name.text))
        }
        if arguments[1] == "--sentinel" {
          let master = try arguments.required(2, "the master's name, as the Sentinels have it")
          try arguments.atMost(3)
          try session.checkName(name)
          return try session.apply(.followMaster(name.text, master: master.text))
        }
        let node = try arguments.node(1, in: session)
        try arguments.atMost(2)
        try session.checkName(name)
        try session.apply(.connectClient(name.text, node: node))
      }),
    Verb(
      name: "send", family: .nodes, arguments: "NODE COMMAND ARG...",
      summary: "give a command, and don't wait for its reply",
      details: """
        In a script, a line that begins with a node's name waits for the reply. With
        `send` before it, it does not, as at the prompt: other lines go on, and the
        reply comes under the line or the step that brings it.
        """,
      example: "send m BLPOP queue 0", offers: [.line],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        try session.runClientCommand(on: node, Array(arguments.words.dropFirst()), waits: false)
      }),
  ]
}
