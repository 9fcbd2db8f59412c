import Dissection
import Lab

/// What nodes say to each other, as the notes that this project comes from write it down:
///
/// ```
///   replica>>> PING                     the names of both ends, where a link is first heard
///   master<<< PONG                      <<< is from the end that listens: the master
///
///
///   >>> PSYNC ? -1
///   <<< FULLRESYNC 4af7360b… 2614
///   $EOF:e9c991d2…                      the payload as tcpdump -A would show it, dots and all
///   REDIS0010.      redis-ver.7.0.11.…
///
///
///   >>> REPLCONF ACK 2614
/// ```
///
/// Exchanges are two blank lines apart; acknowledgements and the stream of commands follow each other without. (The
/// notes write the stream with `>>>`; here an arrow's direction always tells who speaks.) One value prints one
/// session from its first message on, or, made anew, a single step.
///
/// Where there are several links, a line names both ends if the one before it was between others: `r2>>> m: REPLCONF ACK
/// 87`, or `r2>>> m, link 5: …` where the two have had another link before. A payload there stands under such a line
/// that says nothing else.
package struct ArrowsView: Sendable, Hashable {
  /// Where lines say who speaks.
  package enum Naming: Sendable, Hashable {
    /// An end where it is first heard: for one link, and where something else says which link is meant.
    case speakers
    /// Besides, both ends where the line before was between others, as the first one is perhaps.
    case ends(ofFirst: Bool)
  }

  private let naming: Naming
  /// Whether it has to be told from the arrows alone where a stream begins.
  private let isRead: Bool
  /// Whether replies are what redis-cli prints, wherever they can be read again: `(integer) 1` in place of `:1`.
  private let printsReplies: Bool
  /// The links on which it has begun.
  private var streams: Set<Link.ID> = []
  /// How much of a message is shown.
  private let page: Page
  /// Where the last link that was heard stands.
  private var place: Place?
  /// The names of these have been said.
  private var named: Set<Speaker> = []
  /// The first link that was heard between two.
  private var firstLinks: [[String]: Link.ID] = [:]

  private struct Place: Sendable, Hashable {
    var link: Link.ID
    var last: Kind
    /// The column at which the payload's last line ended, and goes on; nil where it was cut.
    var column: Int?
  }

  private struct Speaker: Sendable, Hashable {
    var link: Link.ID
    var side: Side
  }

  /// What kinds of messages stand next to each other tells where blank lines go.
  private enum Kind: Sendable, Hashable {
    case command, reply, payload, stream
  }

  package init(_ naming: Naming = .speakers, page: Page = .whole, isRead: Bool = false, printsReplies: Bool = false) {
    self.naming = naming
    self.isRead = isRead
    self.printsReplies = printsReplies
    self.page = page
  }

  /// The lines that a message adds. The first may go on in the line before it: see `continuesLine`.
  package mutating func lines(of delivery: Delivery) -> [Line] {
    let message = delivery.message
    let kind = Self.kind(of: message)
    let lines = gap(before: kind, delivery)
    if kind == .payload { return lines + payload(delivery) }
    let arrow = arrow(delivery)
    let (text, rest) = text(of: delivery, behind: arrow.width)
    if case .partialResync = message.kind { streams.insert(delivery.link) }
    place = Place(link: delivery.link, last: kind, column: 0)
    let said = lines + [arrow + Line(text, message.isFault ? .fault : .plain)]
    return rest == 0 ? said : said + [page.more(rest)]
  }

  private mutating func payload(_ delivery: Delivery) -> [Line] {
    let bytes = delivery.message.bytes
    _ = firstLink(delivery)
    streams.insert(delivery.link)
    let continues = continuesLine(delivery)
    let head = isElsewhere(delivery) ? [arrow(delivery)] : []
    let column = continues ? place?.column ?? 0 : 0
    let count = Excerpt.fitting(bytes, from: column, on: page)
    let texts = Wording.dottedLines(Array(bytes[..<count]), from: column)
    let isCut = count < bytes.count
    let last = texts.last ?? ""
    place = Place(
      link: delivery.link, last: .payload, column: isCut ? nil : texts.count == 1 ? column + last.count : last.count)
    return head + texts.map { Line($0, .incoming) } + (isCut ? [page.more(bytes.count - count)] : [])
  }

  /// Whether the first line of this message belongs to the line before it: a payload comes in pieces that need not be
  /// lines.
  package func continuesLine(_ delivery: Delivery) -> Bool {
    guard let place, place.link == delivery.link, place.last == .payload, place.column != nil else { return false }
    return Self.kind(of: delivery.message) == .payload
  }

  /// Adds the message to the lines of a session.
  package mutating func append(_ delivery: Delivery, to session: inout [Line]) {
    let continues = continuesLine(delivery)
    var lines = lines(of: delivery)
    if continues, !session.isEmpty, let first = lines.first {
      session[session.count - 1] += first
      lines.removeFirst()
    }
    session += lines
  }

  private func gap(before kind: Kind, _ delivery: Delivery) -> [Line] {
    guard let place else { return [] }
    let blank = [Line(), Line()]
    let isElsewhere = place.link != delivery.link
    // What several say side by side is told apart by their names.
    if isElsewhere, naming == .speakers { return blank }
    switch (place.last, kind) {
    case (.reply, .command), (.payload, .command), (.payload, .stream): return blank
    case (.payload, .reply), (.payload, .payload): return isElsewhere ? blank : []
    default: return []
    }
  }

  /// Whether both ends have to be named, since the line before was between others.
  private func isElsewhere(_ delivery: Delivery) -> Bool {
    guard case .ends(let ofFirst) = naming else { return false }
    return place.map { $0.link != delivery.link } ?? ofFirst
  }

  private mutating func arrow(_ delivery: Delivery) -> Line {
    let side = delivery.message.side
    let (from, to) = (delivery.from.name, delivery.to.name)
    let first = firstLink(delivery)
    let isNew = named.insert(Speaker(link: delivery.link, side: side)).inserted
    let style = side == .opener ? Style.outgoing : .incoming
    guard isElsewhere(delivery) else {
      return Line(isNew ? from : "", .heading) + Line(side == .opener ? ">>> " : "<<< ", style)
    }
    named.insert(Speaker(link: delivery.link, side: side.other))
    let link = first == delivery.link ? "" : ", link \(delivery.link)"
    let isPayload = Self.kind(of: delivery.message) == .payload
    return Line(from, .heading) + Line(side == .opener ? ">>> " : "<<< ", style) + Line(to, .heading)
      + Line(link + (isPayload ? ":" : ": "))
  }

  /// The first link that was heard between the ends of this one.
  private mutating func firstLink(_ delivery: Delivery) -> Link.ID {
    let (from, to) = (delivery.from.name, delivery.to.name)
    let ends = delivery.message.side == .opener ? [from, to] : [to, from]
    if let first = firstLinks[ends] { return first }
    firstLinks[ends] = delivery.link
    return delivery.link
  }

  private static func kind(of message: Message) -> Kind {
    switch message.kind {
    case .payloadHeader, .payload, .endMark: .payload
    case .stream, .streamPing, .streamSelect, .getAck, .ack: .stream
    case .keepAlive: message.side == .opener ? .stream : .reply
    case .reply, .fullResync, .partialResync, .rdbChannelSync, .dualChannelSync, .endOffset: .reply
    case .command, .ping, .auth, .listeningPort, .ipAddress, .capabilities, .psync, .sync, .version, .rdbChannel,
      .rdbClient:
      .command
    case .malformed, .truncated, .unknown: message.side == .opener ? .command : .reply
    }
  }

  /// The notes leave out what RESP puts around the words, and the `+` of a status; a string that answers is in quotes. What
  /// does not fit is told in bytes.
  private func text(of delivery: Delivery, behind column: Int) -> (String, rest: Int) {
    let message = delivery.message
    if message.kind == .keepAlive || message.bytes == [0x0a] { return ("(empty line)", 0) }
    func room(_ rows: Int?) -> Int { rows.map { max(1, $0 * pageWidth - column) } ?? Int.max }
    let whole = text(of: delivery, room: room(page.wholeRows))
    return whole.rest == 0 ? whole : text(of: delivery, room: room(page.rowLimit))
  }

  private func text(of delivery: Delivery, room: Int) -> (String, rest: Int) {
    let message = delivery.message
    let bytes = message.bytes
    let isReply =
      message.side == .acceptor && (Self.kind(of: message) == .reply || (isRead && !streams.contains(delivery.link)))
    if !isReply, let command = Wording.beginning(ofCommand: bytes, room) {
      return (command.text, bytes.count - command.used)
    }
    if case .reply(.bulk) = message.kind {
      let word = Wording.beginning(ofWord: message.text[...], room, alwaysQuotes: true)
      return (word.text, word.used == message.text.count ? 0 : message.text.count - word.used + 2)
    }
    let line = message.side == .acceptor ? reply(message, bytes) : Wording.line(bytes)
    guard line.utf8.count > room else { return (line, 0) }
    return (String(line.prefix(room)), bytes.count - room)
  }

  private func reply(_ message: Message, _ bytes: [UInt8]) -> String {
    if printsReplies, case .reply = message.kind, let printed = PrintedReply.exact(bytes) { return printed }
    return ReplyWords.text(bytes)
  }
}

extension Message {
  package var isFault: Bool {
    switch kind {
    case .malformed, .truncated, .unknown, .reply(.error): true
    default: false
    }
  }
}
