import Dissection
import Lab
import RESP

// The files on the nodes' own disks, as a person meets them.

extension Session {
  /// `cat`: a file as it is at this moment.
  mutating func cat(_ arguments: Arguments) throws {
    let node = try arguments.node(0, in: self)
    let name = try arguments.required(1, "a file on the disk of \(node)")
    try arguments.atMost(2)
    let files = timeline.world.machine(node)?.disk.contents ?? [:]
    guard let bytes = files[name.text] else {
      let there = files.isEmpty ? "It is empty." : "There are: \(files.keys.sorted().joined(separator: ", "))."
      throw Complaint.usage(
        "there is no file ‘\(name.text)’ on the disk of \(node)", advice: there, column: name.column)
    }
    guard let text = Self.text(bytes) else {
      throw Complaint.usage("\(name.text) is not text: \(bytes.count) bytes", column: name.column)
    }
    let shown = showsPasswords ? text : Self.hidingPasswords(in: text)
    var lines = shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    answer(
      lines, json: .object([("node", .string(node)), ("file", .string(name.text)), ("text", .string(shown))]))
  }

  /// Bytes that can be shown as they are; a carriage return before a line's end is left out.
  private static func text(_ bytes: [UInt8]) -> String? {
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || [9, 10, 13].contains($0) }),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return text.replacing("\r\n", with: "\n")
  }

  /// A configuration's passwords as stars, as everywhere else.
  private static func hidingPasswords(in text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard !line.hasPrefix("#"), var words = InlineCommand.split(line.bytes), !words.isEmpty else {
        return String(line)
      }
      let places = Passwords.places(inDirective: words)
      if places.isEmpty { return String(line) }
      for place in places { words[place.word].replaceSubrange(place.bytes, with: place.bytes.map { _ in 0x2a }) }
      return words.map { InlineCommand.word($0) }.joined(separator: " ")
    }.joined(separator: "\n")
  }

  /// Says of a configuration file that a node has written anew, once, where it did so: not where the user's own is.
  mutating func tellOfRewrittenFiles() {
    for machine in timeline.world.machines {
      // A Sentinel's is its own from the beginning.
      guard let given = machine.launch.file, machine.configFile != given, !machine.launch.isSentinel,
        rewritesSeen.insert(machine.name).inserted
      else { continue }
      show(
        .usage(
          "CONFIG REWRITE wrote \(given.name) on the disk of \(machine.name); yours is as it was",
          advice: "`cat \(machine.name) \(InlineCommand.word(given.name.bytes))` prints it."))
    }
  }
}
