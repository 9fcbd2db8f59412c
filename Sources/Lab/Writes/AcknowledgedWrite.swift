import Redis

/// A write that a client was told of: the command was done, and its reply was no error.
package struct AcknowledgedWrite: Sendable, Hashable {
  /// From 1, in the order in which they were told.
  package let number: Int
  /// The client's name, or its node's.
  package let client: String
  package let node: String
  package let request: [[UInt8]]
  /// The step that brought the reply.
  package let step: Int
  /// Where it is in a history of replication; nil: in none, since the node kept no backlog, or is a replica that may be
  /// written to, or a script kept it to itself.
  package let place: Place?
  /// What WAIT told its client: on how many replicas it is.
  package internal(set) var waited: Waited?

  /// Up to and with it, the history has so many bytes.
  package struct Place: Sendable, Hashable {
    package var id: String
    package var offset: Int64
  }

  package struct Waited: Sendable, Hashable {
    package var count: Int
    package var step: Int
  }
}

/// What a replication id names, as far as writes go. Two histories are the same up to where one was begun from the other,
/// by a promotion or by a restart from a snapshot.
struct WriteHistory: Sendable {
  /// The history that it goes on from, and the last offset of that which both have.
  var origin: AcknowledgedWrite.Place?
  /// What the data held that it began with.
  var beginning: RangeSet<Int>
  /// The writes that belong to it, by their offsets, each with how many databases a server must have to carry it out.
  private(set) var writes: [(offset: Int64, number: Int, databases: Int)] = []

  init(beginning: RangeSet<Int>, origin: AcknowledgedWrite.Place?) {
    (self.beginning, self.origin) = (beginning, origin)
  }

  mutating func append(_ number: Int, at offset: Int64, databases: Int) {
    let place = writes.last.map { $0.offset <= offset } ?? true ? writes.count : count(upTo: offset)
    writes.insert((offset, number, databases), at: place)
  }

  /// How many of them are at this offset or before it.
  private func count(upTo offset: Int64) -> Int { writes.partitioningIndex { $0.offset > offset } }

  /// Those behind one offset, up to another, that a server with so many databases carries out.
  func writes(after start: Int64, upTo end: Int64, databases: Int) -> RangeSet<Int> {
    var found = RangeSet<Int>()
    guard start < end else { return found }
    for write in writes[count(upTo: start)..<count(upTo: end)] where write.databases <= databases {
      found.insert(write.number)
    }
    return found
  }
}

extension RangeSet<Int> {
  mutating func insert(_ number: Int) { insert(contentsOf: number..<number + 1) }

  /// The numbers themselves.
  package var numbers: [Int] { ranges.flatMap { Array($0) } }
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }
}
