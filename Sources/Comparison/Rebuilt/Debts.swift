import Redis

/// What commands that were not played may still bring into the stream, at once or, where one waits for another, later.
struct Debts: Sendable {
  private struct Place: Hashable {
    /// nil: any.
    var database: Int?
    var key: [UInt8]
  }

  /// What was said: the stream has most commands in the same words.
  private var words: Set<[[UInt8]]> = []
  /// Keys that are written by commands which the stream has in other words, and those that are found expired.
  private var rewritten: Set<Place> = []
  private var named: Set<Place> = []
  /// A script may write anything; until then it is seen in the stream.
  private var anything: Instant?

  /// What Redis tells its replicas in other words than it was told.
  private static let rewriting: Set<String> = [
    "blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin", "expire", "expireat",
    "geoadd",
    "getdel", "getex", "getset", "hincrbyfloat", "incrbyfloat", "lmpop", "migrate", "pexpire", "psetex", "restore",
    "set", "setex", "spop", "xadd", "xautoclaim", "xclaim", "xreadgroup", "xtrim", "zmpop",
  ]

  mutating func add(_ outline: CommandOutline, _ words: [[UInt8]], in database: Int?, until time: Instant) {
    if outline.isScript { anything = time }
    self.words.insert(TalkWriter.streamWords(words))
    for key in outline.keys {
      named.insert(Place(database: database, key: key))
      if Self.rewriting.contains(outline.name) { rewritten.insert(Place(database: database, key: key)) }
    }
  }

  /// Whether such a command may have written this.
  func explain(_ words: [[UInt8]], _ outline: CommandOutline, in database: Int, at time: Instant) -> Bool {
    if let anything, time <= anything { return true }
    if self.words.contains(TalkWriter.streamWords(words)) { return true }
    let places = ["del", "unlink"].contains(outline.name) ? named : rewritten
    return !outline.keys.isEmpty
      && outline.keys.allSatisfy { key in
        places.contains(Place(database: database, key: key)) || places.contains(Place(database: nil, key: key))
      }
  }
}
