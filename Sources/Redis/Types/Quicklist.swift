/// A list: a sequence of listpacks of a few kilobytes each (quicklist.c). Where one ends and the next begins depends on
/// how the list came about, and shows in a snapshot; so the pieces are cut and joined as Redis does it.
package struct Quicklist: Equatable, Sendable {
  /// The end of the list at which something happens.
  package enum End: Sendable { case head, tail }

  /// A node; only an element too big for a listpack, of 1 GB, has one without.
  package enum Node: Weighted {
    case packed(Listpack, count: Int)
    case plain(Bytes)

    package var weight: Int {
      switch self {
      case .packed(_, let count): count
      case .plain: 1
      }
    }

    fileprivate init(_ listpack: Listpack) { self = .packed(listpack, count: listpack.count) }

    fileprivate var byteCount: Int {
      switch self {
      case .packed(let listpack, _): listpack.byteCount
      case .plain(let bytes): bytes.count
      }
    }

    /// Changes a listpack where it is; a plain node stays as it is.
    fileprivate mutating func change(countBy change: Int, _ body: (inout Listpack) -> Void) {
      guard case .packed(var listpack, let count) = self else { return }
      // So that the listpack has no second owner while it changes.
      self = .plain(Bytes())
      body(&listpack)
      self = .packed(listpack, count: count + change)
    }
  }

  /// How full a node may be: so many elements, or, negative, -1 to -5 for 4 to 64 KB (`list-max-listpack-size` when the
  /// list was made).
  private let fill: Int
  private var nodes = CountedTree<Node>()

  package init(fill: Int) { self.fill = max(-5, min(fill, 1 << 15 - 1)) }

  package var count: Int { nodes.weight }
  package var isEmpty: Bool { nodes.isEmpty }
  package var nodeCount: Int { nodes.count }

  /// Visits the nodes from head to tail, as a snapshot has them.
  package func forEachNode(_ body: (Node) -> Void) {
    nodes.forEach { node in
      body(node)
      return true
    }
  }

  /// Visits so many nodes from the head on.
  func forEachNode(limit: Int, _ body: (Node) -> Void) {
    var left = limit
    nodes.forEach { node in
      guard left > 0 else { return false }
      left -= 1
      body(node)
      return true
    }
  }

  /// What all nodes take of memory.
  var nodesMemory: Int { nodes.memory }

  /// Adds a node that a snapshot brought (`quicklistAppendListpack`, `quicklistAppendPlainNode`).
  package mutating func append(node listpack: Listpack) { nodes.append(Node(listpack)) }
  package mutating func append(plainNode bytes: Bytes) { nodes.append(.plain(bytes)) }

  // MARK: How full

  private static let levels = [4096, 8192, 16384, 32768, 65536]

  private static func isWithin(_ fill: Int, bytes: Int, count: Int) -> Bool {
    fill < 0 ? bytes <= levels[-fill - 1] : bytes <= 8192 && count <= fill
  }

  /// Whether an element of that length may be added to the node (`_quicklistNodeAllowInsert`).
  private static func allowsInsert(_ node: Node, _ length: Int, _ fill: Int) -> Bool {
    guard case .packed(let listpack, let count) = node else { return false }
    return isWithin(fill, bytes: listpack.byteCount + length + 8, count: count + 1)
  }

  private func allowsInsert(_ index: Int, _ length: Int) -> Bool {
    nodes.indices.contains(index) && Self.allowsInsert(nodes[index], length, fill)
  }

  /// Whether a node may be joined with the next one (`_quicklistNodeAllowMerge`).
  private func allowsMerge(_ index: Int) -> Bool {
    guard nodes.indices.contains(index), nodes.indices.contains(index + 1), case .packed(let a, let ca) = nodes[index],
      case .packed(let b, let cb) = nodes[index + 1]
    else { return false }
    return Self.isWithin(fill, bytes: a.byteCount + b.byteCount - 11, count: ca + cb)
  }

  // MARK: The ends

  /// Adds an element at an end (`quicklistPushHead`, `quicklistPushTail`).
  package mutating func push(_ element: Bytes, at end: End) {
    let fill = fill
    let isAdded =
      !nodes.isEmpty
      && nodes.update(at: end == .head ? 0 : nodes.count - 1) { node in
        guard Self.allowsInsert(node, element.count, fill) else { return false }
        node.change(countBy: 1) { end == .head ? $0.prepend(element) : $0.append(element) }
        return true
      }
    if !isAdded { nodes.insert(Node(Listpack([element])), at: end == .head ? 0 : nodes.count) }
  }

  /// Takes the element at an end, if there is one (`quicklistPop`).
  package mutating func pop(from end: End) -> Bytes? {
    guard !isEmpty else { return nil }
    let index = end == .head ? 0 : nodes.count - 1
    var popped = Bytes()
    nodes.update(at: index) { node in
      switch node {
      case .plain(let bytes): popped = bytes
      case .packed:
        node.change(countBy: -1) { listpack in
          guard let position = end == .head ? listpack.first : listpack.last else { return }
          popped = listpack.string(at: position)
          listpack.remove(at: position)
        }
      }
    }
    removeIfEmpty(index)
    return popped
  }

  private mutating func removeIfEmpty(_ index: Int) {
    switch nodes[index] {
    case .packed(_, let count): if count <= 0 { nodes.remove(at: index) }
    case .plain: nodes.remove(at: index)
    }
  }

  // MARK: Reading

  /// The element of that index, counted from the tail if it is negative.
  package subscript(index: Int) -> Bytes? {
    let index = index < 0 ? index + count : index
    guard let (node, offset) = nodes.find(weight: index) else { return nil }
    switch nodes[node] {
    case .plain(let bytes): return bytes
    case .packed(let listpack, _): return listpack.position(at: offset).map(listpack.string)
    }
  }

  /// An element where it is.
  package enum Element {
    case packed(Listpack, at: Listpack.Position)
    case plain(Bytes)

    package var bytes: Bytes {
      switch self {
      case .packed(let listpack, let position): listpack.string(at: position)
      case .plain(let bytes): bytes
      }
    }
  }

  /// Visits elements from that index on towards the tail, until the body returns false.
  package func forEach(from index: Int = 0, _ body: (Bytes) -> Bool) { visit(from: index) { body($0.bytes) } }

  /// The same without making strings of what is packed.
  func visit(from index: Int, _ body: (Element) -> Bool) {
    guard let (start, offset) = nodes.find(weight: index) else { return }
    var skipped = offset
    nodes.forEach(from: start) { node in
      switch node {
      case .plain(let bytes): return body(.plain(bytes))
      case .packed(let listpack, _):
        var position = listpack.position(at: skipped)
        skipped = 0
        while let here = position {
          if !body(.packed(listpack, at: here)) { return false }
          position = listpack.after(here)
        }
        return true
      }
    }
  }

  /// Visits elements from that index backwards towards the head, until the body returns false.
  package func forEachReversed(from index: Int, _ body: (Bytes) -> Bool) {
    visitReversed(from: index) { body($0.bytes) }
  }

  /// The same without making strings of what is packed.
  func visitReversed(from index: Int, _ body: (Element) -> Bool) {
    guard let (start, offset) = nodes.find(weight: index) else { return }
    var first: Int? = offset
    nodes.forEachReversed(from: start) { node in
      switch node {
      case .plain(let bytes):
        first = nil
        return body(.plain(bytes))
      case .packed(let listpack, _):
        var position = first.map { listpack.position(at: $0) } ?? listpack.last
        first = nil
        while let here = position {
          if !body(.packed(listpack, at: here)) { return false }
          position = listpack.before(here)
        }
        return true
      }
    }
  }

  // MARK: Changing

  /// Puts another element in the place of the one of that index, which must be there (`quicklistReplaceAtIndex`).
  package mutating func replace(at index: Int, with element: Bytes) {
    guard let (node, offset) = nodes.find(weight: index) else { return }
    if case .plain = nodes[node] {
      insert(element, at: index, after: true)
      nodes.remove(at: node)
    } else {
      nodes.update(at: node) { node in
        node.change(countBy: 0) { listpack in
          if let position = listpack.position(at: offset) { listpack.replace(at: position, with: element) }
        }
      }
    }
  }

  /// Puts an element before or after the one of that index, which must be there (`_quicklistInsert`).
  package mutating func insert(_ element: Bytes, at index: Int, after: Bool) {
    guard let (node, offset) = nodes.find(weight: index) else { return }
    let isAtTail = after && offset == nodes[node].weight - 1
    let isAtHead = !after && offset == 0
    if allowsInsert(node, element.count) {
      nodes.update(at: node) { node in
        node.change(countBy: 1) {
          $0.insert(element, at: $0.position(at: offset + (after ? 1 : 0)) ?? $0.byteCount - 1)
        }
      }
    } else if isAtTail, allowsInsert(node + 1, element.count) {
      nodes.update(at: node + 1) { $0.change(countBy: 1) { $0.prepend(element) } }
    } else if isAtHead, allowsInsert(node - 1, element.count) {
      nodes.update(at: node - 1) { $0.change(countBy: 1) { $0.append(element) } }
    } else if isAtTail || isAtHead {
      nodes.insert(Node(Listpack([element])), at: after ? node + 1 : node)
    } else {
      split(node, at: offset, after: after, around: element)
    }
  }

  /// Parts a full node, and puts the element between the parts, into the one that is new (`_quicklistSplitNode`).
  private mutating func split(_ index: Int, at offset: Int, after: Bool, around element: Bytes) {
    guard case .packed(var left, let count) = nodes[index],
      let position = left.position(at: after ? offset + 1 : offset)
    else { return }
    let leftCount = after ? offset + 1 : offset
    var right = left
    left.remove(at: position, count: count - leftCount)
    right.remove(at: right.first ?? 0, count: leftCount)
    if after { right.prepend(element) } else { left.append(element) }
    nodes.update(at: index) { $0 = Node(left) }
    nodes.insert(Node(right), at: index + 1)
    // The node that was there stays the centre of what is joined.
    mergeAround(after ? index : index + 1)
  }

  /// Joins neighbours on both sides, and the node with them, where they fit in one (`_quicklistMergeNodes`).
  private mutating func mergeAround(_ center: Int) {
    var center = center
    if allowsMerge(center - 2) {
      merge(center - 2)
      center -= 1
    }
    if allowsMerge(center + 1) { merge(center + 1) }
    if allowsMerge(center - 1) {
      merge(center - 1)
      center -= 1
    }
    if allowsMerge(center) { merge(center) }
  }

  private mutating func merge(_ index: Int) {
    guard case .packed(let right, let count) = nodes.remove(at: index + 1) else { return }
    nodes.update(at: index) { $0.change(countBy: count) { $0.append(contentsOf: right) } }
  }

  /// Removes so many elements from that index on (`quicklistDelRange`).
  package mutating func remove(from start: Int, count: Int) {
    var left = min(count, self.count - start)
    guard left > 0, let (first, firstOffset) = nodes.find(weight: start) else { return }
    var (node, offset) = (first, firstOffset)
    while left > 0 {
      let size = nodes[node].weight
      let removed = min(left, size - offset)
      if removed == size {
        nodes.remove(at: node)
      } else {
        nodes.update(at: node) { node in
          node.change(countBy: -removed) { listpack in
            if let position = listpack.position(at: offset) { listpack.remove(at: position, count: removed) }
          }
        }
        node += 1
      }
      left -= removed
      offset = 0
    }
  }

  /// Removes the elements that are that string, at most so many, and says how many there were (`quicklistDelEntry`, as
  /// LREM goes through a list).
  package mutating func remove(_ element: Bytes, limit: Int, from end: End) -> Int {
    let number = Listpack.number(of: element)
    var removed = 0
    var index = end == .head ? 0 : nodes.count - 1
    while removed < limit, nodes.indices.contains(index) {
      let before = nodes.count
      removed += remove(element, number, limit: limit - removed, fromNode: index, end)
      if end == .tail { index -= 1 } else if nodes.count == before { index += 1 }
    }
    return removed
  }

  private mutating func remove(_ element: Bytes, _ number: Int64?, limit: Int, fromNode index: Int, _ end: End) -> Int {
    let node = nodes[index]
    guard case .packed(var listpack, _) = node else {
      guard node == .plain(element) else { return 0 }
      nodes.remove(at: index)
      return 1
    }
    var removed = 0
    var position = end == .head ? listpack.first : listpack.last
    while let here = position, removed < limit {
      if listpack.matches(here, element, number) {
        position = end == .head ? here : listpack.before(here)
        listpack.remove(at: here)
        removed += 1
        if end == .head, listpack.byteCount - 1 == here { position = nil }
      } else {
        position = end == .head ? listpack.after(here) : listpack.before(here)
      }
    }
    if removed > 0 {
      nodes.update(at: index) { $0 = Node(listpack) }
      removeIfEmpty(index)
    }
    return removed
  }
}
