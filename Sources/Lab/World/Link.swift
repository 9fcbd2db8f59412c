import Capture
import Dissection
import Redis

/// Who is at an end of a link.
package enum Party: Sendable, Hashable {
  case node(String)
  /// The prompt's own connection to a node, as redis-cli would make it.
  case client
  /// Another one of the prompt's, by its name.
  case named(String)
  /// No node has this address.
  case nobody

  /// The node's name, or `client`, or `nobody`.
  package var name: String {
    switch self {
    case .node(let name): name
    case .client: "client"
    case .named(let name): name
    case .nobody: "nobody"
    }
  }
}

extension Party {
  /// It is the prompt's own.
  package var isClient: Bool {
    switch self {
    case .client, .named: true
    case .node, .nobody: false
    }
  }
}

/// One TCP connection between two nodes, or the prompt's client and a node.
package struct Link: Sendable, Equatable, Identifiable {
  /// Links are numbered from 1 in the order in which they were opened; a number is never used again.
  package struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var number: Int
    package init(_ number: Int) { self.number = number }
    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
    package var description: String { String(number) }
  }

  package let id: ID
  package internal(set) var opener: End
  package internal(set) var acceptor: End
  /// How long a packet travels, one way.
  package internal(set) var lag: Interval
  /// What the two kernels know of the connection.
  package internal(set) var conversation: TCPConversation
  /// What the two ends have said, as it was taken by the other.
  package internal(set) var dissector: ConversationDissector
  /// Where in the protocol the link is; nil for the prompt's own.
  package internal(set) var phase: Phase?
  /// Nobody is let in where it leads, whoever listens there: a NAT is between.
  var leadsNowhere = false
  /// The last command, on one of the prompt's own.
  package internal(set) var request: [[UInt8]] = []
  /// The bytes that were written to the opener, a replica, and have not arrived, as the acceptor's process was told of them
  /// last (`World.tellRoom`); nil: it was not.
  var told: Int?
  /// The length of the payload under way, where the master has said it.
  var payloadLength: Int?

  /// One end of the connection.
  package struct End: Sendable, Equatable {
    package internal(set) var party: Party
    /// Which of the world's machines that is, if it is a node.
    var machine: Int?
    package internal(set) var address: Address
    /// What is under way to this end, in the order of the stream.
    package internal(set) var incoming = FlightQueue()
    /// How the process names the connection; nil before it has it, and once it has closed it.
    var connection: ConnectionID?
    /// The process wants to know when all that it has written is delivered or, where the other end takes nothing, when
    /// the kernel has room for more.
    var awaitsWritten = false
    /// There was no room when it asked.
    var wasFull = false
  }

  package subscript(side: Side) -> End { side == .opener ? opener : acceptor }

  /// A node has opened it to follow another one.
  var isReplication: Bool {
    @inline(__always) get { phase != nil }
  }

  /// The prompt's own connection.
  package var isClient: Bool {
    @inline(__always) get { opener.party.isClient }
  }

  /// The side at which a node is, if it is at one.
  package func side(of node: String) -> Side? {
    if opener.party == .node(node) { return .opener }
    return acceptor.party == .node(node) ? .acceptor : nil
  }
}

extension TrackedArray<Link> {
  /// An end of a link where it is: whoever asks for a part of it gets that part, and no copy of all.
  package internal(set) subscript(index: Int, side: Side) -> Link.End {
    @inline(__always) unsafeAddress {
      let link = unsafe place(index)
      return unsafe side == .opener ? link.pointer(to: \.opener)! : link.pointer(to: \.acceptor)!
    }
    @inline(__always) unsafeMutableAddress {
      let link = unsafe touchedPlace(index)
      return unsafe side == .opener ? link.pointer(to: \.opener)! : link.pointer(to: \.acceptor)!
    }
  }
}

// These change nothing. They are `mutating` so that a link is looked at where it is: a copy of one counts its fifty references,
// and a step would take several.
extension Link {
  /// Nothing more can happen on it. (The minute that Linux keeps a socket in TIME-WAIT would show nothing here.)
  mutating func isOver() -> Bool {
    opener.incoming.isEmpty && acceptor.incoming.isEmpty
      && conversation[.opener].isOver && conversation[.acceptor].isOver
  }

  /// The end whose delayed acknowledgement is due first.
  mutating func nextToAcknowledge() -> Side? { conversation.nextDelayedAck.map { Side($0.side) } }

  /// Bytes that the end has written, and that have not arrived.
  mutating func undelivered(_ side: Side) -> Int {
    conversation.unsent(side.tcp) + (side == .opener ? acceptor.incoming.byteCount : opener.incoming.byteCount)
  }

  /// All that the end has written has been delivered; or, where nobody takes it (`isStuck`), the kernel has room for more.
  /// Linux says so only once a third of the buffer is free again.
  mutating func isWritten(_ side: Side, isStuck: Bool) -> Bool {
    let (count, room) = (undelivered(side), ReplicaSession.socketBuffer)
    guard isStuck else { return count == 0 }
    let wasFull = side == .opener ? opener.wasFull : acceptor.wasFull
    return count < (wasFull ? room / 3 * 2 : room)
  }
}

/// One packet in flight. It was put on the wire when it was sent and is seen on it where it arrives, as by a tcpdump on
/// the receiver's side.
package struct Flight: Sendable, Equatable {
  package internal(set) var packet: Packet
  /// When it arrives, unless a partition holds it or the user chooses it before its time.
  package internal(set) var arrival: Instant
  /// Counts everything that was ever sent in this world: of two that arrive at one time, the first sent is the first.
  var sequence: UInt64
}

/// What a packet is for, as far as its header tells.
package enum PacketKind: String, Sendable, Hashable {
  case syn, synAck, ack, data, fin, reset

  package init(_ packet: Packet) {
    self =
      if packet.flags.contains(.reset) {
        .reset
      } else if packet.flags.contains(.syn) {
        packet.flags.contains(.acknowledgement) ? .synAck : .syn
      } else if packet.length > 0 {
        .data
      } else {
        packet.flags.contains(.fin) ? .fin : .ack
      }
  }
}

extension Instant {
  /// Packets count nanoseconds.
  package var nanoseconds: Int64 { max(-Self.farthest, min(Self.farthest, microseconds)) * 1_000 }
  /// Where TCP's clock stops, in the year 2255: a little before its end, so that TCP's own time-outs fit behind it.
  private static let farthest: Int64 = 9_000_000_000_000_000
}

extension Side {
  /// The same side, as Capture calls it.
  var tcp: TCPConversation.Side { self == .opener ? .opener : .acceptor }

  init(_ side: TCPConversation.Side) { self = side == .opener ? .opener : .acceptor }
}

extension TCPSocket {
  fileprivate var isOver: Bool { state == .closed || state == .listen || state == .timeWait }
}
