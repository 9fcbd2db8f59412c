import Dissection
import Redis

/// Where the stepping verbs stop, or what is shown when they do.
package struct Breakpoint: Sendable, Hashable {
  /// Numbered from 1, as they were made; watches and displays count too, as in gdb.
  package var number: Int
  /// What was typed.
  package var text: String
  package var kind: Kind
  /// `tbreak`: goes away once it has stopped.
  package var isTemporary = false

  package enum Kind: Sendable, Hashable {
    /// A message was delivered of this kind or with this command name, in lower case: `fullresync`, `psync`, `set`.
    case message(String)
    /// A link came to this phase.
    case phase(Phase)
    /// A decision of this kind was made.
    case decision(Decision.Kind)
    /// Anything happened to this node.
    case node(String)
    /// A log line has this text in it.
    case log(String)
    /// The expression became true.
    case expression(Expression)
    /// The expression's value changed.
    case watch(Expression)
    /// Not a stop: shown at every stop.
    case display(Expression)
  }
}

extension Timeline {
  /// `break SPEC`, `tbreak SPEC`:
  ///
  ///     message NAME     a message or a command, as PSYNC, SET, FULLRESYNC
  ///     phase NAME       a link comes to a phase of the protocol
  ///     decision NAME    a node decides something of this kind
  ///     node NAME        anything happens to a node
  ///     log TEXT         a node logs a line that has this text in it
  ///     NAME             a node, a phase or else a message of that name
  ///     EXPR             an expression becomes true
  package mutating func addBreakpoint(_ spec: String, temporary: Bool = false) throws(LabError) -> Breakpoint {
    add(try kind(of: spec), spec, temporary: temporary)
  }

  /// `watch EXPR`: stops when the value changes.
  package mutating func addWatch(_ expression: String) throws(LabError) -> Breakpoint {
    add(.watch(try watched(expression)), expression)
  }

  /// `display EXPR`: shown at every stop.
  package mutating func addDisplay(_ expression: String) throws(LabError) -> Breakpoint {
    add(.display(try watched(expression)), expression)
  }

  /// `delete [N]`: one, or all.
  package mutating func deleteBreakpoint(_ number: Int?) throws(LabError) {
    guard let number else {
      breakpoints = []
      return
    }
    guard let index = breakpoints.firstIndex(where: { $0.number == number }) else {
      throw LabError("there is no breakpoint \(number)", advice: "`info breakpoints` lists them")
    }
    breakpoints.remove(at: index)
  }

  mutating func forgetTemporary(_ number: Int) {
    breakpoints.removeAll { $0.number == number && $0.isTemporary }
  }

  private mutating func add(_ kind: Breakpoint.Kind, _ text: String, temporary: Bool = false) -> Breakpoint {
    lastBreakpoint += 1
    let breakpoint = Breakpoint(number: lastBreakpoint, text: text, kind: kind, isTemporary: temporary)
    breakpoints.append(breakpoint)
    return breakpoint
  }

  private func kind(of spec: String) throws(LabError) -> Breakpoint.Kind {
    let words = spec.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let first = words.first else {
      throw LabError("there is nothing to stop at", advice: "`help break` says what can be")
    }
    let rest = words.count > 1 ? String(words[1]).trimmed : ""
    switch (first, rest.isEmpty) {
    case ("message", false), ("command", false): return .message(rest.lowercased())
    case ("decision", _), ("log", false):
      if recording != nil {
        throw LabError(
          "a recording has neither decisions nor logs: only what crossed the wire",
          advice: "`why` tells what follows from it")
      }
      return first == "log" ? .log(rest.unquoted) : .decision(try decision(rest))
    case ("node", false):
      try world.requireNode(rest)
      return .node(rest)
    case ("phase", false):
      guard let phase = Phase(rawValue: rest) else {
        let known = Phase.allCases.map(\.rawValue).joined(separator: ", ")
        throw LabError("there is no phase '\(rest)'", advice: "there is \(known)")
      }
      return .phase(phase)
    case ("if", false): return .expression(try watched(rest))
    case (let word, true) where word.allSatisfy({ $0.isLetter || $0.isNumber || "-_:#".contains($0) }):
      if world.names.contains(String(word)) { return .node(String(word)) }
      if word == "lost" { return .expression(try watched(spec)) }
      return Phase(rawValue: String(word)).map { .phase($0) } ?? .message(word.lowercased())
    default: return .expression(try watched(spec))
    }
  }

  private func watched(_ text: String) throws(LabError) -> Expression {
    let expression = try Expression(text, names: world.names)
    try expression.requireWatchable()
    // In a lab, a node may be started yet.
    if recording != nil { try requireNodes(of: expression) }
    return expression
  }
}

extension Timeline {
  /// The kind of decision that a word names; where none has that name, those that come near it are told.
  private func decision(_ name: String) throws(LabError) -> Decision.Kind {
    if let kind = Decision.Kind.named(name) { return kind }
    let all = Decision.Kind.allCases.map(\.rawValue)
    let near = name.isEmpty ? [] : Suggestion.near(to: name, among: all)
    throw LabError(
      name.isEmpty ? "which decision?" : "no node makes a decision '\(name)'",
      advice: near.isEmpty ? "`help break` lists them all" : "near that are \(near.joined(separator: ", "))",
      column: name.isEmpty ? nil : 10)
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
  }

  /// Without the quotes that may stand around it.
  fileprivate var unquoted: String {
    guard count >= 2, let quote = first, quote == last, quote == "\"" || quote == "'" else { return self }
    return String(dropFirst().dropLast())
  }
}

/// Looks after every step whether a breakpoint or a watch says stop.
struct Watcher {
  private let breakpoints: [Breakpoint]
  /// What each expression was before the step, beside its breakpoint.
  private var values: [ExpressionValue]

  init(_ breakpoints: [Breakpoint], _ world: World) {
    self.breakpoints = breakpoints
    values = breakpoints.map { $0.value(in: world) }
  }

  mutating func stop(after step: Step, _ world: World) -> Stop? {
    var first: Stop?
    for index in breakpoints.indices {
      let (breakpoint, before) = (breakpoints[index], values[index])
      values[index] = breakpoint.value(in: world)
      if first == nil { first = breakpoint.stop(step, before: before, after: values[index]) }
    }
    return first
  }
}

extension Breakpoint {
  /// What its expression is; nothing where it has none, or none that can be told.
  fileprivate func value(in world: World) -> ExpressionValue {
    switch kind {
    case .expression(let expression), .watch(let expression): (try? expression.value(in: world)) ?? .none
    case .message, .phase, .decision, .node, .log, .display: .none
    }
  }

  fileprivate func stop(_ step: Step, before: ExpressionValue, after: ExpressionValue) -> Stop? {
    let stops =
      switch kind {
      case .message(let name): step.delivered.contains { $0.message.isCalled(name) }
      case .phase(let phase): step.entered.contains(phase)
      case .decision(let kind): step.notes.contains { $0.decision?.kind == kind }
      case .node(let name): step.concerns(name)
      case .log(let text): step.notes.contains { $0.isLog(with: text) }
      case .expression: after.isTrue && !before.isTrue
      case .watch: after != before
      case .display: false
      }
    guard stops else { return nil }
    if case .watch = kind { return .watch(number: number, before: before, after: after) }
    return .breakpoint(number: number)
  }
}

extension Timeline {
  /// What may be wrong with a breakpoint that was made, since it can't come about as things are; nil: nothing.
  package func doubt(about breakpoint: Breakpoint) -> String? {
    switch breakpoint.kind {
    case .message(let name):
      if Message.names.contains(name) { return nil }
      let near = Suggestion.nearest(to: name, among: Message.names).map { "; did you mean ‘\($0)’?" } ?? ""
      return "the lab knows no message or command ‘\(name)’" + near
    case .expression(let expression) where expression.isConstant, .watch(let expression) where expression.isConstant:
      return "nothing in ‘\(breakpoint.text)’ ever changes; `break log \(breakpoint.text)` stops where it is logged"
    case .expression(let expression), .watch(let expression), .display(let expression):
      let missing = expression.nodes.filter { !world.names.contains($0) }
      guard let first = missing.first else { return nil }
      let near = Suggestion.nearest(to: first, among: world.names).map { "; did you mean ‘\($0)’?" } ?? " yet"
      return "there is no node ‘\(first)’" + near
    case .phase, .decision, .node, .log: return nil
    }
  }
}

extension Message {
  /// By which messages are called, as far as that is known beforehand: kinds, commands, and how replies begin.
  fileprivate static let names: Set<String> = Set(
    [
      "fullresync", "continue", "rdb", "payload", "ack", "getack", "keepalive", "malformed", "truncated", "unknown",
      "rdbchannelsync", "dualchannelsync", "endoff", "ok", "pong", "queued", "background", "err", "wrongtype", "oom",
      "misconf", "readonly", "noauth", "wrongpass", "noperm", "loading", "masterdown", "noreplicas", "noscript", "busy",
      "execabort", "unblocked", "nomasterlink", "denied", "notbusy", "unkillable", "busygroup", "nogroup", "busykey",
      "inprog", "nogoodslave", "noquorum", "invalidobj", "noproto", "tryagain",
    ] + CommandTable.known.map(\.name))

  /// Whether it is of this kind, or has this command name; `name` is in lower case. FULLRESYNC, CONTINUE, RDB (the
  /// payload), ACK and GETACK are names, too.
  fileprivate func isCalled(_ name: String) -> Bool {
    switch kind {
    case .fullResync: name == "fullresync"
    case .partialResync: name == "continue"
    case .payloadHeader, .payload, .endMark: name == "rdb" || name == "payload"
    case .ack: name == "ack" || name == "replconf"
    case .getAck: name == "getack" || name == "replconf"
    case .ping, .streamPing: name == "ping"
    case .auth: name == "auth"
    case .listeningPort, .ipAddress, .capabilities: name == "replconf"
    case .psync: name == "psync"
    case .sync: name == "sync"
    case .streamSelect: name == "select"
    case .keepAlive: name == "keepalive"
    case .malformed: name == "malformed"
    case .truncated: name == "truncated"
    case .unknown: name == "unknown"
    case .version, .rdbChannel, .rdbClient: name == "replconf"
    case .rdbChannelSync: name == "rdbchannelsync"
    case .dualChannelSync: name == "dualchannelsync"
    case .endOffset: name == "endoff"
    case .command, .stream: words.first.map { String(decoding: $0, as: UTF8.self).lowercased() == name } ?? false
    // A reply is called by its first word: `ok`, `pong`, `err`, `noauth`.
    case .reply(.simple), .reply(.error):
      String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self).lowercased() == name
    case .reply: false
    }
  }
}

extension Note {
  fileprivate func isLog(with text: String) -> Bool {
    if case .log(let entry) = content { entry.text.contains(text) } else { false }
  }
}

extension Step {
  /// Whether the step happened to the node: something arrived there, its timer fired, the user did something to it.
  fileprivate func concerns(_ node: String) -> Bool {
    if notes.contains(where: { $0.node == node }) || changes.contains(where: { $0.node == node }) { return true }
    switch cause {
    case .arrival(_, _, let to, _): return to == .node(node)
    case .timer(let name), .kernel(let name), .command(let name): return name == node
    case .acknowledgement(_, let party): return party == .node(node)
    case .user, .passage: return false
    }
  }
}
