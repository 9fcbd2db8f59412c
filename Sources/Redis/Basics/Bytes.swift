import RESP

/// A binary-safe string: a key, a value, an argument of a command. How it is kept is its own affair.
package struct Bytes: Sendable {
  private var storage: [UInt8]

  package init() { storage = [] }
  package init(_ bytes: [UInt8]) { storage = bytes }
  package init(_ bytes: some Sequence<UInt8>) { storage = Array(bytes) }
  package init(_ bytes: Span<UInt8>) { storage = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) } }
  package init(_ text: String) { storage = Array(text.utf8) }
  /// The decimal text of an integer.
  package init(_ number: Int64) { self.init(Int(number)) }
  package init(_ number: Int) {
    storage = []
    storage.append(decimal: number)
  }

  package var count: Int { storage.count }
  package var isEmpty: Bool { storage.isEmpty }
  package subscript(index: Int) -> UInt8 { storage[index] }
  package subscript(range: Range<Int>) -> Bytes { Bytes(storage[range]) }
  /// The bytes, without a copy where the representation allows it.
  package var array: [UInt8] { storage }
  /// The bytes as text for a log line or a reply: what is not UTF-8 is replaced.
  package var text: String { String(decoding: storage, as: UTF8.self) }

  package func prefix(_ count: Int) -> Bytes { Bytes(storage.prefix(max(0, count))) }

  /// Changes the bytes where they are.
  mutating func change<Result>(_ body: (inout [UInt8]) -> Result) -> Result { body(&storage) }

  package mutating func append(_ other: Bytes) { storage.append(contentsOf: other.storage) }

  package func lowercased() -> Bytes { Bytes(storage.map(asciiLowercase)) }
  package func uppercased() -> Bytes {
    Bytes(storage.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 32 : $0 })
  }

  /// Whether this is `word` in any case: how Redis compares the names of commands and options.
  package func matches(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { utf8 in
      guard utf8.count == storage.count else { return false }
      for i in 0..<storage.count where unsafe asciiLowercase(storage[i]) != asciiLowercase(utf8[i]) { return false }
      return true
    }
  }
}

@inline(__always) func asciiLowercase(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
}

extension Bytes: ExpressibleByStringLiteral {
  package init(stringLiteral text: StaticString) {
    storage = text.withUTF8Buffer { unsafe Array($0) }
  }
}

extension Bytes: Comparable {
  package static func < (a: Bytes, b: Bytes) -> Bool { a.storage.lexicographicallyPrecedes(b.storage) }
}

extension Bytes: CustomStringConvertible {
  package var description: String { text }
}

extension Bytes: Hashable {
  package static func == (a: Bytes, b: Bytes) -> Bool { a.storage == b.storage }

  package func hash(into hasher: inout Hasher) { hasher.combine(fastHash(seed: 0)) }

  /// A hash that is the same in every process for the same seed (wyhash's mixing): the standard library's changes from
  /// run to run, and costs three times as much on short keys.
  package func fastHash(seed: UInt64) -> UInt64 {
    unsafe storage.withUnsafeBytes { unsafe wyhash($0, seed) }
  }

  package func _rawHashValue(seed: Int) -> Int {
    Int(truncatingIfNeeded: fastHash(seed: UInt64(truncatingIfNeeded: seed)))
  }
}

@inline(__always) private func wyhash(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
  @inline(__always) func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
  }
  let first: UInt64 = 0xa076_1d64_78bd_642f
  let second: UInt64 = 0xe703_7ed1_a0b4_28db
  let count = bytes.count
  var hash = seed ^ first
  var i = 0
  while count - i > 16 {
    let a = unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
    let b = unsafe bytes.loadUnaligned(fromByteOffset: i + 8, as: UInt64.self)
    hash = mix(a ^ second, b ^ hash)
    i += 16
  }
  var a: UInt64 = 0
  var b: UInt64 = 0
  let rest = count - i
  if rest >= 8 {
    a = unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
    b = unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
  } else if rest >= 4 {
    a = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
    b = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
  } else if rest > 0 {
    a = unsafe UInt64(bytes[i]) << 16 | UInt64(bytes[i + rest / 2]) << 8 | UInt64(bytes[count - 1])
  }
  return mix(second ^ UInt64(count), mix(a ^ second, b ^ hash))
}
