import RESP

/// The histories that are spoken of: each replication id is numbered as it appears, and each offset counted from where
/// its history begins here, without the master's pings, of which there are as many as time allows.
package struct Histories: Sendable, Equatable {
  private var numbers: [[UInt8]: Int] = [:]
  /// Which of `lines` an id's bytes are counted in: a promoted master gives its history another id.
  private var places: [[UInt8]: Int] = [:]
  private var lines: [History] = []

  private struct History: Sendable, Equatable {
    var start: Int64
    /// All bytes up to here were seen.
    var end: Int64
    /// The offsets of the last bytes of pings, ascending, and how many bytes pings have up to each.
    var pings: [(end: Int64, total: Int64)] = []

    static func == (a: Self, b: Self) -> Bool { (a.start, a.end, a.pings.count) == (b.start, b.end, b.pings.count) }
  }

  package init() {}

  /// Nothing has been said yet, but the ids have the names that they have there.
  init(namedAs other: Histories) { numbers = other.numbers }

  package mutating func name(_ id: [UInt8]) -> String {
    let number = numbers[id] ?? numbers.count + 1
    numbers[id] = number
    return "id\(number)"
  }

  /// A history is spoken of at this offset, which is its start if it was not before.
  mutating func begin(_ id: [UInt8], at offset: Int64) {
    guard places[id] == nil else { return }
    places[id] = lines.count
    lines.append(History(start: offset, end: offset))
  }

  /// The history goes on under another id.
  mutating func `continue`(_ old: [UInt8], as new: [UInt8]) {
    if let place = places[old], places[new] == nil { places[new] = place }
  }

  /// A master sent the bytes with these offsets.
  mutating func send(_ offsets: ClosedRange<Int64>, isPing: Bool, in id: [UInt8]) {
    guard let place = places[id] else { return }
    if isPing, offsets.upperBound > lines[place].pings.last?.end ?? .min {
      let total = (lines[place].pings.last?.total ?? 0) +| (offsets.upperBound -| offsets.lowerBound +| 1)
      lines[place].pings.append((offsets.upperBound, total))
    }
    if offsets.lowerBound <= lines[place].end +| 1 { lines[place].end = max(lines[place].end, offsets.upperBound) }
  }

  func start(of id: [UInt8]) -> Int64? { places[id].map { lines[$0].start } }

  /// How many bytes lie between the history's start and this offset, pings not counted; nil if not all of them were seen.
  func distance(to offset: Int64, in id: [UInt8]) -> Int64? {
    guard let place = places[id] else { return nil }
    let line = lines[place]
    guard offset >= line.start, offset <= line.end else { return nil }
    let before = line.pings.partitioningIndex { $0.end > offset }
    return offset -| line.start -| (before > 0 ? line.pings[before - 1].total : 0)
  }
}
