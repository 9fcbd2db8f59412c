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
    if let right = root.insert(element, at: index) { grow(right) }
  }

  /// Adds an element before the first that is in the second part, where all that are stand behind all that are not.
  package mutating func insert(_ element: Element, where isInSecond: (Element) -> Bool) {
    if let right = root.insert(element, where: isInSecond).right { grow(right) }
  }

  /// The root was too full.
  private mutating func grow(_ right: Node) {
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

  /// Removes the first element that is in the second part, where all that are stand behind all that are not; there must be
  /// one.
  @discardableResult
  package mutating func remove(where isInSecond: (Element) -> Bool) -> Element {
    let element = root.remove(where: isInSecond)
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
    // Spans borrow: a subscript of an array would count references to what is looked at.
    let children = children.span
    if index >= count / 2 {
      var (child, before) = (children.count - 1, count - children[children.count - 1].count)
      while before > index {
        child -= 1
        before -= children[child].count
      }
      return (child, index - before)
    }
    var (child, rest) = (0, index)
    while rest >= children[child].count {
      rest -= children[child].count
      child += 1
    }
    return (child, rest)
  }

  func element(at index: Int) -> Element {
    if isLeaf { return elements[index] }
    let (child, rest) = child(of: index)
    return children.span[child].element(at: rest)
  }

  /// Whether the first element is in the second part.
  private func begins(inSecond isInSecond: (Element) -> Bool) -> Bool {
    isLeaf ? isInSecond(elements.span[0]) : children.span[0].begins(inSecond: isInSecond)
  }

  /// Of a leaf, its first element that is in the second part; of a branch, the first child that begins in it.
  @inline(__always)
  private func border(where isInSecond: (Element) -> Bool) -> Int {
    var (low, high) = (0, size)
    let elements = elements.span
    let children = children.span
    while low < high {
      let middle = (low + high) / 2
      let isBehind = children.isEmpty ? isInSecond(elements[middle]) : children[middle].begins(inSecond: isInSecond)
      if isBehind { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The last child whose first element is in the first part has the border in it, or at its end.
  private func childWithBorder(where isInSecond: (Element) -> Bool) -> Int { max(0, border(where: isInSecond) - 1) }

  func weight(before index: Int) -> Int {
    if isLeaf { return elements[..<index].reduce(0) { $0 + $1.weight } }
    let (child, rest) = child(of: index)
    return children[..<child].reduce(0) { $0 + $1.weight } + children[child].weight(before: rest)
  }

  func find(weight: Int) -> (index: Int, rest: Int) {
    var (index, rest) = (0, weight)
    let elements = elements.span
    let children = children.span
    if children.isEmpty {
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
    if isLeaf { return border(where: isInSecond) }
    let child = childWithBorder(where: isInSecond)
    let children = children.span
    var index = children[child].partitioningIndex(where: isInSecond)
    for before in 0..<child { index += children[before].count }
    return index
  }

  func forEach(from index: Int, _ body: (Element) -> Bool) -> Bool {
    let elements = elements.span
    let children = children.span
    if children.isEmpty {
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
    let elements = elements.span
    let children = children.span
    if children.isEmpty {
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
    let isLast = index == count
    if isLeaf {
      elements.insert(element, at: index)
    } else {
      // Between two children it is the end of the first.
      let (child, before) = index == 0 ? (0, -1) : child(of: index - 1)
      if let right = children[child].insert(element, at: before + 1) { children.insert(right, at: child + 1) }
    }
    count += 1
    weight += element.weight
    memory += element.memory
    return splitIfFull(isFirst: index == 0, isLast: isLast)
  }

  /// - Returns: what no longer fits, which belongs behind; and whether the element is the first now, or the last.
  mutating func insert(
    _ element: Element, where isInSecond: (Element) -> Bool
  ) -> (right: Self?, isFirst: Bool, isLast: Bool) {
    if isLeaf {
      let place = border(where: isInSecond)
      let (isFirst, isLast) = (place == 0, place == elements.count)
      return (insert(element, at: place), isFirst, isLast)
    }
    count += 1
    weight += element.weight
    memory += element.memory
    let child = childWithBorder(where: isInSecond)
    let isLastChild = child == children.count - 1
    let (right, isFirst, isLast) = children[child].insert(element, where: isInSecond)
    if let right { children.insert(right, at: child + 1) }
    let (isFirstOfAll, isLastOfAll) = (isFirst && child == 0, isLast && isLastChild)
    return (splitIfFull(isFirst: isFirstOfAll, isLast: isLastOfAll), isFirstOfAll, isLastOfAll)
  }

  /// - Parameters:
  ///   - isFirst: it has grown at its beginning.
  ///   - isLast: it has grown at its end.
  private mutating func splitIfFull(isFirst: Bool, isLast: Bool) -> Self? {
    guard size > CountedTree.capacity else { return nil }
    // What grows at an end leaves full nodes behind.
    return split(at: isLast ? size - 1 : isFirst ? 1 : size / 2)
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

  mutating func remove(where isInSecond: (Element) -> Bool) -> Element {
    if isLeaf { return remove(at: border(where: isInSecond)) }
    var child = childWithBorder(where: isInSecond)
    // Where all of it is in the first part, the next one begins in the second.
    if !children[child].ends(inSecond: isInSecond) { child += 1 }
    let removed = children[child].remove(where: isInSecond)
    tidy(child)
    count -= 1
    weight -= removed.weight
    memory -= removed.memory
    return removed
  }

  private func ends(inSecond isInSecond: (Element) -> Bool) -> Bool {
    isLeaf
      ? isInSecond(elements.span[elements.count - 1]) : children.span[children.count - 1].ends(inSecond: isInSecond)
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
      func change(_ element: inout Element) -> (Result, weight: Int, memory: Int) {
        let before = (element.weight, element.memory)
        let result = body(&element)
        return (result, element.weight - before.0, element.memory - before.1)
      }
      let (result, grown, taken) = change(&elements[index])
      weight += grown
      memory += taken
      return result
    }
    let (child, rest) = child(of: index)
    func change(_ child: inout Self) -> (Result, weight: Int, memory: Int) {
      let before = (child.weight, child.memory)
      let result = child.update(at: rest, body)
      return (result, child.weight - before.0, child.memory - before.1)
    }
    let (result, grown, taken) = change(&children[child])
    weight += grown
    memory += taken
    return result
  }
}
