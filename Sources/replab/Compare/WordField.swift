import Comparison
import Dissection

/// The field of a message that a word of a normalized message stands for.
struct WordField {
  private let normalized: NormalizedMessage
  private let message: Message
  private let conversation: ConversationDissector?

  init(_ normalized: NormalizedMessage, _ message: Message, in transcript: NormalizedTranscript) {
    (self.normalized, self.message) = (normalized, message)
    conversation = transcript.traffic.connection(normalized.connection)?.conversation
  }

  /// The argument of a command, the record of a snapshot; all of the message where no word is meant.
  func field(ofWord word: Int?) -> Field {
    let whole = conversation?.fields(of: message) ?? Field("message", range: message.range, bytes: message.bytes)
    guard let word else { return whole }
    if normalized.isSnapshot { return record(word) ?? whole }
    let arguments = whole.children.filter { !$0.children.isEmpty }
    return normalized.words.count > 1 && arguments.indices.contains(word) ? arguments[word] : whole
  }

  /// The snapshot's record, of which the first piece that has some of it tells.
  private func record(_ word: Int) -> Field? {
    guard word > 0, normalized.records.indices.contains(word), let conversation else { return nil }
    let offset = normalized.records[word]
    for piece in normalized.pieces {
      guard case .payload(let range) = piece.kind, range.contains(offset) else { continue }
      let place = piece.range.lowerBound + offset - range.lowerBound
      return conversation.fields(of: piece).children.first { $0.range.contains(place) }
    }
    return nil
  }
}

extension NormalizedMessage {
  /// The same with stars for passwords.
  var hidingPasswords: NormalizedMessage {
    guard let message, message.side == .opener else { return self }
    var normalized = self
    normalized.message?.contents = Passwords.hidden(in: message.contents)
    for place in Passwords.places(in: words) {
      for index in place.bytes { normalized.words[place.word][index] = UInt8(ascii: "*") }
    }
    return normalized
  }
}
