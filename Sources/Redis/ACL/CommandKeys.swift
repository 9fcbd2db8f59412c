// Which arguments of a command are keys, and what it does with them: what ACLs and COMMAND GETKEYS ask (db.c in Redis 7.0).

/// A key among a command's arguments.
package struct KeyReference: Equatable, Sendable {
  package var position: Int
  package var access: KeySpec.Access?
  /// Empty where Redis doesn't know.
  package var uses: [KeySpec.Use]

  init(_ position: Int, _ access: KeySpec.Access? = nil, _ uses: [KeySpec.Use] = []) {
    (self.position, self.access, self.uses) = (position, access, uses)
  }

  var isRead: Bool { uses.contains(.access) }
  var isWritten: Bool { uses.contains { $0 == .update || $0 == .insert || $0 == .delete } }
}

extension Command {
  /// Whether arguments of the command may be keys (`doesCommandHaveKeys` in db.c).
  var mayHaveKeys: Bool { keys.contains { !$0.uses.contains(.notKey) } }

  /// The keys among the arguments, of which the command's name is the first (`getKeysFromCommandWithSpecs` in db.c).
  /// What the table says of them counts, unless it admits not to know all; then the command's own way of finding them
  /// does.
  package func keys(in arguments: [Bytes]) -> [KeyReference] {
    let specs = keys.filter { !$0.uses.contains(.notKey) }
    if !specs.isEmpty, !keys.contains(where: { $0.uses.contains(.variableFlags) }),
      let found = Self.keys(by: specs, in: arguments)
    {
      return found
    }
    return keysFoundByHand(in: arguments)
  }

  /// The keys that these ways lead to; nil if one of them leads nowhere (`getKeysUsingKeySpecs` in db.c).
  private static func keys(by specs: [KeySpec], in arguments: [Bytes]) -> [KeyReference]? {
    var found: [KeyReference] = []
    for spec in specs {
      guard let start = spec.start(in: arguments) else { continue }
      guard let positions = spec.positions(from: start, in: arguments), !spec.uses.contains(.incomplete) else {
        return nil
      }
      found += positions.map { KeyReference($0, spec.access, spec.uses) }
    }
    return found
  }

  /// A command's own way of finding its keys (`setGetKeys`, `sortROGetKeys`, `evalGetKeys`, `functionGetKeys`,
  /// `lmpopGetKeys`, `blmpopGetKeys`, `zmpopGetKeys`, `bzmpopGetKeys`, `sintercardGetKeys`, `zunionInterDiffGetKeys`,
  /// `zunionInterDiffStoreGetKeys` in db.c).
  private func keysFoundByHand(in arguments: [Bytes]) -> [KeyReference] {
    switch name {
    case "set":
      let alsoReads = arguments.dropFirst(3).contains { $0.matches("GET") }
      return [alsoReads ? KeyReference(1, .readWrite, [.access, .update]) : KeyReference(1, .overwrite, [.update])]
    case "bitfield": return [Self.bitfieldKey(arguments)]
    case "sort_ro": return [KeyReference(1, .readOnly, [.access])]
    case "sort": return Self.sortKeys(arguments)
    case "migrate": return Self.migrateKeys(arguments)
    case "xread", "xreadgroup": return Self.streamKeys(arguments)
    case "eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro", "blmpop", "bzmpop":
      return Self.countedKeys(arguments, count: 2)
    case "sintercard", "lmpop", "zmpop", "zdiff", "zinter", "zintercard", "zunion":
      return Self.countedKeys(arguments, count: 1)
    case "zdiffstore", "zinterstore", "zunionstore": return Self.countedKeys(arguments, count: 2, store: 1)
    default: return []
    }
  }

  /// Keys of which an argument says how many there are (`genericGetKeys` in db.c).
  private static func countedKeys(_ arguments: [Bytes], count: Int, store: Int? = nil) -> [KeyReference] {
    let number = Int(Integer.leadingOffset(arguments[count]))
    guard number >= 1, number <= arguments.count - count - 1 else { return [] }
    return (1...number).map { KeyReference(count + $0) } + (store.map { [KeyReference($0)] } ?? [])
  }

  /// Reading only if all that is asked for is GET (`bitfieldGetKeys` in db.c).
  private static func bitfieldKey(_ arguments: [Bytes]) -> KeyReference {
    var position = 2
    while position < arguments.count {
      let left = arguments.count - position - 1
      if arguments[position].matches("GET"), left >= 2 {
        position += 3
      } else if arguments[position].matches("SET") || arguments[position].matches("INCRBY"), left >= 3 {
        return KeyReference(1, .readWrite, [.access, .update])
      } else if arguments[position].matches("OVERFLOW"), left >= 1 {
        position += 2
      } else {
        // What it is will be found out when it is run.
        return KeyReference(1, .readWrite, [.access, .update])
      }
    }
    return KeyReference(1, .readOnly, [.access])
  }

  /// The key that is sorted, and the one where the result goes (`sortGetKeys` in db.c).
  private static func sortKeys(_ arguments: [Bytes]) -> [KeyReference] {
    var stored: Int?
    var position = 2
    while position < arguments.count {
      if arguments[position].matches("LIMIT") {
        position += 2
      } else if arguments[position].matches("GET") || arguments[position].matches("BY") {
        position += 1
      } else if arguments[position].matches("STORE"), position + 1 < arguments.count {
        stored = position + 1
      }
      position += 1
    }
    return [KeyReference(1, .readOnly, [.access])] + (stored.map { [KeyReference($0, .overwrite, [.update])] } ?? [])
  }

  /// The key, or those behind KEYS (`migrateGetKeys` in db.c).
  private static func migrateKeys(_ arguments: [Bytes]) -> [KeyReference] {
    var positions = 3..<4
    var position = 6
    while position < arguments.count {
      if arguments[position].matches("KEYS") {
        positions = arguments[3].isEmpty ? position + 1..<arguments.count : 0..<0
        break
      }
      position += arguments[position].matches("AUTH") ? 2 : arguments[position].matches("AUTH2") ? 3 : 1
    }
    return positions.map { KeyReference($0, .readWrite, [.access, .delete]) }
  }

  /// The first half of what stands behind STREAMS (`xreadGetKeys` in db.c).
  private static func streamKeys(_ arguments: [Bytes]) -> [KeyReference] {
    var position = 1
    while position < arguments.count, !arguments[position].matches("STREAMS") {
      if arguments[position].matches("BLOCK") || arguments[position].matches("COUNT") {
        position += 2
      } else if arguments[position].matches("GROUP") {
        position += 3
      } else if arguments[position].matches("NOACK") {
        position += 1
      } else {
        return []
      }
    }
    let count = arguments.count - position - 1
    guard count > 0, count.isMultiple(of: 2) else { return [] }
    return (position + 1..<position + 1 + count / 2).map { KeyReference($0) }
  }
}

extension KeySpec {
  /// The first key's position; nil if the word isn't there, 0 if nobody can know (`getKeysUsingKeySpecs` in db.c).
  fileprivate func start(in arguments: [Bytes]) -> Int? {
    switch begin {
    case .index(let index): return index
    case .unknown: return 0
    case .keyword(let word, let start):
      let name = Bytes(word).lowercased()
      let isIt = { (position: Int) in arguments[position].lowercased() == name }
      if start > 0 { return (start..<max(start, arguments.count - 1)).first(where: isIt).map { $0 + 1 } }
      let first = arguments.count + start
      guard first > 1 else { return nil }
      return (2...first).reversed().first(where: isIt).map { $0 + 1 }
    }
  }

  /// nil if they lie outside (`getKeysUsingKeySpecs` in db.c).
  fileprivate func positions(from start: Int, in arguments: [Bytes]) -> [Int]? {
    var (first, last, step) = (start, start, 1)
    switch find {
    case .unknown: return nil
    case .range(let end, let by, let limit):
      step = by
      if end >= 0 {
        last = first + end
      } else {
        last = limit == 0 ? arguments.count + end : first + (arguments.count - first) / limit + end
      }
    case .counted:
      guard first < arguments.count, let count = Integer.parse(arguments[first]), (0...Int64(Int32.max)).contains(count)
      else { return nil }
      first += 1
      last = first + Int(count) - 1
    }
    guard last < arguments.count, first <= last, first < arguments.count, begin != .unknown else { return nil }
    return Array(stride(from: first, through: last, by: step))
  }
}
