import RESP
import TestSupport
import Testing

/// The scanner beside the decoder: where each reply ends, what kind it is, and why bytes are refused.
@Suite struct ReplyScannerTests {
  /// What is found in bytes.
  struct Found: Equatable {
    var ends: [Int] = []
    /// The type byte, whether it is nothing, and how much an integer or an aggregate says.
    var kinds: [[Int64]] = []
    var error: ProtocolError?
  }

  static func decoded(_ bytes: [UInt8]) -> Found {
    var decoder = ReplyDecoder()
    var found = Found()
    decoder.feed(bytes)
    do throws(ProtocolError) {
      while let value = try decoder.next() {
        found.ends.append(decoder.consumedByteCount)
        found.kinds.append(kind(value))
      }
    } catch {
      found.error = error
    }
    return found
  }

  /// What the scanner finds while bytes come in pieces of `size`; it is asked again only when it has what it wanted.
  static func scanned(_ bytes: [UInt8], pieces size: Int) -> Found {
    var scanner = ReplyScanner()
    var found = Found()
    var position = 0
    do throws(ProtocolError) {
      for end in stride(from: size, to: bytes.count + size, by: size).map({ min($0, bytes.count) }) {
        let there = bytes[..<end]
        while end - position >= scanner.wanted {
          guard try scanner.next(in: there.span, at: &position) else { break }
          found.ends.append(position)
          found.kinds.append(
            scanner.isNull ? [0] : [Int64(scanner.type), counts.contains(scanner.type) ? scanner.number : 0])
        }
      }
    } catch {
      found.error = error
    }
    return found
  }

  /// The types that come with a number.
  private static let counts = Array(":*%~>|".utf8)

  static func kind(_ value: Value) -> [Int64] {
    func type(_ letter: Unicode.Scalar, _ number: Int = 0) -> [Int64] { [Int64(letter.value), Int64(number)] }
    switch value {
    case .simple: return type("+")
    case .error: return type("-")
    case .integer(let number): return [0x3A, number]
    case .bulk: return type("$")
    case .null: return [0]
    case .array(let elements): return type("*", elements.count)
    case .map(let pairs): return type("%", pairs.count)
    case .set(let elements): return type("~", elements.count)
    case .double: return type(",")
    case .boolean: return type("#")
    case .bigNumber: return type("(")
    case .verbatim: return type("=")
    case .push(let elements): return type(">", elements.count)
    case .attribute(let pairs, _): return type("|", pairs.count)
    }
  }

  @Test("It finds what the decoder reads, however the bytes come", arguments: ReplyTests.accepted.map(\.0))
  func accepts(input: String) {
    let expected = Self.decoded(input.latin1)
    #expect(expected.error == nil)
    for size in 1...input.latin1.count { #expect(Self.scanned(input.latin1, pieces: size) == expected) }
  }

  @Test("It refuses what the decoder refuses, with the same words", arguments: ReplyTests.refused.map(\.0))
  func refuses(input: String) {
    let bytes = "+OK\r\n".latin1 + input.latin1
    let expected = Self.decoded(bytes)
    #expect(expected.error != nil)
    for size in [1, 2, 3, 7, 4096, bytes.count] where bytes.count / size < 10_000 {
      #expect(Self.scanned(bytes, pieces: size) == expected, "pieces of \(size)")
    }
  }

  @Test("Replies made by chance, spoilt by chance, cut by chance", arguments: 1...8 as ClosedRange<UInt64>)
  func random(seed: UInt64) {
    var random = TestRandom(seed: seed)
    for round in 0..<400 {
      var bytes = (0..<3).flatMap { _ in Self.reply(3, &random) }
      if round % 2 == 0 {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = "\r\n$*:+-0123456789%~>|_#,(=x".utf8.randomElement(using: &random) ?? 0
        case 1: bytes.remove(at: place)
        default: bytes.removeSubrange(place...)
        }
      }
      let expected = Self.decoded(bytes)
      for size in [bytes.count + 1, 1, Int.random(in: 2...20, using: &random)] {
        #expect(
          Self.scanned(bytes, pieces: size) == expected, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
    }
  }

  /// A whole reply whose aggregates are no deeper than `depth`.
  private static func reply(_ depth: Int, _ random: inout TestRandom) -> [UInt8] {
    func elements(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in reply(depth - 1, &random) } }
    let count = Int.random(in: 0...3, using: &random)
    switch Int.random(in: 0..<(depth > 0 ? 15 : 9), using: &random) {
    case 0: return "+OK\r\n".latin1
    case 1: return "-ERR some words\r\n".latin1
    case 2: return ":\(Int64.random(in: .min ... .max, using: &random))\r\n".latin1
    case 3:
      return "$\(count)\r\n".latin1 + (0..<count).map { _ in "a\r\n$".utf8.randomElement(using: &random) ?? 0 } + [
        13, 10,
      ]
    case 4: return ["$-1\r\n", "*-1\r\n", "_\r\n"][min(count, 2)].latin1
    case 5: return [",3.25\r\n", ",inf\r\n", ",nan\r\n", ",-1e9\r\n"][count].latin1
    case 6: return count > 1 ? "#t\r\n".latin1 : "#f\r\n".latin1
    case 7: return "(12345678901234567890123\r\n".latin1
    case 8: return "=\(4 + count)\r\ntxt:\(String(repeating: "v", count: count))\r\n".latin1
    case 9: return "*\(count)\r\n".latin1 + elements(count)
    case 10: return "%\(count)\r\n".latin1 + elements(2 * count)
    case 11: return "~\(count)\r\n".latin1 + elements(count)
    case 12: return ">\(count)\r\n".latin1 + elements(count)
    case 13: return "|\(count)\r\n".latin1 + elements(2 * count + 1)
    default: return "*2\r\n$9\r\nsubscribe\r\n".latin1 + elements(1)
    }
  }
}
