import Lab
import RESP
import Redis

/// How two moments differ, node by node and key by key, in 80 columns.
package enum DifferenceView {
  package static func lines(_ difference: WorldDifference) -> [Line] {
    var lines: [Line] = []
    for node in difference.nodes {
      lines.append(Line(node.name, .heading))
      for change in node.facts {
        let before = Line("  \(change.fact.rawValue): \(change.before)")
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
    let expiry = entry.expiry.map { ", until \(Instant(microseconds: $0 *| 1_000).clockText)" } ?? ""
    return text(entry.value) + expiry
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
    var (mark, state) = marked(key.before, key.after, text)
    if let before = key.before, let after = key.after, text(before) == text(after) {
      state = "\(text(after)), of other elements"
    } else if let before = key.before, let after = key.after {
      // Both have half of the room.
      let room = (pageWidth - name.columns - 9) / 2
      state = "\(shortened(text(before), room)) → \(shortened(text(after), room))"
    }
    return Line("  \(mark) \(name): \(shortened(state, pageWidth - name.columns - 6))", .changed)
  }

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
