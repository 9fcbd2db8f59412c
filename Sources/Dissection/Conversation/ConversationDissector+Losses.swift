import Capture
import RESP

/// A side whose next bytes may be the middle of something: they are looked through for the next beginning.
struct Search: Equatable, Sendable {
  /// The byte before those that wait; nil directly behind a loss.
  var previous: UInt8?
  /// The first byte that waits may begin a message, and is being read as one.
  var isTrial = false
  /// It is the first of a segment, where whoever writes begins mostly.
  var isAtSegment = false
  /// Nothing of the side has been read yet: inside of a segment there may be elements of something larger.
  var isFirst = false
}

// What happens when the recording has not all that was said.
extension ConversationDissector {
  /// Whether the side's next bytes may be the middle of something.
  package func isLost(_ side: Side) -> Bool { (side == .opener ? openerSearch : acceptorSearch) != nil }

  /// Where a side that was lost could last be read again; 0 if it never was.
  package func foundAt(_ side: Side) -> Int { (side == .opener ? openerFound : acceptorFound) ?? 0 }

  /// The recording begins when the connection was there already.
  ///
  /// - Parameter isWhole: nothing was said before.
  mutating func beginInTheMiddle(_ side: Side, isWhole: Bool = false) {
    search(side)
    if isWhole { return }
    expectations.lose()
    if side == .opener { openerSearch?.isFirst = true } else { acceptorSearch?.isFirst = true }
  }

  /// A segment comes: where nothing waits, its first byte may begin a message.
  mutating func noteSegment(from side: Side) {
    guard pendingByteCount(side) == 0 else { return }
    if side == .opener { openerSearch?.previous = nil } else { acceptorSearch?.previous = nil }
  }

  /// `count` bytes of a side are lost.
  mutating func lose(_ count: Int, from side: Side, into messages: inout [Message]) {
    hasLost = true
    guard side == .acceptor, reading == .payload || reading == .stream else {
      takeAll(from: side, isLost(side) ? .unknown : .truncated, &messages)
      self[side].skip(count)
      if side == .acceptor {
        read(.replies)
        expectations.lose()
      } else if reading == .replies {
        expectations.lose()
      }
      search(side)
      return
    }
    if reading == .payload {
      // They might have begun the mark.
      if acceptor.count > 0 { messages.append(takePayload(acceptor.count)) }
      losePayload(count)
    } else {
      takeAll(from: side, isLost(side) ? .unknown : .truncated, &messages)
      loseStream(count)
    }
  }

  /// In a payload of known length the bytes are counted; in another one its mark still ends it.
  private mutating func losePayload(_ count: Int) {
    let inside = transfer?.lose(count) ?? count
    acceptor.skip(inside)
    if transfer?.isComplete == true { read(.stream) }
    if count > inside { loseStream(count - inside) }
  }

  private mutating func loseStream(_ count: Int) {
    ledger.miss(count, after: messageCount)
    acceptor.skip(count)
    search(.acceptor)
  }

  /// Looks through what comes next for the beginning of a message.
  mutating func search(_ side: Side) {
    requestsForgotten(side)
    hasLost = true
    // What was malformed may have been so only because something was missing.
    if side == .opener {
      openerSearch = Search()
      openerFault = nil
    } else {
      acceptorSearch = Search()
      acceptorFault = nil
    }
  }

  /// Goes on to the next byte that may begin a message: what is before it is unknown. False if there is none.
  mutating func findBeginning(_ side: Side, _ messages: inout [Message]) -> Bool {
    guard var search = side == .opener ? openerSearch : acceptorSearch else { return true }
    if search.isTrial { return self[side].count > 0 }
    self[side].join(self[side].count)
    let bytes = self[side].joined
    let place = beginning(in: bytes, side, search)
    search.isAtSegment = place == 0 && search.previous == nil
    if let last = (place ?? bytes.count) > 0 ? bytes[(place ?? bytes.count) - 1] : nil { search.previous = last }
    search.isTrial = place != nil
    if side == .opener { openerSearch = search } else { acceptorSearch = search }
    takeUnread(place ?? bytes.count, from: side, .unknown, &messages)
    return place != nil
  }

  private func beginning(in bytes: SharedBytes, _ side: Side, _ search: Search) -> Int? {
    let slice = bytes.slice
    let span = slice.span
    var index = 0
    // Without anything before it the first byte may begin something, and what follows a line's end.
    let previous = search.previous
    if search.isFirst, side == .acceptor, reading != .stream {
      return previous == nil && !span.isEmpty && Self.mayBegin(span[0], side, isStream: false) ? 0 : nil
    }
    if previous != nil, previous != 0x0A { index = Self.next(0x0A, span, 0) + 1 }
    while index < span.count {
      if Self.mayBegin(span[index], side, isStream: reading == .stream) { return index }
      index = Self.next(0x0A, span, index) + 1
    }
    return nil
  }

  private static func next(_ byte: UInt8, _ span: Span<UInt8>, _ start: Int) -> Int {
    var index = start
    while index < span.count, span[index] != byte { index += 1 }
    return index
  }

  private static func mayBegin(_ byte: UInt8, _ side: Side, isStream: Bool) -> Bool {
    if byte == UInt8(ascii: "*") { return true }
    if isStream { return false }
    // A command as a line begins with a letter; an empty line is a replica's sign of life.
    if side == .opener { return (0x41...0x5A).contains(byte & 0xDF) || byte == 0x0A || byte == 0x0D }
    return "+-:$_#,(=%~>|".utf8.contains(byte)
  }

  // MARK: Trials

  /// How long a message may be that is believed in after a loss.
  private static let trialLimit = 64 * 1024

  /// Whether the message that was found can be believed. If it is the first after a loss, the search is over with it.
  mutating func believes(_ count: Int, from side: Side) -> Bool {
    guard isLost(side) else { return true }
    let bytes = self[side].joined[0..<count]
    guard
      side == .opener || reading == .stream || bytes[0] == UInt8(ascii: "*")
        ? Self.isPlainCommand(bytes, side) : Self.isPlainReply(bytes)
    else { return false }
    if side == .opener {
      (openerSearch, openerFound) = (nil, opener.position)
    } else {
      (acceptorSearch, acceptorFound) = (nil, acceptor.position)
    }
    return true
  }

  /// What is being tried takes too long to come to an end.
  func isTooLongToBelieve(_ side: Side) -> Bool {
    guard let search = side == .opener ? openerSearch : acceptorSearch, self[side].count > Self.trialLimit else {
      return false
    }
    // A large value at the beginning of a segment is believed in as long as anything is.
    return !search.isAtSegment || !"$*".utf8.contains(self[side][0])
  }

  /// The first byte that waits begins nothing after all.
  mutating func reject(_ side: Side, _ messages: inout [Message]) {
    if self[side].count > Self.trialLimit {
      // Each byte of so many may begin something: they are not looked through again.
      takeAll(from: side, .unknown, &messages)
      return self.search(side)
    }
    requestsForgotten(side)
    let isFirst = (side == .opener ? openerSearch : acceptorSearch)?.isFirst ?? false
    let search = Search(previous: self[side][0], isFirst: isFirst)
    if side == .opener { openerSearch = search } else { acceptorSearch = search }
    takeUnread(1, from: side, .unknown, &messages)
  }

  /// An array whose lengths and line ends are all right, which a scanner does not look at more than Redis does; or a line
  /// that is a common command, or an empty one that came alone.
  private static func isPlainCommand(_ bytes: SharedBytes, _ side: Side) -> Bool {
    guard bytes[0] == UInt8(ascii: "*") else { return side == .opener && isPlainLine(bytes) }
    var scanner = ReplyScanner()
    var end = 0
    let slice = bytes.slice
    guard (try? scanner.next(in: slice.span, at: &end)) == true, end == bytes.count else { return false }
    // What is not a command may still be a reply.
    guard let name = scanner.firstWord else { return side == .acceptor }
    return side == .acceptor || !name.isEmpty && name.count <= 64 && bytes[name].allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private static func isPlainLine(_ bytes: SharedBytes) -> Bool {
    let text = bytes.slice.prefix { $0 != 0x0D && $0 != 0x0A }
    guard text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return false }
    let name = uppercased(Array(text.prefix { $0 != 0x20 }))
    return text.isEmpty
      || ["PING", "SYNC", "PSYNC", "REPLCONF", "AUTH", "INFO", "SET", "GET", "MONITOR", "QUIT"].contains(name)
  }

  /// Text as servers write it, where it is text.
  private static func isPlainReply(_ bytes: SharedBytes) -> Bool {
    guard bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-") else { return true }
    return bytes.count <= 512 && bytes.slice.dropLast(2).allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  // MARK: Sides

  /// The sides turn out to be each other: what waits was read the wrong way round, what comes can be read.
  mutating func turn(into messages: inout [Message]) {
    swap(&opener, &acceptor)
    requests = RequestScanner()
    expectations = Expectations()
    reading = .replies
    channel = nil
    stage = .commands
    (isTalk, isQuiet) = (false, nil)
    ledger = Ledger(keepsEntries: keepsHistory)
    for side in Side.allCases {
      takeAll(from: side, .unknown, &messages)
      beginInTheMiddle(side)
    }
  }
}
