/// A list that only grows, whose copies share what they have in common: appending after a copy rebuilds at most one
/// block of 32 elements a level, so a history may keep one list per step.
package struct SharedList<Element: Sendable>: Sendable, Sequence {
  /// 32 elements, or 32 blocks of the level below.
  fileprivate indirect enum Block: Sendable {
    case elements([Element])
    case blocks([Block])
  }

  private static var fanout: Int { 32 }

  /// The newest elements.
  // Invariant: fewer than `fanout`.
  private var tail: [Element] = []
  /// Level n holds full blocks of 32^(n+1) elements; the highest level is the oldest part.
  private var levels: [[Block]] = []

  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }
  package var last: Element? { count == 0 ? nil : self[count - 1] }

  package mutating func append(_ element: Element) {
    count += 1
    tail.append(element)
    guard tail.count == Self.fanout else { return }
    var block = Block.elements(tail)
    tail = []
    for level in 0... {
      if level == levels.count { levels.append([]) }
      levels[level].append(block)
      guard levels[level].count == Self.fanout else { return }
      block = .blocks(levels[level])
      levels[level] = []
    }
  }

  /// The element at `index`, which must be at least 0 and less than `count`.
  package subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "no element \(index) in a list of \(count)")
    var rest = index
    for level in levels.indices.reversed() {
      let size = Self.size(ofBlockAt: level)
      let here = levels[level].count * size
      if rest < here { return Self.element(rest % size, of: levels[level][rest / size], at: level) }
      rest -= here
    }
    return tail[rest]
  }

  package func makeIterator() -> some IteratorProtocol<Element> {
    (0..<count).lazy.map { self[$0] }.makeIterator()
  }

  private static func size(ofBlockAt level: Int) -> Int { (0..<level).reduce(fanout) { size, _ in size * fanout } }

  private static func element(_ index: Int, of block: Block, at level: Int) -> Element {
    switch block {
    case .elements(let elements): return elements[index]
    case .blocks(let blocks):
      let size = size(ofBlockAt: level - 1)
      return element(index % size, of: blocks[index / size], at: level - 1)
    }
  }
}

extension SharedList.Block: Equatable where Element: Equatable {}
extension SharedList.Block: Hashable where Element: Hashable {}
extension SharedList: Equatable where Element: Equatable {}
extension SharedList: Hashable where Element: Hashable {}
