/// What Redis 7.0 says of each command, a line a command, in the groups in which Redis has them. ACL rules and COMMAND speak
/// of all of them, those included that a node can't run; what runs one stands in a table of its family (`CommandTable`).
///
///     name arity flag… @category… use,use:where "note"… ~tip…
///
/// A subcommand's name is `config|get`. The categories are those that the flags don't imply. A note is about the keys
/// before it. Where the keys are:
///
///     RO,access:1           argument 1              RO,access:1..-2       from 1 to the last but one
///     OW,update:1..-1/2     every second one        RO,access:1#          argument 1 says how many follow
///     OW,update:STORE@6     behind the word STORE, looked for from argument 6 on (negative: backwards from the end)
///     RO,access:STREAMS@1..-1%2   the first half of all that follows the word
///     RO,access:?           where only the command itself knows
package enum CommandCatalogue {
  /// What a line says.
  struct Entry {
    let name: String
    let arity: Int
    let flags: CommandFlags
    let categories: CommandCategories
    let keys: [KeySpec]
    let tips: [String]
  }

  package static let lines = [
    string, list, set, sortedSet, hash, stream, hyperloglog, bitmap, geo, generic, connection, transactions, pubsub,
    scripting, server, cluster,
  ].flatMap { $0.split(separator: "\n") }
}

extension CommandCatalogue {
  /// What only a process in Sentinel mode has.
  static let sentinel = """
    sentinel -2 admin
    sentinel|ckquorum 3 admin
    sentinel|config -3 admin
    sentinel|debug -2 admin
    sentinel|failover 3 admin
    sentinel|flushconfig 2 admin
    sentinel|get-master-addr-by-name 3 admin
    sentinel|help 2 loading stale
    sentinel|info-cache -3 admin
    sentinel|is-master-down-by-addr 6 admin
    sentinel|master 3 admin
    sentinel|masters 2 admin
    sentinel|monitor 6 admin
    sentinel|myid 2 admin
    sentinel|pending-scripts 2 admin
    sentinel|remove 3 admin
    sentinel|replicas 3 admin
    sentinel|reset 3 admin
    sentinel|sentinels 3 admin
    sentinel|set -5 admin
    sentinel|simulate-failure -3 admin
    sentinel|slaves 3 admin
    """
}

extension CommandCatalogue.Entry {
  /// From a line of the catalogue, which is our own text: one that makes no sense is our mistake.
  init(_ line: Substring) {
    var words: [Substring] = []
    var keys: [KeySpec] = []
    for (index, part) in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      if !index.isMultiple(of: 2) {
        keys[keys.count - 1].notes = String(part)
        continue
      }
      for word in part.split(separator: " ") {
        if let spec = word.first == "~" ? nil : KeySpec(catalogued: word) {
          keys.append(spec)
        } else {
          words.append(word)
        }
      }
    }
    guard words.count >= 2, let arity = Int(words[1]) else { preconditionFailure("no command: \(line)") }
    var flags: CommandFlags = []
    var categories: CommandCategories = []
    var tips: [String] = []
    for word in words.dropFirst(2) {
      let name = String(word.dropFirst())
      if word.first == "~" {
        tips.append(name)
      } else if word.first == "@", let category = CommandCategories(name: name) {
        categories.formUnion(category)
      } else if let flag = CommandFlags(name: String(word)) {
        flags.formUnion(flag)
      } else {
        preconditionFailure("what is \(word) in: \(line)")
      }
    }
    self.init(name: String(words[0]), arity: arity, flags: flags, categories: categories, keys: keys, tips: tips)
  }
}

extension CommandFlags {
  fileprivate init?(name: String) {
    guard let known = (Self.names + Self.hidden).first(where: { $0.1 == name }) else { return nil }
    self = known.0
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
