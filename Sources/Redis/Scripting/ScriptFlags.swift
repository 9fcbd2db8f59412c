import RESP

/// What a script says of itself in its first line, or a function where it is registered (`scripts_flags_def` in script.c).
package struct ScriptFlags: OptionSet, Sendable, Hashable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let noWrites = ScriptFlags(rawValue: 1 << 0)
  package static let allowOOM = ScriptFlags(rawValue: 1 << 1)
  package static let allowStale = ScriptFlags(rawValue: 1 << 2)
  package static let noCluster = ScriptFlags(rawValue: 1 << 3)
  package static let allowCrossSlot = ScriptFlags(rawValue: 1 << 4)
  /// It says nothing of itself, so that it is judged by each command that it calls.
  package static let compatible = ScriptFlags(rawValue: 1 << 5)

  static let names: [(name: String, flag: ScriptFlags)] = [
    ("no-writes", .noWrites), ("allow-oom", .allowOOM), ("allow-stale", .allowStale), ("no-cluster", .noCluster),
    ("allow-cross-slot-keys", .allowCrossSlot),
  ]

  /// The flags of a command that calls such a script (`scriptFlagsToCmdFlags` in script.c).
  func applied(to flags: CommandFlags) -> CommandFlags {
    if contains(.compatible) { return flags }
    var flags = flags.subtracting([.stale, .denyoom, .write, .mayReplicate])
    if isDisjoint(with: [.allowOOM, .noWrites]) { flags.insert(.denyoom) }
    if !contains(.noWrites) { flags.insert(.write) }
    if contains(.allowStale) { flags.insert(.stale) }
    return flags
  }
}

/// A script's first line:
///
///     #!lua flags=no-writes,allow-stale
struct Shebang: Equatable, Sendable {
  var flags: ScriptFlags
  /// How many bytes it takes, without the end of the line, which keeps its number.
  var count: Int

  struct Complaint: Error {
    var words: String
  }

  /// (`evalExtractShebangFlags` in eval.c.) For Redis a text ends at its first NUL.
  init(_ code: [UInt8]) throws(Complaint) {
    (flags, count) = (.compatible, 0)
    guard code.starts(with: "#!".utf8) else { return }
    guard let end = code.firstIndex(where: { $0 == 0x0a || $0 == 0 }), code[end] == 0x0a else {
      throw Complaint(words: "Invalid script shebang")
    }
    guard let words = InlineCommand.split(Array(code[..<end])), let engine = words.first else {
      throw Complaint(words: "Invalid engine in script shebang")
    }
    guard engine == Array("#!lua".utf8) else {
      throw Complaint(words: "Unexpected engine in script shebang: \(text(engine))")
    }
    (flags, count) = ([], end)
    for word in words.dropFirst() {
      guard word.starts(with: "flags=".utf8) else {
        throw Complaint(words: "Unknown lua shebang option: \(text(word))")
      }
      let names = word.dropFirst(6)
      guard !names.isEmpty else { continue }
      for name in names.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        guard let known = ScriptFlags.names.first(where: { name.elementsEqual($0.name.utf8) }) else {
          throw Complaint(words: "Unexpected flag in script shebang: \(text(Array(name)))")
        }
        flags.insert(known.flag)
      }
    }
  }
}

/// Up to the first NUL, where Redis takes bytes for text.
private func text(_ bytes: [UInt8]) -> String { String(bytes: bytes.prefix { $0 != 0 }) }

extension Node {
  /// What the script says of itself that a command calls, as far as it is known before the command runs
  /// (`evalGetCommandFlags` in eval.c; `fcallGetCommandFlags` in functions.c).
  func scriptFlags(of command: Command, _ arguments: [Bytes]) -> ScriptFlags? {
    switch command.name {
    case "eval", "eval_ro": (try? Shebang(arguments[1].array))?.flags
    case "evalsha", "evalsha_ro": scripts[arguments[1].lowercased()]?.shebang.flags
    case "fcall", "fcall_ro": functions.find(arguments[1])?.function.flags
    default: nil
    }
  }
}
