// The rule by which `used_memory` follows from the data: for each piece that Redis asks its allocator for, what jemalloc
// gives for it (docs/INFO.md, Memory). Every value knows its own in O(1), whatever it holds.

import RESP

/// How many bytes Redis's structures have on a 64-bit machine (`sizeof`); what they get is a size of jemalloc's.
enum Sizeof {
  static let robj = 16
  static let dictEntry = 24
  static let dict = 56
  static let quicklist = 40
  static let quicklistNode = 40
  static let zset = 16
  static let zskiplist = 32
  static let stream = 80
  static let rax = 24
  static let raxNode = 4
  static let streamID = 16
  static let streamCG = 40
  static let streamConsumer = 24
  static let streamNACK = 24
  /// The head of a skip list: a node with 32 levels.
  static let zskiplistHeader = 24 + 32 * 16
}

extension Jemalloc {
  static let robj = size(for: Sizeof.robj)
  static let dictEntry = size(for: Sizeof.dictEntry)
  static let zskiplistHeader = size(for: Sizeof.zskiplistHeader)
  /// A node of a skip list has one level, in one of four cases two, in one of 16 three, and so on: chance, of which this
  /// is what so many come to.
  static func zskiplistNodes(_ count: Int) -> Int { count * 160 / 3 }
}

extension Value {
  /// What the value takes of memory, without its key.
  package var memory: Int {
    switch self {
    case .string(let string): string.memory
    case .list(let list): list.value.memory
    case .set(let set): set.value.memory
    case .sortedSet(let set): set.value.memory
    case .hash(let hash): hash.value.memory
    case .stream(let stream): stream.value.memory
    }
  }
}

extension Value {
  var sharedInteger: Int? { if case .string(let string) = self { string.sharedInteger } else { nil } }
}

extension StringValue {
  /// Redis has one object for each of the integers below 10,000, which all keys share (`OBJ_SHARED_INTEGERS`).
  var isSharedInteger: Bool { encoding == .int && bytes.count <= 4 && bytes.count > 0 && bytes[0] != UInt8(ascii: "-") }

  /// Which of them it is.
  var sharedInteger: Int? { isSharedInteger ? bytes.array.reduce(0) { $0 * 10 + Int($1) - 48 } : nil }

  var memory: Int { isSharedInteger ? 0 : computedSize }

  /// What MEMORY USAGE counts: an integer as if nobody shared it.
  var computedSize: Int {
    switch encoding {
    case .int, .ownInt: Jemalloc.robj
    // With the header of the string (sdshdr8) and its final zero.
    case .embstr: Jemalloc.size(for: Sizeof.robj + 4 + bytes.count)
    case .raw: Jemalloc.robj + Jemalloc.size(forSds: bytes.count)
    }
  }
}

extension Listpack {
  package var memory: Int { Jemalloc.size(for: byteCount) }
}

extension Intset {
  package var memory: Int { Jemalloc.size(for: byteCount) }
}

extension Quicklist.Node {
  package var memory: Int {
    Jemalloc.size(for: Sizeof.quicklistNode) + entryMemory
  }

  /// What is in the node.
  var entryMemory: Int {
    switch self {
    case .packed(let listpack, _): listpack.memory
    case .plain(let bytes): Jemalloc.size(for: bytes.count)
    }
  }
}

extension Quicklist {
  package var memory: Int { Jemalloc.robj + Jemalloc.size(for: Sizeof.quicklist) + nodesMemory }
}

/// What belongs to the key of a hash table.
package protocol DictPayload: Equatable, Sendable {
  /// What it takes of memory besides the table's entry.
  var memory: Int { get }
  /// How often Redis looks the key up before it adds it.
  static var lookupsBeforeAdding: Int { get }
}

extension Double: DictPayload {
  /// A score is the sorted set's.
  package var memory: Int { 0 }
  package static var lookupsBeforeAdding: Int { 1 }
}

extension SetValue.Nothing: DictPayload {
  package var memory: Int { 0 }
  package static var lookupsBeforeAdding: Int { 0 }
}

extension Bytes: DictPayload {
  package var memory: Int { Jemalloc.size(forSds: count) }
  package static var lookupsBeforeAdding: Int { 1 }
}

/// Who has read a key: what CLIENT TRACKING takes of memory is not counted.
extension [Int]: DictPayload {
  package var memory: Int { 0 }
  package static var lookupsBeforeAdding: Int { 0 }
}

extension Dict {
  /// The table with its keys and with what belongs to them.
  package var memory: Int {
    Jemalloc.size(for: Sizeof.dict) + size.memory + count * Jemalloc.dictEntry + keyMemory
  }
}

extension SetValue {
  package var memory: Int {
    switch storage {
    case .intset(let intset): Jemalloc.robj + intset.memory
    case .hashtable(let table): Jemalloc.robj + table.memory
    }
  }
}

extension HashValue {
  package var memory: Int {
    switch storage {
    case .listpack(let listpack): Jemalloc.robj + listpack.memory
    case .hashtable(let table): Jemalloc.robj + table.memory
    }
  }
}

extension SortedSet {
  package var memory: Int {
    switch storage {
    case .listpack(let listpack): Jemalloc.robj + listpack.memory
    case .skiplist(let list):
      Jemalloc.robj + Jemalloc.size(for: Sizeof.zset) + Jemalloc.size(for: Sizeof.zskiplist) + Jemalloc.zskiplistHeader
        + Jemalloc.zskiplistNodes(count) + list.value.scores.memory
    }
  }
}

extension StreamValue.Node {
  /// What the listpack takes, with the room that it has for more (`STREAM_LISTPACK_MAX_PRE_ALLOCATE`).
  var allocated: Int { hasRoom ? max(listpack.memory, 4096) : listpack.memory }

  /// With its part of the radix tree [measured: about 40 bytes for ids of successive milliseconds].
  package var memory: Int { listpack.memory + 40 }
}

extension StreamValue {
  package var memory: Int {
    var sum = Jemalloc.robj + Jemalloc.size(for: Sizeof.stream) + Jemalloc.size(for: Sizeof.rax) + nodes.memory
    if !nodes.isEmpty {
      sum += nodes.look(at: nodes.count - 1) { $0.allocated - $0.listpack.memory }
    }
    // Pending entries are in two radix trees, of the group and of the consumer [measured: 116 bytes for both].
    for group in groups {
      sum += Jemalloc.size(for: Sizeof.streamCG) + 2 * Jemalloc.size(for: Sizeof.rax)
      sum += group.pending.count * (Jemalloc.size(for: Sizeof.streamNACK) + 116)
      sum += group.consumers.count * (Jemalloc.size(for: Sizeof.streamConsumer) + 96)
    }
    return sum
  }
}
