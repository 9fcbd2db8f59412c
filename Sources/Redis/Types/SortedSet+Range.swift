/// The entries from one bound to another: by score, or by member where all scores are the same (`zrangespec`,
/// `zlexrangespec` in server.h).
enum SortedSetRange {
  case scores(from: Bound<Double>, to: Bound<Double>)
  case members(from: Bound<Edge>, to: Bound<Edge>)

  struct Bound<Value: Comparable> {
    var value: Value
    /// The value itself is outside.
    var isOpen = false

    func isBelow(_ other: Value) -> Bool { isOpen ? value < other : value <= other }
    func isAbove(_ other: Value) -> Bool { isOpen ? value > other : value >= other }
  }

  /// A member, or what is before and behind all of them: `-` and `+`.
  enum Edge: Comparable {
    case first
    case member(Bytes)
    case last
  }

  /// No entry can be in it.
  var isEmpty: Bool {
    switch self {
    case .scores(let from, let to): from.value > to.value || from.value == to.value && (from.isOpen || to.isOpen)
    case .members(let from, let to): from.value > to.value || from.value == to.value && (from.isOpen || to.isOpen)
    }
  }

  /// The entry is not before the range (`zslValueGteMin`, `zslLexValueGteMin`).
  func begins(before entry: SortedSet.Entry) -> Bool {
    switch self {
    case .scores(let from, _): from.isBelow(entry.score)
    case .members(let from, _): from.isBelow(.member(entry.member))
    }
  }

  /// The entry is not behind the range (`zslValueLteMax`, `zslLexValueLteMax`).
  func ends(behind entry: SortedSet.Entry) -> Bool {
    switch self {
    case .scores(_, let to): to.isAbove(entry.score)
    case .members(_, let to): to.isAbove(.member(entry.member))
    }
  }
}

extension SortedSetRange {
  /// Scores of which each may have a `(` in front that leaves it out (`zslParseRange` in t_zset.c).
  init?(scoresFrom from: Bytes, to: Bytes) {
    func bound(_ text: Bytes) -> Bound<Double>? {
      let isOpen = text.array.first == UInt8(ascii: "(")
      return Double(bound: text.array.dropFirst(isOpen ? 1 : 0)).map { Bound(value: $0, isOpen: isOpen) }
    }
    guard let from = bound(from), let to = bound(to) else { return nil }
    self = .scores(from: from, to: to)
  }

  /// Members behind `[` or `(`, or `-` and `+` (`zslParseLexRange`, `zslParseLexRangeItem` in t_zset.c).
  init?(membersFrom from: Bytes, to: Bytes) {
    func bound(_ text: Bytes) -> Bound<Edge>? {
      let isAlone = text.count == 1 || text.count > 1 && text[1] == 0
      return switch text.array.first {
      case UInt8(ascii: "+") where isAlone: Bound(value: .last, isOpen: true)
      case UInt8(ascii: "-") where isAlone: Bound(value: .first, isOpen: true)
      case UInt8(ascii: "("): Bound(value: .member(text[1..<text.count]), isOpen: true)
      case UInt8(ascii: "["): Bound(value: .member(text[1..<text.count]))
      default: nil
      }
    }
    guard let from = bound(from), let to = bound(to) else { return nil }
    self = .members(from: from, to: to)
  }
}

extension SortedSet {
  /// The entry of that rank, which must be there (`zslGetElementByRank`).
  func entry(at rank: Int) -> Entry? {
    if case .skiplist(let list) = storage {
      return list.value.entries.indices.contains(rank) ? list.value.entries[rank] : nil
    }
    var found: Entry?
    forEach(from: rank) {
      found = $0
      return false
    }
    return found
  }

  /// The entries of these ranks, in their order or from the last to the first.
  func entries(_ ranks: Range<Int>, reversed: Bool = false) -> [Entry] {
    var entries: [Entry] = []
    guard !ranks.isEmpty else { return entries }
    entries.reserveCapacity(ranks.count)
    func take(_ entry: Entry) -> Bool {
      entries.append(entry)
      return entries.count < ranks.count
    }
    if reversed { forEachReversed(from: ranks.upperBound - 1, take) } else { forEach(from: ranks.lowerBound, take) }
    return entries
  }

  var allEntries: [Entry] { entries(0..<count) }

  /// The ranks of the entries in a range (`zslFirstInRange`, `zslLastInRange` and those by members).
  ///
  /// A range by members where scores differ means nothing. A listpack is walked from the end that the command asks for, so
  /// that even then there comes what Redis finds there.
  func ranks(of range: SortedSetRange, fromEnd: Bool = false) -> Range<Int> {
    guard !range.isEmpty, let first = entry(at: 0), range.ends(behind: first), let last = entry(at: count - 1),
      range.begins(before: last)
    else { return 0..<0 }
    switch storage {
    case .skiplist:
      let lower = partitioningRank { range.begins(before: $0) }
      let upper = partitioningRank { !range.ends(behind: $0) }
      return lower..<max(lower, upper)
    case .listpack:
      return fromEnd ? walkedBack(range) : walked(range)
    }
  }

  private func walked(_ range: SortedSetRange) -> Range<Int> {
    var (rank, lower): (Int, Int?) = (0, nil)
    forEach { entry in
      if lower == nil, range.begins(before: entry) { lower = rank }
      if lower != nil, !range.ends(behind: entry) { return false }
      rank += 1
      return true
    }
    return (lower ?? rank)..<rank
  }

  private func walkedBack(_ range: SortedSetRange) -> Range<Int> {
    var (rank, upper): (Int, Int?) = (count, nil)
    forEachReversed(from: count - 1) { entry in
      if upper == nil, range.ends(behind: entry) { upper = rank }
      if upper != nil, !range.begins(before: entry) { return false }
      rank -= 1
      return true
    }
    return rank..<(upper ?? rank)
  }
}
