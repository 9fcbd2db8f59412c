import RDB
import RESP

/// What a key holds (`robj` in server.h). Collections lie behind a reference each, which copies share until one of them
/// changes.
package enum Value: Equatable, Sendable {
  case string(StringValue)
  case list(Boxed<Quicklist>)
  case set(Boxed<SetValue>)
  case sortedSet(Boxed<SortedSet>)
  case hash(Boxed<HashValue>)
  case stream(Boxed<StreamValue>)

  /// How many elements a collection has, a stream how many entries; nil for a string.
  var elementCount: Int? {
    switch self {
    case .string: nil
    case .list(let list): list.value.count
    case .set(let set): set.value.count
    case .sortedSet(let set): set.value.count
    case .hash(let hash): hash.value.count
    case .stream(let stream): Int(clamping: stream.value.length)
    }
  }

  package var kind: ValueKind {
    switch self {
    case .string: .string
    case .list: .list
    case .set: .set
    case .sortedSet: .sortedSet
    case .hash: .hash
    case .stream: .stream
    }
  }

  /// What `TYPE` says (`getObjectTypeName` in db.c).
  package var typeName: String { kind.name }

  /// What `OBJECT ENCODING` says (`strEncoding` in object.c).
  package var encodingName: String {
    switch self {
    case .string(let string): string.encoding.name
    case .list: "quicklist"
    case .set(let set): if case .intset = set.value.storage { "intset" } else { "hashtable" }
    case .sortedSet(let set): if case .listpack = set.value.storage { "listpack" } else { "skiplist" }
    case .hash(let hash): if case .listpack = hash.value.storage { "listpack" } else { "hashtable" }
    case .stream: "stream"
    }
  }
}

/// What a key holds if it is of one type: how the commands of that type get at it.
package protocol TypedValue: Equatable, Sendable {
  static var kind: ValueKind { get }
  /// nil if it is of another type.
  init?(_ value: Value)
  /// As a key's value.
  var asValue: Value { get }
  /// Changes it where it is; nil, and nothing happens, if it is of another type.
  static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result?
  /// A key doesn't hold a collection without elements.
  var isEmpty: Bool { get }
}

extension Value {
  /// Stands where a collection was taken out, so that it has no second owner while it changes.
  static let none = Value.string(StringValue(Bytes(), encoding: .raw))
}

extension StringValue: TypedValue {
  package static var kind: ValueKind { .string }
  package init?(_ value: Value) {
    guard case .string(let string) = value else { return nil }
    self = string
  }
  package var asValue: Value { .string(self) }
  package var isEmpty: Bool { bytes.isEmpty }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .string(var string) = value else { return nil }
    value = .none
    defer { value = .string(string) }
    return body(&string)
  }
}

extension Quicklist: TypedValue {
  package static var kind: ValueKind { .list }
  package init?(_ value: Value) {
    guard case .list(let list) = value else { return nil }
    self = list.value
  }
  package var asValue: Value { .list(Boxed(self)) }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .list(var list) = value else { return nil }
    value = .none
    defer { value = .list(list) }
    return body(&list.value)
  }
}

extension SetValue: TypedValue {
  package static var kind: ValueKind { .set }
  package init?(_ value: Value) {
    guard case .set(let set) = value else { return nil }
    self = set.value
  }
  package var asValue: Value { .set(Boxed(self)) }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .set(var set) = value else { return nil }
    value = .none
    defer { value = .set(set) }
    return body(&set.value)
  }
}

extension SortedSet: TypedValue {
  package static var kind: ValueKind { .sortedSet }
  package init?(_ value: Value) {
    guard case .sortedSet(let set) = value else { return nil }
    self = set.value
  }
  package var asValue: Value { .sortedSet(Boxed(self)) }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .sortedSet(var set) = value else { return nil }
    value = .none
    defer { value = .sortedSet(set) }
    return body(&set.value)
  }
}

extension HashValue: TypedValue {
  package static var kind: ValueKind { .hash }
  package init?(_ value: Value) {
    guard case .hash(let hash) = value else { return nil }
    self = hash.value
  }
  package var asValue: Value { .hash(Boxed(self)) }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .hash(var hash) = value else { return nil }
    value = .none
    defer { value = .hash(hash) }
    return body(&hash.value)
  }
}

extension StreamValue: TypedValue {
  package static var kind: ValueKind { .stream }
  package init?(_ value: Value) {
    guard case .stream(let stream) = value else { return nil }
    self = stream.value
  }
  package var asValue: Value { .stream(Boxed(self)) }
  package static func change<Result>(_ value: inout Value, _ body: (inout Self) -> Result) -> Result? {
    guard case .stream(var stream) = value else { return nil }
    value = .none
    defer { value = .stream(stream) }
    return body(&stream.value)
  }
  /// A stream may have no entries.
  package var isEmpty: Bool { false }
}

extension Value {
  /// What COPY puts at the other key (`copyCommand` in db.c; `quicklistDup`, `setTypeDup`, `hashTypeDup`, `zsetDup`).
  var copied: Value {
    switch self {
    case .string(let string):
      .string(StringValue(string.bytes, encoding: string.encoding == .int ? .ownInt : string.encoding))
    case .stream(let stream): stream.value.copied.asValue
    case .list, .set, .sortedSet, .hash: self
    }
  }
}

/// A string and how Redis would keep it, which `OBJECT ENCODING` shows.
package struct StringValue: Equatable, Sendable {
  package enum Encoding: Sendable {
    case int
    /// An integer that COPY made, which is none of those that Redis shares.
    case ownInt
    case embstr
    case raw

    package var name: String {
      switch self {
      case .int, .ownInt: "int"
      case .embstr: "embstr"
      case .raw: "raw"
      }
    }
  }

  package var bytes: Bytes
  package var encoding: Encoding

  package init(_ bytes: Bytes, encoding: Encoding) {
    self.bytes = bytes
    self.encoding = encoding
  }

  /// As `SET` keeps it: an integer if it is one, embedded up to 44 bytes, else by itself.
  package init(_ bytes: Bytes) {
    if bytes.count <= 20, Integer.parse(bytes) != nil {
      self.init(bytes, encoding: .int)
    } else {
      self.init(bytes, encoding: bytes.count <= 44 ? .embstr : .raw)
    }
  }
}
