@testable import Redis
import Testing

@Suite struct DatabaseTests {
  /// What a database should be: a plain list of keys in the order in which they came.
  private struct Model {
    var entries: [(key: Bytes, value: Value, expiry: Int64?)] = []

    mutating func set(_ key: Bytes, _ value: Value, _ expiry: Int64?) {
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index] = (key, value, expiry)
      } else {
        entries.append((key, value, expiry))
      }
    }
  }

  private func contents(_ database: Database) -> [(key: Bytes, value: Value, expiry: Int64?)] {
    var all: [(key: Bytes, value: Value, expiry: Int64?)] = []
    database.forEach { all.append(($0, $1.value, $1.expiry)) }
    return all
  }

  private func expectSame(_ database: Database, _ model: Model) {
    let all = contents(database)
    #expect(all.map(\.key) == model.entries.map(\.key))
    #expect(all.map(\.value) == model.entries.map(\.value))
    #expect(all.map(\.expiry) == model.entries.map(\.expiry))
    #expect(database.count == model.entries.count)
    #expect(database.expiresCount == model.entries.count { $0.expiry != nil })
    #expect(database.nextExpiry == model.entries.compactMap(\.expiry).min())
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func behavesAsAListInOrderOfInsertionWhateverIsDone(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var database = Database()
    var model = Model()
    var copies: [(Database, Model)] = []
    for step in 0..<6_000 {
      let key = Bytes("key:\(random.next() % 700)")
      switch random.next() % 8 {
      case 0...3:
        let value = Value.string(StringValue(Bytes(Int64(random.next() % 1000))))
        let expiry = random.next() % 3 == 0 ? Int64(random.next() % 5000) : nil
        database.set(key, to: value, expiry: expiry)
        model.set(key, value, expiry)
      case 4, 5:
        let had = model.entries.contains { $0.key == key }
        let removed = database.remove(key)
        #expect((removed != nil) == had)
        model.entries.removeAll { $0.key == key }
      case 6:
        let expiry = random.next() % 2 == 0 ? Int64(random.next() % 5000) : nil
        database.setExpiry(of: key, to: expiry)
        if let index = model.entries.firstIndex(where: { $0.key == key }) { model.entries[index].expiry = expiry }
      default:
        #expect(database[key]?.value == model.entries.first { $0.key == key }?.value)
      }
      if step % 500 == 0 { copies.append((database, model)) }
    }
    expectSame(database, model)
    // What was copied on the way has not moved since.
    for (database, model) in copies { expectSame(database, model) }
  }

  @Test func findsTheKeysThatHaveExpiredInTheirOrder() {
    var database = Database()
    for number in 0..<10_000 {
      database.set(Bytes(number), to: .string(StringValue("v")), expiry: number % 7 == 0 ? Int64(10_000 - number) : nil)
    }
    let expected: [Bytes] = stride(from: 7_000, to: 10_000, by: 1).filter { $0 % 7 == 0 && $0 > 7_000 }.map {
      Bytes($0)
    }
    #expect(database.expired(before: 3_000, limit: .max) == expected)
    #expect(database.expired(before: 3_000, limit: 5) == Array(expected.prefix(5)))
    #expect(database.expired(before: 1, limit: .max) == [])
  }

  @Test func aWalkMeetsEachKeyThatStaysThoughOthersComeAndGo() {
    var database = Database()
    for number in 0..<2_000 { database.set(Bytes(number), to: .string(StringValue("v"))) }
    var met: [Bytes] = []
    var cursor = Database.Cursor.start
    var step = 0
    while let (key, _, _) = database.next(&cursor) {
      met.append(key)
      // Odd keys go, so that the slots are packed in the middle of the walk.
      if step < 1_000 { database.remove(Bytes(step * 2 + 1)) }
      step += 1
      cursor = Database.Cursor(cursor.value)
    }
    let evens: [Bytes] = stride(from: 0, to: 2_000, by: 2).map { Bytes($0) }
    #expect(met.filter { Int($0.text)?.isMultiple(of: 2) == true } == evens)
    #expect(Set(met).count == met.count)
  }

  @Test func aSnapshotsAnnouncedSizeIsNotBelieved() {
    var database = Database()
    database.reserve(.max)
    let isNew = [database.add("k", .string(StringValue("v"))), database.add("k", .string(StringValue("w")))]
    #expect(isNew == [true, false])
  }

  @Test func bytesHashTheSameInEveryProcess() {
    #expect(Bytes("titi").fastHash(seed: 0) == Bytes([UInt8]("titi".utf8)).fastHash(seed: 0))
    #expect(Bytes("titi").fastHash(seed: 0) != Bytes("titi").fastHash(seed: 1))
    for count in 0..<100 {
      let bytes = Bytes([UInt8](repeating: 7, count: count))
      #expect(bytes.fastHash(seed: 3) != Bytes([UInt8](repeating: 7, count: count + 1)).fastHash(seed: 3))
    }
  }
}
