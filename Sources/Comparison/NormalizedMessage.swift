import Dissection
import RESP

/// What one message says, or all messages of a snapshot together, without what is chance or a matter of time. That is set
/// aside (`ignored`), so that it can be counted.
///
/// Two messages are equal if their words are.
package struct NormalizedMessage: Sendable {
  /// A command's words; else the line, or what a snapshot holds, a word for each key.
  package var words: [[UInt8]]
  package var ignored: [IgnoredValue] = []
  /// The message that says it; of a snapshot the one that completes it.
  package var message: Message?
  /// The connection on which it was said, from 1.
  package var connection = 0
  /// Some bytes of text stand for others that it doesn't show: each dot may be any byte.
  package var hasDots = false
  package var kind = Kind.said
  /// The record of its snapshot that each word is, after the title; empty for what is no snapshot.
  package var records: [SnapshotRecord] = []
  /// The messages that brought a snapshot.
  package var pieces: [Message] = []

  package enum Kind: Sendable, Hashable {
    case said
    /// Bytes that the recording has not: anything may have been said here.
    case hole
    /// A snapshot; one that can't be read since it came as text with dots has no words to compare.
    case snapshot(isReadable: Bool)
  }

  package init(_ words: [[UInt8]], message: Message? = nil) {
    self.words = words
    self.message = message
  }

  package init(_ line: String, message: Message? = nil) { self.init([Array(line.utf8)], message: message) }

  /// In one line: what has no picture is escaped, so that different bytes are different text.
  package var text: String { words.map(NormalizedMessage.text).joined(separator: kind == .said ? " " : "; ") }

  package static func text(_ bytes: [UInt8]) -> String {
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }) { return String(decoding: bytes, as: UTF8.self) }
    return bytes.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
      .map { InlineCommand.escaped($0) }.joined(separator: "\"")
  }
}

extension NormalizedMessage: ExpressibleByStringLiteral {
  package init(stringLiteral line: String) { self.init(line) }
}

extension NormalizedMessage: Equatable {
  package static func == (a: Self, b: Self) -> Bool { a.words == b.words }
}

extension NormalizedMessage {
  /// It answers no command.
  var isUnasked: Bool { if case .reply? = message?.kind { message?.answers == nil } else { false } }

  /// From here on, messages may come that answer no command.
  var beginsToListen: Bool {
    let words = words.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
    return ["subscribe", "psubscribe", "ssubscribe", "monitor"].contains(words.first)
      || words == ["client", "tracking"]
  }
}

// MARK: - What is unknown

extension NormalizedMessage {
  /// They say the same as far as their bytes are known: what is unknown on one side is no difference.
  package func agrees(with other: NormalizedMessage) -> Bool {
    if words == other.words { return true }
    if words.count == other.words.count, hidingPasswords(of: other) == other.hidingPasswords(of: self) { return true }
    guard hasDots || other.hasDots else { return false }
    if isUnreadable || other.isUnreadable { return isSnapshot && other.isSnapshot }
    guard words.count == other.words.count else { return false }
    return zip(words, other.words).allSatisfy { agree($0, $1, other) }
  }

  /// The words with stars for the passwords that are stars on the other side: text hides them.
  private func hidingPasswords(of other: NormalizedMessage) -> [[UInt8]] {
    guard message?.side == .opener else { return words }
    let star = UInt8(ascii: "*")
    var hidden = words
    for (word, bytes) in Passwords.places(in: words) where other.words[word].count == words[word].count {
      if bytes.allSatisfy({ other.words[word][$0] == star }) { for index in bytes { hidden[word][index] = star } }
    }
    return hidden
  }

  /// How many bytes were not compared, as they are unknown on one side.
  package func unknownCount(against other: NormalizedMessage) -> Int {
    guard hasDots || other.hasDots else { return 0 }
    if isUnreadable || other.isUnreadable {
      return (isUnreadable ? self : other).pieces.reduce(0) { $0 + $1.range.count }
    }
    return zip(words, other.words).reduce(0) { count, pair in
      count + zip(pair.0, pair.1).count { isUnknown($0, $1, other) }
    }
  }

  package var isSnapshot: Bool { if case .snapshot = kind { true } else { false } }
  private var isUnreadable: Bool { kind == .snapshot(isReadable: false) }

  func agrees(with other: NormalizedMessage, atWord word: Int) -> Bool { agree(words[word], other.words[word], other) }

  private func agree(_ mine: [UInt8], _ theirs: [UInt8], _ other: NormalizedMessage) -> Bool {
    mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0 == $1 || isUnknown($0, $1, other) }
  }

  private func isUnknown(_ mine: UInt8, _ theirs: UInt8, _ other: NormalizedMessage) -> Bool {
    let dot = UInt8(ascii: ".")
    return (hasDots && mine == dot) || (other.hasDots && theirs == dot)
  }
}

// MARK: - Times

extension NormalizedMessage {
  /// What stands for what the clock showed.
  static let time = Array("<time>".utf8)

  /// The word that is a time.
  var timeWord: Int? { words.firstIndex(of: Self.time) }

  /// How far two are apart that do the same at the same time, in milliseconds: a command is played when it was answered.
  private static let momentInMilliseconds: Int64 = 500

  /// A command of the stream whose times are others, where both were told at the same time.
  func isOfAnotherTime(than other: NormalizedMessage) -> Bool {
    guard kind == .said, timeWord != nil else { return false }
    return zip(ignored, other.ignored).contains { mine, theirs in
      guard mine.cause == .time, theirs.cause == .time, let a = Self.milliseconds(mine),
        let b = Self.milliseconds(theirs)
      else { return false }
      return abs(a -| b) > Self.momentInMilliseconds
    }
  }

  private static func milliseconds(_ value: IgnoredValue) -> Int64? {
    Int64(String(decoding: value.value.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
  }
}

// MARK: - What is chance

/// Something that is chance or a matter of time, and what it was.
package struct IgnoredValue: Sendable, Hashable {
  package var cause: Nondeterminism
  package var value: [UInt8]

  package init(_ cause: Nondeterminism, _ value: [UInt8]) {
    self.cause = cause
    self.value = value
  }

  package init(_ cause: Nondeterminism, _ value: some BinaryInteger) { self.init(cause, Array("\(value)".utf8)) }
}

/// What two runs of the same may differ in.
package enum Nondeterminism: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Drawn by chance; that the same id means the same history on both sides is no chance, and compared.
  case replicationID
  case endMark
  /// At which offset a history begins; what is counted from there is compared, without the master's pings.
  case startOffset
  /// Where nodes listen; who follows whom is compared.
  case port
  /// When a key expires, and what else the clock showed.
  case time
  case creationTime
  case usedMemory
  /// In which order a snapshot has its keys.
  case keyOrder
  /// In how many pieces a snapshot came.
  case payloadPieces
  case acknowledgements
  case pings
  case keepAlives
  /// How often a replica tried again what it had tried before.
  case rounds
  /// What a master still answered to one that had hung up.
  case unheard
  /// On how many connections clients sent their commands.
  case clientConnections
  /// Replies that tell of the server's own state: memory, ports, times.
  case serverState

  package static func < (a: Self, b: Self) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}
