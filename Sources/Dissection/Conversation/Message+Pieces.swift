import Capture

extension Message {
  /// The messages of one connection as they are however its bytes were cut: the pieces of a payload, of what is malformed
  /// or unknown, put together where they follow each other, and all numbered anew.
  package static func joiningPieces(_ messages: [Message]) -> [Message] {
    var joined: [Message] = []
    var pieces: [[UInt8]] = []
    var last: [Int?] = [nil, nil]
    var numbers: [Int: Int] = [:]
    for message in messages {
      let side = Int(message.side.rawValue)
      if let index = last[side], let kind = joined[index].kind.joined(with: message.kind),
        joined[index].range.upperBound == message.range.lowerBound
      {
        joined[index].kind = kind
        joined[index].range = joined[index].range.lowerBound..<message.range.upperBound
        if let start = joined[index].offsets?.lowerBound, let end = message.offsets?.upperBound {
          joined[index].offsets = start...end
        }
        pieces[index] += message.contents.slice
        numbers[message.number] = index + 1
        continue
      }
      last[side] = joined.count
      joined.append(message)
      pieces.append([])
      if message.kind.isPiece { pieces[pieces.count - 1] = message.bytes }
      numbers[message.number] = joined.count
    }
    for index in joined.indices {
      joined[index].number = index + 1
      if joined[index].kind.isPiece { joined[index].contents = SharedBytes(pieces[index]) }
      if let answered = joined[index].answers { joined[index].answers?.number = numbers[answered.number] ?? 0 }
    }
    return joined
  }
}

extension Message.Kind {
  /// How many there are depends on how the bytes were cut.
  fileprivate var isPiece: Bool {
    switch self {
    case .payload, .malformed, .unknown: true
    default: false
    }
  }

  /// What two pieces are together; nil if they are no pieces of one thing.
  fileprivate func joined(with next: Self) -> Self? {
    switch (self, next) {
    case (.payload(let a), .payload(let b)) where a.upperBound == b.lowerBound: .payload(a.lowerBound..<b.upperBound)
    case (.malformed(let a), .malformed(let b)) where a == b: self
    case (.unknown, .unknown): self
    default: nil
    }
  }
}
