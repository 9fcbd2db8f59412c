import RDB
import RESP

/// A sorted set: members in the order of their scores and, where these are the same, of their bytes (t_zset.c).
package struct SortedSet: Equatable, Sendable {
  package struct Entry: Weighted {
    package let member: Bytes
    package let score: Double
    package var key: Entry { self }
    package var weight: Int { 1 }

    package init(_ member: Bytes, _ score: Double) { (self.member, self.score) = (member, score) }

    func precedes(_ other: Entry) -> Bool {
      score == other.score ? member < other.member : score < other.score
    }
  }

  /// Finds a score by its member, and members by score and rank; Redis has a skip list for the second.
  package struct Skiplist: Equatable, Sendable {
    fileprivate(set) var scores = Dict<Double>()
    fileprivate(set) var entries = CountedTree<Entry>()

    package init() {}

    /// From entries in any order; of those with the same member the last counts.
    fileprivate init(_ entries: some Collection<Entry>, reserving: Bool = false) {
      if reserving { scores.reserve(entries.count) }
      for entry in entries { scores.set(entry.member, to: entry.score) }
      var sorted: [Entry] = []
      sorted.reserveCapacity(scores.count)
      scores.forEach { sorted.append(Entry($0.key, $0.payload)) }
      func isSorted() -> Bool { zip(sorted, sorted.dropFirst()).allSatisfy { $0.precedes($1) } }
      if !isSorted() {
        // A snapshot has them from the greatest on.
        sorted.reverse()
        if !isSorted() { sorted.sort { $0.precedes($1) } }
      }
      self.entries = CountedTree(sorted)
    }

    fileprivate func rank(of entry: Entry) -> Int { entries.partitioningIndex { !$0.precedes(entry) } }

    fileprivate mutating func insert(_ entry: Entry) {
      scores.set(entry.member, to: entry.score)
      entries.insert(entry, at: rank(of: entry))
    }

    fileprivate mutating func remove(_ entry: Entry) {
      scores.remove(entry.member)
      take(entry)
    }

    /// Takes it out of the order, and leaves its score.
    fileprivate mutating func take(_ entry: Entry) { entries.remove(at: rank(of: entry)) }
  }

  package enum Storage: Equatable, Sendable {
    /// Member and score in turn.
    case listpack(Listpack)
    case skiplist(Boxed<Skiplist>)
  }
  package private(set) var storage: Storage

  /// Empty, for a first member of that length (`zsetTypeCreate`'s choice in `zaddGenericCommand`).
  package init(forMemberOf length: Int, _ limits: PackingLimits) {
    let isPacked = limits.zsetMaxListpackEntries > 0 && length <= limits.zsetMaxListpackValue
    storage = isPacked ? .listpack(Listpack()) : .skiplist(Boxed(Skiplist()))
  }
  package init(_ storage: Storage) { self.storage = storage }
  static var emptySkiplist: SortedSet { SortedSet(.skiplist(Boxed(Skiplist()))) }

  /// From entries in any order; of those with the same member the last counts. A listpack if they fit
  /// (`zsetConvertToListpackIfNeeded`).
  ///
  /// - Parameter reserving: the table of the scores is as great as it will be from the beginning.
  package init(_ entries: some Collection<Entry>, _ limits: PackingLimits, reserving: Bool = false) {
    let list = Skiplist(entries, reserving: reserving)
    storage = .skiplist(Boxed(list))
    let longest = entries.reduce(0) { max($0, $1.member.count) }
    if list.entries.count <= limits.zsetMaxListpackEntries, longest <= limits.zsetMaxListpackValue,
      entries.reduce(0, { $0 + $1.member.count }) < 1 << 30
    {
      pack()
    }
  }

  /// From entries in their order, however many and long they are.
  package init(packing entries: some Sequence<Entry>) {
    var listpack = Listpack()
    for entry in entries { SortedSet.append(entry, to: &listpack) }
    storage = .listpack(listpack)
  }

  package var count: Int {
    switch storage {
    case .listpack(let listpack): listpack.count / 2
    case .skiplist(let list): list.value.entries.count
    }
  }
  package var isEmpty: Bool { count == 0 }

  // MARK: Reading

  /// A listpack's element as a score (`zzlGetScore`).
  private static func score(_ listpack: Listpack, at position: Listpack.Position) -> Double {
    switch listpack[position] {
    case .integer(let number): Double(number)
    case .string(let range): Double(leading: Array(listpack.bytes[range])) ?? 0
    }
  }

  /// The score of a member (`zsetScore`).
  package func score(of member: Bytes) -> Double? {
    switch storage {
    case .listpack(let listpack):
      guard let position = listpack.find(member, from: listpack.first, skipping: 1) else { return nil }
      return listpack.after(position).map { SortedSet.score(listpack, at: $0) }
    case .skiplist(let list): return list.value.scores[member]
    }
  }

  /// How many come before the member (`zsetRank`).
  package func rank(of member: Bytes) -> Int? {
    switch storage {
    case .listpack:
      var (rank, found) = (0, false)
      forEach { entry in
        found = entry.member == member
        if !found { rank += 1 }
        return !found
      }
      return found ? rank : nil
    case .skiplist(let list):
      return list.value.scores[member].map { list.value.rank(of: Entry(member, $0)) }
    }
  }

  /// Visits the entries from that rank on, in ascending order, until the body returns false.
  package func forEach(from rank: Int = 0, _ body: (Entry) -> Bool) {
    switch storage {
    case .listpack(let listpack):
      var position = rank == 0 ? listpack.first : listpack.position(at: 2 * rank)
      while let member = position, let score = listpack.after(member) {
        guard body(Entry(listpack.string(at: member), SortedSet.score(listpack, at: score))) else { return }
        position = listpack.after(score)
      }
    case .skiplist(let list): list.value.entries.forEach(from: rank, body)
    }
  }

  /// Visits the entries from that rank backwards, in descending order, until the body returns false.
  package func forEachReversed(from rank: Int, _ body: (Entry) -> Bool) {
    switch storage {
    case .listpack(let listpack):
      var position = rank < 0 ? nil : listpack.position(at: 2 * min(rank, count - 1))
      while let member = position, let score = listpack.after(member) {
        guard body(Entry(listpack.string(at: member), SortedSet.score(listpack, at: score))) else { return }
        position = listpack.before(member).flatMap { listpack.before($0) }
      }
    case .skiplist(let list): list.value.entries.forEachReversed(from: rank, body)
    }
  }

  /// The rank of the first entry that is in the second part, where all that are stand behind all that are not: how ranges
  /// by score and by name are found (`zslFirstInRange`, `zslFirstInLexRange`).
  package func partitioningRank(where isInSecond: (Entry) -> Bool) -> Int {
    switch storage {
    case .listpack:
      var rank = 0
      forEach { entry in
        if isInSecond(entry) { return false }
        rank += 1
        return true
      }
      return rank
    case .skiplist(let list): return list.value.entries.partitioningIndex(where: isInSecond)
    }
  }

  /// A score as a listpack keeps it: a whole number by its digits, and so without the sign of a zero (`double2ll` in
  /// util.c). A client is told it by `ReplyBuffer.double`.
  package static func text(_ score: Double) -> String {
    abs(score) <= Double(Int64.max / 2) && score == score.rounded() ? String(Int64(score)) : Number.text(score)
  }

  // MARK: Changing

  /// Sets the score of a member, which is new or has `old` (`zsetAdd`).
  package mutating func set(_ member: Bytes, to score: Double, insteadOf old: Double?, _ limits: PackingLimits) {
    let entry = Entry(member, score)
    if old == nil, case .listpack(let listpack) = storage,
      listpack.count / 2 + 1 > limits.zsetMaxListpackEntries || member.count > limits.zsetMaxListpackValue
        || !listpack.isSafe(toAdd: member.count)
    {
      convert()
    }
    switch take() {
    case .listpack(var listpack):
      if old != nil, let position = listpack.find(member, from: listpack.first, skipping: 1) {
        listpack.remove(at: position, count: 2)
      }
      SortedSet.insert(entry, into: &listpack)
      storage = .listpack(listpack)
    case .skiplist(var list):
      if let old { list.value.take(Entry(member, old)) }
      list.value.insert(entry)
      storage = .skiplist(list)
    }
  }

  /// Puts an entry where it belongs (`zzlInsert`).
  private static func insert(_ entry: Entry, into listpack: inout Listpack) {
    var position = listpack.first
    while let member = position, let score = listpack.after(member) {
      let other = SortedSet.score(listpack, at: score)
      if other > entry.score || other == entry.score && entry.member < listpack.string(at: member) { break }
      position = listpack.after(score)
    }
    append(entry, to: &listpack, at: position)
  }

  /// Writes an entry before the one at that position, or at the end (`zzlInsertAt`).
  private static func append(_ entry: Entry, to listpack: inout Listpack, at position: Listpack.Position? = nil) {
    let score = Bytes(SortedSet.text(entry.score))
    if let position {
      listpack.insert(score, at: position)
      listpack.insert(entry.member, at: position)
    } else {
      listpack.append(entry.member)
      listpack.append(score)
    }
  }

  /// The score that the member had, or nil (`zsetDel`).
  @discardableResult
  package mutating func remove(_ member: Bytes) -> Double? {
    switch take() {
    case .listpack(var listpack):
      let position = listpack.find(member, from: listpack.first, skipping: 1)
      var score: Double?
      if let position {
        score = listpack.after(position).map { SortedSet.score(listpack, at: $0) }
        listpack.remove(at: position, count: 2)
      }
      storage = .listpack(listpack)
      return score
    case .skiplist(var list):
      let score = list.value.scores[member]
      if let score { list.value.remove(Entry(member, score)) }
      storage = .skiplist(list)
      return score
    }
  }

  /// Removes the entries of these ranks (`zslDeleteRangeByRank`, `zzlDeleteRangeByRank`).
  package mutating func remove(_ ranks: Range<Int>) {
    switch take() {
    case .listpack(var listpack):
      if let position = listpack.position(at: 2 * ranks.lowerBound) {
        listpack.remove(at: position, count: 2 * ranks.count)
      }
      storage = .listpack(listpack)
    case .skiplist(var list):
      for _ in ranks {
        let entry = list.value.entries.remove(at: ranks.lowerBound)
        list.value.scores.remove(entry.member)
      }
      storage = .skiplist(list)
    }
  }

  /// What is stored, so that it has no second owner while it changes.
  private mutating func take() -> Storage {
    defer { storage = .listpack(SortedSet.none) }
    return storage
  }
  private static let none = Listpack()

  /// Becomes a skip list (`zsetConvert`).
  package mutating func convert() {
    guard case .listpack = storage else { return }
    var entries: [Entry] = []
    forEach {
      entries.append($0)
      return true
    }
    storage = .skiplist(Boxed(Skiplist(entries)))
  }

  /// Becomes a listpack (`zsetConvert`).
  private mutating func pack() {
    var listpack = Listpack()
    forEach {
      SortedSet.append($0, to: &listpack)
      return true
    }
    storage = .listpack(listpack)
  }
}
