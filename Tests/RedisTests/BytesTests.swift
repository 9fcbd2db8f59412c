import RESP
import Testing

@testable import Redis

/// A short string is kept in place, a longer one in an array: nobody can tell which.
@Suite("A string of bytes") struct BytesTests {
  /// Strings of each length around the border, with zeros at their ends and within them, and some that differ in one byte.
  private static let strings: [[UInt8]] = {
    var random = SeededRandom(seed: 1)
    var all: [[UInt8]] = []
    for count in 0...40 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      all += [bytes, Array(repeating: 0, count: count), Array(repeating: 255, count: count)]
      for index in bytes.indices {
        all.append(bytes)
        all[all.count - 1][index] ^= 1
      }
    }
    return all
  }()

  @Test("has the bytes that it was made of, however it was made") func isWhatItWasMadeOf() {
    for bytes in Self.strings {
      let made = [
        Bytes(bytes), Bytes(bytes[...]), Bytes(bytes.lazy.map { $0 }), Bytes(bytes.span),
        Bytes([1] + bytes)[1..<bytes.count + 1],
        Bytes(bytes + [1]).prefix(bytes.count),
      ]
      for string in made {
        #expect(string.array == bytes)
        #expect(string.count == bytes.count && string.isEmpty == bytes.isEmpty)
        #expect((0..<string.count).map { string[$0] } == bytes)
        #expect(string.withSpan { $0.array } == bytes)
        #expect(string == made[0] && string.hashValue == made[0].hashValue)
        #expect(string.fastHash(seed: 7) == made[0].fastHash(seed: 7))
      }
    }
  }

  @Test("is equal to, and comes before, what its bytes are and do") func isOrdered() {
    for (index, a) in Self.strings.enumerated() {
      for b in Self.strings[max(0, index - 60)...index] {
        #expect((Bytes(a) == Bytes(b)) == (a == b))
        #expect((Bytes(a) < Bytes(b)) == a.lexicographicallyPrecedes(b))
        if a != b { #expect(Bytes(a).fastHash(seed: 3) != Bytes(b).fastHash(seed: 3)) }
      }
    }
  }

  @Test("grows and shrinks across the border") func changes() {
    for bytes in Self.strings {
      for added in [0, 1, 3, 14, 15, 20] {
        let tail = [UInt8](repeating: 9, count: added)
        var string = Bytes(bytes)
        string.append(Bytes(tail))
        #expect(string == Bytes(bytes + tail))
        let removed = string.change { array in
          array.removeLast(added)
          return added
        }
        #expect(removed == added && string == Bytes(bytes))
      }
    }
    #expect(
      [0, 7, -7, .max, .min].map { Bytes($0 as Int64).text } == ["0", "7", "-7", "\(Int64.max)", "\(Int64.min)"])
    #expect(
      Bytes("MaxLen").matches("maxlen") && !Bytes("maxle").matches("maxlen") && !Bytes("maxlem").matches("maxlen"))
  }

  @Test("is written as a bulk string of any length") func isWritten() {
    for count in [0, 1, 9, 10, 11, 14, 15, 99, 100, 101, 999, 1_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var written: [UInt8] = [1, 2]
      written.append(bulk: bytes)
      #expect(written == [1, 2] + Array("$\(count)\r\n".utf8) + bytes + [13, 10])
    }
  }
}
