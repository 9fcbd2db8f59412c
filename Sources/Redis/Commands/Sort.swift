// SORT and SORT_RO (sort.c in Redis 7.0).
//
//     SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] [STORE key]
//       ├─ elements of the list, set or sorted set
//       ├─ each one's weight: itself, or what the key or hash field holds that BY names with it
//       ├─ sorted by number, or by bytes
//       └─ each element itself, or what the keys hold that GET names with it; to the client, or into a list

extension CommandTable {
  static let sorting: [String: Command.Body] = [
    "sort": { $0.sort(&$1, mayStore: true) },
    "sort_ro": { $0.sort(&$1, mayStore: false) },
  ]
}

/// The options of SORT (`sortCommandGeneric` in sort.c).
private struct SortOptions {
  var isDescending = false
  var isAlphabetic = false
  var start = Int64(0)
  var count = Int64(-1)
  var target: Bytes?
  var by: SortPattern?
  /// BY named no key in which an element stands: nothing is looked up, nothing is sorted.
  var keepsOrder = false
  var get: [SortPattern] = []

  init() {}

  /// Reads the options; nil if they make no sense or may not be used, which the client is told.
  init?(_ call: inout Call, mayStore: Bool, mayReadAllKeys: Bool) {
    var position = 2
    while position < call.arguments.count {
      let option = call.arguments[position]
      let left = call.arguments.count - position - 1
      switch option.upToNUL.uppercased().text {
      case "ASC": isDescending = false
      case "DESC": isDescending = true
      case "ALPHA": isAlphabetic = true
      case "LIMIT" where left >= 2:
        guard let start = call.integer(at: position + 1), let count = call.integer(at: position + 2) else { return nil }
        (self.start, self.count) = (start, count)
        position += 2
      case "STORE" where mayStore && left >= 1:
        target = call.arguments[position + 1]
        position += 1
      case "BY" where left >= 1:
        let pattern = SortPattern(call.arguments[position + 1])
        by = pattern
        if !pattern.namesElement { keepsOrder = true }
        guard !pattern.namesElement || mayReadAllKeys else {
          Self.deny("BY", &call)
          return nil
        }
        position += 1
      case "GET" where left >= 1:
        guard mayReadAllKeys else {
          Self.deny("GET", &call)
          return nil
        }
        get.append(SortPattern(call.arguments[position + 1]))
        position += 1
      default:
        call.syntaxError()
        return nil
      }
      position += 1
    }
  }

  private static func deny(_ option: String, _ call: inout Call) {
    call.reply.error("ERR \(option) option of SORT denied due to insufficient ACL permissions.")
  }

  /// Which of so many elements are asked for.
  func range(of total: Int) -> Range<Int> {
    let total = Int64(total)
    let first = min(max(start, 0), total)
    let wanted = min(max(count, -1), total)
    return Int(first)..<Int(wanted < 0 ? total : min(total, first + wanted))
  }
}

/// What BY and GET name: keys, or fields of hashes, in whose names an element takes the place of the star
/// (`lookupKeyByPattern` in sort.c).
private struct SortPattern {
  /// `#`: the element itself.
  let isElement: Bool
  private let beforeStar: Bytes
  /// nil if no element stands in it, so that it names nothing.
  private let afterStar: Bytes?
  let field: Bytes?

  var namesElement: Bool { afterStar != nil }

  init(_ pattern: Bytes) {
    let bytes = pattern.array
    // C looks for the signs up to the first 0.
    let text = bytes.prefix { $0 != 0 }
    isElement = text.elementsEqual([UInt8(ascii: "#")])
    guard let star = text.firstIndex(of: UInt8(ascii: "*")) else {
      (beforeStar, afterStar, field) = (pattern, nil, nil)
      return
    }
    beforeStar = Bytes(bytes[..<star])
    let arrow = text.indices.dropFirst(star + 1).first { text[$0...].starts(with: Array("->".utf8)) }
    if let arrow, arrow + 2 < text.endIndex {
      afterStar = Bytes(bytes[(star + 1)..<arrow])
      field = Bytes(bytes[(arrow + 2)...])
    } else {
      afterStar = Bytes(bytes[(star + 1)...])
      field = nil
    }
  }

  func key(for element: Bytes) -> Bytes? {
    guard let afterStar else { return nil }
    var key = beforeStar
    key.append(element)
    key.append(afterStar)
    return key
  }
}

extension Node {
  /// SORT and SORT_RO (`sortCommandGeneric` in sort.c).
  mutating func sort(_ call: inout Call, mayStore: Bool) {
    guard var options = SortOptions(&call, mayStore: mayStore, mayReadAllKeys: mayReadAllKeys(call)) else { return }
    guard let elements = elementsToSort(&call, &options) else { return }
    var sorted = elements
    if !options.keepsOrder {
      guard let weighed = sortedByWeight(elements, options, in: call.database) else {
        return call.reply.error("ERR One or more scores can't be converted into double")
      }
      sorted = weighed
    }
    let chosen = sorted[options.range(of: sorted.count)]
    guard let target = options.target else {
      call.reply.array(chosen.count * max(options.get.count, 1))
      for element in chosen {
        for pattern in options.get.isEmpty ? [nil] : options.get.map(Optional.some) {
          let value = pattern.map { lookup($0, element, in: call.database) } ?? element
          if let value { call.reply.bulk(value) } else { call.reply.null() }
        }
      }
      return
    }
    let found = chosen.flatMap { element in
      options.get.isEmpty ? [element] : options.get.map { lookup($0, element, in: call.database) }
    }
    storeSorted(found, at: target, &call)
  }

  /// Puts what was sorted into a list (`sortCommandGeneric` in sort.c).
  private mutating func storeSorted(_ found: [Bytes?], at target: Bytes, _ call: inout Call) {
    if !found.isEmpty {
      // Its nodes are as large as they are by default, whatever the configuration says (`createQuicklistObject`).
      var list = Quicklist(fill: PackingLimits().listMaxListpackSize)
      for value in found { list.push(value ?? Bytes(), at: .tail) }
      setKey(target, to: list.asValue, in: call.database)
      notify(.list, "sortstore", target, in: call.database)
      dirty += Int64(found.count)
    } else if deleteKey(target, in: call.database) {
      notify(.generic, "del", target, in: call.database)
      dirty += 1
    }
    call.reply.integer(found.count)
  }

  /// Whether the client may read any key, which it must where BY or GET names some
  /// (`ACLUserCheckCmdWithUnrestrictedKeyAccess` in acl.c).
  private func mayReadAllKeys(_ call: Call) -> Bool {
    guard let name = clients[call.connection]?.user, let user = accessControl.user(name) else { return true }
    return user.mayReadAllKeys(running: call.command, call.arguments)
  }

  /// The elements of the value in the order in which it has them; nil for a value of another type, which the client is
  /// told. A set has none: what is stored or said by a script must not depend on that, and is sorted.
  private mutating func elementsToSort(_ call: inout Call, _ options: inout SortOptions) -> [Bytes]? {
    var elements: [Bytes] = []
    switch read(call.arguments[1], in: call.database) {
    case nil: break
    case .list(let list):
      list.value.forEach {
        elements.append($0)
        return true
      }
      if options.keepsOrder, options.isDescending { elements.reverse() }
    case .set(let set):
      elements = set.value.members
      if options.keepsOrder, options.target != nil {
        options.keepsOrder = false
        options.isAlphabetic = true
        options.by = nil
      }
    case .sortedSet(let set):
      set.value.forEach {
        elements.append($0.member)
        return true
      }
      if options.keepsOrder, options.isDescending { elements.reverse() }
      // Redis walks the skip list, which the key has from then on.
      _ = change(SortedSet.self, call.arguments[1], in: call.database) { $0.convert() }
    default:
      call.reply.error(Call.Complaint.wrongType)
      return nil
    }
    return elements
  }

  /// What BY or GET names for an element, nil if there is none (`lookupKeyByPattern` in sort.c).
  private mutating func lookup(_ pattern: SortPattern, _ element: Bytes, in database: Int) -> Bytes? {
    if pattern.isElement { return element }
    guard let key = pattern.key(for: element), let value = read(key, in: database) else { return nil }
    if let field = pattern.field { return HashValue(value)?[field] }
    if case .string(let string) = value { return string.bytes }
    return nil
  }

  /// Sorts by the elements, or by what BY names (`sortCompare` in sort.c); nil if a weight is no number. Numbers that are
  /// the same are sorted by the elements' bytes.
  private mutating func sortedByWeight(
    _ elements: [Bytes], _ options: SortOptions, in database: Int
  ) -> [Bytes]? {
    let weights: [Bytes?] = elements.map { element in options.by.map { lookup($0, element, in: database) } ?? element }
    let sign = options.isDescending ? -1 : 1
    if options.isAlphabetic {
      // A client is told them as C compares strings, up to the first 0.
      let isWhole = options.target != nil
      let names = weights.map { weight in isWhole ? weight : weight.map { Bytes($0.array.prefix { $0 != 0 }) } }
      return options.sorted(elements) { sign * compare(names[$0], names[$1]) }
    }
    var scores: [Double] = []
    for weight in weights {
      guard let score = weight.map(Double.init(weight:)) ?? 0 else { return nil }
      scores.append(score)
    }
    return options.sorted(elements) {
      sign * (scores[$0] == scores[$1] ? compare(elements[$0], elements[$1]) : scores[$0] < scores[$1] ? -1 : 1)
    }
  }
}

extension SortOptions {
  /// The elements in the order of a comparison of their places. Where BY and LIMIT stand together, only what is asked for is
  /// sorted; else those that are the same stay in their order.
  fileprivate func sorted(_ elements: [Bytes], by order: (Int, Int) -> Int) -> [Bytes] {
    var places = Array(elements.indices)
    let range = range(of: elements.count)
    if by != nil, range != places.indices {
      places.sortPartly(range, by: order)
    } else {
      places.sort { order($0, $1) < 0 }
    }
    return places.map { elements[$0] }
  }
}

/// As memcmp does; what is not there comes first.
private func compare(_ a: Bytes?, _ b: Bytes?) -> Int {
  guard let a, let b else { return a == nil ? b == nil ? 0 : -1 : 1 }
  return a == b ? 0 : a < b ? -1 : 1
}
