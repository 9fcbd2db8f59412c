// The list commands (t_list.c in Redis 7.0). Those that wait stand in `Lists+Blocking.swift`.

extension CommandTable {
  static let lists: [String: Command.Body] = [
    "lpush": { $0.push(&$1, at: .head) },
    "rpush": { $0.push(&$1, at: .tail) },
    "lpushx": { $0.push(&$1, at: .head, onlyIfThere: true) },
    "rpushx": { $0.push(&$1, at: .tail, onlyIfThere: true) },
    "linsert": { $0.linsert(&$1) },
    "llen": { $0.llen(&$1) },
    "lindex": { $0.lindex(&$1) },
    "lset": { $0.lset(&$1) },
    "lpop": { $0.pop(&$1, from: .head) },
    "rpop": { $0.pop(&$1, from: .tail) },
    "lmpop": { $0.lmpop(&$1) },
    "lrange": { $0.lrange(&$1) },
    "ltrim": { $0.ltrim(&$1) },
    "lpos": { $0.lpos(&$1) },
    "lrem": { $0.lrem(&$1) },
    "lmove": { $0.lmove(&$1) },
    "rpoplpush": { $0.rpoplpush(&$1) },
    "blpop": { $0.blockingPop(&$1, .head) },
    "brpop": { $0.blockingPop(&$1, .tail) },
    "blmpop": { $0.blmpop(&$1) },
    "blmove": { $0.blmove(&$1) },
    "brpoplpush": { $0.brpoplpush(&$1) },
  ]
}

extension Quicklist.End {
  /// LEFT or RIGHT; anything else is told the client (`getListPositionFromObjectOrReply` in t_list.c).
  init?(_ word: Bytes, _ call: inout Call) {
    if word.matches("LEFT") {
      self = .head
    } else if word.matches("RIGHT") {
      self = .tail
    } else {
      call.syntaxError()
      return nil
    }
  }

  var popEvent: Bytes { self == .head ? "lpop" : "rpop" }
  var pushEvent: Bytes { self == .head ? "lpush" : "rpush" }
  var popCommand: Bytes { self == .head ? "LPOP" : "RPOP" }
}

extension Node {
  // MARK: Adding

  /// LPUSH, RPUSH, LPUSHX, RPUSHX (`pushGenericCommand` in t_list.c).
  mutating func push(_ call: inout Call, at end: Quicklist.End, onlyIfThere: Bool = false) {
    let (key, elements) = (call.arguments[1], call.arguments.dropFirst(2))
    switch find(Quicklist.self, &call) {
    case .wrongType: return
    case .held: break
    case .nothing:
      if onlyIfThere { return call.reply.integer(0) }
      addKey(key, Quicklist(fill: configuration.packing.listMaxListpackSize), in: call.database)
    }
    let count = change(Quicklist.self, key, in: call.database) { list in
      for element in elements { list.push(element, at: end) }
      return list.count
    }
    dirty += Int64(elements.count)
    call.reply.integer(count ?? 0)
    signalModified(key, in: call.database)
    notify(.list, end.pushEvent, key, in: call.database)
  }

  /// LINSERT (`linsertCommand` in t_list.c).
  mutating func linsert(_ call: inout Call) {
    let (key, word) = (call.arguments[1], call.arguments[2])
    guard word.matches("AFTER") || word.matches("BEFORE") else { return call.syntaxError() }
    let (pivot, element) = (call.arguments[3], call.arguments[4])
    switch lookup(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held(let list):
      guard let index = list.firstIndex(of: pivot) else { return call.reply.integer(-1) }
      _ = change(Quicklist.self, key, in: call.database) {
        $0.insert(element, at: index, after: word.matches("AFTER"))
      }
      signalModified(key, in: call.database)
      notify(.list, "linsert", key, in: call.database)
      dirty += 1
      call.reply.integer(list.count + 1)
    }
  }

  // MARK: Reading

  /// LLEN (`llenCommand` in t_list.c).
  mutating func llen(_ call: inout Call) {
    switch read(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let list): call.reply.integer(list.count)
    }
  }

  /// LINDEX (`lindexCommand` in t_list.c).
  mutating func lindex(_ call: inout Call) {
    switch read(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.null()
    case .held(let list):
      guard let index = call.integer(at: 2) else { return }
      if let element = list[Int(index)] { call.reply.bulk(element) } else { call.reply.null() }
    }
  }

  /// LRANGE (`lrangeCommand` in t_list.c).
  mutating func lrange(_ call: inout Call) {
    guard let start = call.integer(at: 2), let end = call.integer(at: 3) else { return }
    switch read(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.array(0)
    case .held(let list):
      call.reply.elements(of: list, Node.indices(from: start, through: end, of: list.count))
    }
  }

  /// Which of so many elements are meant by two indices, each of which may count from the end; empty if none is.
  static func indices(from start: Int64, through end: Int64, of count: Int) -> Range<Int> {
    let first = max(0, start < 0 ? Int64(count) + max(start, -Int64(count)) : start)
    let last = min(Int64(count) - 1, end < 0 ? Int64(count) + max(end, -Int64(count) - 1) : end)
    return first > last ? 0..<0 : Int(first)..<Int(last) + 1
  }

  /// LPOS (`lposCommand` in t_list.c).
  mutating func lpos(_ call: inout Call) {
    var (rank, count, limit): (Int64, Int64?, Int64) = (1, nil, 0)
    var position = 3
    while position < call.arguments.count {
      let option = call.arguments[position]
      guard position + 1 < call.arguments.count else { return call.syntaxError() }
      if option.matches("RANK") {
        guard let given = call.integer(at: position + 1) else { return }
        guard given != 0 else {
          return call.reply.error(
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
              + "from the end of the list")
        }
        rank = given
      } else if option.matches("COUNT") {
        guard let given = call.positiveInteger(at: position + 1, complaint: "ERR COUNT can't be negative") else {
          return
        }
        count = given
      } else if option.matches("MAXLEN") {
        guard let given = call.positiveInteger(at: position + 1, complaint: "ERR MAXLEN can't be negative") else {
          return
        }
        limit = given
      } else {
        return call.syntaxError()
      }
      position += 2
    }
    switch read(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: if count == nil { call.reply.null() } else { call.reply.array(0) }
    case .held(let list):
      // The least rank has no positive twin, so in C it stays below every count of matches.
      let wanted = count.map { $0 == 0 || rank == .min ? Int.max : Int(clamping: $0) } ?? 1
      let found = list.indices(of: call.arguments[2], rank: rank, count: wanted, limit: limit)
      if count == nil {
        if let index = found.first { call.reply.integer(index) } else { call.reply.null() }
      } else {
        call.reply.array(found.count)
        for index in found { call.reply.integer(index) }
      }
    }
  }

  // MARK: Changing

  /// LSET (`lsetCommand` in t_list.c).
  mutating func lset(_ call: inout Call) {
    let (key, element) = (call.arguments[1], call.arguments[3])
    switch lookup(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.error(Call.Complaint.noSuchKey)
    case .held(let list):
      guard let given = call.integer(at: 2) else { return }
      let range = Node.indices(from: given, through: given, of: list.count)
      guard let index = range.first, given >= -Int64(list.count) else {
        return call.reply.error("ERR index out of range")
      }
      _ = change(Quicklist.self, key, in: call.database) { $0.replace(at: index, with: element) }
      call.reply.ok()
      signalModified(key, in: call.database)
      notify(.list, "lset", key, in: call.database)
      dirty += 1
    }
  }

  /// LTRIM (`ltrimCommand` in t_list.c).
  mutating func ltrim(_ call: inout Call) {
    let key = call.arguments[1]
    guard let start = call.integer(at: 2), let end = call.integer(at: 3) else { return }
    let count: Int
    switch lookup(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.ok()
    case .held(let list): count = list.count
    }
    let kept = Node.indices(from: start, through: end, of: count)
    _ = change(Quicklist.self, key, in: call.database) { list in
      if kept.isEmpty {
        list.remove(from: 0, count: count)
      } else {
        list.remove(from: 0, count: kept.lowerBound)
        list.remove(from: kept.count, count: count - kept.upperBound)
      }
    }
    notify(.list, "ltrim", key, in: call.database)
    deleteIfEmpty(Quicklist.self, key, in: call.database)
    signalModified(key, in: call.database)
    dirty += Int64(count - kept.count)
    call.reply.ok()
  }

  /// LREM (`lremCommand` in t_list.c).
  mutating func lrem(_ call: inout Call) {
    let (key, element) = (call.arguments[1], call.arguments[3])
    guard let count = call.integer(at: 2) else { return }
    switch find(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    let limit = count == 0 ? Int.max : Int(clamping: count.magnitude)
    let removed =
      change(Quicklist.self, key, in: call.database) {
        $0.remove(element, limit: limit, from: count < 0 ? .tail : .head)
      } ?? 0
    dirty += Int64(removed)
    if removed > 0 {
      signalModified(key, in: call.database)
      notify(.list, "lrem", key, in: call.database)
    }
    deleteIfEmpty(Quicklist.self, key, in: call.database)
    call.reply.integer(removed)
  }

  // MARK: Taking

  /// LPOP, RPOP (`popGenericCommand` in t_list.c).
  mutating func pop(_ call: inout Call, from end: Quicklist.End) {
    guard call.arguments.count <= 3 else { return call.wrongArity() }
    var count: Int64?
    if call.arguments.count == 3 {
      count = call.positiveInteger(at: 2)
      if count == nil { return }
    }
    let key = call.arguments[1]
    switch lookup(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: if count == nil { call.reply.null() } else { call.reply.nullArray() }
    case .held(let list):
      guard let count else {
        return popOne(&call, key, end)
      }
      if count == 0 { return call.reply.array(0) }
      call.reply.elements(of: list, list.range(of: count, from: end), reversed: end == .tail)
      removeElements(&call, key, end, Int(clamping: count))
    }
  }

  private mutating func popOne(_ call: inout Call, _ key: Bytes, _ end: Quicklist.End) {
    if let element = take(from: key, end, in: call.database) { call.reply.bulk(element) }
    elementsRemoved(key, end, count: 1, in: call.database)
  }

  /// Takes an element off a list; what follows from that is the caller's (`listTypePop` in t_list.c).
  mutating func take(from key: Bytes, _ end: Quicklist.End, in database: Int) -> Bytes? {
    change(Quicklist.self, key, in: database) { $0.pop(from: end) } ?? nil
  }

  /// Removes so many elements, or all if there are less, and tells of it (`listTypeDelRange` in t_list.c).
  private mutating func removeElements(_ call: inout Call, _ key: Bytes, _ end: Quicklist.End, _ count: Int) {
    let removed =
      change(Quicklist.self, key, in: call.database) { list in
        let range = list.range(of: Int64(count), from: end)
        list.remove(from: range.lowerBound, count: range.count)
        return range.count
      } ?? 0
    elementsRemoved(key, end, count: removed, in: call.database)
  }

  /// Tells of elements that were taken, and deletes the key of an empty list (`listElementsRemoved` in t_list.c).
  mutating func elementsRemoved(_ key: Bytes, _ end: Quicklist.End, count: Int, in database: Int) {
    notify(.list, end.popEvent, key, in: database)
    deleteIfEmpty(Quicklist.self, key, in: database)
    signalModified(key, in: database)
    dirty += Int64(count)
  }

  /// Replies with the key and the elements that are taken from it (`listPopRangeAndReplyWithKey` in t_list.c). The replicas
  /// are told how many they were.
  mutating func popMany(_ call: inout Call, _ key: Bytes, _ end: Quicklist.End, count: Int) {
    guard let list = databases[call.database][key].flatMap({ Quicklist($0.value) }) else { return }
    let range = list.range(of: Int64(count), from: end)
    call.reply.array(2)
    call.reply.bulk(key)
    call.reply.elements(of: list, range, reversed: end == .tail)
    removeElements(&call, key, end, count)
    call.propagation = .rewritten([end.popCommand, key, Bytes(range.count)])
  }

  /// What LMPOP and BLMPOP are asked for: the keys, an end, how many elements (`lmpopGenericCommand` in t_list.c).
  func poppedKeys(_ call: inout Call, at position: Int) -> (keys: ArraySlice<Bytes>, end: Quicklist.End, count: Int)? {
    guard let (keys, next) = call.countedKeys(at: position) else { return nil }
    guard let end = Quicklist.End(call.arguments[next], &call), let count = call.countOption(from: next + 1) else {
      return nil
    }
    return (keys, end, count)
  }

  /// LMPOP (`lmpopCommand`, `mpopGenericCommand` in t_list.c).
  mutating func lmpop(_ call: inout Call) {
    guard let (keys, end, count) = poppedKeys(&call, at: 1) else { return }
    for position in keys.indices {
      switch lookup(Quicklist.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held: return popMany(&call, call.arguments[position], end, count: count)
      }
    }
    call.reply.nullArray()
  }
}

extension Quicklist {
  /// Where so many elements at an end are; all, if there are less.
  func range(of count: Int64, from end: End) -> Range<Int> {
    let count = min(Int(clamping: count), self.count)
    return end == .head ? 0..<count : self.count - count..<self.count
  }

  /// The index of the first element that is that string.
  func firstIndex(of element: Bytes) -> Int? { indices(of: element, rank: 1, count: 1, limit: 0).first }

  /// The indices of elements that are that string: from the `rank`th on, from the tail backwards if it is negative, at most
  /// `count` of them, among the first `limit` elements that are looked at (0: all).
  func indices(of element: Bytes, rank: Int64, count: Int, limit: Int64) -> [Int] {
    var (found, index, matches): ([Int], Int64, UInt64) = ([], 0, 0)
    let total = Int64(self.count)
    func look(_ other: Bytes) -> Bool {
      if limit > 0, index >= limit { return false }
      if other == element {
        matches += 1
        if matches >= rank.magnitude || rank == .min { found.append(Int(rank > 0 ? index : total - index - 1)) }
      }
      index += 1
      return found.count < count
    }
    if rank > 0 { forEach(look) } else { forEachReversed(from: self.count - 1, look) }
    return found
  }
}

extension ReplyBuffer {
  /// Elements of a list, from the last to the first if they are taken from the tail (`addListRangeReply` in t_list.c).
  mutating func elements(of list: Quicklist, _ range: Range<Int>, reversed: Bool = false) {
    array(range.count)
    guard !range.isEmpty else { return }
    var left = range.count
    func reply(_ element: Quicklist.Element, _ buffer: inout ReplyBuffer) -> Bool {
      switch element {
      case .packed(let listpack, let position): buffer.bulk(listpack, at: position)
      case .plain(let bytes): buffer.bulk(bytes)
      }
      left -= 1
      return left > 0
    }
    var buffer = ReplyBuffer()
    swap(&buffer, &self)
    if reversed {
      list.visitReversed(from: range.upperBound - 1) { reply($0, &buffer) }
    } else {
      list.visit(from: range.lowerBound) { reply($0, &buffer) }
    }
    swap(&buffer, &self)
  }
}
