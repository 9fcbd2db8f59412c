import RESP

/// Which history of writes a server's data belongs to (docs/PROTOCOL.md, 2).
///
/// A server has two names for its history. The first is its own, or its master's. The second is what the first was
/// before the server was promoted: the two histories are the same up to, not including, `secondOffset`.
package struct ReplicationID: Hashable, Sendable {
  /// 40 lower-case hexadecimal digits (`master_replid`).
  package var current: String
  /// `master_replid2`; forty zeros: none.
  package var second = Self.none
  /// The first byte that the second id does not vouch for (`second_repl_offset`); -1: none.
  ///
  /// A server promoted with 50 bytes of history sets 51: a replica that has the same 50 bytes asks for byte 51, and
  /// may, since it misses nothing.
  package var secondOffset: Int64 = -1

  package static let none = String(repeating: "0", count: 40)

  package init(_ current: String) { self.current = current }

  /// Begins a history of its own, which nothing before vouches for (`changeReplicationId`, `clearReplicationId2` in
  /// replication.c).
  package mutating func start(_ id: String) { self = ReplicationID(id) }

  /// Goes on from the old history under a new name: a promotion, or a master that was promoted (`shiftReplicationId`
  /// in replication.c).
  package mutating func shift(to id: String, at offset: Int64) {
    second = current
    secondOffset = offset +| 1
    current = id
  }
}

extension Node {
  /// A new replication id: the next one that the user has settled, else chance (`changeReplicationId` in
  /// replication.c).
  mutating func drawReplicationID() -> String {
    chance.replicationIDs.isEmpty ? random.hex(40) : chance.replicationIDs.removeFirst()
  }

  /// The mark that ends a diskless payload.
  mutating func drawEndMark() -> String {
    chance.endMarks.isEmpty ? random.hex(40) : chance.endMarks.removeFirst()
  }
}
