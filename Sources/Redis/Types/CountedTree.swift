/// What an element of a tree counts for: 1 where elements are counted, or how many it holds itself.
package protocol Weighted: Equatable, Sendable {
  /// What elements stand in the order of, where they do; it never changes.
  associatedtype Key: Equatable, Sendable = Unordered
  var key: Key { get }
  var weight: Int { get }
  /// What it takes of memory, where the tree is to know what all of them do.
  var memory: Int { get }
}

/// The key of what stands in the order in which it was put there.
package struct Unordered: Equatable, Sendable {}

extension Weighted {
  package var memory: Int { 0 }
}

extension Weighted where Key == Unordered {
  package var key: Unordered { Unordered() }
}

/// A long sequence that copies share: a tree whose leaves hold some of the elements each and whose branches know how many
/// are below them, so that the place of an element and the element at a place are found in O(log n), and a write after
/// a copy copies one leaf and the branches above it. A branch also has the first key below each child, so that looking for
/// a key goes straight down.
///
/// It stands for the linked list of a quicklist's nodes, the skip list of a sorted set and the radix tree of a stream,
/// which Redis changes in place.
package struct CountedTree<Element: Weighted>: Equatable, Sendable {
  private var root = Node()

  private static var leafCapacity: Int { 64 }
  private static var branchCapacity: Int { 32 }

  fileprivate struct Node: Equatable, Sendable {
    /// Of a leaf.
    var elements: ContiguousArray<Element> = []
    /// Of a branch: at least one.
    var children: ContiguousArray<Node> = []
    /// The first element's; nil without elements.
    var first: Element.Key?
    var count = 0
    var weight = 0
    var memory = 0

    var isLeaf: Bool { children.isEmpty }
    var size: Int { isLeaf ? elements.count : children.count }
    var capacity: Int { isLeaf ? leafCapacity : branchCapacity }
  }

  package init() {}

  /// Of elements in their order, all nodes as full as can be.
  package init(_ elements: some Collection<Element>) {
    var rest = elements[...]
    var nodes: ContiguousArray<Node> = []
    nodes.reserveCapacity(elements.count / CountedTree.leafCapacity + 1)
    while !rest.isEmpty {
      nodes.append(Node(elements: ContiguousArray(rest.prefix(CountedTree.leafCapacity))))
      rest = rest.dropFirst(CountedTree.leafCapacity)
    }
    while nodes.count > 1 {
      nodes = ContiguousArray(
        stride(from: 0, to: nodes.count, by: CountedTree.branchCapacity).map {
          Node(children: ContiguousArray(nodes[$0..<min($0 + CountedTree.branchCapacity, nodes.count)]))
        })
    }
    root = nodes.first ?? Node()
  }

  package var count: Int { root.count }
  package var indices: Range<Int> { 0..<root.count }
  package var isEmpty: Bool { root.count == 0 }
  /// What all elements count for together.
  package var weight: Int { root.weight }
  /// What all elements take of memory.
  package var memory: Int { root.memory }

  // MARK: Reading

  package subscript(index: Int) -> Element { look(at: index) { $0 } }
  package var first: Element? { isEmpty ? nil : self[0] }
  package var last: Element? { isEmpty ? nil : self[count - 1] }

  /// What `body` finds out of an element where it is.
  @inline(__always)
  package func look<Result>(at index: Int, _ body: (borrowing Element) -> Result) -> Result {
    precondition(indices.contains(index))
    defer { extendLifetime(self) }
    var (node, index) = unsafe (root.parts, index)
    while let (child, rest) = unsafe node.child(of: index) {
      unsafe (node, index) = unsafe (node.children[child].parts, rest)
    }
    return unsafe body(node.elements[index])
  }

  /// How much the elements before that index count for.
  package func weight(before index: Int) -> Int {
    precondition(index >= 0 && index <= count)
    defer { extendLifetime(self) }
    var (node, index, weight) = unsafe (root.parts, index, 0)
    while let (child, rest) = unsafe node.child(of: index) {
      for before in 0..<child { unsafe weight += node.children[before].weight }
      unsafe (node, index) = unsafe (node.children[child].parts, rest)
    }
    for before in 0..<index { unsafe weight += node.elements[before].weight }
    return weight
  }

  /// The element within which that weight falls, and how much of it is left there; nil beyond the end.
  package func find(weight: Int) -> (index: Int, rest: Int)? {
    guard weight >= 0, weight < root.weight else { return nil }
    defer { extendLifetime(self) }
    var (node, index, rest) = unsafe (root.parts, 0, weight)
    while unsafe !node.children.isEmpty {
      var child = 0
      while unsafe child < node.children.count - 1, unsafe rest >= node.children[child].weight {
        unsafe rest -= node.children[child].weight
        unsafe index += node.children[child].count
        child += 1
      }
      unsafe node = unsafe node.children[child].parts
    }
    var place = 0
    while unsafe place < node.elements.count - 1, unsafe rest >= node.elements[place].weight {
      unsafe rest -= node.elements[place].weight
      place += 1
    }
    return (index + place, rest)
  }

  /// The index of the first element whose key is in the second part, where all that are stand behind all that are not.
  @inline(__always)
  package func partitioningIndex(where isInSecond: (Element.Key) -> Bool) -> Int {
    defer { extendLifetime(self) }
    var (node, index) = unsafe (root.parts, 0)
    while unsafe !node.children.isEmpty {
      // The last child whose first key is in the first part has the border in it, or at its end.
      var (low, high) = unsafe (0, node.children.count)
      while low < high {
        let middle = (low + high) / 2
        if let key = unsafe node.children[middle].first, isInSecond(key) { high = middle } else { low = middle + 1 }
      }
      let child = max(0, low - 1)
      for before in 0..<child { unsafe index += node.children[before].count }
      unsafe node = unsafe node.children[child].parts
    }
    var (low, high) = unsafe (0, node.elements.count)
    while low < high {
      let middle = (low + high) / 2
      if unsafe isInSecond(node.elements[middle].key) { high = middle } else { low = middle + 1 }
    }
    return index + low
  }

  /// Visits elements from that index on, until the body returns false.
  @inline(__always)
  package func forEach(from index: Int = 0, _ body: (Element) -> Bool) {
    guard index < count else { return }
    precondition(index >= 0)
    _ = unsafe root.forEachLeaf(from: index) { elements in
      for place in elements.indices where unsafe !body(elements[place]) { return false }
      return true
    }
  }

  /// Visits elements from that index backwards, until the body returns false.
  @inline(__always)
  package func forEachReversed(from index: Int, _ body: (Element) -> Bool) {
    guard index >= 0, !isEmpty else { return }
    _ = unsafe root.forEachLeafReversed(from: min(index, count - 1)) { elements in
      for place in elements.indices.reversed() where unsafe !body(elements[place]) { return false }
      return true
    }
  }

  // MARK: Changing

  package mutating func insert(_ element: Element, at index: Int) {
    if let right = root.insert(element, at: index) { root = Node(children: [root, right]) }
  }

  package mutating func append(_ element: Element) { insert(element, at: count) }

  @discardableResult
  package mutating func remove(at index: Int) -> Element {
    let element = root.remove(at: index)
    while root.children.count == 1 { root = root.children[0] }
    return element
  }

  /// Changes an element where it is, but for its key.
  package mutating func update<Result>(at index: Int, _ body: (inout Element) -> Result) -> Result {
    root.update(at: index, body)
  }
}

extension CountedTree.Node {
  init(elements: ContiguousArray<Element>) {
    self.elements = elements
    first = elements.first?.key
    count = elements.count
    for element in elements {
      weight += element.weight
      memory += element.memory
    }
  }

  init(children: ContiguousArray<Self>) {
    self.children = children
    first = children.first?.first
    for child in children {
      count += child.count
      weight += child.weight
      memory += child.memory
    }
  }

  // MARK: Reading

  /// What a node holds, where it is (`inPlace`).
  @unsafe struct Parts {
    let elements: UnsafeBufferPointer<Element>
    let children: UnsafeBufferPointer<CountedTree.Node>

    /// The child that has that index, and the index within it; nil in a leaf.
    @inline(__always)
    func child(of index: Int) -> (child: Int, rest: Int)? {
      if unsafe children.isEmpty { return nil }
      var (child, rest) = (0, index)
      while unsafe child < children.count - 1, unsafe rest >= children[child].count {
        unsafe rest -= children[child].count
        child += 1
      }
      return (child, rest)
    }
  }

  var parts: Parts {
    @inline(__always) get {
      unsafe Parts(elements: elements.inPlace, children: children.inPlace)
    }
  }

  /// Visits what leaves hold from that index on, until the body returns false.
  func forEachLeaf(from index: Int, _ body: (UnsafeBufferPointer<Element>) -> Bool) -> Bool {
    defer { extendLifetime(self) }
    let node = unsafe parts
    guard case (var child, var rest)? = unsafe node.child(of: index) else {
      return unsafe body(UnsafeBufferPointer(rebasing: node.elements[index...]))
    }
    while unsafe child < node.children.count {
      if unsafe !node.children[child].forEachLeaf(from: rest, body) { return false }
      (child, rest) = (child + 1, 0)
    }
    return true
  }

  /// The same backwards, each leaf up to that index.
  func forEachLeafReversed(from index: Int, _ body: (UnsafeBufferPointer<Element>) -> Bool) -> Bool {
    defer { extendLifetime(self) }
    let node = unsafe parts
    guard case (var child, var rest)? = unsafe node.child(of: index) else {
      return unsafe body(UnsafeBufferPointer(rebasing: node.elements[...index]))
    }
    while true {
      if unsafe !node.children[child].forEachLeafReversed(from: rest, body) { return false }
      guard child > 0 else { return true }
      child -= 1
      rest = unsafe node.children[child].count - 1
    }
  }

  // MARK: Changing

  /// Of a branch, the child that has that index, and the index within it; the last one has what is beyond the end.
  private func child(of index: Int) -> (child: Int, rest: Int) {
    unsafe parts.child(of: index) ?? (0, index)
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
    if index == 0 { first = element.key }
    guard size > capacity else { return nil }
    // What grows at an end leaves full nodes behind.
    return split(at: isLast ? size - 1 : index == 0 ? 1 : size / 2)
  }

  private mutating func split(at place: Int) -> Self {
    let right: Self
    if isLeaf {
      right = Self(elements: ContiguousArray(elements[place...]))
      elements.removeSubrange(place...)
    } else {
      right = Self(children: ContiguousArray(children[place...]))
      children.removeSubrange(place...)
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
      if index == 0 { first = elements.first?.key }
    } else {
      let (child, rest) = child(of: index)
      removed = children[child].remove(at: rest)
      tidy(child)
      if index == 0 { first = children.first?.first }
    }
    count -= 1
    weight -= removed.weight
    memory -= removed.memory
    return removed
  }

  /// A child that lost an element goes if it has none left, and joins a neighbour where both fit in one.
  private mutating func tidy(_ child: Int) {
    guard children[child].size < children[child].capacity / 2 else { return }
    if children[child].count == 0, children.count > 1 {
      children.remove(at: child)
      return
    }
    for left in [child - 1, child] where left >= 0 && left + 1 < children.count {
      guard children[left].size + children[left + 1].size <= children[left].capacity * 3 / 4 else { continue }
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
