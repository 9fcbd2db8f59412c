import Dissection
import RDB

/// The keys and values of a snapshot, without their order, and what it says about itself without what is chance.
struct SnapshotContents {
  private var words: [(word: [UInt8], record: Int)] = []
  private var ignored: [IgnoredValue] = []
  private var keys: [UInt8] = []
  private var count = 0
  private var failure: RDBError?
  private var names: [(id: [UInt8], place: Int)] = []
  private var offset: (value: Int64, place: Int)?
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
        take(event, at: record, database)
        record = reader.position
      }
      try reader.finish()
    } catch {
      failure = error
      words.append((Array("(\(error))".utf8), error.offset))
    }
  }

  private mutating func take(_ event: Event, at record: Int, _ database: Int) {
    switch event {
    case .header(let version) where tolerance.comparesServers: add("version \(version)", record)
    case .aux(let name, let value) where tolerance.comparesServers:
      takeAux(String(decoding: name, as: UTF8.self), value, record)
    case .entry(let entry): take(entry, at: record, database)
    case .function(let code): words.append((Array("function ".utf8) + code, record))
    case .moduleAux(let aux): add("module \(aux.id.name)", record)
    default: break
    }
  }

  private mutating func takeAux(_ name: String, _ value: [UInt8], _ record: Int) {
    switch name {
    case "ctime": ignored.append(IgnoredValue(.creationTime, value))
    case "used-mem": ignored.append(IgnoredValue(.usedMemory, value))
    case "repl-id": names.append((value, record))
    case "repl-offset": offset = Int64(String(decoding: value, as: UTF8.self)).map { ($0, record) }
    default: words.append((Array((name + " ").utf8) + value, record))
    }
  }

  private mutating func take(_ entry: Entry, at record: Int, _ database: Int) {
    count += 1
    var word = Array("\(database): ".utf8) + entry.key + Array(" = ".utf8)
    word += ValueWords.bytes(of: entry.value, tellsLayout: tolerance.comparesServers)
    if let expiry = entry.expiry {
      word += Array(", expires".utf8)
      ignored.append(IgnoredValue(.time, expiry))
    }
    if let idle = entry.idle { ignored.append(IgnoredValue(.time, idle)) }
    if let frequency = entry.frequency { ignored.append(IgnoredValue(.time, frequency)) }
    keys += entry.key + [0x0a]
    words.append((word, record))
  }

  private mutating func add(_ line: String, _ record: Int) { words.append((Array(line.utf8), record)) }

  /// What it comes to once the ids that it names are numbered.
  mutating func normalized(_ message: Message, hasDots: Bool, histories: inout Histories, history: [UInt8]?)
    -> NormalizedMessage
  {
    for (id, record) in names {
      add("repl-id \(histories.name(id))", record)
      ignored.append(IgnoredValue(.replicationID, id))
    }
    if let offset, tolerance.comparesOffsets, let id = names.first?.id ?? history {
      // Where +FULLRESYNC is not in the recording, this says where the history begins.
      histories.begin(id, at: offset.value)
      let place = tolerance.countsFromStart ? histories.distance(to: offset.value, in: id) : offset.value
      add("repl-offset " + (place.map { "+\($0)" } ?? "of another history"), offset.place)
    }
    ignored.append(IgnoredValue(.keyOrder, keys))
    let sorted = words.sorted { $0.word.lexicographicallyPrecedes($1.word) }
    let title = Array("snapshot of \(count) \(count == 1 ? "key" : "keys")".utf8)
    var normalized = NormalizedMessage([title] + sorted.map(\.word), message: message)
    normalized.records = [0] + sorted.map(\.record)
    normalized.ignored = ignored
    normalized.hasDots = hasDots
    normalized.kind = .snapshot(isReadable: !(hasDots && failure != nil))
    return normalized
  }
}
