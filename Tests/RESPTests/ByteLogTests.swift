import RESP
import TestSupport
import Testing

@Suite struct ByteLogTests {
  @Test("Any range of a log of many chunks is what an array would give")
  func ranges() {
    var random = TestRandom(seed: 1)
    var log = ByteLog()
    var array: [UInt8] = []
    for _ in 0..<3000 {
      let chunk = (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      log.append(chunk)
      array += chunk
    }
    #expect(log.count == array.count)
    #expect(log.bytes == array)
    for _ in 0..<500 {
      let low = Int.random(in: 0...array.count, using: &random)
      let high = Int.random(in: low...array.count, using: &random)
      #expect(log.bytes(in: low..<high) == Array(array[low..<high]))
    }
    #expect(log.bytes(in: array.count - 1..<array.count + 10) == [array[array.count - 1]])
  }

  @Test("A copy keeps what it had when its origin grows, and they differ")
  func copies() {
    var log = ByteLog()
    var copies: [ByteLog] = []
    for number in 0..<2000 {
      copies.append(log)
      log.append([UInt8(number & 0xFF), UInt8(number >> 8)])
    }
    for number in stride(from: 0, to: 2000, by: 97) {
      #expect(copies[number].count == number * 2)
      #expect(copies[number].bytes == log.bytes(in: 0..<number * 2))
      #expect(copies[number] != log)
    }
    #expect(log == log)
  }
}
