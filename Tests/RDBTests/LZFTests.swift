import RDB
import TestSupport
import Testing

/// Inputs that lead a compressor to every choice it has: runs of each length around the bounds, texts, noise over small
/// and large alphabets, copies from near and from beyond the farthest reference, matches that end near the end.
let compressibleInputs: [[UInt8]] = {
  var inputs: [[UInt8]] = []
  for count in Array(21...60) + [100, 260, 263, 264, 265, 266, 267, 268, 269, 270, 300, 520, 531, 1000, 8192, 20000] {
    inputs.append([UInt8](repeating: 0x61, count: count))
    inputs.append((0..<count).map { UInt8($0 % 3 + 97) })
    inputs.append((0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) })
    inputs.append(.noise(count, below: 2, seed: UInt64(count)))
    inputs.append(.noise(count, below: 4, seed: UInt64(count)))
    inputs.append(.noise(count, below: 26, seed: UInt64(count)))
    inputs.append(.noise(count, seed: UInt64(count)))
  }
  for distance in [10, 30, 33, 8180, 8190, 8191, 8192, 8193, 8194, 8200] {
    for length in [3, 8, 9, 15, 17, 18, 19, 20, 21, 22, 40] {
      let piece = [UInt8].noise(length, seed: UInt64(length))
      let filler = [UInt8].noise(max(0, distance - length), seed: UInt64(distance + length))
      inputs.append([0xff] + piece + filler + piece)
      inputs.append([0xff] + piece + filler + piece + [1])
      inputs.append([0xff] + piece + filler + piece + [1, 2, 3, 4, 5])
    }
  }
  // Numbered, so that each has its own 65536-entry table's worth of hashes at stake.
  for seed in 1...40 {
    var words: [UInt8] = []
    var random = TestRandom(seed: UInt64(seed))
    let vocabulary = ["set", "key:", "titi", "toto", " ", "replication", "offset=", "00", "\r\n", "$3"]
    while words.count < seed * 400 { words += [UInt8](vocabulary[Int(random.next() % 10)]) }
    inputs.append(words)
  }
  inputs.append(.noise(200_000, below: 3, seed: 9))
  return inputs
}()

@Suite struct `The compression LZF` {
  @Test func `gives back what it compressed`() {
    var compressed = 0
    for input in compressibleInputs {
      guard let bytes = LZF.compress(input.span, limit: input.count - 4) else { continue }
      compressed += 1
      #expect(bytes.count <= input.count - 4)
      #expect(LZF.decompress(bytes.span, originalLength: input.count) == input)
      #expect(LZF.decompress(bytes.span, originalLength: input.count - 1) == nil)
      #expect(LZF.decompress(bytes.span, originalLength: input.count + 1) == nil)
    }
    #expect(compressed > 300)
  }

  static let invalid: [(String, String, Int)] = [
    ("a literal that the input ends within", "05 6162", 6),
    ("a reference before anything", "20 00", 3),
    ("a reference to before the first byte", "00 61 20 01", 4),
    ("a reference without its offset", "00 61 20", 4),
    ("a long reference without its length", "00 61 e0", 10),
    ("a long reference without its offset", "00 61 e0 00", 10),
    ("more than was claimed", "01 6162", 1),
    ("less than was claimed", "01 6162", 3),
    ("nothing where something was claimed", "", 1),
  ]

  @Test(arguments: invalid) func `refuses what is not valid`(_ input: (what: String, bytes: String, length: Int)) {
    #expect(LZF.decompress([UInt8](hex: input.bytes).span, originalLength: input.length) == nil, "\(input.what)")
  }

  @Test func `allocates nothing for a claim`() {
    #expect(LZF.decompress([UInt8](hex: "00 61").span, originalLength: 1 << 47) == nil)
  }

  @Test func `takes itself apart into instructions`() {
    let bytes = [UInt8](hex: "00 61 e0 f5 00")
    var position = 0
    #expect(LZF.instruction(in: bytes.span, at: &position) == .literal(1..<2))
    #expect(LZF.instruction(in: bytes.span, at: &position) == .reference(distance: 1, count: 254))
    #expect(LZF.instruction(in: bytes.span, at: &position) == nil)
  }
}
