import DequeModule
import Redis

/// What is under way in one direction of a link, in the order of the stream.
///
/// It is kept in blocks that copies of the queue share: thousands of packets may be in flight at a moment of which many
/// worlds are kept, and each of them would otherwise have them all.
package struct FlightQueue: Sendable, RandomAccessCollection {
  private var blocks: Deque<[Flight]> = []
  /// How many of the first block's packets have arrived.
  private var arrived = 0
  package private(set) var count = 0
  /// The payload's bytes of all of them.
  package private(set) var byteCount = 0

  static let blockSize = 32

  package init() {}

  init(_ flights: some Sequence<Flight>) { for flight in flights { append(flight) } }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  /// All blocks but the last are full, those that have arrived counted.
  package subscript(position: Int) -> Flight {
    let place = position + arrived
    return blocks[place / Self.blockSize][place % Self.blockSize]
  }

  package var first: Flight? { count > 0 ? blocks[0][arrived] : nil }
  package var last: Flight? { blocks.last?.last }

  /// When the first one arrives, and which one it is of all that were ever sent.
  var next: (arrival: Instant, sequence: UInt64)? {
    @inline(__always) get { count > 0 ? (blocks[0][arrived].arrival, blocks[0][arrived].sequence) : nil }
  }

  mutating func append(_ flight: Flight) {
    if let last = blocks.last, last.count < Self.blockSize {
      blocks[blocks.count - 1].append(flight)
    } else {
      blocks.append([flight])
    }
    count += 1
    byteCount += flight.packet.payload.count
  }

  mutating func popFirst() -> Flight? {
    guard let flight = first else { return nil }
    count -= 1
    byteCount -= flight.packet.payload.count
    arrived += 1
    if arrived == blocks[0].count {
      blocks.removeFirst()
      arrived = 0
    }
    return flight
  }

  mutating func removeAll() { self = FlightQueue() }
}

extension FlightQueue: Equatable {
  package static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.elementsEqual(b) }
}
