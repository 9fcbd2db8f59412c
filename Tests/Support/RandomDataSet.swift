/// What fills a server with data that its snapshots have in every form.
package enum RandomDataSet {
  /// Commands that fill a database with every type, many of each, around the thresholds between their layouts.
  package static func commands(_ random: inout TestRandom) -> [[String]] {
    func word() -> String {
      switch Int.random(in: 0...5, using: &random) {
      case 0: "\(Int.random(in: -200...200, using: &random))"
      case 1: "\(Int64.random(in: .min ... .max, using: &random))"
      case 2: String(repeating: "word-", count: Int.random(in: 0...30, using: &random))
      case 3:
        String(
          (0..<Int.random(in: 0...70, using: &random)).map { _ in
            "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)!
          })
      default: "element:\(Int.random(in: 0...40, using: &random))"
      }
    }
    func score() -> String {
      "\(Int.random(in: -9...9, using: &random))\([".5", "", "e10", ".25"].randomElement(using: &random)!)"
    }
    var commands: [[String]] = [["FLUSHALL"], ["SELECT", "\([0, 0, 3].randomElement(using: &random)!)"]]
    for _ in 0..<Int.random(in: 5...60, using: &random) {
      let key = "\(Int.random(in: 0...3, using: &random))"
      switch Int.random(in: 0...11, using: &random) {
      case 0: commands.append(["SET", "string\(key)", word()])
      case 1, 2:
        commands.append(["RPUSH", "list\(key)"] + (0...Int.random(in: 0...20, using: &random)).map { _ in word() })
      case 3: commands.append(["SADD", "set\(key)"] + (0...Int.random(in: 0...20, using: &random)).map { _ in word() })
      case 4:
        commands.append(
          ["SADD", "numbers\(key)"] + (0...9).map { _ in "\(Int.random(in: -70000...70000, using: &random))" })
      case 5: commands.append(["ZADD", "zset\(key)"] + (0...9).flatMap { _ in [score(), word()] })
      case 6, 7: commands.append(["HSET", "hash\(key)"] + (0...9).flatMap { _ in [word(), word()] })
      case 8: for _ in 0...9 { commands.append(["XADD", "stream\(key)", "*", "name", word()]) }
      case 9:
        commands.append(["XGROUP", "CREATE", "stream\(key)", "group", "0", "MKSTREAM"])
        commands.append([
          "XREADGROUP", "GROUP", "group", "reader\(word())", "COUNT", "3", "STREAMS", "stream\(key)", ">",
        ])
      case 10: commands.append(["PEXPIREAT", "list\(key)", "4000000000\(Int.random(in: 100...999, using: &random))"])
      default: commands.append(["XTRIM", "stream\(key)", "MAXLEN", "~", "5"])
      }
    }
    return commands
  }

  /// Each with settings of its own: thresholds, sizes, compression, what is written of a key's use.
  package static func settings(_ random: inout TestRandom) -> [[String]] {
    [
      ["maxmemory-policy", ["noeviction", "allkeys-lru", "allkeys-lfu"].randomElement(using: &random)!],
      ["hash-max-listpack-entries", "\([4, 128].randomElement(using: &random)!)"],
      ["zset-max-listpack-entries", "\([4, 128].randomElement(using: &random)!)"],
      ["set-max-intset-entries", "\([4, 512].randomElement(using: &random)!)"],
      ["list-max-listpack-size", "\([-2, 3, 1].randomElement(using: &random)!)"],
      ["list-compress-depth", "\([0, 1].randomElement(using: &random)!)"],
      ["stream-node-max-entries", "\([3, 100].randomElement(using: &random)!)"],
      ["rdbcompression", ["yes", "yes", "no"].randomElement(using: &random)!],
    ].map { ["CONFIG", "SET"] + $0 }
  }
}
