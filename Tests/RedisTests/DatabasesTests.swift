import Testing

@testable import Redis

/// What all databases hold together is what each of them holds.
@Suite("The databases of a node") struct DatabasesTests {
  private func expectSums(_ databases: Databases, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(databases.keyCount == databases.reduce(0) { $0 + $1.count }, sourceLocation: sourceLocation)
    #expect(databases.expiresCount == databases.reduce(0) { $0 + $1.expiresCount }, sourceLocation: sourceLocation)
    #expect(databases.memory == databases.reduce(0) { $0 + $1.memory }, sourceLocation: sourceLocation)
  }

  @Test("know their sums, whatever is done to one of them") func sums() {
    var random = SeededRandom(seed: 5)
    var databases = Databases(count: 4)
    var kept: [(Databases, keys: Int)] = []
    for step in 0..<4_000 {
      let number = Int(random.next() % 4)
      let key = Bytes("key:\(random.next() % 50)")
      switch random.next() % 9 {
      case 0...3:
        databases[number].set(
          key, to: .string(StringValue(Bytes("value \(step)"))), expiry: step.isMultiple(of: 3) ? Int64(step) : nil)
      case 4: _ = databases[number].remove(key)
      case 5: if databases[number].contains(key) { databases[number].setExpiry(of: key, to: Int64(step)) }
      case 6: databases.swapAt(number, Int(random.next() % 4))
      case 7: if step.isMultiple(of: 40) { databases[number].removeAll() }
      default: if step.isMultiple(of: 50) { kept.append((databases, databases.keyCount)) }
      }
      expectSums(databases)
    }
    #expect(!kept.isEmpty && databases.keyCount > 0)
    for (copy, keys) in kept {
      expectSums(copy)
      #expect(copy.keyCount == keys)
    }
  }
}
