import Glibc

/// Redis's fingerprint of a data set, which does not depend on the order of its keys: what DEBUG DIGEST prints (debug.c;
/// docs/PROTOCOL.md, 6).
package struct Digest: Equatable, Sendable, CustomStringConvertible {
  /// 20 bytes, at first all zero.
  private var bytes = [UInt8](repeating: 0, count: 20)

  package init() {}

  /// Adds without regard to order (`xorDigest` in debug.c).
  private mutating func xor(_ data: [UInt8]) {
    for (index, byte) in SHA1.hash(data).enumerated() { bytes[index] ^= byte }
  }

  /// Adds so that order counts (`mixDigest` in debug.c).
  private mutating func mix(_ data: [UInt8]) {
    xor(data)
    bytes = SHA1.hash(bytes)
  }

  private mutating func xor(_ other: Digest) { xor(other.bytes) }

  private mutating func mix(_ number: UInt32) {
    var bigEndian: [UInt8] = []
    bigEndian.appendBigEndian(UInt64(number), bytes: 4)
    mix(bigEndian)
  }

  /// Forty digits.
  package var description: String { String(decoding: SHA1.hexadecimal(bytes), as: UTF8.self) }
}

// What it is taken of: databases in the order of their numbers, each begun once and left out if it is empty.
extension Digest {
  package mutating func beginDatabase(_ number: Int) { mix(UInt32(truncatingIfNeeded: number)) }

  /// Adds a key of the database that was begun last (`computeDatasetDigest` in debug.c).
  package mutating func add(key: [UInt8], _ contents: Contents, expires: Bool) {
    var digest = Digest()
    digest.mix(key)
    digest.add(contents, expires: expires)
    xor(digest)
  }

  /// Adds a value by itself, as DEBUG DIGEST-VALUE does (`xorObjectDigest` in debug.c).
  package mutating func add(_ contents: Contents, expires: Bool) {
    mix(contents.kind.rawValue)
    add(contents)
    if expires { xor(Array("!!expire!!".utf8)) }
  }

  private mutating func add(_ contents: Contents) {
    switch contents {
    case .string(let string): mix(string)
    case .list(let elements): for element in elements { mix(element) }
    case .set(let members): for member in members { xor(member) }
    case .sortedSet(let members):
      for member in members { xor(Digest(of: [member.member, Digest.text(member.score)])) }
    case .hash(let fields):
      for field in fields {
        var digest = Digest(of: [field.field, field.value])
        if field.expiry != nil { digest.xor(Array("!!hexpire!!".utf8)) }
        xor(digest)
      }
    case .stream(let stream):
      for entry in stream.entries {
        mix(Array("\(entry.id.milliseconds).\(entry.id.sequence)".utf8))
        for field in entry.fields {
          mix(field.field)
          mix(field.value)
        }
      }
    // Only the module could tell what it holds.
    case .module: break
    }
  }

  private init(of parts: [[UInt8]]) {
    for part in parts { mix(part) }
  }

  /// C's `%.17g`, as 7.0 mixes it in; later versions write the shortest text.
  private static func text(_ score: Double) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe withVaList([score]) { unsafe vsnprintf(&buffer, buffer.count, "%.17g", $0) }
    return buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
  }
}
