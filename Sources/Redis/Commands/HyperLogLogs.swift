// The commands that estimate how many different things there are (hyperloglog.c in Redis 7.0).

extension CommandTable {
  static let hyperLogLogs: [String: Command.Body] = [
    "pfadd": { $0.pfadd(&$1) },
    "pfcount": { $0.pfcount(&$1) },
    "pfmerge": { $0.pfmerge(&$1) },
    "pfdebug": { $0.pfdebug(&$1) },
    "pfselftest": { $0.pfselftest(&$1) },
  ]
}

extension Call.Complaint {
  fileprivate static let notHyperLogLog = "WRONGTYPE Key is not a valid HyperLogLog string value."
  fileprivate static let corrupted = "INVALIDOBJ Corrupted HLL object detected"
}

extension Node {
  /// What is at a key, for a command that only reads or for one that writes; what is none is told the client.
  private mutating func hyperLogLog(_ call: inout Call, at position: Int, writing: Bool) -> Found<HyperLogLog> {
    let found =
      writing ? lookup(StringValue.self, at: position, &call) : read(StringValue.self, at: position, &call)
    switch found {
    case .nothing: return .nothing
    case .wrongType: return .wrongType
    case .held(let string):
      if let log = HyperLogLog(string.bytes.array) { return .held(log) }
      call.reply.error(Call.Complaint.notHyperLogLog)
      return .wrongType
    }
  }

  /// Changes one where it is. The string is kept by itself from then on (`dbUnshareStringValue` in db.c).
  private mutating func changeLog<Result>(
    _ key: Bytes, in database: Int, _ body: (inout HyperLogLog) -> Result
  ) -> Result? {
    change(StringValue.self, key, in: database) { string -> Result? in
      string.encoding = .raw
      return string.bytes.change { bytes -> Result? in
        guard var log = HyperLogLog(bytes) else { return nil }
        bytes = []
        defer { bytes = log.bytes }
        return body(&log)
      }
    } ?? nil
  }

  /// PFADD (`pfaddCommand` in hyperloglog.c).
  mutating func pfadd(_ call: inout Call) {
    let (key, elements) = (call.arguments[1], call.arguments.dropFirst(2))
    var updated: Int64 = 0
    switch hyperLogLog(&call, at: 1, writing: true) {
    case .wrongType: return
    case .held: break
    case .nothing:
      addKey(key, StringValue(Bytes(HyperLogLog().bytes), encoding: .raw), in: call.database)
      updated = 1
    }
    let limit = configuration.packing.hllSparseMaxBytes
    let added = changeLog(key, in: call.database) { log -> Int64? in
      var changes = updated
      for element in elements {
        guard let isChanged = log.add(element, sparseMaxBytes: limit) else { return nil }
        if isChanged { changes += 1 }
      }
      if changes > 0 { log.invalidateCache() }
      return changes
    }
    guard let added = added ?? nil else { return call.reply.error(Call.Complaint.corrupted) }
    if added > 0 {
      signalModified(key, in: call.database)
      notify(.string, "pfadd", key, in: call.database)
      dirty += added
    }
    call.reply.integer(added > 0 ? 1 : 0)
  }

  /// PFCOUNT (`pfcountCommand` in hyperloglog.c). The estimate is kept in the string: a command that only reads writes, and
  /// the replicas are told.
  mutating func pfcount(_ call: inout Call) {
    guard call.arguments.count == 2 else {
      if let (registers, _) = mergedRegisters(&call) { call.reply.integer(HyperLogLog.estimate(registers)) }
      return
    }
    let key = call.arguments[1]
    switch hyperLogLog(&call, at: 1, writing: false) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    let counted = changeLog(key, in: call.database) { log -> (count: Int64, isNew: Bool)? in
      if let cached = log.cachedCount { return (cached, false) }
      guard let count = log.estimate else { return nil }
      log.cache(count)
      return (count, true)
    }
    guard let (count, isNew) = counted ?? nil else { return call.reply.error(Call.Complaint.corrupted) }
    if isNew {
      signalModified(key, in: call.database)
      dirty += 1
    }
    call.reply.integer(count)
  }

  /// The greatest of each register among all keys of the command, and whether one of them is dense; what is wrong is told
  /// the client (`hllMerge` in hyperloglog.c).
  private mutating func mergedRegisters(_ call: inout Call) -> (registers: [UInt8], isDense: Bool)? {
    var registers = [UInt8](repeating: 0, count: HyperLogLog.registerCount)
    var isDense = false
    for position in 1..<call.arguments.count {
      switch hyperLogLog(&call, at: position, writing: false) {
      case .wrongType: return nil
      case .nothing: continue
      case .held(let log):
        if !log.isSparse { isDense = true }
        guard let others = log.registers else {
          call.reply.error(Call.Complaint.corrupted)
          return nil
        }
        for (index, value) in others.enumerated() where value > registers[index] { registers[index] = value }
      }
    }
    return (registers, isDense)
  }

  /// PFMERGE (`pfmergeCommand` in hyperloglog.c).
  mutating func pfmerge(_ call: inout Call) {
    guard let (registers, isDense) = mergedRegisters(&call) else { return }
    let key = call.arguments[1]
    if lookup(key, in: call.database) == nil {
      addKey(key, StringValue(Bytes(HyperLogLog().bytes), encoding: .raw), in: call.database)
    }
    let limit = configuration.packing.hllSparseMaxBytes
    let isRight = changeLog(key, in: call.database) { log in
      if isDense, !log.makeDense() { return false }
      for (index, value) in registers.enumerated() where value > 0 {
        _ = log.raise(index, to: value, sparseMaxBytes: limit)
      }
      log.invalidateCache()
      return true
    }
    guard isRight == true else { return call.reply.error(Call.Complaint.corrupted) }
    signalModified(key, in: call.database)
    notify(.string, "pfadd", key, in: call.database)
    dirty += 1
    call.reply.ok()
  }

  // MARK: Debugging

  /// PFDEBUG (`pfdebugCommand` in hyperloglog.c).
  mutating func pfdebug(_ call: inout Call) {
    let (word, key) = (call.arguments[1], call.arguments[2])
    let log: HyperLogLog
    switch hyperLogLog(&call, at: 2, writing: true) {
    case .wrongType: return
    case .nothing: return call.reply.error("ERR The specified key does not exist")
    case .held(let held): log = held
    }
    // Even this makes the string one by itself.
    _ = changeLog(key, in: call.database) { _ in }
    let words: [StaticString] = ["GETREG", "DECODE", "ENCODING", "TODENSE"]
    guard words.contains(where: { word.matches($0) }) else {
      return call.reply.error("ERR Unknown PFDEBUG subcommand '\(word.printed)'")
    }
    guard call.arguments.count == 3 else {
      return call.reply.error("ERR Wrong number of arguments for the '\(word.printed)' subcommand")
    }
    if word.matches("ENCODING") { return call.reply.simple(log.isSparse ? "sparse" : "dense") }
    if word.matches("DECODE") {
      guard log.isSparse else { return call.reply.error("ERR HLL encoding is not sparse") }
      return call.reply.bulk(log.decoded)
    }
    if log.isSparse {
      guard changeLog(key, in: call.database, { $0.makeDense() }) == true else {
        return call.reply.error(Call.Complaint.corrupted)
      }
      dirty += 1
    }
    if word.matches("TODENSE") { return call.reply.integer(log.isSparse ? 1 : 0) }
    call.reply.array(HyperLogLog.registerCount)
    for value in log.registers ?? [] { call.reply.integer(Int(value)) }
  }

  /// PFSELFTEST (`pfselftestCommand` in hyperloglog.c): that dense and sparse agree, and are not too far from the truth.
  /// Redis goes on to ten million elements; here ten thousand do.
  mutating func pfselftest(_ call: inout Call) {
    // A test takes nothing from the chance that others draw from.
    var random = random
    let seed = random.next()
    let limit = configuration.packing.hllSparseMaxBytes
    var (dense, sparse) = (HyperLogLog(), HyperLogLog())
    _ = dense.makeDense()
    for number in 1...UInt64(10_000) {
      let element = Bytes((0..<8).map { UInt8(truncatingIfNeeded: (number ^ seed) >> UInt64(8 * $0)) })
      _ = dense.add(element, sparseMaxBytes: limit)
      _ = sparse.add(element, sparseMaxBytes: limit)
      guard [1, 10, 100, 1_000, 10_000].contains(number) else { continue }
      if number < UInt64(max(0, limit / 2)), !sparse.isSparse {
        return call.reply.error("ERR TESTFAILED sparse encoding not used")
      }
      guard let count = dense.estimate, count == sparse.estimate else {
        return call.reply.error("ERR TESTFAILED dense/sparse disagree")
      }
      let error = (Int64(number) - count).magnitude
      let most = number == 10 ? 1 : UInt64((1.04 / 128 * 6 * Double(number)).rounded(.up))
      if error > most {
        return call.reply.error("ERR TESTFAILED Too big error. card:\(number) abserr:\(error)")
      }
    }
    call.reply.ok()
  }
}

extension HyperLogLog {
  /// The runs in words: `z:64 Z:16320`, `v:3,1`.
  fileprivate var decoded: String {
    var words: [String] = []
    forEachRun { run, size in
      switch run {
      case .zeros(let count): words.append("\(size == 1 ? "z" : "Z"):\(count)")
      case .values(let value, let count): words.append("v:\(value),\(count)")
      }
      return true
    }
    return words.joined(separator: " ")
  }
}
