import Redis

/// What commands that were not played may still bring into the stream, at once or, where one waits for another, later.
struct Debts: Sendable {
  private struct Place: Hashable {
    /// nil: any.
    var database: Int?
    var key: [UInt8]
  }

  private var keys: Set<Place> = []
  private var names: Set<String> = []
  /// A script may write anything; until then it is seen in the stream.
  private var anything: Instant?

  mutating func add(_ outline: CommandOutline, _ words: [[UInt8]], in database: Int?, until time: Instant) {
    if outline.isScript { anything = time }
    names.insert(outline.name)
    if let name = words.first { names.insert(String(decoding: name, as: UTF8.self).lowercased()) }
    for key in outline.keys { keys.insert(Place(database: database, key: key)) }
  }

  /// Whether such a command may have written this.
  func explain(_ outline: CommandOutline, in database: Int, at time: Instant) -> Bool {
    if let anything, time <= anything { return true }
    if outline.keys.isEmpty { return names.contains(outline.name.split(separator: "|").first.map(String.init) ?? "") }
    return outline.keys.allSatisfy {
      keys.contains(Place(database: database, key: $0)) || keys.contains(Place(database: nil, key: $0))
    }
  }
}
