import Glibc
import Lab
import Redis
import Views

/// A node's life: `start`, `stop`, `kill`, `restart`, `pause`, `resume`.
extension Verb {
  static let livesVerbs: [Verb] = [
    Verb(
      name: "start", family: .nodes, arguments: "NAME [FILE] [--directive …]", summary: "start a node",
      details: """
        Takes what redis-server takes: a configuration file, and directives that
        override it. A value of several words may be quoted or not. Without --port
        the node listens on 6379.
        """,
      example: #"start r --port 7001 --replicaof 127.0.0.1 7000 --appendonly yes"#,
      offers: [.nothing, .directives], run: { try $0.start($1) }),
    Verb(
      name: "stop", family: .nodes, arguments: "NAME", summary: "end a node cleanly, as SHUTDOWN does",
      example: "stop m", offers: [.nodes, .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        try arguments.atMost(1)
        try session.apply(.stop(node: node))
        session.tellThatItEnds(node)
      }),
    Verb(
      name: "kill", family: .nodes, arguments: "NAME [--power]", summary: "end a node at once, as kill -9 does",
      details: """
        What the process wrote stays: the kernel has it. With --power the machine loses
        its power: what was not yet on the disk's surface is lost too (`info disk`).
        """,
      example: "kill m", offers: [.nodes, .words(["--power"]), .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        let cutsPower = try arguments.count > 1 && arguments.choice(1, "--power", of: ["--power"]) == "--power"
        try arguments.atMost(2)
        try session.apply(cutsPower ? .cutPower(node: node) : .kill(node: node))
      }),
    life("restart", "start an ended node again, on its disk") { .restart(node: $0) },
    life("pause", "make a node stand still, as SIGSTOP does") { .pause(node: $0) },
    life("resume", "let a paused node run on, as SIGCONT does") { .resume(node: $0) },
  ]

  private static func life(
    _ name: String, _ summary: String, _ action: @escaping @Sendable (String) -> Action
  ) -> Verb {
    Verb(
      name: name, family: .nodes, arguments: "NAME", summary: summary, example: "\(name) m",
      offers: [.nodes, .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        try arguments.atMost(1)
        try session.apply(action(node))
      })
  }
}

extension Session {
  fileprivate mutating func start(_ arguments: Arguments) throws {
    let name = try arguments.required(0, "a name for the node")
    try checkName(name)
    var rest = arguments.words.dropFirst()
    var file: ConfigurationFile?
    if let path = rest.first?.text, !path.hasPrefix("-") {
      file = ConfigurationFile(name: path, bytes: try readFile(path))
      rest = rest.dropFirst()
    }
    var launch = Launch(file: file, arguments: rest.map(\.text))
    launch.others = filesNamed(by: launch)
    try apply(.start(node: name.text, launch))
    if let verb = Verb.exactly(name.text) {
      let note = "‘\(name.text)’ means this node now; the verb goes by its whole name, `\(verb.name)`"
      answer([note], json: .object([("note", .string(note))]))
    }
  }

  /// The files that a launch names, and those that they include in turn. Where there is none, the node says so itself.
  private func filesNamed(by launch: Launch) -> [ConfigurationFile] {
    var found: [ConfigurationFile] = []
    var names = (launch.file?.named ?? []).reversed().map(\.self)
    if let place = launch.arguments.firstIndex(of: "--aclfile"), place + 1 < launch.arguments.count {
      names.insert(("aclfile", launch.arguments[place + 1]), at: 0)
    }
    while let (directive, name) = names.popLast() {
      for path in directive == "include" ? matches(of: name) : [name] {
        guard path != launch.file?.name, !found.contains(where: { $0.name == path }), let bytes = try? readFile(path)
        else { continue }
        let file = ConfigurationFile(name: path, bytes: bytes)
        found.append(file)
        if directive == "include" { names += file.named.reversed() }
      }
    }
    return found
  }

  /// The files that a name with `*`, `?` or `[` in it stands for; any other stands for itself.
  private func matches(of pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  /// A node's name stands where a verb stands, so it must not be one. It goes before a verb's short form.
  func checkName(_ word: Word) throws(Complaint) {
    let isPlain = word.text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x5f
    }
    guard isPlain, let first = word.text.utf8.first, first == 0x5f || first >= 0x41 else {
      throw .usage(
        "‘\(word.text)’ cannot name a node", advice: "A name is of letters, digits, - and _, and begins with a letter.",
        column: word.column)
    }
    if Verb.named(word.text) != nil {
      throw .usage(
        "‘\(word.text)’ cannot name a node: it is a verb", advice: "Take another name.", column: word.column)
    }
  }

  /// Does something to the world. The step that it was is shown only if it says more than what was typed: a node that
  /// starts well has nothing to say that redis-server would not say each time.
  ///
  /// - Parameter told: what is so now, for a person who would otherwise see nothing.
  mutating func apply(_ action: Action, told: @autoclosure () -> String? = nil) throws {
    let run = try timeline.perform(action)
    let step = Self.withoutBirthAndDeath(timeline[run.to])
    var says = !(step.notes.isEmpty && step.changes.isEmpty && step.delivered.isEmpty && step.losses.isEmpty)
    if case .deliver = action { says = true }
    let isQuiet = hasStarted(by: action) || !says
    if isJSON || !isQuiet {
      show(step: timeline.position)
    } else if isForPerson, let told = told() {
      show(Line.filled(told, .dim, width: width))
    }
    showReason(run.stop)
  }

  private func hasStarted(by action: Action) -> Bool {
    switch action {
    case .start(let name, _), .restart(let name):
      timeline.world.machines.contains { $0.name == name && $0.life == .running }
    case .connectClient, .followMaster: true
    default: false
    }
  }
}

extension Session {
  /// A master does not end before its replicas have all, or `shutdown-timeout` is over.
  fileprivate mutating func tellThatItEnds(_ name: String) {
    guard let machine = timeline.world.machine(name), machine.life == .running, machine.node?.shutdown != nil else {
      return
    }
    answer(
      ["\(name) waits for its replicas, shutdown-timeout at most;", "`continue` goes on to its end"],
      json: .object([("node", .string(name)), ("waits", .bool(true))]))
  }
}
