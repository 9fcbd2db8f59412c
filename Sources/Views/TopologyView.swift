import Dissection
import Lab
import RESP
import Redis

/// The topology as a tree of at most 80 columns: `info topology`, `view topology`, and the pane of `layout`.
///
/// ```
///   node       state                   offset  keys  link to its master
///   m          master                    2614     3
///   ├─ r       replica connected   2577 (−37)     3  2 stream, <<< 37 B
///   │  └─ sub  replica sync                 0     0  5 transfer, lag 2s
///   └─ r2      ✗ killed
///   s1         sentinel           mymaster = m
/// ```
///
/// Of many replicas of one master that are alike, two have a line, and the others share one.
package struct TopologyView: Sendable {
  let rows: [TopologyRow]
  private let remarks: [String]
  private let hasMarks: Bool
  private let empty: String

  /// - Parameter step: what led to this moment: the nodes that it changed are marked with `*`.
  package init(_ world: World, after step: Step? = nil) {
    rows = TopologyRow.all(in: world, after: step)
    hasMarks = step != nil
    remarks = world.recorded == nil ? Self.walls(world) + Self.clients(world) : []
    empty =
      world.recorded == nil ? "no nodes yet: start one, as in: start m --port 7000" : "nobody has been seen yet"
  }

  /// - Parameter limit: there are no more lines than that; what has no room is counted in the last one.
  package func lines(limit: Int = 60) -> [Line] {
    guard !rows.isEmpty else { return [Line(empty, .dim)] }
    var last = remarks.flatMap { Line.filled($0, indent: 2).prefix(2) }
    // Nodes come first: where all of them have room, remarks give way, and then what goes on below a node's line.
    var isBrief = false
    if rows.count < limit {
      let all = Self.folded(rows, toFit: rows.count)
      let columns = Columns(all, hasMarks: hasMarks)
      let needed = all.reduce(1) { $0 + columns.lines($1).count }
      last = Array(last.prefix(max(0, limit - needed)))
      isBrief = needed > limit && all.count < limit
    }
    let room = max(1, limit - 1 - last.count)
    let entries = Self.folded(rows, toFit: room)
    let columns = Columns(entries, hasMarks: hasMarks)
    var lines = [columns.heading]
    for (index, entry) in entries.enumerated() {
      let next = isBrief ? Self.brief(columns.lines(entry)) : columns.lines(entry)
      let isLast = index == entries.count - 1
      guard lines.count - 1 + next.count <= (isLast ? room : room - 1) else {
        lines.append(Self.rest(entries[index...]))
        break
      }
      lines += next
    }
    return Array((lines + last).prefix(max(1, limit)))
  }

  /// The first line alone, which shows that there would be more.
  private static func brief(_ lines: [Line]) -> [Line] {
    guard lines.count > 1 else { return lines }
    return [(lines[0] + Line("…", .dim)).clipped(to: pageWidth)]
  }

  /// What there is no room for: how many of which state, the most first.
  private static func rest(_ entries: ArraySlice<Entry>) -> Line {
    var (count, counts) = (0, [String: Int]())
    for entry in entries {
      for row in entry.rows { counts[row.state, default: 0] += 1 }
      count += entry.count
    }
    let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map { "\($0.value) \($0.key)" }
    let words = most.joined(separator: ", ") + (counts.count > 3 ? ", …" : "")
    return Line(clip("… and \(counted(count, "node")) more: \(words)", pageWidth), .dim)
  }

  private static func clip(_ text: String, _ width: Int) -> String {
    text.columns <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
  }

  /// For `--json`: a row for each node, none left out.
  package static func table(_ world: World) -> Table { table(TopologyRow.all(in: world, after: nil)) }
  static func table(_ recorded: Recorded) -> Table { table(TopologyRow.all(in: recorded)) }

  private static func table(_ rows: [TopologyRow]) -> Table {
    var table = Table(
      [
        .init("node"), .init("depth", .right), .init("kind"), .init("master"), .init("state"), .init("offset", .right),
        .init("behind", .right), .init("keys", .right), .init("link"),
      ], empty: "no nodes yet: start one, as in: start m --port 7000")
    for row in rows {
      table.rows.append([
        row.member.name, "\(row.member.depth)", row.member.kind.rawValue,
        row.member.master ?? row.member.unknownMaster ?? "–", row.state, row.offset.map { "\($0)" } ?? "–",
        row.behind.map { "\($0)" } ?? "–", row.keys.map { "\($0)" } ?? "–", row.link.isEmpty ? "–" : row.link,
      ])
    }
    return table
  }
}

// MARK: - What is no node's

extension TopologyView {
  private static let most = 6

  private static func walls(_ world: World) -> [String] {
    var walls = world.partitions.map { "\($0.a) ┃ \($0.b)" }
    for (path, faults) in world.paths where faults.isCut { walls.append("\(path.from) → ┃ \(path.to)") }
    return list("walls, which nothing passes: ", walls)
  }

  private static func clients(_ world: World) -> [String] {
    let clients = world.clientNames.map { client in
      client.name == client.node ? "\(client.node)'s own" : "\(client.name) of \(client.node)"
    }
    return list("clients: ", clients)
  }

  private static func list(_ title: String, _ all: [String]) -> [String] {
    guard !all.isEmpty else { return [] }
    let rest = all.count - most
    return [title + all.prefix(most).joined(separator: ", ") + (rest > 0 ? ", and \(rest) more" : "")]
  }
}

// MARK: - Many

extension TopologyView {
  /// A line of the tree.
  enum Entry {
    case row(TopologyRow, tree: String)
    /// Many that are alike, and have as many below them as the number says.
    case more([TopologyRow], below: Int, tree: String)
    /// What stands above those whose master is no node: its address, or that it is not known.
    case nobody(String)

    var rows: [TopologyRow] {
      switch self {
      case .row(let row, _): [row]
      case .more(let rows, _, _): rows
      case .nobody: []
      }
    }

    /// How many nodes that are.
    var count: Int {
      if case .more(let rows, let below, _) = self { return rows.count + below }
      return rows.count
    }
  }

  /// Nodes that share a line, each with so many below it that are in no other group.
  private struct Group {
    var rows: [TopologyRow]
    var below = 0
  }

  private static func folded(_ rows: [TopologyRow], toFit room: Int) -> [Entry] {
    let all = entries(rows.map { Group(rows: [$0]) })
    return all.count <= room ? all : entries(groups(rows))
  }

  /// What a node is like, with all that is below it.
  private struct Shape: Hashable {
    var kind: Topology.Kind
    var likeness: String
    var below: [Int]
  }

  /// Those that follow the same master, and are alike with all that follows them, share a line from the third on.
  private static func groups(_ rows: [TopologyRow]) -> [Group] {
    // From the last one on: those below a node come behind it.
    var shapes: [Shape: Int] = [:]
    var (ids, sizes) = ([Int](repeating: 0, count: rows.count), [Int](repeating: 0, count: rows.count))
    var waiting: [(depth: Int, id: Int, size: Int)] = []
    for index in rows.indices.reversed() {
      let row = rows[index]
      var (below, size) = ([Int](), 0)
      while let last = waiting.last, last.depth > row.member.depth {
        waiting.removeLast()
        if last.depth == row.member.depth + 1 { below.append(last.id) }
        size += last.size
      }
      let likeness = row.isMarked ? row.member.name + "*" : row.likeness
      let shape = Shape(kind: row.member.kind, likeness: likeness, below: below.sorted())
      let id = shapes[shape] ?? shapes.count
      shapes[shape] = id
      (ids[index], sizes[index]) = (id, size)
      waiting.append((row.member.depth, id, size + 1))
    }
    struct Kind: Hashable {
      var master: String?
      var id: Int
    }
    var groups: [Group] = []
    var places: [Kind: (count: Int, group: Int)] = [:]
    var index = 0
    while index < rows.count {
      let row = rows[index]
      let kind = Kind(master: row.member.master ?? row.member.unknownMaster, id: ids[index])
      let known = places[kind] ?? (0, 0)
      if known.count < 2 {
        groups.append(Group(rows: [row]))
        places[kind] = (known.count + 1, 0)
        index += 1
      } else if known.count == 2 {
        groups.append(Group(rows: [row], below: sizes[index]))
        places[kind] = (3, groups.count - 1)
        index += 1 + sizes[index]
      } else {
        groups[known.group].rows.append(row)
        groups[known.group].below += sizes[index]
        index += 1 + sizes[index]
      }
    }
    return groups
  }

  /// The tree's bars. Each group stands at its first one's place.
  private static func entries(_ groups: [Group]) -> [Entry] {
    func above(_ member: Topology.Member) -> String { member.master ?? member.unknownMaster ?? "" }
    // Whether another one below the same comes further down.
    var hasMore = [Bool](repeating: false, count: groups.count)
    var next: [String?] = []
    for index in groups.indices.reversed() {
      let member = groups[index].rows[0].member
      while next.count <= member.depth { next.append(nil) }
      next.removeLast(next.count - member.depth - 1)
      hasMore[index] = next[member.depth] == above(member)
      next[member.depth] = above(member)
    }
    var entries: [Entry] = []
    var open: [Bool] = []
    var address: String?
    for (index, group) in groups.enumerated() {
      let member = group.rows[0].member
      if member.depth <= 1 {
        let isLost = member.depth == 1 && member.master == nil
        let next =
          isLost ? member.unknownMaster.map { "\($0): no node is there" } ?? "whom it follows was not seen" : nil
        if let next, next != address { entries.append(.nobody(next)) }
        address = next
      }
      open.removeLast(max(0, open.count - max(0, member.depth - 1)))
      let tree = tree(open, depth: member.depth, hasMore: hasMore[index])
      if member.depth > 0 { open.append(hasMore[index]) }
      let isOne = group.rows.count == 1 && group.below == 0
      entries.append(isOne ? .row(group.rows[0], tree: tree) : .more(group.rows, below: group.below, tree: tree))
    }
    return entries
  }

  /// How many rows deep a tree is drawn as one; further down the depth is told.
  private static let deepest = 4

  private static func tree(_ open: [Bool], depth: Int, hasMore: Bool) -> String {
    guard depth > 0 else { return "" }
    let bars = open.prefix(deepest).map { $0 ? "│  " : "   " }.joined()
    return bars + (hasMore ? "├─ " : "└─ ") + (depth > deepest + 1 ? "(\(depth)) " : "")
  }
}

// MARK: - Columns

extension TopologyView {
  private struct Columns {
    var name = 4
    var state = 5
    var offset = 6
    var keys = 4

    static let mostName = 22
    static let mostState = 24

    init(_ entries: [Entry], hasMarks: Bool) {
      for entry in entries {
        guard case .row(let row, let tree) = entry else { continue }
        name = min(Self.mostName, max(name, tree.columns + row.member.name.columns + (hasMarks ? 1 : 0)))
        state = min(Self.mostState, max(state, row.state.columns))
        offset = max(offset, offsetText(row).columns)
        keys = max(keys, row.keys.map { "\($0)".count } ?? 0)
      }
    }

    private var start: Int { name + 2 + state + 2 + offset + 2 + keys + 2 }

    var heading: Line {
      let words =
        "\("node".padded(name))  \("state".padded(state))  \("offset".leftPadded(offset))  "
        + "\("keys".leftPadded(keys))  link to its master"
      return Line(TopologyView.clip(words, pageWidth), .heading)
    }

    func lines(_ entry: Entry) -> [Line] {
      switch entry {
      case .nobody(let address): [Line(address, .dim)]
      case .more(let rows, let below, let tree): [more(rows, below, tree)]
      case .row(let row, let tree): lines(row, tree)
      }
    }

    /// How far it is, and how many bytes behind its master.
    private func offsetText(_ row: TopologyRow) -> String {
      guard let offset = row.offset else { return "" }
      guard let behind = row.behind, behind != 0 else { return "\(offset)" }
      return "\(offset) (\(behind > 0 ? "−" : "+")\(behind.magnitude))"
    }

    private func lines(_ row: TopologyRow, _ tree: String) -> [Line] {
      var line = Line(tree, .dim)
      line += Line(TopologyView.clip(row.name, max(2, name - tree.columns)), row.isMarked ? .changed : .heading)
      line.pad(to: name + 2)
      let style: Style = row.isFault ? .fault : row.isMarked ? .changed : .plain
      line += Line(TopologyView.clip(row.state, state), style)
      if row.member.kind == .sentinel { return hang(row.link, behind: line, from: name + 2 + state + 2) }
      line.pad(to: name + 2 + state + 2)
      let keys = row.keys.map { "\($0)" } ?? ""
      line += Line("\(offsetText(row).leftPadded(offset))  \(keys.leftPadded(self.keys))  ")
      return hang(row.link, behind: line.withoutTrailingBlanks, from: start)
    }

    /// The last column, which goes on below itself; at most three lines of it.
    private func hang(_ text: String, behind line: Line, from start: Int) -> [Line] {
      guard !text.isEmpty else { return [line.withoutTrailingBlanks] }
      // Wide numbers leave it no room beside them.
      guard start <= pageWidth - 16 else { return [line] + Line.filled(text, indent: 8).prefix(3) }
      var pieces = Self.packed(text, pageWidth - start)
      if pieces.count > 3 { pieces[2] = Line("…") }
      var first = line
      first.pad(to: start)
      return [first + pieces[0]] + pieces.dropFirst().prefix(2).map { Line(blanks(start)) + $0 }
    }

    /// Lines that are broken behind a comma, where that is possible.
    private static func packed(_ text: String, _ width: Int) -> [Line] {
      var lines: [Line] = []
      var line = ""
      for piece in text.split(separator: ", ").map(String.init) {
        if line.isEmpty {
          line = piece
        } else if line.columns + 2 + piece.columns < width {
          line += ", " + piece
        } else {
          lines += Line.filled(line + ",", width: width)
          line = piece
        }
      }
      return lines + Line.filled(line, width: width)
    }

    /// What many have in common.
    private func more(_ rows: [TopologyRow], _ below: Int, _ tree: String) -> Line {
      var words = "… \(rows.count) more: \(rows[0].likeness)"
      let behind = rows.compactMap(\.behind)
      if let least = behind.min(), let most = behind.max() {
        words += ", " + (least == most ? "\(least)" : "\(least)–\(most)") + " B behind"
      }
      if below > 0 { words += ", with \(below) below them" }
      return Line(tree, .dim)
        + Line(TopologyView.clip(words, pageWidth - tree.columns), rows[0].isFault ? .fault : .plain)
    }
  }
}
