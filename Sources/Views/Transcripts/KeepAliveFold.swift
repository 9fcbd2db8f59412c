import Dissection
import Lab
import RESP
import Redis

/// Many keep-alives in a row, with nothing else between them, as one line: `41 s of pings: 5 pings, 41 acknowledgements up to
/// offset 1402`.
package struct KeepAliveFold: Sendable, Hashable {
  package private(set) var first: Instant
  package private(set) var last: Instant
  /// Who said or heard them.
  package private(set) var parties: [Party] = []
  package private(set) var count = 0
  private var kinds: [Delivery.KeepAlive: Int] = [:]
  private var refusals = 0
  private var repeated = 0
  private var attempts = 0
  private var offset: Int64?

  init(at time: Instant) { (first, last) = (time, time) }

  mutating func add(_ event: TranscriptEvent, _ kind: TranscriptEvent.Repetition) {
    last = max(last, event.time)
    count += 1
    switch kind {
    case .keepAlive(let kind):
      kinds[kind, default: 0] += 1
      if case .said(let said) = event, case .ack(let acknowledgement) = said.message.kind {
        offset = max(offset ?? acknowledgement.offset, acknowledgement.offset)
      }
    case .refusal: refusals += 1
    case .note: repeated += 1
    case .attempt(let isLast): attempts += isLast ? 1 : 0
    }
    // Whoever looks at the picture can't tell more than a few apart.
    for party in event.parties where parties.count < 64 && !parties.contains(party) { parties.append(party) }
  }

  package var text: String {
    var words: [String] = []
    for kind in Delivery.KeepAlive.allCases {
      guard let count = kinds[kind] else { continue }
      let more = kind == .acknowledgement ? offset.map { " up to offset \($0)" } ?? "" : ""
      words.append(kind.words(count) + more)
    }
    if refusals > 0 { words.append("\(counted(refusals, "connection")) more refused") }
    if attempts > 0 {
      words.append("\(counted(attempts, "attempt")) more that \(attempts == 1 ? "comes" : "come") to nothing")
    }
    if repeated > 0 { words.append("\(counted(repeated, "decision")) as before") }
    let all = words.joined(separator: ", ")
    guard last - first >= .seconds(1) else { return all }
    return "\(Self.words(last - first)) of \(kinds.isEmpty ? "the same" : "pings"): \(all)"
  }

  /// `41 s`, `3 min 20 s`, `2 h 5 min`.
  private static func words(_ interval: Interval) -> String {
    let seconds = interval.microseconds / 1_000_000
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7_200 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3_600) h \(seconds / 60 % 60) min"
  }
}

/// Something that a transcript has a line for.
package enum TranscriptEvent: Sendable {
  case said(Said)
  case note(TranscriptNote)
  case packet(TranscriptPacket)

  /// What is the same again, and may be folded.
  enum Repetition: Sendable, Hashable {
    case keepAlive(Delivery.KeepAlive)
    /// Another refused connection between the same two.
    case refusal
    /// The same decision again.
    case note
    /// A part of a connection that came to nothing, as the one before it did; its last one.
    case attempt(isLast: Bool)
  }

  var time: Instant {
    switch self {
    case .said(let said): said.time
    case .note(let note): note.time
    case .packet(let packet): packet.time
    }
  }

  var parties: [Party] {
    switch self {
    case .said(let said): [said.delivery.from, said.delivery.to]
    case .note(let note): note.parties
    case .packet(let packet): [packet.from, packet.to]
    }
  }
}

/// Folds the keep-alives of a transcript, in one pass and with no more in memory than the first few of a row.
package struct KeepAliveFolder: Sendable {
  package enum Piece: Sendable {
    case event(TranscriptEvent)
    case fold(KeepAliveFold)
  }

  /// From how many on; nil: none are.
  private let least: Int?
  /// Those of the row that may still be shown one by one.
  private var waiting: [TranscriptEvent] = []
  private var row: KeepAliveFold?
  /// Of each pair that was refused, and of each node's decision, what came last.
  private var refused: Set<[Party]> = []
  private var decided: [[Party]: String] = [:]
  /// What a Sentinel asked or answered another one last.
  private var asked: [[Party]: String] = [:]
  private var attempts = VainAttempts()

  package init(from least: Int?) { self.least = least }

  /// What is to be shown now, in order.
  ///
  /// - Parameter isSentinel: whether somebody is a Sentinel.
  package mutating func add(_ event: TranscriptEvent, isSentinel: (Party) -> Bool) -> [Piece] {
    guard let least else { return [.event(event)] }
    return attempts.add(event).flatMap { put($0, least, isSentinel) }
  }

  /// What is left.
  package mutating func flush(isSentinel: (Party) -> Bool) -> [Piece] {
    guard let least else { return [] }
    return attempts.flush().flatMap { put($0, least, isSentinel) } + endRow(least)
  }

  private mutating func put(_ told: VainAttempts.Told, _ least: Int, _ isSentinel: (Party) -> Bool) -> [Piece] {
    let event = told.event
    let again: TranscriptEvent.Repetition? =
      told.isAgain
      ? .attempt(isLast: told.isLast) : repetition(event, isSentinel: event.parties.contains(where: isSentinel))
    guard let again else { return endRow(least) + [.event(event)] }
    var fold = row ?? KeepAliveFold(at: event.time)
    fold.add(event, again)
    row = fold
    if fold.count < least { waiting.append(event) } else { waiting = [] }
    return []
  }

  private mutating func endRow(_ least: Int) -> [Piece] {
    defer { (waiting, row) = ([], nil) }
    guard let row else { return [] }
    return row.count < least ? waiting.map(Piece.event) : [.fold(row)]
  }

  /// Whether a Sentinel says something else than the last time.
  private mutating func isNews(_ said: Said) -> Bool {
    let title = said.message.title
    return asked.updateValue(title, forKey: [said.delivery.from, said.delivery.to]) != title
  }

  private mutating func repetition(_ event: TranscriptEvent, isSentinel: Bool) -> TranscriptEvent.Repetition? {
    switch event {
    case .said(let said):
      // With the first one, something else begins.
      if said.chapter == nil, let kind = said.delivery.keepAlive(isSentinel: isSentinel) { return .keepAlive(kind) }
      if isSentinel, said.delivery.isAboutDown, !isNews(said) { return .keepAlive(.downQuestion) }
      refused.remove([said.delivery.from, said.delivery.to])
      refused.remove([said.delivery.to, said.delivery.from])
      return nil
    case .packet(let packet):
      guard packet.kind == .refused else { return nil }
      return refused.insert([packet.from, packet.to]).inserted ? nil : .refusal
    case .note(let note):
      guard note.kind == .decision else {
        // After a fault, what is refused is news.
        refused = []
        decided = [:]
        return nil
      }
      return decided.updateValue(note.text, forKey: note.parties) == note.text ? .note : nil
    }
  }
}
