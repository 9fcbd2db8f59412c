import Dissection
import TestSupport
import Testing

@Suite("A list of large values by number") struct NumberedListTests {
  @Test("holds what a dictionary would, whatever is put in, changed and taken out") func same() {
    var random = TestRandom(seed: 32)
    var list = NumberedList<String>()
    var dictionary: [Int: String] = [:]
    var kept: [(NumberedList<String>, [Int: String])] = []
    for step in 0..<5_000 {
      let number = Int.random(in: 0...200, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: #expect(list.remove(number) == dictionary.removeValue(forKey: number))
      case 1 where dictionary[number] != nil:
        list.update(number) { $0 += "!" }
        dictionary[number]? += "!"
      default:
        list.put("\(step)", at: number)
        dictionary[number] = "\(step)"
      }
      #expect(list[number] == dictionary[number] && list.count == dictionary.count)
      if step.isMultiple(of: 500) { kept.append((list, dictionary)) }
    }
    // Copies stay what they were.
    for (list, dictionary) in kept {
      #expect(list.numbers { _ in true } == dictionary.keys.sorted())
      for number in -40...240 { #expect(list[number] == dictionary[number]) }
    }
  }

  @Test("is the same as another one that holds the same, however it came to that") func equality() {
    var (first, second) = (NumberedList<Int>(), NumberedList<Int>())
    first.put(1, at: 7)
    second.put(2, at: 700)
    second.put(1, at: 7)
    #expect(first != second)
    second.remove(700)
    #expect(first == second)
  }
}
