import Dissection
import RDB

/// The keys and values of a snapshot, without their order, and what it says about itself without what is chance.
struct SnapshotContents {
  private var words: [(word: [UInt8], record: SnapshotRecord)] = []
  private var ignored: [IgnoredValue] = []
  private var keys: [UInt8] = []
  private var count = 0
  private var failure: RDBError?
  private var names: [(id: [UInt8], record: Range<Int>)] = []
  private var offset: (value: Int64, record: Range<Int>)?
  private let tolerance: Tolerance

  init(_ payload: [UInt8], tolerance: Tolerance) {
    self.tolerance = tolerance
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(payload)
    var database = 0
    do throws(RDBError) {
      var record = 0
      while let event = try reader.next() {
        if case .selectDatabase(let number) = event { database = number }
        take(event, at: record..<max(record, reader.position), database)
        record = reader.position
      }
      try reader.finish()
    } catch {
      failure = error
      add("(\(error))", error.offset..<max(error.offset, payload.count), subject: "(error)")
    }
  }

  private mutating func take(_ event: Event, at record: Range<Int>, _ database: Int) {
    switch event {
    case .header(let version) where tolerance.comparesServers: add("version \(version)", record, subject: "version")
    case .aux(let name, let value) where tolerance.comparesServers:
      takeAux(String(decoding: name, as: UTF8.self), value, record)
    case .entry(let entry): take(entry, at: record, database)
    case .function(let code): add(Array("function ".utf8) + code, record, subject: Array("function ".utf8) + code)
    case .moduleAux(let aux): add("module \(aux.id.name)", record, subject: "module \(aux.id.name)")
    default: break
    }
  }

  private mutating func takeAux(_ name: String, _ value: [UInt8], _ record: Range<Int>) {
    switch name {
    case "ctime": ignored.append(IgnoredValue(.creationTime, value))
    case "used-mem": ignored.append(IgnoredValue(.usedMemory, value))
    case "repl-id": names.append((value, record))
    case "repl-offset": offset = Int64(String(decoding: value, as: UTF8.self)).map { ($0, record) }
    default: add(Array((name + " ").utf8) + value, record, subject: Array(name.utf8))
    }
  }

  private mutating func take(_ entry: Entry, at record: Range<Int>, _ database: Int) {
    count += 1
    let subject = Array("\(database): ".utf8) + entry.key
    var word = subject + Array(" = ".utf8)
    word += ValueWords.bytes(of: entry.value, tellsLayout: tolerance.comparesServers)
    if let expiry = entry.attributes.expiry {
      word += Array(", expires".utf8)
      ignored.append(IgnoredValue(.time, expiry))
    }
    if let idle = entry.attributes.idle { ignored.append(IgnoredValue(.time, idle)) }
    if let frequency = entry.attributes.frequency { ignored.append(IgnoredValue(.time, frequency)) }
    keys += entry.key + [0x0a]
    add(word, record, subject: subject, database)
  }

  private mutating func add(_ word: [UInt8], _ record: Range<Int>, subject: [UInt8], _ database: Int? = nil) {
    words.append((word, SnapshotRecord(range: record, subject: subject, database: database)))
  }

  private mutating func add(_ line: String, _ record: Range<Int>, subject: String) {
    add(Array(line.utf8), record, subject: Array(subject.utf8))
  }

  /// What it comes to once the ids that it names are numbered.
  mutating func normalized(_ message: Message, hasDots: Bool, histories: inout Histories, history: [UInt8]?)
    -> NormalizedMessage
  {
    for (id, record) in names {
      add("repl-id \(histories.name(id))", record, subject: "repl-id")
      ignored.append(IgnoredValue(.replicationID, id))
    }
    if let offset, tolerance.comparesOffsets, let id = names.first?.id ?? history {
      // Where +FULLRESYNC is not in the recording, this says where the history begins.
      histories.begin(id, at: offset.value)
      let place = tolerance.countsFromStart ? histories.distance(to: offset.value, in: id) : offset.value
      let word = "repl-offset " + (place.map { "+\($0)" } ?? "of another history")
      add(word, offset.record, subject: "repl-offset")
    }
    ignored.append(IgnoredValue(.keyOrder, keys))
    let sorted = words.sorted { $0.word.lexicographicallyPrecedes($1.word) }
    let title = Array("snapshot of \(count) \(count == 1 ? "key" : "keys")".utf8)
    var normalized = NormalizedMessage([title] + sorted.map(\.word), message: message)
    normalized.records = [SnapshotRecord(range: 0..<0, subject: title)] + sorted.map(\.record)
    normalized.ignored = ignored
    normalized.hasDots = hasDots
    normalized.kind = .snapshot(isReadable: !(hasDots && failure != nil))
    return normalized
  }
}
