/// Two lists of what one side said, message by message: which say the same, and where they differ.
package struct Alignment: Sendable {
  /// Indices of sayings that agree.
  package private(set) var pairs: [(Int, Int)] = []
  package private(set) var differences: [Difference] = []
  /// How many sayings stand where the other recording lacks bytes.
  package private(set) var unknownCount = 0

  package struct Difference: Sendable, Equatable {
    package var kind: Kind
    /// The index of the message that differs; where there is none, of the one before which it would be.
    package var first: Int
    package var second: Int
  }

  package enum Kind: Sendable, Equatable {
    /// Both say something, but not the same.
    case changed
    /// Only the first, or only the second, says this.
    case onlyFirst, onlySecond
    /// The second says later what the first says here, or the other way round.
    case order
  }

  /// How far ahead the two are searched for the next that both say.
  private static let reach = 64

  private let a: [NormalizedMessage]
  private let b: [NormalizedMessage]
  private var i = 0
  private var j = 0

  /// - Parameter findsAll: goes on after the first difference.
  package init(_ a: [NormalizedMessage], _ b: [NormalizedMessage], findsAll: Bool) {
    (self.a, self.b) = (a, b)
    while i < a.count || j < b.count {
      if skipHole() { continue }
      if i < a.count, j < b.count, a[i].agrees(with: b[j]) {
        pairs.append((i, j))
        (i, j) = (i + 1, j + 1)
        continue
      }
      differ()
      if !findsAll { return }
    }
  }

  // MARK: Holes

  /// Behind a hole the other list goes on wherever it says what comes next here.
  private mutating func skipHole() -> Bool {
    if i < a.count, a[i].kind == .hole {
      while i < a.count, a[i].kind == .hole { i += 1 }
      let next = Self.place(of: a[i...], in: b[j...])
      unknownCount += (next ?? b.count) - j
      (i, j) = next.map { (i, $0) } ?? (a.count, b.count)
      return true
    }
    if j < b.count, b[j].kind == .hole {
      while j < b.count, b[j].kind == .hole { j += 1 }
      let next = Self.place(of: b[j...], in: a[i...])
      unknownCount += (next ?? a.count) - i
      (i, j) = next.map { ($0, j) } ?? (a.count, b.count)
      return true
    }
    return false
  }

  /// Where a list goes on in the other one: the first place from which on both say the same for a while, or at least
  /// the first that says what comes next; nil if there is none.
  private static func place(of list: ArraySlice<NormalizedMessage>, in other: ArraySlice<NormalizedMessage>) -> Int? {
    guard let next = list.first else { return nil }
    var first: Int?
    for index in other.indices where other[index].kind == .hole || other[index].agrees(with: next) {
      first = first ?? index
      if goOn(list, other[index...]) { return index }
      if index - (first ?? index) > reach { break }
    }
    return first
  }

  private static func goOn(_ list: ArraySlice<NormalizedMessage>, _ other: ArraySlice<NormalizedMessage>) -> Bool {
    for (mine, theirs) in zip(list.prefix(8), other) {
      if mine.kind == .hole || theirs.kind == .hole { return true }
      if !mine.agrees(with: theirs) { return false }
    }
    return list.count >= 8 || list.count == other.count
  }

  // MARK: Differences

  private mutating func differ() {
    let (skipA, skipB) = nextAgreement() ?? (min(1, a.count - i), min(1, b.count - j))
    let isMoved =
      (skipA == 0 && b[j..<j + skipB].contains { moved in a[i...].prefix(Self.reach).contains(moved) })
      || (skipB == 0 && a[i..<i + skipA].contains { moved in b[j...].prefix(Self.reach).contains(moved) })
    for step in 0..<max(skipA, skipB) {
      let kind: Kind =
        isMoved && step == 0 ? .order : step >= skipB ? .onlyFirst : step >= skipA ? .onlySecond : .changed
      differences.append(Difference(kind: kind, first: i + min(step, skipA), second: j + min(step, skipB)))
    }
    (i, j) = (i + skipA, j + skipB)
  }

  /// How many sayings of each have to be passed over until both say the same again.
  private func nextAgreement() -> (Int, Int)? {
    if i == a.count { return (0, b.count - j) }
    if j == b.count { return (a.count - i, 0) }
    for distance in 1...Self.reach {
      for skipA in 0...distance where i + skipA < a.count && j + distance - skipA < b.count {
        let other = b[j + distance - skipA]
        if a[i + skipA].kind == .hole || other.kind == .hole || a[i + skipA].agrees(with: other) {
          return (skipA, distance - skipA)
        }
      }
    }
    return nil
  }
}
