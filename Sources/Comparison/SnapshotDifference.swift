/// What one record of a snapshot is about, and where it stands.
package struct SnapshotRecord: Sendable, Hashable {
  /// Which bytes of the payload it takes, with what stands before it and says something of it.
  package var range: Range<Int>
  /// What has one record only in a snapshot: a key with its database, an auxiliary field's name.
  package var subject: [UInt8]
  /// The database that a key is in.
  package var database: Int?
}

/// A record in which two snapshots differ.
package struct RecordDifference: Sendable, Equatable {
  /// Which word of each says it; nil if that snapshot has no such record.
  package var first: Int?
  package var second: Int?

  package var kind: Alignment.Kind { first == nil ? .onlySecond : second == nil ? .onlyFirst : .changed }

  /// All records in which two snapshots differ, keys before what the snapshots say of themselves. How many keys there are
  /// follows from them, and is none.
  static func all(_ first: NormalizedMessage, _ second: NormalizedMessage) -> [RecordDifference] {
    if (first.hasDots || second.hasDots) && first.words.count == second.words.count {
      return first.words.indices.dropFirst().filter { !first.agrees(with: second, atWord: $0) }.map {
        RecordDifference(first: $0, second: $0)
      }
    }
    let (mine, theirs) = unequal(first.words, second.words)
    var places = Dictionary(grouping: theirs.reversed()) { second.records[$0].subject }
    var differences = mine.map { RecordDifference(first: $0, second: places[first.records[$0].subject]?.popLast()) }
    differences += places.values.joined().map { RecordDifference(first: nil, second: $0) }
    func word(_ difference: RecordDifference) -> [UInt8] {
      difference.first.map { first.words[$0] } ?? difference.second.map { second.words[$0] } ?? []
    }
    return differences.sorted { word($0).lexicographicallyPrecedes(word($1)) }
  }

  /// The places of words that the other has not, behind the titles; both are sorted.
  private static func unequal(_ a: [[UInt8]], _ b: [[UInt8]]) -> ([Int], [Int]) {
    var (mine, theirs): ([Int], [Int]) = ([], [])
    var (i, j) = (1, 1)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        (i, j) = (i + 1, j + 1)
      } else if j >= b.count || (i < a.count && a[i].lexicographicallyPrecedes(b[j])) {
        mine.append(i)
        i += 1
      } else {
        theirs.append(j)
        j += 1
      }
    }
    return (mine, theirs)
  }
}
