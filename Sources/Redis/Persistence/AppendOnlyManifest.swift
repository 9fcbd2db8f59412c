import RESP

/// The list of the files that make up an append-only file, itself a file (aof.c: `aofManifest`).
///
///     file appendonly.aof.2.base.rdb seq 2 type b      the data set at one moment
///     file appendonly.aof.1.incr.aof seq 1 type h      what it took the place of, to be deleted
///     file appendonly.aof.2.incr.aof seq 2 type i      the commands since, the last file being the one that is written
package struct AppendOnlyManifest: Equatable, Sendable {
  package struct File: Equatable, Sendable {
    package enum Kind: String, Sendable { case base = "b", history = "h", increment = "i" }
    package var name: String
    package var sequence: Int64
    package var kind: Kind
  }

  package private(set) var base: File?
  /// The last that became history is the first here.
  package private(set) var history: [File] = []
  package private(set) var increments: [File] = []
  private var baseSequence: Int64 = 0
  private var incrementSequence: Int64 = 0
  /// It differs from what is on disk.
  package var isDirty = false

  package init() {}

  /// The base and the increments, in the order in which they are loaded.
  package var loaded: [File] { [base].compactMap(\.self) + increments }
  package var isEmpty: Bool { base == nil && increments.isEmpty }

  /// The file's text, in Redis's order (`getAofManifestAsString`, `aofInfoFormat` in aof.c).
  package var text: String {
    ([base].compactMap(\.self) + history + increments)
      .map { "file \(Self.quoted($0.name)) seq \($0.sequence) type \($0.kind.rawValue)\n" }.joined()
  }

  /// In quotes where something in it needs an escape (`sdsneedsrepr` in sds.c).
  private static func quoted(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    return isPlain ? name : InlineCommand.quoted(name)
  }
}

// MARK: What becomes of the files

extension AppendOnlyManifest {
  /// A new base takes the place of the old one, which becomes history (`getNewBaseFileNameAndMarkPreAsHistory` in
  /// aof.c).
  mutating func beginBase(of stem: String, isSnapshot: Bool) -> String {
    if var old = base {
      old.kind = .history
      history.insert(old, at: 0)
    }
    baseSequence += 1
    let name = "\(stem).\(baseSequence).base.\(isSnapshot ? "rdb" : "aof")"
    base = File(name: name, sequence: baseSequence, kind: .base)
    isDirty = true
    return name
  }

  /// A new increment, which is the last one from now on (`getNewIncrAofName` in aof.c).
  mutating func beginIncrement(of stem: String) -> String {
    incrementSequence += 1
    let name = "\(stem).\(incrementSequence).incr.aof"
    increments.append(File(name: name, sequence: incrementSequence, kind: .increment))
    isDirty = true
    return name
  }

  /// A new base holds what the increments say, but for the last one, if that is being written
  /// (`markRewrittenIncrAofAsHistory` in aof.c).
  mutating func retireIncrements(keepsLast: Bool) {
    guard !increments.isEmpty else { return }
    let kept = keepsLast ? increments.suffix(1) : []
    for var old in increments.dropLast(kept.count).reversed() {
      old.kind = .history
      history.insert(old, at: 0)
    }
    increments = Array(kept)
    isDirty = true
  }

  mutating func forgetHistory() {
    isDirty = isDirty || !history.isEmpty
    history = []
  }

  /// The single file of Redis before 7.0 becomes the base (`aofUpgradePrepare` in aof.c).
  mutating func adopt(_ name: String) {
    base = File(name: name, sequence: 1, kind: .base)
    baseSequence = 1
    isDirty = true
  }
}

// MARK: Reading

extension AppendOnlyManifest {
  /// Why it could not be read, in Redis's words.
  package struct Failure: Error, Equatable, Sendable {
    /// From 1, with its text; nil: nothing is there.
    package var line: (number: Int, text: String)? { number.map { ($0, text) } }
    private var number: Int?
    private var text = ""
    package var reason: String

    init(_ reason: String, line number: Int? = nil, _ text: String = "") {
      (self.reason, self.number, self.text) = (reason, number, text)
    }
  }

  /// Reads the file's text (`aofLoadManifestFromFile` in aof.c).
  package init(reading bytes: [UInt8]) throws(Failure) {
    guard !bytes.isEmpty else { throw Failure("Found an empty AOF manifest") }
    var number = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: 10)
      let text = String(bytes: rest[..<(end ?? rest.endIndex)])
      rest = end.map { rest[($0 + 1)...] } ?? []
      if text.hasPrefix("#") { continue }
      if end == nil || text.bytes.count > 1022 {
        throw Failure("The AOF manifest file contains too long line")
      }
      let line = Configuration.trim(text[...].utf8)
      do throws(Failure) { try add(Self.file(line)) } catch {
        throw Failure(error.reason, line: number, line)
      }
    }
  }

  /// Reads one line (`aofLoadManifestFromFile` in aof.c).
  private static func file(_ line: String) throws(Failure) -> File {
    let words = Configuration.split(line) ?? []
    guard words.count >= 6, words.count.isMultiple(of: 2) else { throw Failure("Invalid AOF manifest file format") }
    var (name, sequence, kind): (String?, Int64, String?) = (nil, 0, nil)
    for index in stride(from: 0, to: words.count, by: 2) {
      switch words[index].asciiLowercased() {
      case "file":
        guard !words[index + 1].utf8.contains(0x2f) else { throw Failure("File can't be a path, just a filename") }
        name = words[index + 1]
      case "seq": sequence = Integer.leading(Bytes(words[index + 1]))
      case "type": kind = words[index + 1]
      default: break
      }
    }
    guard let name, !name.isEmpty, sequence != 0, let kind else { throw Failure("Invalid AOF manifest file format") }
    guard let known = File.Kind(rawValue: String(kind.prefix(1))) else { throw Failure("Unknown AOF file type") }
    return File(name: name, sequence: sequence, kind: known)
  }

  /// Takes in what a line says (`aofLoadManifestFromFile` in aof.c).
  private mutating func add(_ file: File) throws(Failure) {
    switch file.kind {
    case .base:
      guard base == nil else { throw Failure("Found duplicate base file information") }
      base = file
      baseSequence = file.sequence
    case .history: history.append(file)
    case .increment:
      guard file.sequence > incrementSequence else { throw Failure("Found a non-monotonic sequence number") }
      increments.append(file)
      incrementSequence = file.sequence
    }
  }
}
