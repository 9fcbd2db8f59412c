/// Redis's fingerprint of a data set, which does not depend on the order of its keys (debug.c; PROTOCOL.md section 5).
package struct Digest: Equatable, Sendable, CustomStringConvertible {
  /// 20 bytes, at first all zero.
  private var bytes = [UInt8](repeating: 0, count: 20)

  package init() {}

  /// Adds without regard to order.
  mutating func xor(_ data: [UInt8]) {
    for (index, byte) in SHA1.hash(data).enumerated() { bytes[index] ^= byte }
  }

  /// Adds so that order counts.
  mutating func mix(_ data: [UInt8]) {
    xor(data)
    bytes = SHA1.hash(bytes)
  }

  mutating func xor(_ other: Digest) { xor(other.bytes) }

  /// Forty digits.
  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
      UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
    ]
  }

  /// Adds a value and its expiry.
  mutating func add(_ entry: Database.Entry) {
    switch entry.value {
    case .string(let string):
      mix(Digest.bigEndian(0))
      mix(string.bytes.array)
    }
    if entry.expiry != nil { xor(Array("!!expire!!".utf8)) }
  }

  /// Of all databases.
  package init(of databases: [Database]) {
    for (number, database) in databases.enumerated() where !database.isEmpty {
      mix(Digest.bigEndian(UInt32(number)))
      database.forEach { key, entry in
        var digest = Digest()
        digest.mix(key.array)
        digest.add(entry)
        xor(digest)
      }
    }
  }

  /// Of one value, without its key.
  package init(of entry: Database.Entry?) {
    if let entry { add(entry) }
  }
}
