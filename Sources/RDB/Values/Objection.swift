/// What a redis-server 7.0 says of a value whose bytes are in order and that can't be: something is in it twice, or
/// points at nothing (`rdbLoadObject` in rdb.c).
package struct Objection: Hashable, Sendable {
  /// In Redis's words.
  package var words: String
  package var severity: Severity
  /// Of rdb.c, as a server's log tells it; nil where it panics instead, or goes on.
  package var line: Int?

  package init(words: String, severity: Severity, line: Int? = nil) {
    self.words = words
    self.severity = severity
    self.line = line
  }

  package enum Severity: Hashable, Sendable {
    /// The key is left out, and the file is loaded.
    case skipsKey
    /// The server ends.
    case refusesFile
    /// Only who looks at every element says so: redis-check-rdb, and a server with sanitize-dump-payload yes.
    case onlyWhenSanitized
  }
}

extension Objection {
  fileprivate static let emptyKey = Objection(words: "rdbLoadObject skipping empty key", severity: .skipsKey)
  fileprivate static let duplicateField = refused("Duplicate hash fields detected", 2019)
  fileprivate static let duplicateMember = refused("Duplicate set members detected", 1829)
  fileprivate static let duplicateScored = refused("Duplicate zset fields detected", 1894)

  fileprivate static func refused(_ words: String, _ line: Int) -> Objection {
    Objection(words: words, severity: .refusesFile, line: line)
  }
}

/// A string among many: an array of bytes is hashed byte by byte, this one as a whole.
private struct Name: Hashable {
  let bytes: [UInt8]

  func hash(into hasher: inout Hasher) { unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
}

extension ValuePiece {
  /// It holds no element.
  fileprivate var isEmpty: Bool {
    switch self {
    // Behind the header is the mark at the end.
    case .listpack(let bytes): bytes.count <= 7
    case .intset(let bytes): bytes.count <= 8
    case .elements(let elements): elements.isEmpty
    case .plain, .streamNode: false
    }
  }
}

extension Entry {
  /// The first thing that a server would object to; nil: there is nothing.
  package var objection: Objection? {
    if let objection = value.objection { return objection }
    // -1 says that there is none.
    guard let expiry = attributes.expiry, expiry <= 0, expiry != -1 else { return nil }
    return Objection(words: "Done loading RDB, keys loaded: 0, keys expired: 1.", severity: .skipsKey)
  }
}

extension Value {
  /// The first thing that a server would object to in the value itself; nil: there is nothing.
  package var objection: Objection? {
    guard case .encoded(let value) = self else { return nil }
    let collected = value.collected
    return objection(to: collected.contents(of: type), nodes: collected.nodes)
  }

  /// What a server finds that loads a value.
  package struct Inspection {
    /// The first thing that it objects to.
    package var objection: Objection?
    /// What is in the value, if it had to look at that; else the pieces that it keeps as they are.
    package var contents: Contents?
    package var pieces: [ValuePiece]?
    /// What it objects to if fewer than so many elements are different: whoever makes a table of them sees that on the way.
    package var ifDuplicate: (objection: Objection, count: Int)?
  }

  /// What it keeps as it is it looks into only with sanitize-dump-payload.
  ///
  /// - Parameter pieces: those of the value, where they are known.
  package func inspected(sanitizing: Bool, pieces: [ValuePiece]? = nil) -> Inspection {
    guard case .encoded(let value) = self else { return Inspection() }
    if type.isKeptInPieces, !sanitizing {
      let pieces = pieces ?? value.pieces.pieces
      return Inspection(objection: pieces.allSatisfy(\.isEmpty) ? .emptyKey : nil, pieces: pieces)
    }
    // What has so many elements becomes a table whatever they are.
    if let objection = objectionToDuplicate, let count = value.elementCount, count > 512 {
      return Inspection(ifDuplicate: (objection, count))
    }
    let collected = value.collected
    let contents = collected.contents(of: type)
    return Inspection(objection: objection(to: contents, nodes: collected.nodes), contents: contents)
  }

  /// What is said of an element that is in a table twice.
  private var objectionToDuplicate: Objection? {
    switch type {
    case .hash: .duplicateField
    case .set: .duplicateMember
    case .sortedSet, .sortedSet2: .duplicateScored
    default: nil
    }
  }

  private func objection(to contents: Contents, nodes: [StreamID]) -> Objection? {
    if contents.count == 0, contents.kind != .stream { return .emptyKey }
    switch contents {
    case .set(let members): return objection(toDuplicateAmong: members)
    case .sortedSet(let members): return objection(toDuplicateAmong: members.map(\.member))
    case .hash(let fields):
      return type == .hash ? Self.objection(to: fields) : objection(toDuplicateAmong: fields.map(\.field))
    case .stream(let stream): return stream.objection(nodes: nodes)
    case .string, .list, .module: return nil
    }
  }

  /// A hash is loaded into a listpack, where nothing is noticed, until there is a string of more than 64 bytes
  /// (hash-max-listpack-value); one of more than 512 fields (hash-max-listpack-entries) is none from the start.
  private static func objection(to fields: [HashField]) -> Objection? {
    var seen = Set<Name>(minimumCapacity: fields.count)
    var (isTable, hasDuplicate) = (fields.count > 512, false)
    for field in fields {
      let becomesTable = !isTable && max(field.field.count, field.value.count) > 64
      if becomesTable {
        if hasDuplicate { return Objection(words: "Listpack corruption detected", severity: .refusesFile) }
        isTable = true
      }
      guard !seen.insert(Name(bytes: field.field)).inserted else { continue }
      if isTable {
        return becomesTable ? .refused(Objection.duplicateField.words, 1969) : .duplicateField
      }
      hasDuplicate = true
    }
    return hasDuplicate ? Objection(words: "Hash with dup elements", severity: .onlyWhenSanitized, line: 1951) : nil
  }

  /// What an element that is there twice is called depends on the layout (`rdbLoadObject`,
  /// `lpPairsValidateIntegrityAndDups`, `ziplistPairsConvertAndValidateIntegrity` in rdb.c).
  private func objection(toDuplicateAmong elements: [[UInt8]]) -> Objection? {
    guard let index = Self.firstDuplicate(elements) else { return nil }
    func refused(_ malformation: Malformation) -> Objection { .refused(malformation.rawValue, malformation.line) }
    func sanitized(_ malformation: Malformation) -> Objection {
      Objection(words: malformation.rawValue, severity: .onlyWhenSanitized, line: malformation.line)
    }
    switch type {
    case .set:
      // It is a set of integers as long as there is nothing else, up to 512 of them (set-max-intset-entries).
      let isIntset = elements.count <= 512 && elements[...index].allSatisfy(Self.isInteger)
      return isIntset ? .refused(Objection.duplicateMember.words, 1809) : .duplicateMember
    case .sortedSet, .sortedSet2: return .duplicateScored
    case .hashZipmap:
      return .refused("Hash zipmap with dup elements, or big length (\(elements[index].count))", 2154)
    case .hashZiplist: return refused(.hashZiplist)
    case .sortedSetZiplist: return refused(.sortedSetZiplist)
    case .hashListpack: return sanitized(.hashListpack)
    case .sortedSetListpack: return sanitized(.sortedSetListpack)
    case .setIntset: return sanitized(.intset)
    // Layouts that 7.0 does not read.
    default: return nil
    }
  }

  /// (`isSdsRepresentableAsLongLong` in util.c)
  private static func isInteger(_ text: [UInt8]) -> Bool {
    let text = String(decoding: text, as: UTF8.self)
    return Int64(text).map { String($0) == text } ?? false
  }

  /// Where an element is that was there before.
  private static func firstDuplicate(_ elements: [[UInt8]]) -> Int? {
    var seen = Set<Name>(minimumCapacity: elements.count)
    return elements.firstIndex { !seen.insert(Name(bytes: $0)).inserted }
  }

  fileprivate static func hasDuplicates(_ elements: [some Hashable]) -> Bool {
    Set(elements).count < elements.count
  }
}

extension Stream {
  /// What is wrong with a stream (`rdbLoadObject` in rdb.c).
  fileprivate func objection(nodes: [StreamID]) -> Objection? {
    if Value.hasDuplicates(nodes) {
      return Objection(words: "Listpack re-added with existing key", severity: .refusesFile, line: 2386)
    }
    if length > 0, nodes.isEmpty {
      return Objection(words: "Stream length inconsistent with rax entries", severity: .refusesFile, line: 2430)
    }
    var names: Set<[UInt8]> = []
    for group in groups {
      guard names.insert(group.name).inserted else {
        let name = String(decoding: group.name, as: UTF8.self)
        return Objection(words: "Duplicated consumer group name \(name)", severity: .refusesFile, line: 2480)
      }
      if let objection = group.objection { return objection }
    }
    return nil
  }
}

extension Stream.Group {
  /// What is wrong with a consumer group (`rdbLoadObject` in rdb.c).
  fileprivate var objection: Objection? {
    let known = Set(pending.map(\.id))
    if known.count < pending.count {
      return .refused("Duplicated global PEL entry loading stream consumer group", 2516)
    }
    var (names, owned): (Set<[UInt8]>, Set<StreamID>) = ([], [])
    for consumer in consumers {
      if !names.insert(consumer.name).inserted { return .refused("Duplicate stream consumer detected.", 2543) }
      for id in consumer.pending {
        guard known.contains(id) else { return .refused("Consumer entry not found in group global PEL", 2573) }
        // In the words of Debian's 7.0.15, which looks for other owners, too.
        guard owned.insert(id).inserted else {
          return .refused("Stream consumer PEL entry already has a consumer assigned", 2583)
        }
      }
    }
    if known != owned {
      return Objection(words: "Stream CG PEL entry without consumer", severity: .onlyWhenSanitized, line: 2611)
    }
    return nil
  }
}
