import Testing

@testable import Redis

/// The tree says at each moment what an array would, and a copy stays what it was.
@Suite("A sequence that copies share") struct CountedTreeTests {
  private struct Element: Weighted {
    let key: Int
    var weight: Int
    var memory: Int { 2 * weight }
  }

  private func expect(
    _ tree: CountedTree<Element>, is array: [Element], _ random: inout SeededRandom,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var met: [Element] = []
    tree.forEach {
      met.append($0)
      return true
    }
    #expect(met == array, sourceLocation: sourceLocation)
    #expect(tree.count == array.count, sourceLocation: sourceLocation)
    #expect(tree.weight == array.reduce(0) { $0 + $1.weight }, sourceLocation: sourceLocation)
    #expect(tree.memory == array.reduce(0) { $0 + $1.memory }, sourceLocation: sourceLocation)
    #expect(tree.first == array.first && tree.last == array.last, sourceLocation: sourceLocation)
    guard !array.isEmpty else { return }
    for _ in 0..<20 {
      let place = Int(random.next() % UInt64(array.count))
      #expect(tree[place] == array[place], sourceLocation: sourceLocation)
      let before = array[..<place].reduce(0) { $0 + $1.weight }
      #expect(tree.weight(before: place) == before, sourceLocation: sourceLocation)
      if array[place].weight > 0 {
        let within = Int(random.next() % UInt64(array[place].weight))
        let found = tree.find(weight: before + within)
        #expect(found?.index == place && found?.rest == within, sourceLocation: sourceLocation)
      }
      let key = array[place].key
      #expect(
        tree.partitioningIndex { $0 >= key } == array.firstIndex { $0.key >= key }, sourceLocation: sourceLocation)
      var (ahead, back): ([Element], [Element]) = ([], [])
      tree.forEach(from: place) {
        ahead.append($0)
        return ahead.count < 100
      }
      tree.forEachReversed(from: place) {
        back.append($0)
        return back.count < 100
      }
      #expect(ahead == Array(array[place...].prefix(100)), sourceLocation: sourceLocation)
      #expect(back == Array(array[...place].reversed().prefix(100)), sourceLocation: sourceLocation)
    }
    #expect(tree.find(weight: tree.weight) == nil, sourceLocation: sourceLocation)
    #expect(tree.partitioningIndex { _ in false } == array.count, sourceLocation: sourceLocation)
    #expect(tree.partitioningIndex { _ in true } == 0, sourceLocation: sourceLocation)
  }

  @Test("grows, shrinks and changes as an array does", arguments: 1...8) func changes(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var tree = CountedTree<Element>()
    var array: [Element] = []
    var kept: [(CountedTree<Element>, [Element])] = []
    // It grows to some thousands, at one end more than elsewhere, and goes to nothing again.
    for round in 0..<9_000 {
      let grows = round < 5_000 ? random.next() % 10 < 8 : random.next() % 10 < 1
      if grows || array.isEmpty {
        let key =
          switch seed % 3 {
          case 0: (array.last?.key ?? 0) + 1
          case 1: (array.first?.key ?? 0) - 1
          default: Int(random.next() % 100_000)
          }
        let element = Element(key: key, weight: Int(random.next() % 4))
        let place = tree.partitioningIndex { $0 >= key }
        #expect(place == array.partitioningIndex { $0.key >= key })
        tree.insert(element, at: place)
        array.insert(element, at: place)
      } else {
        let place = Int(random.next() % UInt64(array.count))
        #expect(tree.remove(at: place) == array.remove(at: place))
      }
      if !array.isEmpty {
        let place = Int(random.next() % UInt64(array.count))
        let weight = Int(random.next() % 4)
        tree.update(at: place) { $0.weight = weight }
        array[place].weight = weight
      }
      if round % 1_500 == 0 {
        expect(tree, is: array, &random)
        kept.append((tree, array))
      }
    }
    while !array.isEmpty {
      let place = Int(random.next() % UInt64(array.count))
      #expect(tree.remove(at: place) == array.remove(at: place))
    }
    expect(tree, is: [], &random)
    for (tree, array) in kept { expect(tree, is: array, &random) }
  }

  @Test("is made of all elements at once", arguments: [0, 1, 63, 64, 65, 2_048, 2_049, 70_000]) func bulk(count: Int) {
    var random = SeededRandom(seed: 1)
    var array = (0..<count).map { Element(key: $0, weight: $0 % 3) }
    var tree = CountedTree(array)
    expect(tree, is: array, &random)
    for number in 0..<200 {
      let element = Element(key: count / 2, weight: number)
      tree.insert(element, at: count / 2)
      array.insert(element, at: count / 2)
    }
    expect(tree, is: array, &random)
  }
}
