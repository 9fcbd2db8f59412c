import HashTreeCollections
import Redis

/// The keyspace beside the collections that it takes the place of, a million keys in each: `Dictionary`, which is fast
/// and copies everything at the first write after a copy, and `TreeDictionary`, which shares and is slow.
func keyspace() -> [Row] {
  let count = 1_000_000
  let keys = (0..<count).map { Bytes("key:\($0)") }
  let value = Value.string(StringValue("value"))
  var random = SeededRandom(seed: 1)
  let asked = (0..<count).map { _ in keys[Int(random.next() % UInt64(count))] }

  var database = Database()
  var dictionary: [Bytes: Database.Entry] = [:]
  var tree: TreeDictionary<Bytes, Database.Entry> = [:]
  let entry = Database.Entry(value)

  var rows: [Row] = []
  func row(_ what: String, _ ours: Seconds, _ dictionary: Seconds, _ tree: Seconds, _ show: (Seconds) -> String) {
    rows.append(
      Row(what: "Keys: " + what, ours: show(ours), peer: "\(show(dictionary)) | \(show(tree))"))
  }
  row(
    "add 1M / Dictionary | TreeDictionary",
    measure { for key in keys { database.set(key, to: value) } },
    measure { for key in keys { dictionary[key] = entry } },
    measure { for key in keys { tree[key] = entry } }, milliseconds)
  var found = 0
  row(
    "1M hits by chance",
    measure { for key in asked where database[key] != nil { found += 1 } },
    measure { for key in asked where dictionary[key] != nil { found += 1 } },
    measure { for key in asked where tree[key] != nil { found += 1 } }, milliseconds)
  precondition(found == 3 * count)
  row(
    "overwrite 1M by chance",
    measure { for key in asked { database.set(key, to: value) } },
    measure { for key in asked { dictionary[key] = entry } },
    measure { for key in asked { tree[key] = entry } }, milliseconds)
  var sum = 0
  row(
    "walk 1M",
    measure { database.forEach { key, _ in sum += key.count } },
    measure { for (key, _) in dictionary { sum += key.count } },
    measure { for (key, _) in tree { sum += key.count } }, milliseconds)
  // A copy is kept for each write, as the timeline does at each step.
  var databases: [Database] = []
  var dictionaries: [[Bytes: Database.Entry]] = []
  var trees: [TreeDictionary<Bytes, Database.Entry>] = []
  row(
    "a copy and a write after it (mean of 1000; of 4)",
    measure {
      for number in 0..<1_000 {
        databases.append(database)
        database.set(asked[number], to: value)
      }
    } / 1_000,
    measure {
      for number in 0..<4 {
        dictionaries.append(dictionary)
        dictionary[asked[number]] = entry
      }
    } / 4,
    measure {
      for number in 0..<1_000 {
        trees.append(tree)
        tree[asked[number]] = entry
      }
    } / 1_000, microseconds)
  precondition(sum > 0 && databases.count + dictionaries.count + trees.count == 2_004)
  return rows
}

private func microseconds(_ time: Seconds) -> String { "\((time * 1e7).rounded() / 10) µs" }
