import Redis

/// Which of the acknowledged writes a node's data have, and its files.
package struct WriteHolder: Sendable {
  package let name: String
  /// What its process has in memory; nothing where there is no process.
  package internal(set) var memory = RangeSet<Int>()
  /// Its files, by path.
  package internal(set) var files: [String: Holding] = [:]
  /// What its last process began with.
  package internal(set) var beginning: Beginning?

  /// What the process was like after the last step; nil: there was none.
  var process: ProcessState?
  /// What other data have replaced in its memory and one of its files has still: why it is lost with that file.
  var replaced: [WriteLoss.Departure] = []
  /// What the child has that was forked last.
  var forked = RangeSet<Int>()

  /// How a process began: what it found on its disk.
  package struct Beginning: Sendable {
    package var step: Int
    /// The files that it loaded.
    package var files: [String]
  }

  /// What a file has of the writes.
  package enum Holding: Sendable {
    /// A snapshot, or the base of an append-only file: it was written in one go, and is that long. Its edition tells whether it is
    /// another one now.
    case whole(RangeSet<Int>, edition: Int, count: Int, isBase: Bool)
    /// Commands one after the other: up to which byte the file has to go to have each.
    case appended(AppendedWrites)
  }

  /// These are in memory again, or nowhere any more.
  mutating func forgetReplaced(_ writes: RangeSet<Int>) {
    guard !replaced.isEmpty else { return }
    for index in replaced.indices { replaced[index].writes.subtract(writes) }
    replaced.removeAll { $0.writes.isEmpty }
  }

  /// What was appended grows where it is.
  mutating func append(_ writes: RangeSet<Int>, to file: String, end: Int) {
    guard case .appended? = files[file], case .appended(var appended)? = files.removeValue(forKey: file) else { return }
    appended.append(writes, end: end)
    files[file] = .appended(appended)
  }

  /// What the node's files have, if its disk has so many bytes of each.
  func kept(on disk: Disk) -> RangeSet<Int> {
    files.reduce(into: RangeSet()) { $0.formUnion($1.value.writes(upTo: disk.files[$1.key]?.bytes.count ?? 0)) }
  }
}

extension WriteHolder.Holding {
  /// What is in the file's first bytes.
  package func writes(upTo count: Int) -> RangeSet<Int> {
    switch self {
    case .whole(let writes, _, let size, _): count >= size ? writes : RangeSet()
    case .appended(let appended): appended.writes(upTo: count)
    }
  }
}

/// The writes in a file to which commands are appended, so kept that neither another one nor the question where one is
/// costs more the more there are.
package struct AppendedWrites: Sendable {
  /// All of them.
  private(set) var writes = RangeSet<Int>()
  /// The file has a write if it goes on up to this byte.
  private var ends: [Int: Int] = [:]
  /// In the order in which they were appended.
  private var stretches: [(end: Int, writes: RangeSet<Int>)] = []
  mutating func append(_ added: RangeSet<Int>, end: Int) {
    stretches.append((end, added))
    writes.formUnion(added)
    for range in added.ranges { for number in range where ends[number] == nil { ends[number] = end } }
  }

  /// The end of the first stretch that has it.
  package func end(of write: Int) -> Int? { ends[write] }

  /// Where the last of them ends.
  var end: Int { stretches.last?.end ?? 0 }

  /// What is in the file's first bytes: mostly all but the last few.
  func writes(upTo count: Int) -> RangeSet<Int> {
    guard end > count else { return writes }
    var missing = RangeSet<Int>()
    for stretch in stretches.reversed() {
      guard stretch.end > count else { break }
      for range in stretch.writes.ranges {
        for number in range where ends[number] ?? 0 > count { missing.insert(number) }
      }
    }
    return writes.subtracting(missing)
  }

  /// The file ends there now.
  mutating func cut(to count: Int) {
    while let last = stretches.last, last.end > count {
      stretches.removeLast()
      for range in last.writes.ranges {
        for number in range where ends[number] ?? 0 > count {
          ends[number] = nil
          writes.subtract(RangeSet(number..<number + 1))
        }
      }
    }
  }
}

/// What is looked at of a process after each step, to tell what became of its data.
struct ProcessState: Sendable {
  var runID: String
  var started: Instant
  var isMaster: Bool
  var state: MasterLink.State
  var ids: ReplicationID
  var offset: Int64
  var hasHistory: Bool
  /// What the last +FULLRESYNC announced.
  var announced: AcknowledgedWrite.Place
  var master: Address?
  /// What is in its memory is gone, and something else on its way there.
  var isFlushed: Bool
  var isEmpty: Bool
  var dirty: Int64
  /// How many databases it has, and in which one the stream is that it makes.
  var databases: Int
  var streamDatabase: Int?
  var child: Int?
  var isRewriting: Bool
  /// The increment that is being written, if commands go there.
  var increment: String?
  /// What is in memory only of what goes into it.
  var unwritten: Int
  /// The files that count: the snapshot, the base of the append-only file, and its increments.
  var snapshot: String
  var base: String?
  var increments: [String]

  init?(_ machine: Machine) {
    guard let node = machine.node else { return nil }
    (runID, started) = (node.runID, node.started)
    isMaster = node.replication.isMaster
    state = node.replication.link.state
    ids = node.replication.ids
    offset = node.replication.session?.offset ?? node.replication.offset
    hasHistory = node.replication.backlog != nil
    announced = .init(id: node.replication.link.announcedID, offset: node.replication.link.announcedOffset)
    master = node.replication.master
    isFlushed = state == .transfer && node.isBusyLoading && node.replication.link.transfer?.target == .databases
    isEmpty = node.databases.keyCount == 0
    dirty = node.dirty
    (databases, streamDatabase) = (node.configuration.databases, node.replication.streamDatabase)
    child = node.child?.process.id
    isRewriting = if case .rewrite? = node.child { true } else { false }
    let isAppended = node.appendOnly.state == .on || node.appendOnly.state == .waitRewrite && isRewriting
    increment = isAppended ? node.appendOnly.file : nil
    unwritten = node.appendOnly.buffer.count
    snapshot = node.configuration.dbfilename
    let folder = node.configuration.appenddirname
    base = node.appendOnly.manifest.base.map { "\(folder)/\($0.name)" }
    increments = node.appendOnly.manifest.increments.map { "\(folder)/\($0.name)" }
  }

  func isSameProcess(_ other: Self) -> Bool { runID == other.runID && started == other.started }
}
