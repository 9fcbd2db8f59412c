import RESP

// What a node's disk is like, and what it costs to wait for it.

/// What write(2) and fsync(2) say to a node, and when.
package enum DiskState: Hashable, Sendable {
  case ok
  /// ENOSPC: nothing more can be written; what is there can be read, renamed and deleted.
  case full
  /// Every fsync in the background takes three seconds.
  case slow
  /// So many bytes a second get onto it, and from it. What is written waits in the kernel's page cache, which takes as much as
  /// there is; so it is an fsync that waits, and a child that ends with one, and what is read at the start of a process.
  case limited(Int)

  /// As `disk` takes it.
  package var words: String {
    switch self {
    case .ok: "ok"
    case .full: "full"
    case .slow: "slow"
    case .limited(let bytes): "\(bytes)"
    }
  }

  /// How long so many bytes take.
  func time(for bytes: Int) -> Interval {
    guard case .limited(let rate) = self else { return .zero }
    return .microseconds(Int64(bytes) *| 1_000_000 / Int64(max(1, rate)))
  }

  /// How many bytes get through in that time; nil: as many as there are.
  fileprivate func bytes(in time: Interval) -> Int? {
    guard case .limited(let rate) = self else { return nil }
    return Int(clamping: time.microseconds *| Int64(rate) / 1_000_000)
  }
}

extension Node {
  /// The process waits in fsync(2) until so many bytes are on the disk, and then goes on with these effects.
  mutating func waitForDisk(_ bytes: Int, then effects: [Effect]) {
    let time = disk.time(for: bytes)
    guard time > .zero, stall == nil else { return self.effects += effects }
    stall = Stall(cause: .disk(since: now, then: effects), end: now + time)
  }

  /// The disk is another one from now on: for what waits for it, too.
  mutating func changeDisk(to new: DiskState) {
    let old = disk
    disk = new
    let now = now
    func moved(_ end: Instant) -> Instant {
      guard end > now, let left = old.bytes(in: end - now) else { return end }
      return now + new.time(for: left)
    }
    if case .disk? = stall?.cause, let end = stall?.end { stall?.end = moved(end) }
    appendOnly.syncEnds = appendOnly.syncEnds.map(moved)
    guard let child, let size = child.fileSize(), case .ended(let end) = child.process.state, end > now else { return }
    // What is left of its time is left of its file.
    let whole = (end - child.process.started).microseconds
    let left = whole > 0 ? Int(Double(size) * Double((end - now).microseconds) / Double(whole)) : 0
    let asleep = max(.zero, end - now - old.time(for: left))
    children.become(.ended(now + asleep + new.time(for: left)))
  }
}

extension Child {
  /// How large the file is that it writes; nil: it writes none.
  fileprivate func fileSize() -> Int? {
    switch self {
    case .save(_, let writer): writer.whole().count
    case .rewrite(_, let base): base.bytes.count
    case .disklessSync: nil
    }
  }
}
