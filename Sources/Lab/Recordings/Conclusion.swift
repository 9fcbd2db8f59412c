import Capture
import Dissection
import RESP
import Redis

/// What a recorded step shows that somebody decided, as far as the wire tells it: a conclusion, where a node of the lab would
/// have said so itself (`Decision`). Its words are made in `Views`' `why`.
package struct Conclusion: Sendable, Hashable {
  /// Who decided.
  package var node: String
  /// The other end.
  package var peer: String
  package var kind: Kind

  package enum Kind: Sendable, Hashable {
    /// `PSYNC ? -1`, or SYNC.
    case asksForAll
    case asksForPart(Request)
    /// A master that hands over: `PSYNC … FAILOVER`.
    case asksToTakeOver(Request)
    /// SYNC, after PSYNC was answered by this error.
    case asksTheOldWay(error: String?)
    case sendsAll(id: String?, offset: Int64, FullReason)
    /// Under another id than the one that was asked for: the master was promoted.
    case goesOn(Request, newID: String?)
    /// The snapshot's form, and whether the replica has said `capa eof`.
    case sendsForm(isStreamed: Bool, understandsEOF: Bool)
    case refuses(command: String, error: String)
    case ends(isReset: Bool, Ending)
  }

  /// What PSYNC asked for: the first byte that is missing, of this history.
  package struct Request: Sendable, Hashable {
    package var id: String
    package var offset: Int64
  }

  /// Why a full sync, where a part might have done.
  package enum FullReason: Sendable, Hashable {
    case askedForAll
    /// It was asked for the first byte of a history that is not the master's.
    case nothingInCommon(Request)
    case otherHistory(Request)
    /// The same history, but a byte that was never written.
    case tooNew(Request)
    /// The same history, and a byte that was written: the backlog has it no more.
    case tooOld(Request)
    /// What was asked is not in the recording.
    case unseen
  }

  package enum Ending: Sendable, Hashable {
    /// The other end has said nothing for so many seconds.
    case silence(seconds: Int64)
    case refused(command: String, error: String)
    /// The replica had acknowledged up to this byte.
    case inStream(acknowledged: Int64?)
    case inPhase(Phase)
  }
}

extension Step {
  /// Whether something in it may be concluded from, so that the moments around it are worth a look.
  package var mayConclude: Bool {
    if case .arrival(_, _, _, let kind) = cause, kind == .fin || kind == .reset { return true }
    return delivered.contains { delivery in
      switch delivery.message.kind {
      case .psync, .sync, .fullResync, .partialResync, .payloadHeader, .reply(.error): true
      default: false
      }
    }
  }

  /// All that can be concluded from it; `before` is the recorded moment that it led away from.
  package func conclusions(after before: Recorded) -> [Conclusion] {
    var memories: [Link.ID: RecordedConnection.Memory] = [:]
    var all: [Conclusion] = []
    for delivery in delivered {
      let memory = memories[delivery.link] ?? before.link(delivery.link)?.memory ?? RecordedConnection.Memory()
      for kind in delivery.conclusions(memory) {
        let conclusion = Conclusion(node: delivery.from.name, peer: delivery.to.name, kind: kind)
        if !all.contains(conclusion) { all.append(conclusion) }
      }
      memories[delivery.link] = memory.hearing(delivery.message, at: time)
    }
    guard case .arrival(let id, let from, let to, let kind) = cause, kind == .fin || kind == .reset,
      let link = before.link(id), let phase = link.phase, !link.memory.isEnding
    else { return all }
    let ending = link.ending(by: from, at: time, phase, memories[id] ?? link.memory)
    all.append(Conclusion(node: from.name, peer: to.name, kind: .ends(isReset: kind == .reset, ending)))
    return all
  }
}

extension Delivery {
  fileprivate func conclusions(_ memory: RecordedConnection.Memory) -> [Conclusion.Kind] {
    switch message.kind {
    case .psync(nil, _, _): return [.asksForAll]
    case .psync(let id?, let offset, let failover):
      let request = Conclusion.Request(id: text(id), offset: offset)
      return [failover ? .asksToTakeOver(request) : .asksForPart(request)]
    case .sync: return [memory.hasAsked ? .asksTheOldWay(error: memory.refusal?.error) : .asksForAll]
    case .fullResync(let id, let offset): return [memory.fullSync(id.map(text), offset)]
    case .partialResync(let id):
      guard let request = memory.request else { return [] }
      let new = id.map(text).flatMap { $0.lowercased() == request.id.lowercased() ? nil : $0 }
      return [.goesOn(request, newID: new)]
    // Why there is a snapshot at all was to be seen when it was announced.
    case .payloadHeader(let form):
      let isStreamed = if case .streamed = form { true } else { false }
      return [memory.announced, .sendsForm(isStreamed: isStreamed, understandsEOF: memory.understandsEOF)]
        .compactMap(\.self)
    case .reply(.error):
      guard let command = message.answers?.name else { return [] }
      return [.refuses(command: command, error: text(message.text))]
    default: return []
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(bytes: bytes) }
}

extension RecordedConnection {
  /// What has to be remembered of a link so that a later message can be explained by it.
  struct Memory: Sendable, Equatable {
    /// What PSYNC asked for; nil for `? -1`, and before it.
    private(set) var request: Conclusion.Request?
    /// What FULLRESYNC let one conclude.
    private(set) var announced: Conclusion.Kind?
    /// PSYNC was seen.
    private(set) var hasAsked = false
    private(set) var understandsEOF = false
    /// The last command of the handshake that was answered by an error, unless another answer came since.
    private(set) var refusal: (command: String, error: String)? {
      get { refusedCommand.map { ($0, refusalText) } }
      set { (refusedCommand, refusalText) = (newValue?.command, newValue?.error ?? "") }
    }
    private var refusedCommand: String?
    private var refusalText = ""
    /// When each end has last said something.
    private(set) var heard: [Side: Instant] = [:]
    /// One of the ends has said that it ends the connection.
    var isEnding = false

    func hearing(_ message: Message, at time: Instant) -> Memory {
      var memory = self
      memory.heard[message.side] = time
      switch message.kind {
      case .psync(let id, let offset, _):
        memory.request = id.map { Conclusion.Request(id: String(bytes: $0), offset: offset) }
        memory.hasAsked = true
      case .capabilities(let names): memory.understandsEOF = names.contains(Array("eof".utf8))
      case .reply(.error):
        let error = String(bytes: message.text)
        memory.refusal = message.answers.map { ($0.name, error) }
      case .fullResync(let id, let offset):
        memory.announced = fullSync(id.map { String(bytes: $0) }, offset)
        memory.refusal = nil
      case .reply, .partialResync, .payloadHeader: memory.refusal = nil
      default: break
      }
      return memory
    }

    func fullSync(_ id: String?, _ offset: Int64) -> Conclusion.Kind {
      .sendsAll(id: id, offset: offset, fullReason(id, offset))
    }

    private func fullReason(_ own: String?, _ offset: Int64) -> Conclusion.FullReason {
      guard hasAsked else { return .unseen }
      guard let request else { return .askedForAll }
      guard let own, own.lowercased() == request.id.lowercased() else {
        return request.offset <= 1 ? .nothingInCommon(request) : .otherHistory(request)
      }
      return request.offset > offset && request.offset - 1 > offset ? .tooNew(request) : .tooOld(request)
    }
  }

  fileprivate func ending(by party: Party, at time: Instant, _ phase: Phase, _ memory: Memory) -> Conclusion.Ending {
    if let refusal = memory.refusal { return .refused(command: refusal.command, error: refusal.error) }
    let other: Side = opener.party == party ? .acceptor : .opener
    if let last = memory.heard[other] {
      let seconds = (time - last).microseconds / 1_000_000
      if seconds >= 30 { return .silence(seconds: seconds) }
    }
    return phase == .stream ? .inStream(acknowledged: balance.acknowledged) : .inPhase(phase)
  }
}
