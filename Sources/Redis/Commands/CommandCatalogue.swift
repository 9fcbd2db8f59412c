/// The commands of Redis 7.0 that a node can't run. ACL rules speak of all commands, so these have a name, an arity, flags,
/// categories and keys like those that it can; a client that says one is told that there is no such command.
///
/// A command that a node learns to run moves from here to its family's table: no fact stands in both.
///
///     name arity flag… @category… use,use:where…
///
/// The categories are those that the flags don't imply. Where the keys are:
///
///     RO,access:1           argument 1              RO,access:1..-2       from 1 to the last but one
///     RO,access:1#          argument 1 says how many follow
///     OW,update:STORE@6     behind the word STORE, looked for from argument 6 on (negative: backwards from the end)
///     RO,access:STREAMS@1..-1%2   the first half of all that follows the word
///     RO,access:?           where only the command itself knows
enum CommandCatalogue {
  /// Families and their subcommands, each command by its full name.
  static let lines = (collections + "\n" + others).split(separator: "\n")

  /// The commands, subcommands (`memory|usage`) among them.
  static let commands: [Command] = lines.map { Command(catalogued: $0) }
}

extension Command {
  /// From a line of the catalogue, which is our own text: one that makes no sense is our mistake.
  fileprivate init(catalogued line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 2, let arity = Int(words[1]) else { preconditionFailure("no command: \(line)") }
    var flags: CommandFlags = []
    var categories: CommandCategories = []
    var keys: [KeySpec] = []
    for word in words.dropFirst(2) {
      if word.first == "@", let category = CommandCategories(name: String(word.dropFirst())) {
        categories.formUnion(category)
      } else if let flag = CommandFlags(name: String(word)) {
        flags.formUnion(flag)
      } else if let spec = KeySpec(catalogued: word) {
        keys.append(spec)
      } else {
        preconditionFailure("what is \(word) in: \(line)")
      }
    }
    self.init(known: String(words[0]), arity: arity, flags: flags, categories: categories, keys: keys)
  }
}

extension CommandFlags {
  fileprivate init?(name: String) {
    if name == "protected" {
      self = .protected
    } else if let known = Self.names.first(where: { $0.1 == name }) {
      self = known.0
    } else {
      return nil
    }
  }
}

extension KeySpec {
  fileprivate init?(catalogued word: Substring) {
    let parts = word.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let words = parts[0].split(separator: ",").map(String.init)
    access = words.first.flatMap(Access.init)
    uses = words.compactMap(Use.init)
    notes = nil
    var place = parts[1]
    if place == "?" {
      (begin, find) = (.unknown, .unknown)
      return
    }
    let limit = Self.take("%", from: &place).flatMap { Int($0) } ?? 0
    let step = Self.take("/", from: &place).flatMap { Int($0) } ?? 1
    if place.last == "#" {
      place.removeLast()
      find = .counted
    } else {
      let last = place.ranges(of: "..").first.flatMap { Int(place[$0.upperBound...]) } ?? 0
      place = place.ranges(of: "..").first.map { place[..<$0.lowerBound] } ?? place
      find = .range(last: last, step: step, limit: limit)
    }
    if let start = Self.take("@", from: &place).flatMap({ Int($0) }) {
      begin = .keyword(String(place), from: start)
    } else if let index = Int(place) {
      begin = .index(index)
    } else {
      return nil
    }
  }

  /// What stands behind a sign, which is taken off with it.
  private static func take(_ sign: Character, from text: inout Substring) -> Substring? {
    guard let place = text.lastIndex(of: sign) else { return nil }
    defer { text = text[..<place] }
    return text[text.index(after: place)...]
  }
}
