import Dissection
import Lab
import RESP
import Redis

/// A message as a page or a picture of a whole transcript shows it.
package struct Said: Sendable {
  package var time: Instant
  package var delivery: Delivery
  /// The part of its two ends' talk that begins with it.
  var chapter: Chapter?

  package init(time: Instant, delivery: Delivery) {
    self.time = time
    self.delivery = delivery
  }

  var message: Message { delivery.message }
  /// What it says; and where its receiver could not do it, that.
  var meaning: String { StepView.meaning(of: delivery) }
}

/// A form for a whole transcript, from its first message to its last: text, a page, a picture. What it returns, put
/// together in the order of the calls, is the file.
package protocol TranscriptView: Sendable {
  /// What stands before the first message.
  var beginning: String { get }
  mutating func text(of said: Said) -> String
  /// What TCP did, where it was more than to carry bytes in their order: a line without a full stop.
  mutating func text(ofRemark remark: String, at time: Instant) -> String
  /// What happened to nodes and connections.
  mutating func text(of note: TranscriptNote) -> String
  mutating func text(of packet: TranscriptPacket) -> String
  /// Many keep-alives, none of which was told.
  mutating func text(of fold: KeepAliveFold) -> String
  mutating func end() -> String
  /// The same for who has to know the columns of all that take part, in their order.
  mutating func end(_ columns: TopologyColumns) -> String
  /// From how many keep-alives in a row on a picture folds them without being asked; nil: never.
  var foldsFrom: Int? { get }
}

// A form that is read back has nothing but what was said.
extension TranscriptView {
  package mutating func text(of note: TranscriptNote) -> String { "" }
  package mutating func text(of packet: TranscriptPacket) -> String { "" }
  package mutating func text(of fold: KeepAliveFold) -> String { text(ofRemark: fold.text, at: fold.first) }
  package mutating func end(_ columns: TopologyColumns) -> String { end() }
  package var foldsFrom: Int? { nil }
}

/// The part of a connection's talk that a message belongs to: what a page has a heading for.
package enum Chapter: String, Sendable, Hashable {
  case commands = "Commands"
  case handshake = "Handshake"
  case transfer = "Transfer"
  case stream = "Stream"
  case unread = "What can't be read"

  package init(_ message: Message) {
    switch message.kind {
    case .payloadHeader, .payload, .endMark: self = .transfer
    case .stream, .streamPing, .streamSelect, .getAck, .ack: self = .stream
    // SYNC still asks, and may be refused.
    case .sync: self = .handshake
    case .reply(.error) where message.stage == .transfer: self = .handshake
    default:
      switch message.stage {
      case .commands: self = .commands
      case .transfer: self = .transfer
      case .connected: self = .stream
      case .broken: self = .unread
      default: self = .handshake
      }
    }
  }

  /// What `explain` says about it.
  var topic: Topic? {
    switch self {
    case .commands: nil
    case .handshake: Topic.named("handshake")
    case .transfer: Topic.named("transfer")
    case .stream: Topic.named("stream")
    case .unread: Topic.named("malformed")
    }
  }
}

/// Notes where the talk of two comes to another part, to say so only there. It is theirs whatever connection it is on: who
/// connects again and again begins no chapter each time, nor do clients, who only have commands.
struct ChapterMark: Sendable {
  private struct Ends: Sendable, Hashable {
    var opener: String
    var acceptor: String
  }
  private var chapters: [Ends: Chapter] = [:]

  /// The chapter that begins with a message.
  mutating func beginning(with said: Said) -> Chapter? {
    let now = Chapter(said.message)
    let (from, to) = (said.delivery.from, said.delivery.to)
    let (opener, acceptor) = said.message.side == .opener ? (from, to) : (to, from)
    let ends = Ends(opener: Topology.columnName(of: opener), acceptor: Topology.columnName(of: acceptor))
    guard now != .commands else { return nil }
    return chapters.updateValue(now, forKey: ends) == now ? nil : now
  }
}

extension Said {
  /// The names of both ends, whoever speaks: the one that connected first.
  var ends: (opener: String, acceptor: String) {
    let (from, to) = (delivery.from.name, delivery.to.name)
    return message.side == .opener ? (from, to) : (to, from)
  }

  /// `connection 2: replica → master`.
  var connection: String { "connection \(delivery.link): \(ends.opener) → \(ends.acceptor)" }
}

/// Text within XML and HTML.
package enum Markup {
  /// The text with what would be markup as entities; control codes, which XML does not allow, as U+FFFD.
  package static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.shown.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\n", "\t": out.unicodeScalars.append(scalar)
      case let control where control.value < 0x20 || control.value == 0x7f: out += "\u{fffd}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
