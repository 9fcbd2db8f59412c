/// How far each lesson has been taken: a small text, a line for each lesson.
///
///     spying-on-the-ping: done
///     the-handshake: 3 of 9
///     the-full-sync: done, 2 of 12
package struct Progress: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package var name: String
    /// Whether it has ever been taken to its end.
    package var isDone = false
    /// How many parts have been taken, where it was left in the middle.
    package var taken = 0
    /// How many parts it had then.
    package var count = 0

    package init(name: String) { self.name = name }

    /// `done`, `3 of 9`, `done, 3 of 9`; `new` where there is nothing to say.
    package var text: String {
      let texts = (isDone ? ["done"] : []) + (taken > 0 ? ["\(taken) of \(count)"] : [])
      return texts.isEmpty ? "new" : texts.joined(separator: ", ")
    }
  }

  package private(set) var entries: [Entry] = []
  /// The numbers of the lines that say nothing.
  package private(set) var unreadable: [Int] = []

  package init() {}

  package init(_ text: String) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = String(line).trimmed
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      if let entry = Self.entry(line) { self[entry.name] = entry } else { unreadable.append(index + 1) }
    }
  }

  package subscript(name: String) -> Entry {
    get { entries.first { $0.name == name } ?? Entry(name: name) }
    set {
      if let index = entries.firstIndex(where: { $0.name == name }) {
        entries[index] = newValue
      } else {
        entries.append(newValue)
      }
    }
  }

  /// Notes that a lesson is at a part; at its last one, it is done.
  package mutating func note(_ name: String, at part: Int, of count: Int) {
    self[name].isDone = self[name].isDone || part >= count
    self[name].taken = part < count ? part : 0
    self[name].count = count
  }

  package var text: String {
    "# How far each lesson has been taken.\n"
      + entries.filter { $0.isDone || $0.taken > 0 }.map { "\($0.name): \($0.text)\n" }.joined()
  }

  private static func entry(_ line: String) -> Entry? {
    guard let (name, state) = line.splitOnce(":"), !name.isEmpty, !name.contains(where: \.isWhitespace) else {
      return nil
    }
    var entry = Entry(name: name)
    for text in state.split(separator: ",") {
      let words = text.split(separator: " ")
      if words == ["done"] {
        entry.isDone = true
      } else if words.count == 3, words[1] == "of", let taken = Int(words[0]), let count = Int(words[2]), taken >= 0,
        taken <= count
      {
        (entry.taken, entry.count) = (taken, count)
      } else {
        return nil
      }
    }
    return entry
  }
}
