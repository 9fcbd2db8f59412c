import RESP
import TestSupport
import Testing

@Suite("Text that is any bytes") struct StringBytesTests {
  @Test(
    "UTF-8 stands there as it is",
    arguments: ["", "a", "é", "e\u{301}", "\0", "😀", "\u{FFFD}", "\u{10FF7F}", "\u{10FEFF}"])
  func text(_ text: String) {
    let made = String(bytes: Array(text.utf8))
    #expect(made.utf8.elementsEqual(text.utf8))
    #expect(made.bytes == Array(text.utf8))
    #expect(made.shown.utf8.elementsEqual(text.utf8))
  }

  @Test("a byte that is none is a scalar of its own")
  func scalars() {
    #expect(String(bytes: [0x61, 0xFF, 0x62]) == "a\u{10FFFF}b")
    #expect(String(bytes: [0x80]) == "\u{10FF80}")
    // A letter that is cut off, half of a pair, a letter beyond the last, one that is too long.
    #expect(String(bytes: [0xE2, 0x82]) == "\u{10FFE2}\u{10FF82}")
    #expect(String(bytes: [0xED, 0xA0, 0x80]).unicodeScalars.count == 3)
    #expect(String(bytes: [0xF4, 0x90, 0x80, 0x80]).unicodeScalars.count == 4)
    #expect(String(bytes: [0xC0, 0xAF]).unicodeScalars.count == 2)
    #expect(String(bytes: [0xC3, 0xC3, 0xA9]) == "\u{10FFC3}é")
    #expect("a\u{10FFFF}b".shown == "a\u{FFFD}b")
  }

  @Test("what stands for a byte is no UTF-8 where it comes as bytes")
  func standIns() {
    for value in UInt32(0x10FF80)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let bytes = Array(String(scalar).utf8)
      #expect(String(bytes: bytes).unicodeScalars.count == 4)
      #expect(String(bytes: bytes).bytes == bytes)
      #expect(String(scalar).bytes == [UInt8(value & 0xFF)])
    }
  }

  @Test("all bytes come back, and others are another text")
  func reversible() {
    var random = TestRandom(seed: 1)
    let borders: [UInt8] = [
      0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBD, 0xBE, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
      0xFF,
    ]
    var texts: [String: [UInt8]] = [:]
    for round in 0..<30_000 {
      let count = Int.random(in: 0...9, using: &random)
      let bytes = (0..<count).map { _ in
        round % 2 == 0 ? borders.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
      }
      let text = String(bytes: bytes)
      #expect(text.bytes == bytes)
      #expect(String(bytes: bytes.span) == text)
      #expect(String(bytes: bytes.lazy.map(\.self)) == text)
      #expect(!text.shown.unicodeScalars.contains { $0.value >= 0x10FF80 })
      #expect(texts.updateValue(bytes, forKey: text).map { $0 == bytes } ?? true)
    }
    for first in borders {
      for second in borders {
        for third in borders {
          let bytes = [first, second, third, 0x80]
          #expect(String(bytes: bytes).bytes == bytes)
        }
      }
    }
  }

  @Test("what is shown of it is what decoding shows, a mark for each byte that is none")
  func shown() {
    var random = TestRandom(seed: 2)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0x60...255, using: &random) }
      let decoded = String(decoding: bytes, as: UTF8.self)
      func letters(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { $0 != "\u{FFFD}" } }
      #expect(letters(String(bytes: bytes).shown) == letters(decoded).filter { $0.value < 0x10FF80 })
    }
  }

  @Test("a reply, a command and a quoted word have the bytes")
  func written() {
    let text = String(bytes: [0x61, 0xFF])
    var reply: [UInt8] = []
    reply.append(simple: text)
    reply.append(bulk: text)
    #expect(reply == Array("+a".utf8) + [0xFF] + Array("\r\n$2\r\na".utf8) + [0xFF, 13, 10])
    #expect([UInt8](command: text) == Array("*1\r\n$2\r\na".utf8) + [0xFF, 13, 10])
    #expect(Value.error(text) == .error([0x61, 0xFF]))
    #expect(InlineCommand.quoted(text) == "\"a\\xff\"")
  }
}
