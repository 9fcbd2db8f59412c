import RESP

/// A binary-safe string: a key, a value, an argument of a command. How it is kept is its own affair.
package struct Bytes: Sendable {
  /// Most keys and values are short: those are kept in place, without a piece of memory of their own.
  private enum Storage: Sendable {
    case short(ShortBytes)
    /// Invariant: longer than `ShortBytes.capacity`, so that there is one way to keep a string.
    case array([UInt8])
  }

  private var storage: Storage

  @inline(__always)
  private init(_ storage: Storage) { self.storage = storage }

  package init() { storage = .short(ShortBytes()) }

  package init(_ bytes: [UInt8]) {
    if bytes.count > ShortBytes.capacity {
      storage = .array(bytes)
    } else {
      self = unsafe bytes.withUnsafeBytes { unsafe Bytes(short: $0) }
    }
  }

  package init(_ bytes: some Sequence<UInt8>) {
    if let copy = bytes.withContiguousStorageIfAvailable({ unsafe Bytes(copying: UnsafeRawBufferPointer($0)) }) {
      self = copy
    } else {
      self.init(Array(bytes))
    }
  }

  package init(_ bytes: Span<UInt8>) { self = unsafe bytes.withUnsafeBytes { unsafe Bytes(copying: $0) } }

  package init(_ text: String) { self = text.withBytes { Bytes($0) } }

  /// The decimal text of an integer.
  package init(_ number: Int64) { self.init(Int(number)) }
  package init(_ number: Int) {
    var digits: [UInt8] = []
    digits.append(decimal: number)
    self.init(digits)
  }

  /// A copy of what is in memory there.
  @inline(__always)
  package init(copying bytes: UnsafeRawBufferPointer) {
    self = unsafe bytes.count > ShortBytes.capacity ? Bytes(.array(Array(bytes))) : Bytes(short: bytes)
  }

  @inline(__always)
  private init(short bytes: UnsafeRawBufferPointer) { storage = unsafe .short(ShortBytes(bytes)) }

  package var count: Int {
    @inline(__always) get {
      switch storage {
      case .short(let short): Int(short.count)
      case .array(let array): array.count
      }
    }
  }

  package var isEmpty: Bool { count == 0 }

  package subscript(index: Int) -> UInt8 {
    switch storage {
    case .short(let short): short[index]
    case .array(let array): array[index]
    }
  }

  package subscript(range: Range<Int>) -> Bytes {
    withSpan { Bytes($0.extracting(range)) }
  }

  /// The bytes as an array: a copy where they are few.
  package var array: [UInt8] {
    switch storage {
    case .short(let short): short.withSpan { $0.array }
    case .array(let array): array
    }
  }

  /// What `body` makes of the bytes where they are.
  @inline(__always)
  package func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
    switch storage {
    case .short(let short): try short.withSpan(body)
    case .array(let array): try body(array.span)
    }
  }

  /// The bytes as text, which is these bytes again where it is written.
  package var text: String { withSpan { String(bytes: $0) } }

  package func prefix(_ count: Int) -> Bytes { count < self.count ? self[0..<max(0, count)] : self }

  /// Changes the bytes where they are.
  mutating func change<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
    var array = array
    storage = .short(ShortBytes())
    defer { self = Bytes(array) }
    return body(&array)
  }

  package mutating func append(_ other: Bytes) {
    change { array in other.withSpan { array.append(contentsOf: $0) } }
  }

  package func lowercased() -> Bytes { Bytes(array.map(asciiLowercase)) }
  package func uppercased() -> Bytes {
    Bytes(array.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 32 : $0 })
  }

  /// Whether this is `word` in any case, as strcasecmp(3) finds it, to which a string ends at its first NUL: how Redis
  /// compares the names of options.
  package func matches(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count >= length else { return false }
    return withSpan { bytes in
      guard bytes.count == length || bytes[length] == 0 else { return false }
      return word.withUTF8Buffer { utf8 in
        for i in 0..<length where unsafe asciiLowercase(bytes[i]) != asciiLowercase(utf8[i]) { return false }
        return true
      }
    }
  }

  /// Up to the first NUL, where a string ends for C.
  package var upToNUL: Bytes {
    let end = withSpan { bytes in bytes.indices.first { bytes[$0] == 0 } }
    return end.map { self[0..<$0] } ?? self
  }

  /// As `%s` of printf(3) writes it into an error.
  var printed: String { upToNUL.text }

  /// The name of an option in lower case, as far as strcasecmp(3) compares it.
  var word: String { upToNUL.lowercased().text }
}

/// A few bytes in place; those behind the last are 0, so that two are the same if their words are.
private struct ShortBytes: Equatable, Sendable {
  static let capacity = 14

  private var first: UInt64 = 0
  private var second: UInt32 = 0
  private var third: UInt16 = 0
  private(set) var count: UInt8 = 0

  @inline(__always)
  init() {}

  /// There are at most `capacity` of them.
  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    var rest: UInt64 = 0
    // Loads that overlap rather than a loop.
    if count >= 8 {
      first = unsafe bytes.loadUnaligned(as: UInt64.self)
      rest = unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) >> UInt64(8 * (16 - count))
    } else if count >= 4 {
      let end = unsafe bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      first = unsafe UInt64(bytes.loadUnaligned(as: UInt32.self)) | UInt64(end) << UInt64(8 * (count - 4))
    } else if count > 0 {
      let (start, middle, end) = unsafe (UInt64(bytes[0]), UInt64(bytes[count / 2]), UInt64(bytes[count - 1]))
      first = start | middle << UInt64(8 * (count / 2)) | end << UInt64(8 * (count - 1))
    }
    second = UInt32(truncatingIfNeeded: rest)
    third = UInt16(truncatingIfNeeded: rest >> 32)
    self.count = UInt8(truncatingIfNeeded: count)
  }

  /// Its bytes in two words, the first byte lowest.
  var words: (UInt64, UInt64) {
    @inline(__always) get { (first, UInt64(second) | UInt64(third) << 32) }
  }

  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    let word = index < 8 ? words.0 : words.1
    return UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7)))
  }

  @inline(__always)
  func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
    try unsafe withUnsafeBytes(of: self) { memory in
      try unsafe body(memory.assumingMemoryBound(to: UInt8.self).span.extracting(first: Int(count)))
    }
  }
}

@inline(__always) func asciiLowercase(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
}

extension String {
  /// Up to the first NUL, where a string ends for C.
  var upToNUL: String { utf8.contains(0) ? String(unicodeScalars.prefix { $0 != "\0" }) : self }
}

extension StringProtocol {
  /// In lower case as tolower(3) has it in the C locale, which Redis keeps to.
  func asciiLowercased() -> String { String(decoding: utf8.map(asciiLowercase), as: UTF8.self) }
}

extension Bytes: ExpressibleByStringLiteral {
  package init(stringLiteral text: StaticString) {
    self = text.withUTF8Buffer { unsafe Bytes(copying: UnsafeRawBufferPointer($0)) }
  }
}

extension Bytes: Comparable {
  package static func < (a: Bytes, b: Bytes) -> Bool {
    a.withSpan { a in b.withSpan { b in a.precedes(b) } }
  }
}

extension Bytes: CustomStringConvertible {
  package var description: String { text }
}

extension Bytes: Hashable {
  @inline(__always)
  package static func == (a: Bytes, b: Bytes) -> Bool {
    switch (a.storage, b.storage) {
    case (.short(let a), .short(let b)): a.words == b.words && a.count == b.count
    case (.array(let a), .array(let b)): a == b
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(fastHash(seed: 0)) }

  /// A hash that is the same in every process for the same seed (wyhash's mixing): the standard library's changes from
  /// run to run, and costs three times as much on short keys.
  package func fastHash(seed: UInt64) -> UInt64 {
    switch storage {
    case .short(let short): wyhash(short.words, count: Int(short.count), seed)
    case .array(let array): unsafe array.withUnsafeBytes { unsafe wyhash($0, seed) }
    }
  }

  package func _rawHashValue(seed: Int) -> Int {
    Int(truncatingIfNeeded: fastHash(seed: UInt64(truncatingIfNeeded: seed)))
  }
}

@inline(__always) private func wyhashMix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.low ^ product.high
}

/// Of at most sixteen bytes in two words.
@inline(__always) private func wyhash(_ words: (UInt64, UInt64), count: Int, _ seed: UInt64) -> UInt64 {
  let (first, second) = (UInt64(0xa076_1d64_78bd_642f), UInt64(0xe703_7ed1_a0b4_28db))
  return wyhashMix(second ^ UInt64(count), wyhashMix(words.0 ^ second, words.1 ^ seed ^ first))
}

/// Of more than `ShortBytes.capacity`.
@inline(__always) private func wyhash(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
  let (first, second) = (UInt64(0xa076_1d64_78bd_642f), UInt64(0xe703_7ed1_a0b4_28db))
  let count = bytes.count
  var hash = seed ^ first
  var i = 0
  while count - i > 16 {
    let a = unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
    let b = unsafe bytes.loadUnaligned(fromByteOffset: i + 8, as: UInt64.self)
    hash = wyhashMix(a ^ second, b ^ hash)
    i += 16
  }
  // The last sixteen, some of them a second time.
  let a = unsafe bytes.loadUnaligned(fromByteOffset: count >= 16 ? count - 16 : 0, as: UInt64.self)
  let b = unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
  return wyhashMix(second ^ UInt64(count), wyhashMix(a ^ second, b ^ hash))
}
