import RESP

/// A data set on its way from files into the databases, a stretch at a time: as much as Redis loads before it processes
/// events.
package struct FileLoad: Equatable, Sendable {
  enum Purpose: Equatable, Sendable {
    /// The process starts; its working directory held these.
    case start(files: [String: [UInt8]])
    /// A replica has received its master's snapshot into the file.
    case fullSync
    /// A client's command waits for it.
    case command(WaitingCommand)
    /// A command of a transaction: it is done in one go, and what time it takes is taken at its end.
    case transaction
  }

  enum Source: Equatable, Sendable {
    case snapshot(SnapshotFile)
    case appendOnly(AppendOnlyLoad)

    /// How many bytes are still to be read.
    var unread: Int {
      switch self {
      case .snapshot(let file): file.bytes.count - file.read
      case .appendOnly(let load): load.unread
      }
    }
  }

  /// A command that is over when the load is.
  struct WaitingCommand: Equatable, Sendable {
    var connection: ConnectionID
    var arguments: [Bytes]
  }

  var purpose: Purpose
  var source: Source
  var began: Instant
  var step = LoadStep.reading
  /// The time that a load takes which is done in one go.
  var time = Interval.zero

  init(_ source: Source, for purpose: Purpose, at now: Instant) {
    (self.source, self.purpose, self.began) = (source, purpose, now)
  }
}

/// A file, or the beginning of one, that is a snapshot.
struct SnapshotFile: Equatable, Sendable {
  let bytes: [UInt8]
  var loader: SnapshotLoader
  /// How much of it has been read.
  private(set) var read = 0
  /// Redis last processed events as it read the byte before this one.
  private var eventsProcessedAt = 0
  private(set) var failure: SnapshotLoader.Failure?
  /// No read is longer than this: the interval of looks as it was at first (`max_processing_chunk`).
  private var chunk: Int?

  init(_ bytes: [UInt8], _ loader: SnapshotLoader) { (self.bytes, self.loader) = (bytes, loader) }

  /// How much Redis had read before the read that made it process events (`loadingAbsProgress` in rdb.c).
  var told: Int {
    let (start, chunk) = (loader.reader.stop, max(1, chunk ?? 1))
    return start + max(0, read - start) / chunk * chunk
  }

  /// Where the snapshot ends, once it is read.
  var end: Int { read - loader.reader.unread.count }

  /// Reads on into the databases, to where Redis processes events or the snapshot ends.
  ///
  /// Redis processes events each time the bytes read pass a multiple of `interval`, before it makes anything of the byte
  /// there: what ends with that byte comes after them.
  ///
  /// - Returns: how many keys there were.
  mutating func readStretch(_ interval: Int, into databases: inout Databases, at now: Instant) -> Int64 {
    let before = loader.keysRead
    chunk = chunk ?? interval
    eventsProcessedAt = (eventsProcessedAt / interval +| 1) *| interval
    let stop = min(bytes.count, eventsProcessedAt - 1)
    loader.exchange(&databases)
    do throws(SnapshotLoader.Failure) {
      try loader.feed(read == 0 && stop == bytes.count ? bytes : Array(bytes[read..<stop]), at: now)
      read = stop
      if stop == bytes.count { try loader.finish() }
    } catch {
      failure = error
    }
    loader.exchange(&databases)
    return loader.keysRead - before
  }
}

extension Node {
  /// A stretch of a load from files, or what comes between two.
  ///
  /// - Returns: whether the load ended well; nil: it goes on.
  mutating func advance(_ load: FileLoad) -> Bool? {
    var load = load
    switch load.step {
    case .reading:
      // The master's connection was given up while others were seen to.
      if load.purpose == .fullSync, replication.link.state != .transfer {
        endLoading()
        return false
      }
      let before = load.source.unread
      var time = loadingTime(readStretch(of: &load))
      // What was just written is in memory still; after a start nothing is.
      if case .start = load.purpose { time = time + disk.time(for: before - load.source.unread) }
      load.step = .read
      if load.purpose == .transaction { load.time = load.time + time }
      keep(load)
      if load.purpose != .transaction, time > .zero { stall = Stall(cause: .loading, end: now + time) }
    case .read:
      switch stretchRead(of: &load) {
      case .goesOn(let next):
        load.step = load.purpose == .transaction ? .reading : next
        keep(load)
      case .ended(let succeeded):
        endLoading()
        if load.time > .zero { stall = Stall(cause: .sleep(since: now), end: now + load.time) }
        return ended(load, succeeded)
      }
    case .processingEvents:
      processEventsWhileBlocked()
      if stall == nil, case .files(var load)? = loads.pile.last {
        load.step = .reading
        keep(load)
      }
    }
    return nil
  }

  private mutating func keep(_ load: FileLoad) { loads.pile[loads.pile.count - 1] = .files(load) }

  /// Reads on; how many keys or commands there were.
  private mutating func readStretch(of load: inout FileLoad) -> Int64 {
    switch load.source {
    case .snapshot(var file):
      let keys = readStretch(of: &file)
      load.source = .snapshot(file)
      return keys
    case .appendOnly(var files):
      let keys = readStretch(of: &files)
      load.source = .appendOnly(files)
      return keys
    }
  }

  /// What is at the head of a snapshot is told at once, before the first key has taken its time.
  mutating func readStretch(of file: inout SnapshotFile) -> Int64 {
    let interval = Int(max(1, configuration.loadingProcessEventsInterval))
    let keys = file.readStretch(interval, into: &databases, at: now)
    logLoading(&file.loader, beforeKeys: true)
    return keys
  }

  enum StretchEnd {
    case goesOn(LoadStep)
    case ended(Bool)
  }

  private mutating func stretchRead(of load: inout FileLoad) -> StretchEnd {
    switch load.source {
    case .snapshot(var file):
      defer { load.source = .snapshot(file) }
      if let whole = stretchRead(of: &file) { return .ended(whole) }
      return .goesOn(.processingEvents)
    case .appendOnly(var files):
      defer { load.source = .appendOnly(files) }
      return stretchRead(of: &files)
    }
  }

  /// What has been read of a snapshot is there: whether all is, or nil while more is to come.
  mutating func stretchRead(of file: inout SnapshotFile) -> Bool? {
    let loader = file.loader
    logLoading(&file.loader)
    (saving.lastLoadLoaded, saving.lastLoadExpired) = (loader.loaded, Int64(loader.expired.count))
    loads.progress?.usedMemory = loader.usedMemory
    loads.progress?.loaded = Int64(file.told)
    if file.failure != nil { return false }
    if loader.isAtEnd { return true }
    if replication.link.state == .transfer { sendNewlineToMaster() }
    return nil
  }

  private mutating func ended(_ load: FileLoad, _ succeeded: Bool) -> Bool {
    switch (load.purpose, load.source) {
    case (.start(let files), .snapshot(let file)): snapshotLoaded(file, files, since: load.began)
    case (.start(let files), .appendOnly(let parts)) where succeeded:
      log(.notice, "DB loaded from append only file: \(duration(since: load.began))")
      report(parts)
      dataLoaded(files)
    case (.fullSync, .snapshot(let file)): receivedFileLoaded(file)
    case (.command, .snapshot(let file)), (.transaction, .snapshot(let file)):
      let isThere = snapshotReloaded(file)
      if case .command(let command) = load.purpose { commandLoaded(command, isThere) }
      return isThere
    case (.command, .appendOnly(let files)) where succeeded, (.transaction, .appendOnly(let files)) where succeeded:
      // What only a part of could be loaded is too little here.
      if files.report.truncated != nil { return fail() }
      report(files)
      if case .command(let command) = load.purpose { commandLoaded(command, true) }
    case (.start, .appendOnly), (.command, .appendOnly), (.transaction, .appendOnly), (.fullSync, .appendOnly): break
    }
    return succeeded
  }

  /// How long something took, as the log says it: less than nothing, where the clock was set back meanwhile.
  func duration(since: Instant) -> String {
    "\(Double(Float((now - since).microseconds) / 1_000_000).threePlaces) seconds"
  }
}
