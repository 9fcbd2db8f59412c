import RDB
import RESP

/// A stream: entries by id, in listpacks that hold many each, and groups of consumers that share them (t_stream.c).
///
/// How a node's listpack is laid out is drawn in `RDB/Values/Stream.swift`.
package struct StreamValue: Equatable, Sendable {
  /// Entries that are kept together. The first of them gives the id that the others are counted from, and the names of the
  /// fields that most have.
  package struct Node: Weighted {
    package let master: StreamID
    var listpack: Listpack
    /// XADD has made it, with room for more (`STREAM_LISTPACK_MAX_PRE_ALLOCATE`), which it keeps until the next one is
    /// begun.
    var hasRoom = false
    package var key: StreamID { master }
    package var weight: Int { 1 }
    package var bytes: [UInt8] { listpack.bytes }

    /// The same entries: how much memory is ready for more is another matter.
    package static func == (a: Self, b: Self) -> Bool { a.master == b.master && a.listpack == b.listpack }
  }

  private(set) var nodes = CountedTree<Node>()
  /// How many entries there are, deleted ones left out.
  package fileprivate(set) var length: UInt64 = 0
  package var lastID = StreamID(0, 0)
  /// 0-0 without entries.
  package fileprivate(set) var firstID = StreamID(0, 0)
  package var maxDeletedID = StreamID(0, 0)
  package var entriesAdded: UInt64 = 0
  /// In the order of their names.
  package var groups: [ConsumerGroup] = []

  package init() {}

  package var nodeCount: Int { nodes.count }

  package func forEachNode(_ body: (Node) -> Void) {
    nodes.forEach { node in
      body(node)
      return true
    }
  }

  // MARK: Reading

  /// An entry, and where it is in its node's listpack.
  package struct Entry {
    package let id: StreamID
    let flags: Int64
    /// Where the flags are.
    let position: Listpack.Position
    /// Where its fields are: their values alone if it has the master's names, else names and values in turn.
    let fields: Listpack.Position?
    let fieldCount: Int

    var isDeleted: Bool { flags & 1 != 0 }
    var hasMastersFields: Bool { flags & 2 != 0 }
  }

  /// Visits the entries from one id through another, each with its fields and values in turn, until the body returns false
  /// (`streamIteratorGetID`, `streamIteratorGetField`).
  package func forEach(
    from start: StreamID = .min, through end: StreamID = .max, reversed: Bool = false,
    _ body: (StreamID, [Bytes]) -> Bool
  ) {
    visit(from: start, through: end, reversed: reversed) { body($0.id, $1.fields(of: $0)) }
  }

  /// The same without the fields.
  private func visit(
    from start: StreamID, through end: StreamID, reversed: Bool, skippingDeleted: Bool = true,
    _ body: (Entry, Node) -> Bool
  ) {
    func look(_ node: Node) -> Bool {
      let entries = node.entries
      for entry in reversed ? entries.reversed() : entries where !(skippingDeleted && entry.isDeleted) {
        if reversed ? entry.id > end : entry.id < start { continue }
        if reversed ? entry.id < start : entry.id > end { return false }
        if !body(entry, node) { return false }
      }
      return true
    }
    // The last node that begins at or before the id may have it.
    if reversed {
      let index = nodes.partitioningIndex { $0 > end } - 1
      nodes.forEachReversed(from: index < 0 ? nodes.count - 1 : index, look)
    } else {
      nodes.forEach(from: max(0, nodes.partitioningIndex { $0 > start } - 1), look)
    }
  }

  /// The first id of all, or the last; without one, what no id comes after, or before (`streamGetEdgeID`).
  func edgeID(first: Bool, skippingDeleted: Bool = true) -> StreamID {
    var found: StreamID?
    visit(from: .min, through: .max, reversed: !first, skippingDeleted: skippingDeleted) { entry, _ in
      found = entry.id
      return false
    }
    return found ?? (first ? .max : .min)
  }

  /// The greatest id of an entry that is there; 0-0 if there is none (`streamLastValidID`).
  package var lastValidID: StreamID { edgeID(first: false) }

  package func contains(_ id: StreamID) -> Bool {
    var found = false
    visit(from: id, through: id, reversed: false) { _, _ in
      found = true
      return false
    }
    return found
  }

  /// Whether something was deleted between these two (`streamRangeHasTombstones`).
  func hasTombstones(from start: StreamID, through end: StreamID = .max) -> Bool {
    guard length > 0, maxDeletedID != .min, firstID <= maxDeletedID else { return false }
    return start <= maxDeletedID && maxDeletedID <= end
  }

  /// How many entries were ever added up to that id; nil where that can't be told
  /// (`streamEstimateDistanceFromFirstEverEntry`).
  func distanceFromFirstEver(to id: StreamID) -> Int64? {
    if entriesAdded == 0 { return 0 }
    let added = Int64(bitPattern: entriesAdded)
    if length == 0, id <= lastID || id == lastID { return added }
    if id == lastID { return added }
    if id > lastID { return nil }
    guard maxDeletedID == .min || maxDeletedID < firstID else { return nil }
    let before = added &- Int64(bitPattern: length)
    return id < firstID ? before : id == firstID ? before &+ 1 : nil
  }

  // MARK: Adding

  package enum AddFailure { case notGreater, exhausted, tooLarge }

  /// How full a node may be: entries and bytes (`stream-node-max-entries`, `stream-node-max-bytes`); 0: no limit.
  package struct Limits: Equatable, Sendable {
    package var entries: Int64 = 100
    package var bytes = 4096
    package init() {}
  }

  /// Adds an entry (`streamAppendItem`).
  package mutating func append(_ fields: ArraySlice<Bytes>, id: StreamID, _ limits: Limits) -> AddFailure? {
    guard id > lastID else { return .notGreater }
    let size = fields.reduce(0) { $0 + $1.count }
    guard size <= 1 << 30 else { return .tooLarge }
    let most = limits.bytes == 0 ? 1 << 30 : min(limits.bytes, 1 << 30)
    let isFull =
      nodes.isEmpty
      || nodes.look(at: nodes.count - 1) {
        $0.listpack.byteCount + size >= most || limits.entries > 0 && $0.total >= limits.entries
      }
    if isFull {
      shrinkToFit()
      nodes.append(Node(master: id, fields: fields))
    }
    nodes.update(at: nodes.count - 1) { $0.append(fields, id: id, isFirst: isFull) }
    length &+= 1
    entriesAdded &+= 1
    lastID = id
    if length == 1 { firstID = id }
    return nil
  }

  /// As COPY makes it, without room for more in its last node (`streamDup`).
  package var copied: StreamValue {
    var copy = self
    copy.shrinkToFit()
    return copy
  }

  /// The last node has no room for more (`lpShrinkToFit`).
  private mutating func shrinkToFit() {
    if !nodes.isEmpty { nodes.update(at: nodes.count - 1) { $0.hasRoom = false } }
  }

  // MARK: Removing

  /// Deletes an entry; false if it is not there (`streamDeleteItem`).
  package mutating func remove(_ id: StreamID) -> Bool {
    var found: Entry?
    var index = max(0, nodes.partitioningIndex { $0 > id } - 1)
    let start = index
    nodes.forEach(from: start) { node in
      for entry in node.entries where !entry.isDeleted {
        if entry.id > id { return false }
        if entry.id == id {
          found = entry
          return false
        }
      }
      index += 1
      return true
    }
    guard let found, index < nodes.count else { return false }
    if nodes[index].live == 1 {
      nodes.remove(at: index)
    } else {
      nodes.update(at: index) { $0.delete([found]) }
    }
    length &-= 1
    return true
  }

  /// What follows from deleted entries for the first id (`xdelCommand`).
  package mutating func updateFirstID() { firstID = length == 0 ? .min : edgeID(first: true) }

  package enum Trim: Equatable, Sendable {
    case length(Int64)
    case id(StreamID)
  }

  /// Removes the oldest entries, whole nodes only if that is good enough, and at most so many (0: no limit); how many went
  /// (`streamTrim`).
  package mutating func trim(_ trim: Trim, isApproximate: Bool, limit: Int64) -> Int64 {
    var deleted: Int64 = 0
    while let node = nodes.first {
      if case .length(let most) = trim, length <= UInt64(bitPattern: most) { break }
      let entries = node.live
      if limit > 0, deleted &+ entries > limit { break }
      let removesNode =
        switch trim {
        case .length(let most): length &- UInt64(bitPattern: entries) >= UInt64(bitPattern: most)
        case .id(let least): (node.entries.last?.id ?? node.master) < least
        }
      if removesNode {
        nodes.remove(at: 0)
        length &-= UInt64(bitPattern: entries)
        deleted &+= entries
        continue
      }
      if isApproximate { break }
      var gone: [Entry] = []
      var left = length
      for entry in node.entries {
        let stops =
          switch trim {
          case .length(let most): left <= UInt64(bitPattern: most)
          case .id(let least): entry.id >= least
          }
        if stops { break }
        if !entry.isDeleted {
          gone.append(entry)
          left &-= 1
        }
      }
      nodes.update(at: 0) { $0.delete(gone) }
      length = left
      deleted &+= Int64(gone.count)
      break
    }
    if length == 0 {
      firstID = .min
    } else if deleted > 0 {
      firstID = edgeID(first: true)
    }
    return deleted
  }

  // MARK: Loading

  /// From a snapshot (`rdbLoadObject` in rdb.c).
  package init(_ stream: RDB.Stream, nodes pieces: [ValuePiece]) {
    for case .streamNode(let id, let bytes) in pieces {
      let place = nodes.partitioningIndex { $0 >= id }
      nodes.insert(Node(master: id, listpack: Listpack(approved: bytes)), at: place)
    }
    length = stream.length
    lastID = stream.last
    maxDeletedID = stream.maxDeleted ?? .min
    entriesAdded = stream.entriesAdded ?? length
    firstID = stream.first ?? edgeID(first: true)
    for group in stream.groups {
      let place = groups.partitioningIndex { $0.name >= Bytes(group.name) }
      groups.insert(
        ConsumerGroup(group, entriesRead: group.entriesRead ?? distanceFromFirstEver(to: group.lastDelivered) ?? -1),
        at: place)
    }
  }

  /// How many nodes Redis's radix tree of the ids has (`raxSize`, `rax->numnodes` in rax.c): what keys have in common is one
  /// node, where they part is one, and what is left of a key is one with its end.
  package var radixTreeNodes: Int {
    var ids: [StreamID] = []
    forEachNode { ids.append($0.master) }
    return StreamValue.radixTreeNodes(of: ids)
  }

  /// The same of any ids in their order.
  static func radixTreeNodes(of ids: [StreamID]) -> Int {
    ids.isEmpty ? 1 : radixNodes(ids.map(ValueEncoder.key)[...], from: 0)
  }

  private static func radixNodes(_ keys: ArraySlice<[UInt8]>, from depth: Int) -> Int {
    guard let first = keys.first, let last = keys.last, keys.count > 1 else { return depth < 16 ? 2 : 1 }
    var common = depth
    while common < 16, first[common] == last[common] { common += 1 }
    guard common < 16 else { return 1 }
    var nodes = common > depth ? 2 : 1
    var rest = keys
    while let key = rest.first {
      let end = rest.firstIndex { $0[common] != key[common] } ?? rest.endIndex
      nodes += radixNodes(rest[rest.startIndex..<end], from: common + 1)
      rest = rest[end...]
    }
    return nodes
  }
}

extension StreamID {
  package static let min = StreamID(0, 0)
  package static let max = StreamID(.max, .max)

  /// The next one, or nil after the last (`streamIncrID`).
  package var next: StreamID? {
    sequence < .max
      ? StreamID(milliseconds, sequence + 1) : milliseconds < .max ? StreamID(milliseconds + 1, 0) : nil
  }

  /// The one before, or nil before the first (`streamDecrID`).
  package var previous: StreamID? {
    sequence > 0 ? StreamID(milliseconds, sequence - 1) : milliseconds > 0 ? StreamID(milliseconds - 1, .max) : nil
  }
}
