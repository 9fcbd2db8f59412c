import Lab
import RESP
import Redis

/// How two moments differ, node by node and key by key, in 80 columns.
package enum DifferenceView {
  package static func lines(_ difference: WorldDifference) -> [Line] {
    var lines: [Line] = []
    for node in difference.nodes {
      lines.append(Line(node.name, .heading))
      for change in node.properties {
        let before = Line("  \(change.property.rawValue): \(change.before)")
        let after = Line("→ ") + Line("\(change.after)", .changed)
        let fits = before.width + 1 + after.width <= pageWidth
        lines += fits ? [before + Line(" ") + after] : [before, Line("    ") + after]
      }
      for key in node.keys { lines.append(line(key)) }
      if node.omitted > 0 { lines.append(Line("  … and \(counted(node.omitted, "key")) more", .dim)) }
    }
    if !difference.links.isEmpty { lines.append(Line("links", .heading)) }
    for link in difference.links {
      let (mark, state) = marked(link.before, link.after) { $0 }
      lines += Line.filled("\(mark) link \(link.id), \(link.from) → \(link.to): \(state)", .changed, indent: 2)
    }
    return lines.isEmpty ? [Line("no difference in nodes, keys and links", .dim)] : lines
  }

  /// A value in few words: a string as it is, of another how many elements it has.
  package static func text(_ entry: Database.Entry) -> String {
    text(entry.value) + (until(entry).map { ", \($0)" } ?? "")
  }

  private static func until(_ entry: Database.Entry) -> String? {
    entry.expiry.map { "until \(Instant(microseconds: $0 *| 1_000).clockText)" }
  }

  private static func text(_ value: Redis.Value) -> String {
    switch value {
    case .string(let string): InlineCommand.quoted(string.bytes.array)
    case .list(let list): "list of \(list.value.count)"
    case .set(let set): "set of \(set.value.count)"
    case .sortedSet(let set): "sorted set of \(set.value.count)"
    case .hash(let hash): "hash of \(hash.value.count)"
    case .stream(let stream): "stream of \(stream.value.length)"
    }
  }

  private static func line(_ key: WorldDifference.Key) -> Line {
    let name = (key.database == 0 ? "" : "db \(key.database) ") + shortened(InlineCommand.word(key.key.array), 24)
    let (mark, state) = marked(key.before, key.after, beginning)
    let room = pageWidth - name.columns - 6
    guard let before = key.before, let after = key.after else {
      return Line("  \(mark) \(name): \(shortened(state, room))", .changed)
    }
    return Line("  \(mark) \(name): \(shortened(change(from: before, to: after, room), room))", .changed)
  }

  /// Both have half of the room. Of strings that are the same for as long as that, what follows is shown.
  private static func change(from before: Database.Entry, to after: Database.Entry, _ room: Int) -> String {
    func halves(_ start: String, _ before: String, _ after: String) -> String {
      let half = (room - start.columns - 3) / 2
      return "\(start)\(shortened(before, half)) → \(shortened(after, half))"
    }
    guard case .string(let old) = before.value, case .string(let new) = after.value else {
      let (old, new) = (beginning(before), beginning(after))
      return old == new ? "\(new), of other elements" : halves("", old, new)
    }
    let (from, to) = (old.bytes.array, new.bytes.array)
    if from == to { return halves("", until(before) ?? "no expiry", until(after) ?? "no expiry") }
    let shared = zip(from, to).prefix { $0 == $1 }.count
    guard shared > 8, max(from.count, to.count) > room / 2 else {
      return halves("", beginning(before), beginning(after))
    }
    return halves("from byte \(Excerpt.grouped(shared)) on ", quoted(from[shared...]), quoted(to[shared...]))
  }

  /// As much of an entry as may have room.
  private static func beginning(_ entry: Database.Entry) -> String {
    guard case .string(let string) = entry.value, string.bytes.count > pageWidth else { return text(entry) }
    return quoted(string.bytes.array[...])
  }

  private static func quoted(_ bytes: ArraySlice<UInt8>) -> String { InlineCommand.quoted(bytes.prefix(pageWidth)) }

  /// `+` what came, `-` what went, `~` what is another.
  private static func marked<Thing>(_ before: Thing?, _ after: Thing?, _ text: (Thing) -> String) -> (String, String) {
    switch (before, after) {
    case (nil, let after?): ("+", text(after))
    case (let before?, nil): ("-", text(before))
    case (let before?, let after?): ("~", "\(text(before)) → \(text(after))")
    case (nil, nil): ("", "")
    }
  }

  private static func shortened(_ text: String, _ room: Int) -> String {
    text.columns <= room ? text : text.prefix(max(1, room - 1)) + "…"
  }
}
