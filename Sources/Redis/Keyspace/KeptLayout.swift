import RDB

/// How Redis 7.0 keeps a value in memory, by the words of `OBJECT ENCODING`.
enum KeptLayout: String, Sendable {
  case quicklist, hashtable, intset, listpack, skiplist, stream, module

  /// What a snapshot of 7.0 writes of it.
  func type(_ kind: ValueKind) -> ValueType {
    switch self {
    case .quicklist: .listQuicklist2
    case .hashtable: kind == .set ? .set : .hash
    case .intset: .setIntset
    case .listpack: kind == .hash ? .hashListpack : .sortedSetListpack
    case .skiplist: .sortedSet2
    case .stream: .stream2
    case .module: .module2
    }
  }
}

extension Configuration {
  /// What loading a value leads to: small ones are packed, by the limits that the directives give (`rdbLoadObject` in
  /// rdb.c).
  func keptLayout(of value: EncodedValue) -> KeptLayout {
    switch value.contents {
    case .string, .module: .module
    case .list: .quicklist
    case .stream: .stream
    case .set(let members):
      members.count <= limit("set-max-intset-entries", 512)
        && (value.type == .setIntset || members.allSatisfy { Integer.parse(Bytes($0)) != nil }) ? .intset : .hashtable
    case .sortedSet(let members):
      members.count <= limit("zset-max-listpack-entries", 128)
        && (value.type.isPacked
          || members.allSatisfy { $0.member.count <= limit("zset-max-listpack-value", 64) })
        ? .listpack : .skiplist
    case .hash(let fields):
      fields.count <= limit("hash-max-listpack-entries", 512)
        && (value.type.isPacked && value.type != .hashZipmap
          || fields.allSatisfy { max($0.field.count, $0.value.count) <= limit("hash-max-listpack-value", 64) })
        ? .listpack : .hashtable
    }
  }

  private func limit(_ directive: String, _ standard: Int) -> Int { others[directive].flatMap { Int($0) } ?? standard }
}

extension ValueType {
  /// A ziplist or listpack in a snapshot stays one, however long its elements are.
  fileprivate var isPacked: Bool {
    switch self {
    case .sortedSetZiplist, .sortedSetListpack, .hashZiplist, .hashListpack, .hashZipmap: true
    default: false
    }
  }
}

extension Node {
  /// What `OBJECT ENCODING` says.
  func encodingName(of value: Value) -> String {
    switch value {
    case .string(let string): string.encoding.name
    case .encoded(let value): configuration.keptLayout(of: value).rawValue
    }
  }
}
