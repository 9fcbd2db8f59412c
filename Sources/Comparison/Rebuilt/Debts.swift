import RESP
import Redis

/// What commands that were not played may still bring into the stream, at once or, where one waits for another, later.
struct Debts: Sendable {
  /// What was said: the stream has most commands in the same words.
  private var said = Places()
  /// Keys and values that SET and its like bring in words of their own.
  private var values = Places()
  /// Keys that are written by commands which the stream has in other words, and those that are found expired.
  private var rewritten = Places()
  private var named = Places()
  /// What scripts write is seen in the stream until then.
  private var scripts: [(until: Instant, calls: Set<String>?)] = []

  /// What Redis tells its replicas in other words than it was told.
  private static let rewriting: Set<String> = [
    "blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin", "expire", "expireat",
    "geoadd", "getdel", "getex", "hincrbyfloat", "incrbyfloat", "lmpop", "migrate", "pexpire", "restore", "spop",
    "xadd", "xautoclaim", "xclaim", "xreadgroup", "xtrim", "zmpop",
  ]

  /// Which argument is the value, of commands that are propagated as SET.
  private static let setting = ["set": 2, "getset": 2, "setex": 3, "psetex": 3]

  /// What any of these becomes.
  private static let rewrites: Set<String> = [
    "set", "pexpireat", "persist", "del", "unlink", "hset", "srem", "lpop", "rpop", "lmove", "zpopmin", "zpopmax",
    "zadd",
    "xadd", "xtrim", "xclaim", "xgroup", "restore",
  ]

  var isEmpty: Bool { said.isEmpty }

  /// - Parameter database: nil: any.
  mutating func add(_ outline: CommandOutline, _ words: [[UInt8]], in database: Int?, until time: Instant) {
    if outline.isScript { scripts.append((time, ScriptCalls(words).names)) }
    said.insert(ConversationWriter.streamWords(words), in: database)
    if let index = Self.setting[outline.name], words.count > index {
      values.insert([words[1], words[index]], in: database)
    }
    for key in outline.keys {
      named.insert([key], in: database)
      if Self.rewriting.contains(outline.name) { rewritten.insert([key], in: database) }
    }
  }

  /// Whether such a command may have written this.
  ///
  /// - Parameter database: nil: it is not known.
  func explain(_ words: [[UInt8]], _ outline: CommandOutline, in database: Int?, at time: Instant) -> Bool {
    if scripts.contains(where: { time <= $0.until && Self.mayWrite(outline.name, $0.calls) }) { return true }
    if isWritten(words, outline, in: database) { return true }
    return ["del", "unlink"].contains(outline.name) && named.haveAll(outline.keys, in: database)
  }

  /// Whether it is what such a command writes, and not only what happens on its way.
  func isWritten(_ words: [[UInt8]], _ outline: CommandOutline, in database: Int?) -> Bool {
    if said.have(ConversationWriter.streamWords(words), in: database) { return true }
    if outline.name == "set", words.count > 2, values.have([words[1], words[2]], in: database) { return true }
    return rewritten.haveAll(outline.keys, in: database)
  }

  /// - Parameter calls: what the script calls; nil: anything.
  private static func mayWrite(_ name: String, _ calls: Set<String>?) -> Bool {
    calls.map { $0.contains(name) || rewrites.contains(name) } ?? true
  }
}

/// Words in databases.
private struct Places {
  private var databases: [[[UInt8]]: Set<Int?>] = [:]

  var isEmpty: Bool { databases.isEmpty }

  mutating func insert(_ words: [[UInt8]], in database: Int?) { databases[words, default: []].insert(database) }

  func have(_ words: [[UInt8]], in database: Int?) -> Bool {
    guard let there = databases[words] else { return false }
    return database == nil || there.contains(nil) || there.contains(database)
  }

  /// All of these keys, of which there are some.
  func haveAll(_ keys: [[UInt8]], in database: Int?) -> Bool {
    !keys.isEmpty && keys.allSatisfy { have([$0], in: database) }
  }
}

/// Which commands a script calls, where its text names all of them.
private struct ScriptCalls {
  /// In lower case; nil: it may be any.
  private(set) var names: Set<String>?

  init(_ words: [[UInt8]]) {
    guard words.count > 1, String(bytes: words[0]).lowercased().hasPrefix("eval"),
      !String(bytes: words[0]).lowercased().hasPrefix("evalsha")
    else { return }
    let text = String(bytes: words[1])
    var found: Set<String> = []
    for call in text.split(separator: "call", omittingEmptySubsequences: false).dropFirst() {
      let rest = call.drop { $0.isWhitespace }
      guard rest.first == "(" else { return }
      let argument = rest.dropFirst().drop { $0.isWhitespace }
      guard let quote = argument.first, quote == "'" || quote == "\"" else { return }
      found.insert(argument.dropFirst().prefix { $0 != quote }.lowercased())
    }
    names = found
  }
}
