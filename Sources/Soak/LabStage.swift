import Capture
import Dissection
import Lab
import Redis

/// Plays a trace in the lab, each thing at the time at which it was done to the real servers.
struct LabStage {
  private var world: World
  private let start: Instant
  private(set) var seen = Seen()
  private var stretch = 0
  private var clientPorts: Set<UInt16> = []
  /// What the real ones answered.
  private let real: [Seen.Answer]
  private var lastReply: [UInt8]?
  private var steps = 0
  /// A storm of reconnections goes as fast as the machine lets it; no two runs of it are alike.
  private static let limit = 400_000

  init(_ run: KeptRun, seed: UInt64) {
    let trace = run.trace
    real = run.seen.answers
    start = Instant(microseconds: trace.start)
    world = World(seed: seed, clock: start)
  }

  static func play(_ run: KeptRun, seed: UInt64) throws -> Seen {
    var stage = LabStage(run, seed: seed)
    for beat in run.trace.beats { try stage.perform(beat) }
    return stage.seen
  }

  private mutating func perform(_ beat: Trace.Beat) throws {
    try pass(to: beat.time)
    switch beat.what {
    case .poll(let node): try ask(node, SettleQuestion.words, beat, keeps: false)
    case .look(let node, let words):
      let before = self
      try ask(node, words, beat, keeps: true)
      let index = seen.answers.count - 1
      guard words.first == "INFO", real.indices.contains(index),
        Verdict.differInReplication(seen.answers[index].reply, real[index].reply)
      else { return }
      seen.answers[index].later = try before.lookLater(node, words, beat)
    case .rest: stretch += 1
    case .done(.command(let node, let words)): try ask(node, words, beat, keeps: true)
    case .done(let line): try act(line, beat)
    }
  }

  private mutating func act(_ line: Situation.Line, _ beat: Trace.Beat) throws {
    switch line {
    case .start(let node, let directives):
      apply(.start(node: node, Launch(arguments: directives)), beat, node)
    case .kill(let node): apply(.kill(node: node), beat, node)
    case .stop(let node):
      apply(.stop(node: node), beat, node)
      try pass(to: beat.end)
      note(endOf: node, beat)
    case .restart(let node): apply(.restart(node: node), beat, node)
    case .pause(let node): apply(.pause(node: node), beat, node)
    case .resume(let node): apply(.resume(node: node), beat, node)
    case .cut(let a, let b):
      let between = world.links.filter { Set([$0.opener.party.name, $0.acceptor.party.name]) == [a, b] }
      if let link = between.last { apply(.cut(link.id), beat, a) }
    case .disk(let node, let isFull): apply(.disk(node: node, isFull ? .full : .ok), beat, node)
    case .command, .advance, .settle: break
    }
  }

  private mutating func apply(_ action: Action, _ beat: Trace.Beat, _ node: String) {
    do {
      collect(try world.apply(action))
    } catch {
      seen.ends.append("line \(beat.line + 1): \(node): \(error.what)")
    }
  }

  private mutating func note(endOf node: String, _ beat: Trace.Beat) {
    let life: String? =
      switch world.machine(node)?.life {
      case .ended(let code): "exit status \(code)"
      case .killed: "exit status 137"
      case .running, .paused: "runs"
      case nil: nil
      }
    if let life { seen.ends.append("line \(beat.line + 1): \(node): \(life)") }
  }

  /// Sends a command, and lets as much time pass as the real one took to answer; a little more if need be.
  private mutating func ask(_ node: String, _ words: [String], _ beat: Trace.Beat, keeps: Bool) throws {
    lastReply = nil
    do {
      collect(try world.apply(.command(node: node, arguments: words.map { Array($0.utf8) })))
      if lastReply == nil { try pass(to: beat.end) }
      let patience = world.now + .seconds(3)
      while lastReply == nil, world.awaitsReply(of: node), let next = world.nextEventTime, next <= patience {
        try next1()
      }
    } catch let error as LabError {
      lastReply = Array("(\(error.what.contains("refused") ? "refused" : error.what))".utf8)
    }
    if keeps {
      seen.answers.append(Seen.Answer(line: beat.line, node: node, command: words, reply: lastReply))
      if words[0].lowercased() == "shutdown" { note(endOf: node, beat) }
    }
  }

  /// A real server's timer turns a little late each time, so that after a while nobody knows when its second begins: an
  /// acknowledgement that has been seen there may be still to come here.
  private func lookLater(_ node: String, _ words: [String], _ beat: Trace.Beat) throws -> [UInt8]? {
    var ahead = self
    try ahead.pass(to: beat.time + 1_100_000)
    try ahead.ask(node, words, beat, keeps: true)
    return ahead.seen.answers.last?.reply
  }

  private mutating func next1() throws {
    steps += 1
    guard steps < Self.limit else { throw SoakError("the lab storms") }
    collect(try world.apply(.next))
  }

  private mutating func pass(to time: Int64) throws {
    let target = start + Interval(microseconds: time)
    while let next = world.nextEventTime, next <= target { try next1() }
    if world.now < target { collect(try world.apply(.advance(to: target))) }
  }

  private mutating func collect(_ step: Step) {
    for link in world.links where link.isClient {
      clientPorts.insert(UInt16(truncatingIfNeeded: link.opener.address.port))
    }
    if let reply = step.reply { lastReply = reply }
    for note in step.notes {
      guard case .log(let entry) = note.content, entry.level == .notice || entry.level == .warning else { continue }
      let time = (world.now - start).microseconds
      seen.log(
        note.node, Seen.LogLine(time: time, level: entry.level.rawValue, text: entry.text), stretch: stretch)
    }
    for packet in step.packets
    where !clientPorts.contains(packet.source.port) && !clientPorts.contains(packet.destination.port) {
      seen.packets.append(packet)
    }
  }
}
