/// What an element of a tree counts for: 1 where elements are counted, or how many it holds itself.
package protocol Weighted: Equatable, Sendable {
  var weight: Int { get }
  /// What it takes of memory, where the tree is to know what all of them do.
  var memory: Int { get }
}

extension Weighted {
  package var memory: Int { 0 }
}

/// A long sequence that copies share: a tree whose leaves hold some of the elements each and whose branches know how many
/// are below them, so that the place of an element and the element at a place are found in O(log n), and a write after
/// a copy copies one leaf and the branches above it.
///
/// It stands for the linked list of a quicklist's nodes, the skip list of a sorted set and the radix tree of a stream,
/// which Redis changes in place.
package struct CountedTree<Element: Weighted>: Equatable, Sendable {
  private var root = Node()

  private static var capacity: Int { 64 }

  fileprivate struct Node: Equatable, Sendable {
    /// Of a leaf.
    var elements: ContiguousArray<Element> = []
    /// Of a branch: at least one.
    var children: ContiguousArray<Node> = []
    var count = 0
    var weight = 0
    var memory = 0

    var isLeaf: Bool { children.isEmpty }
    var size: Int { isLeaf ? elements.count : children.count }
  }

  package init() {}

  package var count: Int { root.count }
  package var indices: Range<Int> { 0..<root.count }
  package var isEmpty: Bool { root.count == 0 }
  /// What all elements count for together.
  package var weight: Int { root.weight }
  /// What all elements take of memory.
  package var memory: Int { root.memory }

  // MARK: Reading

  package subscript(index: Int) -> Element { root.element(at: index) }
  package var first: Element? { isEmpty ? nil : self[0] }
  package var last: Element? { isEmpty ? nil : self[count - 1] }

  /// How much the elements before that index count for.
  package func weight(before index: Int) -> Int { root.weight(before: index) }

  /// The element within which that weight falls, and how much of it is left there; nil beyond the end.
  package func find(weight: Int) -> (index: Int, rest: Int)? {
    weight >= 0 && weight < root.weight ? root.find(weight: weight) : nil
  }

  /// The index of the first element that is in the second part, where all that are stand behind all that are not.
  package func partitioningIndex(where isInSecond: (Element) -> Bool) -> Int {
    root.partitioningIndex(where: isInSecond)
  }

  /// Visits elements from that index on, until the body returns false.
  package func forEach(from index: Int = 0, _ body: (Element) -> Bool) {
    if index < count { _ = root.forEach(from: index, body) }
  }

  /// Visits elements from that index backwards, until the body returns false.
  package func forEachReversed(from index: Int, _ body: (Element) -> Bool) {
    if index >= 0, !isEmpty { _ = root.forEachReversed(from: min(index, count - 1), body) }
  }

  // MARK: Changing

  package mutating func insert(_ element: Element, at index: Int) {
    guard let right = root.insert(element, at: index) else { return }
    let left = root
    root = Node(
      children: [left, right], count: left.count + right.count, weight: left.weight + right.weight,
      memory: left.memory + right.memory)
  }

  package mutating func append(_ element: Element) { insert(element, at: count) }

  @discardableResult
  package mutating func remove(at index: Int) -> Element {
    let element = root.remove(at: index)
    while root.children.count == 1 { root = root.children[0] }
    return element
  }

  /// Changes an element where it is.
  package mutating func update<Result>(at index: Int, _ body: (inout Element) -> Result) -> Result {
    root.update(at: index, body)
  }
}

extension CountedTree.Node {
  /// The child that has that index, and the index within it.
  @inline(__always)
  private func child(of index: Int) -> (child: Int, rest: Int) {
    var (child, rest) = (0, index)
    while child < children.count - 1, rest >= children[child].count {
      rest -= children[child].count
      child += 1
    }
    return (child, rest)
  }

  func element(at index: Int) -> Element {
    if isLeaf { return elements[index] }
    let (child, rest) = child(of: index)
    return children[child].element(at: rest)
  }

  private var first: Element { isLeaf ? elements[0] : children[0].first }

  func weight(before index: Int) -> Int {
    if isLeaf { return elements[..<index].reduce(0) { $0 + $1.weight } }
    let (child, rest) = child(of: index)
    return children[..<child].reduce(0) { $0 + $1.weight } + children[child].weight(before: rest)
  }

  func find(weight: Int) -> (index: Int, rest: Int) {
    var (index, rest) = (0, weight)
    if isLeaf {
      while index < elements.count - 1, rest >= elements[index].weight {
        rest -= elements[index].weight
        index += 1
      }
      return (index, rest)
    }
    var child = 0
    while child < children.count - 1, rest >= children[child].weight {
      rest -= children[child].weight
      index += children[child].count
      child += 1
    }
    let found = children[child].find(weight: rest)
    return (index + found.index, found.rest)
  }

  func partitioningIndex(where isInSecond: (Element) -> Bool) -> Int {
    // The last child whose first element is in the first part has the border in it, or at its end.
    var (low, high) = (0, size)
    if isLeaf {
      while low < high {
        let middle = (low + high) / 2
        if isInSecond(elements[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    while low < high {
      let middle = (low + high) / 2
      if isInSecond(children[middle].first) { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return 0 }
    return children[..<(low - 1)].reduce(0) { $0 + $1.count } + children[low - 1].partitioningIndex(where: isInSecond)
  }

  func forEach(from index: Int, _ body: (Element) -> Bool) -> Bool {
    if isLeaf {
      for place in index..<elements.count where !body(elements[place]) { return false }
      return true
    }
    var (child, rest) = child(of: index)
    while child < children.count {
      if !children[child].forEach(from: rest, body) { return false }
      (child, rest) = (child + 1, 0)
    }
    return true
  }

  func forEachReversed(from index: Int, _ body: (Element) -> Bool) -> Bool {
    if isLeaf {
      for place in stride(from: index, through: 0, by: -1) where !body(elements[place]) { return false }
      return true
    }
    var (child, rest) = child(of: index)
    while true {
      if !children[child].forEachReversed(from: rest, body) { return false }
      guard child > 0 else { return true }
      child -= 1
      rest = children[child].count - 1
    }
  }

  /// - Returns: what no longer fits, which belongs behind.
  mutating func insert(_ element: Element, at index: Int) -> Self? {
    count += 1
    weight += element.weight
    memory += element.memory
    if isLeaf {
      elements.insert(element, at: index)
    } else {
      // Between two children it is the end of the first.
      var (child, rest) = (0, index)
      while rest > children[child].count {
        rest -= children[child].count
        child += 1
      }
      guard let right = children[child].insert(element, at: rest) else { return nil }
      children.insert(right, at: child + 1)
    }
    guard size > CountedTree.capacity else { return nil }
    // What grows at an end leaves full nodes behind.
    return split(at: index == count - 1 ? size - 1 : index == 0 ? 1 : size / 2)
  }

  private mutating func split(at place: Int) -> Self {
    var right = Self()
    if isLeaf {
      right.elements = ContiguousArray(elements[place...])
      elements.removeSubrange(place...)
      right.count = right.elements.count
      right.weight = right.elements.reduce(0) { $0 + $1.weight }
      right.memory = right.elements.reduce(0) { $0 + $1.memory }
    } else {
      right.children = ContiguousArray(children[place...])
      children.removeSubrange(place...)
      right.count = right.children.reduce(0) { $0 + $1.count }
      right.weight = right.children.reduce(0) { $0 + $1.weight }
      right.memory = right.children.reduce(0) { $0 + $1.memory }
    }
    count -= right.count
    weight -= right.weight
    memory -= right.memory
    return right
  }

  mutating func remove(at index: Int) -> Element {
    let removed: Element
    if isLeaf {
      removed = elements.remove(at: index)
    } else {
      let (child, rest) = child(of: index)
      removed = children[child].remove(at: rest)
      tidy(child)
    }
    count -= 1
    weight -= removed.weight
    memory -= removed.memory
    return removed
  }

  /// A child that lost an element goes if it has none left, and joins a neighbour where both fit in one.
  private mutating func tidy(_ child: Int) {
    guard children[child].size < CountedTree.capacity / 2 else { return }
    if children[child].count == 0, children.count > 1 {
      children.remove(at: child)
      return
    }
    for left in [child - 1, child] where left >= 0 && left + 1 < children.count {
      guard children[left].size + children[left + 1].size <= CountedTree.capacity * 3 / 4 else { continue }
      let right = children.remove(at: left + 1)
      children[left].elements += right.elements
      children[left].children += right.children
      children[left].count += right.count
      children[left].weight += right.weight
      children[left].memory += right.memory
      return
    }
  }

  mutating func update<Result>(at index: Int, _ body: (inout Element) -> Result) -> Result {
    if isLeaf {
      let before = (elements[index].weight, elements[index].memory)
      let result = body(&elements[index])
      weight += elements[index].weight - before.0
      memory += elements[index].memory - before.1
      return result
    }
    let (child, rest) = child(of: index)
    let before = (children[child].weight, children[child].memory)
    let result = children[child].update(at: rest, body)
    weight += children[child].weight - before.0
    memory += children[child].memory - before.1
    return result
  }
}
