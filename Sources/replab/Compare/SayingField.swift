import Comparison
import Dissection

/// The field of a message that a word of a saying stands for.
struct SayingField {
  private let saying: NormalizedMessage
  private let message: Message
  private let conversation: ConversationDissector?

  init(_ saying: NormalizedMessage, _ message: Message, in transcript: NormalizedTranscript) {
    (self.saying, self.message) = (saying, message)
    conversation = transcript.traffic.connection(saying.connection)?.conversation
  }

  /// The argument of a command, the record of a snapshot; all of the message where no word is meant.
  func field(ofWord word: Int?) -> Field {
    let whole = conversation?.fields(of: message) ?? Field("message", range: message.range, bytes: message.bytes)
    guard let word else { return whole }
    if saying.isSnapshot { return record(word) ?? whole }
    let arguments = whole.children.filter { !$0.children.isEmpty }
    return saying.words.count > 1 && arguments.indices.contains(word) ? arguments[word] : whole
  }

  /// The snapshot's record, of which the first piece that has some of it tells.
  private func record(_ word: Int) -> Field? {
    guard word > 0, saying.records.indices.contains(word), let conversation else { return nil }
    let offset = saying.records[word]
    for piece in saying.pieces {
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
    var saying = self
    saying.message?.contents = Passwords.hidden(in: message.contents)
    for place in Passwords.places(in: words) {
      for index in place.bytes { saying.words[place.word][index] = UInt8(ascii: "*") }
    }
    return saying
  }
}
