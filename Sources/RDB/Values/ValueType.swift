/// The byte in front of a key: what its value is, and in which layout.
///
/// Source: rdb.h; the names are those that redis-check-rdb prints. Numbers 20 to 25 came after 7.0. Valkey gave 22 another
/// meaning: a case of its own, 256 above the byte.
package enum ValueType: UInt16, CaseIterable, Sendable {
  case string = 0
  case list = 1
  case set = 2
  case sortedSet = 3
  case hash = 4
  case sortedSet2 = 5
  case modulePreGA = 6
  case module2 = 7
  case hashZipmap = 9
  case listZiplist = 10
  case setIntset = 11
  case sortedSetZiplist = 12
  case hashZiplist = 13
  case listQuicklist = 14
  case stream = 15
  case hashListpack = 16
  case sortedSetListpack = 17
  case listQuicklist2 = 18
  case stream2 = 19
  case setListpack = 20
  case stream3 = 21
  case hashMetadataPreGA = 22
  case hashListpackExPreGA = 23
  case hashMetadata = 24
  case hashListpackEx = 25
  case valkeyHash2 = 278

  /// What the byte stands for; nil if nothing that is known.
  package init?(byte: UInt8, isValkey: Bool = false) {
    if isValkey && byte == 22 { self = .valkeyHash2 } else { self.init(rawValue: UInt16(byte)) }
  }

  package var byte: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

  package var name: String {
    switch self {
    case .string: "string"
    case .list: "list-linked"
    case .set: "set-hashtable"
    case .sortedSet: "zset-v1"
    case .hash: "hash-hashtable"
    case .sortedSet2: "zset-v2"
    case .modulePreGA: "module-pre-release"
    case .module2: "module-value"
    case .hashZipmap: "hash-zipmap"
    case .listZiplist: "list-ziplist"
    case .setIntset: "set-intset"
    case .sortedSetZiplist: "zset-ziplist"
    case .hashZiplist: "hash-ziplist"
    case .listQuicklist: "quicklist"
    case .stream: "stream"
    case .hashListpack: "hash-listpack"
    case .sortedSetListpack: "zset-listpack"
    case .listQuicklist2: "quicklist-v2"
    case .stream2: "stream-v2"
    case .setListpack: "set-listpack"
    case .stream3: "stream-v3"
    case .hashMetadataPreGA: "hash-hashtable-md-pre-release"
    case .hashListpackExPreGA: "hash-listpack-md-pre-release"
    case .hashMetadata: "hash-hashtable-md"
    case .hashListpackEx: "hash-listpack-md"
    case .valkeyHash2: "hash-hashtable-v2"
    }
  }

  /// The first version of the format that has it, as far as a reader has to know: 10 for all that Redis 7.0 reads.
  package var version: Int {
    switch self {
    case .setListpack, .stream3: 11
    case .hashMetadataPreGA, .hashListpackExPreGA, .hashMetadata, .hashListpackEx: 12
    case .valkeyHash2: 80
    default: 10
    }
  }

  /// Whether a server 7.0 keeps in memory what stands in the snapshot, and does not look into it.
  var isKeptInPieces: Bool {
    switch self {
    case .listQuicklist2, .setIntset, .hashListpack, .sortedSetListpack: true
    default: false
    }
  }

  /// Whether it is nothing but a count and so many elements, each a string of its own.
  var isElementByElement: Bool {
    switch self {
    case .list, .set, .hash, .sortedSet, .sortedSet2: true
    default: false
    }
  }

  package var kind: ValueKind {
    switch self {
    case .string: .string
    case .list, .listZiplist, .listQuicklist, .listQuicklist2: .list
    case .set, .setIntset, .setListpack: .set
    case .sortedSet, .sortedSet2, .sortedSetZiplist, .sortedSetListpack: .sortedSet
    case .hash, .hashZipmap, .hashZiplist, .hashListpack, .hashMetadataPreGA, .hashListpackExPreGA, .hashMetadata,
      .hashListpackEx, .valkeyHash2:
      .hash
    case .stream, .stream2, .stream3: .stream
    case .modulePreGA, .module2: .module
    }
  }
}

/// What a value is, whatever its layout. The number is that of server.h, which DEBUG DIGEST mixes in.
package enum ValueKind: UInt32, CaseIterable, Sendable {
  case string = 0
  case list = 1
  case set = 2
  case sortedSet = 3
  case hash = 4
  case module = 5
  case stream = 6

  /// What `TYPE` says.
  package var name: String {
    switch self {
    case .string: "string"
    case .list: "list"
    case .set: "set"
    case .sortedSet: "zset"
    case .hash: "hash"
    case .module: "module"
    case .stream: "stream"
    }
  }
}
