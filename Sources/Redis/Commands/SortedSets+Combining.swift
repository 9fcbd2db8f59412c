// Unions, intersections and differences of sorted sets, and of sets, in which each member counts 1 (t_zset.c in
// Redis 7.0).

extension Node {
  enum SetOperation {
    case union, intersection, difference
  }

  /// ZUNION, ZINTER, ZDIFF (`zunionCommand`, `zinterCommand`, `zdiffCommand` in t_zset.c).
  mutating func combine(_ call: inout Call, _ operation: SetOperation) {
    guard let combination = combination(&call, operation, at: 1) else { return }
    let result = combination.entries(operation).sorted { $0.precedes($1) }
    call.reply.entries(result, withScores: combination.withScores)
  }

  /// ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE (`zunionstoreCommand` and its like in t_zset.c).
  mutating func combineAndStore(_ call: inout Call, _ operation: SetOperation) {
    guard let combination = combination(&call, operation, at: 2, isStored: true) else { return }
    let event: Bytes =
      switch operation {
      case .union: "zunionstore"
      case .intersection: "zinterstore"
      case .difference: "zdiffstore"
      }
    store(&call, SortedSet(combination.entries(operation), configuration.packing), event)
  }

  /// ZINTERCARD (`zinterCardCommand` in t_zset.c).
  mutating func zintercard(_ call: inout Call) {
    guard let combination = combination(&call, .intersection, at: 1, isCounted: true) else { return }
    call.reply.integer(combination.intersectionCount)
  }

  /// What such a command is asked for: keys behind their number, and options; what makes no sense is told the client
  /// (`zunionInterDiffGenericCommand` in t_zset.c).
  private mutating func combination(
    _ call: inout Call, _ operation: SetOperation, at position: Int, isStored: Bool = false, isCounted: Bool = false
  ) -> Combination? {
    guard let count = call.integer(at: position) else { return nil }
    guard count >= 1 else {
      call.reply.error("ERR at least 1 input key is needed for '\(call.command.name)' command")
      return nil
    }
    guard count <= call.arguments.count - position - 1 else {
      call.syntaxError()
      return nil
    }
    var combination = Combination()
    let next = position + 1 + Int(count)
    for key in call.arguments[position + 1..<next] {
      switch read(key, in: call.database) {
      case nil: combination.sources.append(.init(value: .nothing))
      case .sortedSet(let set)?: combination.sources.append(.init(value: .sortedSet(set.value)))
      case .set(let set)?: combination.sources.append(.init(value: .set(set.value)))
      case .string?, .list?, .hash?, .stream?:
        call.reply.error(Call.Complaint.wrongType)
        return nil
      }
    }
    guard combination.readOptions(&call, from: next, operation, isStored: isStored, isCounted: isCounted) else {
      return nil
    }
    if operation != .difference {
      // From the smallest to the largest, which decides in which order scores are added.
      combination.sources = combination.sources.enumerated()
        .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(\.element)
    }
    return combination
  }
}

/// Sets and what is to be made of them.
private struct Combination {
  enum Aggregate { case sum, min, max }

  struct Source {
    enum Content {
      case nothing
      case set(SetValue)
      case sortedSet(SortedSet)
    }
    var value: Content
    var weight = 1.0

    var count: Int {
      switch value {
      case .nothing: 0
      case .set(let set): set.count
      case .sortedSet(let set): set.count
      }
    }

    /// (`zuiFind` in t_zset.c.)
    func score(of member: Bytes) -> Double? {
      switch value {
      case .nothing: nil
      case .set(let set): set.contains(member) ? 1 : nil
      case .sortedSet(let set): set.score(of: member)
      }
    }

    /// (`zuiNext` in t_zset.c.)
    var entries: [SortedSet.Entry] {
      switch value {
      case .nothing: []
      case .set(let set): set.members.map { SortedSet.Entry($0, 1) }
      case .sortedSet(let set): set.allEntries
      }
    }

    func weighted(_ score: Double) -> Double {
      let product = weight * score
      return product.isNaN ? 0 : product
    }
  }

  var sources: [Source] = []
  var aggregate = Aggregate.sum
  var withScores = false
  /// Of the count; 0: none.
  var limit: Int64 = 0

  mutating func readOptions(
    _ call: inout Call, from start: Int, _ operation: Node.SetOperation, isStored: Bool, isCounted: Bool
  ) -> Bool {
    var position = start
    let hasWeights = operation != .difference && !isCounted
    while position < call.arguments.count {
      let (option, left) = (call.arguments[position], call.arguments.count - position)
      if hasWeights, left > sources.count, option.matches("WEIGHTS") {
        for index in sources.indices {
          guard let weight = call.double(at: position + 1 + index, complaint: "ERR weight value is not a float") else {
            return false
          }
          sources[index].weight = weight
        }
        position += sources.count
      } else if hasWeights, left >= 2, option.matches("AGGREGATE"), let word = Aggregate(call.arguments[position + 1]) {
        aggregate = word
        position += 1
      } else if !isStored, !isCounted, option.matches("WITHSCORES") {
        withScores = true
      } else if isCounted, left >= 2, option.matches("LIMIT") {
        guard let given = call.positiveInteger(at: position + 1, complaint: "ERR LIMIT can't be negative") else {
          return false
        }
        limit = given
        position += 1
      } else {
        call.syntaxError()
        return false
      }
      position += 1
    }
    return true
  }

  func entries(_ operation: Node.SetOperation) -> [SortedSet.Entry] {
    switch operation {
    case .union: union
    case .intersection: intersection
    case .difference: difference
    }
  }

  private var union: [SortedSet.Entry] {
    var scores = Dict<Double>()
    for source in sources {
      for entry in source.entries {
        let score = source.weighted(entry.score)
        scores.set(entry.member, to: scores[entry.member].map { aggregate.of($0, score) } ?? score)
      }
    }
    var entries: [SortedSet.Entry] = []
    entries.reserveCapacity(scores.count)
    scores.forEach { entries.append(SortedSet.Entry($0.key, $0.payload)) }
    return entries
  }

  private var intersection: [SortedSet.Entry] {
    guard let smallest = sources.first else { return [] }
    return smallest.entries.compactMap { entry in
      var score = smallest.weighted(entry.score)
      for other in sources.dropFirst() {
        guard let found = other.score(of: entry.member) else { return nil }
        score = aggregate.of(score, found * other.weight)
      }
      return SortedSet.Entry(entry.member, score)
    }
  }

  var intersectionCount: Int {
    var count = 0
    for entry in sources.first?.entries ?? [] where sources.allSatisfy({ $0.score(of: entry.member) != nil }) {
      count += 1
      if count == limit { break }
    }
    return count
  }

  private var difference: [SortedSet.Entry] {
    (sources.first?.entries ?? []).filter { entry in
      sources.dropFirst().allSatisfy { $0.score(of: entry.member) == nil }
    }
  }
}

extension Combination.Aggregate {
  init?(_ word: Bytes) {
    if word.matches("SUM") {
      self = .sum
    } else if word.matches("MIN") {
      self = .min
    } else if word.matches("MAX") {
      self = .max
    } else {
      return nil
    }
  }

  /// Of two scores (`zunionInterAggregate` in t_zset.c). The sum of both infinities is 0.
  func of(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .sum: (a + b).isNaN ? 0 : a + b
    case .min: b < a ? b : a
    case .max: b > a ? b : a
    }
  }
}
