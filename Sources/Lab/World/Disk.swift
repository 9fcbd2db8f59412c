import Redis

/// A machine's disk, as the processes on it see it, and what of that would survive the machine's loss of power.
///
/// A process that is killed loses nothing that it wrote: that is in the kernel's page cache. When the machine loses its
/// power, what is left is what ext4 would have written to the disk in its usual mode (data=ordered):
///
/// - *Contents* survive as far as an fsync came after them; or as far as they were written back by the kernel, which
///   does so by itself 30 s after a file was first changed (`vm.dirty_expire_centisecs`).
/// - *Names* survive: a file's creation, its renaming and its deletion are safe at once. On a real disk that takes up to
///   five seconds, but Redis makes sure of each that matters by an fsync of the folder.
package struct Disk: Sendable, Equatable {
  package struct File: Sendable, Equatable {
    package fileprivate(set) var bytes: [UInt8] = []
    /// So many bytes from the beginning survive a loss of power.
    fileprivate var safe = 0
    /// When the file was first changed since all of it was safe.
    fileprivate var changed: Instant?
    /// Which of the files that were written on this disk it is, whatever it is called.
    fileprivate(set) var edition = 0

    /// What would survive a loss of power now.
    package func safeCount(at now: Instant) -> Int {
      if let changed, now >= changed + Disk.expiry { bytes.count } else { safe }
    }
  }

  /// By path, which is relative to the working directory.
  package private(set) var files: [String: File] = [:]
  package var state: DiskState = .ok

  /// After so long the kernel writes back what a process wrote.
  package static let expiry = Interval.seconds(30)

  /// So many files were written.
  private var editions = 0

  package init() {}

  /// What the processes see.
  package var contents: [String: [UInt8]] { files.mapValues(\.bytes) }

  /// Puts a file there that has long been safe.
  mutating func lay(_ name: String, _ bytes: [UInt8]) { write(name, File(bytes: bytes, safe: bytes.count)) }

  private mutating func write(_ name: String, _ file: File) {
    editions += 1
    files[name] = file
    files[name]?.edition = editions
  }

  mutating func perform(_ operation: FileOperation, at now: Instant) {
    switch operation {
    case .write(let name, let bytes):
      write(name, File(bytes: bytes, changed: bytes.isEmpty ? nil : now))
    case .append(let name, let bytes):
      writeBack(name, at: now)
      if files[name] == nil { write(name, File()) }
      files[name]?.bytes += bytes
      if files[name]?.changed == nil { files[name]?.changed = now }
    case .truncate(let name, let count):
      writeBack(name, at: now)
      guard let file = files[name], count < file.bytes.count else { return }
      files[name]?.bytes.removeLast(file.bytes.count - count)
      files[name]?.safe = min(count, file.safe)
    case .sync(let name):
      guard let count = files[name]?.bytes.count else { return }
      files[name]?.safe = count
      files[name]?.changed = nil
    case .rename(let from, let to): if let file = files.removeValue(forKey: from) { files[to] = file }
    case .delete(let name): files[name] = nil
    }
  }

  /// What the kernel has done by itself since it was last looked at.
  private mutating func writeBack(_ name: String, at now: Instant) {
    guard let file = files[name], let changed = file.changed, now >= changed + Disk.expiry else { return }
    files[name]?.safe = file.bytes.count
    files[name]?.changed = nil
  }

  /// A byte is another one, for all who read it.
  mutating func damage(_ name: String, at offset: Int) { files[name]?.bytes[offset] ^= 0xFF }

  /// The machine loses its power. What is lost, by file, in the order of the names.
  mutating func losePower(at now: Instant) -> [(file: String, bytes: Int)] {
    var lost: [(file: String, bytes: Int)] = []
    for name in files.keys.sorted() {
      writeBack(name, at: now)
      guard let file = files[name], file.safe < file.bytes.count else { continue }
      lost.append((name, file.bytes.count - file.safe))
      files[name]?.bytes = Array(file.bytes.prefix(file.safe))
    }
    return lost
  }
}
