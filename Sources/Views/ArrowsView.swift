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
package struct ArrowsView: Sendable, Hashable {
  /// Where the last link that was heard stands.
  private var place: Place?
  /// The names of these have been said.
  private var named: Set<Speaker> = []
  /// Whether a name is also said where another link was heard before.
  private let namesAgain: Bool

  private struct Place: Sendable, Hashable {
    var link: Link.ID
    var last: Kind
    /// The column at which the payload's last line ended, and goes on.
    var column: Int
  }

  private struct Speaker: Sendable, Hashable {
    var link: Link.ID
    var side: Side
  }

  /// What kinds of messages stand next to each other tells where blank lines go.
  private enum Kind: Sendable, Hashable {
    case command, reply, payload, stream
  }

  package init(namesAgain: Bool = false) { self.namesAgain = namesAgain }

  /// The lines that a message adds. The first may go on in the line before it: see `continuesLine`.
  package mutating func lines(of delivery: Delivery) -> [Line] {
    let message = delivery.message
    let kind = Self.kind(of: message)
    var lines = gap(before: kind, delivery)
    if kind == .payload {
      let column = place?.link == delivery.link && place?.last == .payload ? place?.column ?? 0 : 0
      let texts = Wording.dottedLines(message.bytes, from: column)
      lines += texts.map { Line($0, .incoming) }
      let last = texts.last ?? ""
      place = Place(link: delivery.link, last: kind, column: texts.count == 1 ? column + last.count : last.count)
      return lines
    }
    lines.append(arrow(delivery) + Line(Self.text(of: message), message.isFault ? .fault : .plain))
    place = Place(link: delivery.link, last: kind, column: 0)
    return lines
  }

  /// Whether the first line of this message belongs to the line before it: a payload comes in pieces that need not be
  /// lines.
  package func continuesLine(_ delivery: Delivery) -> Bool {
    guard let place, place.link == delivery.link, place.last == .payload else { return false }
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
    guard place.link == delivery.link else { return blank }
    switch (place.last, kind) {
    case (.reply, .command), (.payload, .command), (.payload, .stream): return blank
    case (.payload, .reply): return []
    default: return []
    }
  }

  private mutating func arrow(_ delivery: Delivery) -> Line {
    let side = delivery.message.side
    let isNew = named.insert(Speaker(link: delivery.link, side: side)).inserted
    let name = isNew || (namesAgain && place?.link != delivery.link) ? delivery.from.name : ""
    let style = side == .opener ? Style.outgoing : .incoming
    return Line(name, .heading) + Line(side == .opener ? ">>> " : "<<< ", style)
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

  /// The notes leave out what RESP puts around the words, and the `+` of a status.
  private static func text(of message: Message) -> String {
    if message.kind == .keepAlive { return "(empty line)" }
    if let command = Wording.command(in: message.bytes) { return command }
    if case .reply(.bulk) = message.kind { return Wording.quotedIfNeeded(message.text) }
    let line = Wording.line(message.bytes)
    return line.hasPrefix("+") ? String(line.dropFirst()) : line
  }
}

extension Message {
  var isFault: Bool {
    switch kind {
    case .malformed, .truncated, .unknown, .reply(.error): true
    default: false
    }
  }
}
