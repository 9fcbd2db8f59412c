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

  /// The argument of a command; all of the message where no word is meant.
  func field(ofWord word: Int?) -> Field {
    let whole = conversation?.fields(of: message) ?? Field("message", range: message.range, bytes: message.bytes)
    guard let word else { return whole }
    let arguments = whole.children.filter { !$0.children.isEmpty }
    return normalized.words.count > 1 && arguments.indices.contains(word) ? arguments[word] : whole
  }

  /// A snapshot's record as it came: the first messages that brought some of it, and what of it each has.
  struct Record {
    /// To take a piece apart means to read all before it, and a long value comes in thousands.
    static let partLimit = 2

    private(set) var parts: [(piece: Message, fields: [Field])] = []
    /// How many of its bytes are in messages behind these.
    fileprivate(set) var omitted = 0
    /// What it says.
    var meaning: String? { parts.last?.fields.last?.meaning }

    fileprivate mutating func add(_ fields: [Field], of piece: Message) { parts.append((piece, fields)) }
  }

  /// The records that words of a snapshot stand for.
  func records(ofWords words: [Int]) -> [Int: Record] {
    guard let conversation else { return [:] }
    var records: [Int: Record] = [:]
    for piece in normalized.pieces {
      guard case .payload(let range) = piece.kind else { continue }
      var here: [Int] = []
      for word in words where normalized.records[word].range.overlaps(range) {
        if records[word].map({ $0.parts.count < Record.partLimit }) ?? true {
          here.append(word)
        } else {
          records[word]?.omitted += normalized.records[word].range.clamped(to: range).count
        }
      }
      guard !here.isEmpty else { continue }
      let fields = conversation.fields(of: piece).children
      for word in here {
        let record = normalized.records[word].range.clamped(to: range)
        let shift = piece.range.lowerBound - range.lowerBound
        let place = record.lowerBound + shift..<record.upperBound + shift
        records[word, default: Record()].add(fields.filter { $0.range.overlaps(place) }, of: piece)
      }
    }
    return records
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
