import RDB

/// A byte of a snapshot that is being read off a text.
struct Cell: Equatable {
  /// nil: hidden, and nothing settles it so far.
  var byte: UInt8?
  var reason: RestoredByte.Reason?
  var role = Role.plain

  /// What the byte is part of, where that says something of its value.
  enum Role: Equatable {
    case plain
    /// A byte of a number, the low one being the first.
    case creationTime(Int), usedMemory(Int), number(Int)
    case selectDatabase, keys, expires, expiry, entry
    case checksum(Int)
  }
}

/// Reads a text as a snapshot, in the way that leaves the fewest bytes unexplained.
///
/// A dot can be nearly anything, so a text can be read in many ways; but few of them come out even at the end, and a
/// wrong one takes visible letters for lengths and has bytes left for which it has no use. Each hidden byte that a
/// reading can't settle costs as many points as it has bits; the cheapest way from the first character to the last is
/// found as the shortest one through a graph, whose nodes are places between records.
struct SnapshotReading {
  let text: ObscuredText
  let hints: SnapshotRestoration.Hints
  let effort: Effort

  /// What is left of what all steps along all paths may cost together, in cells that are written: a text of dots, or one
  /// in which a return may be hidden before every newline, has more ways through it than anyone can go.
  final class Effort {
    private var left: Int
    var isSpent: Bool { left < 0 }

    init(_ cells: Int) { left = cells }
    func spend(_ cells: Int) { left -= cells }
  }

  /// A way that leaves more unexplained than this leads nowhere: the checksum settles eight bytes.
  private static let mostCost = 400
  /// Nobody needs to know how many more there are.
  fileprivate static let mostWays = 1000
  /// What a visible byte costs in a number where there could be text: few numbers look like words.
  private static let wordlikeCost = 4

  /// Where in a snapshot: what can come next depends on it.
  enum Stage: Hashable {
    case header
    /// The first of the known auxiliary fields that can still come.
    case aux(Int)
    /// Behind the name of an auxiliary field that is not known.
    case auxValue(Int)
    case database, keys
    /// Behind a key.
    case value
    case done
  }

  /// A way through a part of the text.
  struct Path {
    var place: ObscuredText.Place
    var cost = 0
    /// How many ways to this place are as cheap as this one.
    var ways = 1
    var cells: [Cell] = []
  }

  private struct Node {
    var cost: Int
    /// How many ways are as cheap as this one.
    var ways: Int
    var from: (place: Int, stage: Stage)?
    var cells: [Cell]
  }

  struct Result {
    var cells: [Cell]
    var ways: Int
  }

  enum Failure: Error {
    case unreadable(after: Int)
    case tooManyWays
  }

  func read() throws(Failure) -> Result {
    var nodes: [[Stage: Node]] = Array(repeating: [:], count: text.end + 1)
    nodes[text.start][.header] = Node(cost: 0, ways: 1, cells: [])
    var furthest = 0
    for place in nodes.indices where !nodes[place].isEmpty {
      furthest = place
      // In an order of their own, so that the same way is found each time.
      for (stage, node) in nodes[place].sorted(by: { $0.value.cost < $1.value.cost }) {
        for (next, path) in records(at: place, stage) {
          let cost = node.cost + path.cost
          let ways = min(node.ways * path.ways, Self.mostWays)
          guard cost <= Self.mostCost else { continue }
          let old = nodes[path.place][next]
          if let old, old.cost < cost { continue }
          if let old, old.cost == cost {
            nodes[path.place][next]?.ways = min(old.ways + ways, Self.mostWays)
          } else {
            nodes[path.place][next] = Node(cost: cost, ways: ways, from: (place, stage), cells: path.cells)
          }
        }
        if effort.isSpent { throw .tooManyWays }
      }
    }
    guard let last = nodes[text.end][.done] else { throw .unreadable(after: furthest / 2) }
    var cells: [Cell] = []
    var node: Node? = last
    while let current = node {
      cells.insert(contentsOf: current.cells, at: 0)
      node = current.from.flatMap { nodes[$0.place][$0.stage] }
    }
    return Result(cells: cells, ways: last.ways)
  }

  /// Every record that can stand at a place, with the stage that it leads to.
  private func records(at place: Int, _ stage: Stage) -> [(Stage, Path)] {
    let path = Path(place: place)
    var found: [(Stage, Path)] = []
    switch stage {
    case .header: found += header(path).map { (.aux(0), $0) }
    case .aux(let first):
      found += aux(path, from: first)
      found += selectDatabase(path).map { (.database, $0) }
      found += end(path).map { (.done, $0) }
    case .database:
      found += resize(path).map { (.keys, $0) }
      // Every server since 3.2 says how many keys follow.
      found += key(path).map { (.value, $0.costing(20)) }
    case .auxValue(let first): found += strings(path).map { (.aux(first), $0) }
    case .value: found += strings(path).map { (.keys, $0) }
    case .keys:
      found += key(path).map { (.value, $0) }
      found += selectDatabase(path).map { (.database, $0) }
      found += end(path).map { (.done, $0) }
    case .done: break
    }
    return found
  }
}

// The records.
extension SnapshotReading {
  private func header(_ path: Path) -> [Path] {
    var paths = bytes(Array("REDIS00".utf8), .signature, [path])
    for _ in 0..<2 { hidden(.plain, cost: 8, &paths) { (0x30...0x39).contains($0) } }
    return paths
  }

  private enum AuxValue {
    case version, usual(String), number((Int) -> Cell.Role), said(String?), text
  }

  /// In the order in which 7.0 writes them.
  private var knownAux: [(name: String, value: AuxValue)] {
    [
      ("redis-ver", .version), ("valkey-ver", .version), ("redis-bits", .usual("64")),
      ("ctime", .number { .creationTime($0) }), ("used-mem", .number { .usedMemory($0) }),
      ("repl-stream-db", .usual("0")), ("repl-id", .said(hints.replicationID)),
      ("repl-offset", .said(hints.offset.map { String($0) })), ("aof-base", .usual("0")),
    ]
  }

  private func aux(_ path: Path, from first: Int) -> [(Stage, Path)] {
    let begun = byte(Opcode.aux.rawValue, .opcode(.aux), [path])
    guard !begun.isEmpty else { return [] }
    var found: [(Stage, Path)] = []
    for (index, known) in knownAux.enumerated() where index >= first {
      let named = rawString(Array(known.name.utf8), begun)
      found += value(known.value, named).map { (.aux(index + 1), $0) }
    }
    // Names that are not known are at least legible.
    found += begun.flatMap { strings($0, contentCost: 40) }.map { (.auxValue(first), $0.costing(40)) }
    return found
  }

  private func value(_ value: AuxValue, _ paths: [Path]) -> [Path] {
    switch value {
    case .version: return paths.flatMap { version($0) }
    case .usual(let text):
      return written(text, .usual, paths).map { $0.costing(1) } + paths.flatMap { number($0) { .number($0) } }
    case .number(let role): return paths.flatMap { number($0, role) }
    case .said(let text?): return written(text, .reply, paths)
    case .said(nil), .text: return paths.flatMap { strings($0) }
    }
  }

  private func selectDatabase(_ path: Path) -> [Path] {
    let begun = byte(Opcode.selectDatabase.rawValue, .opcode(.selectDatabase), [path])
    let first = byte(0, .usual, begun).map { $0.costing(1) }
    var other = begun
    hidden(.selectDatabase, cost: 8, &other) { $0 < 0x40 }
    return (first + other).map { $0.costing(1) }
  }

  private func resize(_ path: Path) -> [Path] {
    var paths = byte(Opcode.resizeDatabase.rawValue, .opcode(.resizeDatabase), [path])
    for role in [Cell.Role.keys, .expires] { hidden(role, cost: 0, &paths) { $0 < 0x40 } }
    return paths
  }

  private func key(_ path: Path) -> [Path] {
    var begun = [path]
    var expiring = byte(Opcode.expireTimeMilliseconds.rawValue, .opcode(.expireTimeMilliseconds), [path])
    for index in expiring.indices { expiring[index].cells[expiring[index].cells.count - 1].role = .expiry }
    for index in 0..<8 { hidden(.number(index), cost: 8, &expiring) }
    begun += expiring.map { $0.costing(4) }
    var typed = byte(0, .type(.string), begun)
    for index in typed.indices { typed[index].cells[typed[index].cells.count - 1].role = .entry }
    return typed.flatMap { strings($0, emptyCost: 10) }.map { $0.costing(2) }
  }

  private func end(_ path: Path) -> [Path] {
    // The mark of the end and eight bytes; a tab among them takes up to eight characters.
    guard (text.end - path.place) / 2 <= 8 * 9 else { return [] }
    var paths = byte(Opcode.end.rawValue, .opcode(.end), [path])
    for index in 0..<8 { hidden(.checksum(index), cost: 0, &paths) }
    return paths.filter { $0.place == text.end }
  }
}

// What records are made of.
extension SnapshotReading {
  /// Reads one more byte on each path. Of those that meet at a place the cheapest goes on, and counts for all that are as
  /// cheap: whatever follows is the same for them.
  private func follow(_ paths: inout [Path], _ read: (ObscuredText.Step) -> (cell: Cell, cost: Int)?) {
    var followed: [Path] = []
    for index in paths.indices where !effort.isSpent {
      // Taken out of the array, so that its cells need not be copied for the last step.
      var path = Path(place: 0)
      swap(&path, &paths[index])
      let steps = text.steps(from: path.place).compactMap { step in read(step).map { (step.next, $0.cell, $0.cost) } }
      for (next, cell, cost) in steps.dropLast() {
        effort.spend(path.cells.count)
        path.followed(by: cell, cost, to: next).join(&followed)
      }
      guard let (next, cell, cost) = steps.last else { continue }
      effort.spend(1)
      path.follow(cell, cost, to: next)
      path.join(&followed)
    }
    paths = followed.filter { $0.cost <= Self.mostCost }
  }

  /// The one byte that can stand here.
  private func byte(_ byte: UInt8, _ reason: RestoredByte.Reason, _ paths: [Path]) -> [Path] {
    var paths = paths
    follow(&paths) { step in
      guard step.byte == byte || step.byte == nil && ObscuredText.canBeDot(byte) else { return nil }
      let why = step.isDisguised ? .disguised : step.byte == nil ? reason : .seen
      return (Cell(byte: byte, reason: why), 0)
    }
    return paths
  }

  private func bytes(_ bytes: [UInt8], _ reason: RestoredByte.Reason, _ paths: [Path]) -> [Path] {
    bytes.reduce(paths) { byte($1, reason, $0) }
  }

  /// A byte that can be any that `isAllowed`; hidden, it costs something.
  private func hidden(
    _ role: Cell.Role, cost: Int, _ paths: inout [Path], _ isAllowed: (UInt8) -> Bool = { _ in true }
  ) {
    // What is a digit is never hidden.
    let mayBeHidden = isAllowed(0)
    follow(&paths) { step in
      guard let byte = step.byte else { return mayBeHidden ? (Cell(role: role), cost) : nil }
      guard isAllowed(byte) else { return nil }
      return (Cell(byte: byte, reason: step.isDisguised ? .disguised : .seen, role: role), 0)
    }
  }

  /// A string whose bytes are known, as it stands.
  private func rawString(_ string: [UInt8], _ paths: [Path]) -> [Path] {
    bytes(string, .seen, byte(UInt8(string.count), .length(string.count), paths))
  }

  /// A short text as a snapshot has it, numbers in their own form.
  private func written(_ string: String, _ reason: RestoredByte.Reason, _ paths: [Path]) -> [Path] {
    var writer = Writer(compresses: false)
    writer.aux("", string)
    // Without the opcode and the empty name.
    let form = Array(writer.take().dropFirst(2))
    guard let first = form.first else { return [] }
    let head: RestoredByte.Reason = first >= 0xc0 ? .number(bytes: form.count - 1) : .length(form.count - 1)
    return bytes(Array(form.dropFirst()), reason, byte(first, head, paths))
  }

  /// Digits and dots.
  private func version(_ path: Path) -> [Path] {
    (1...31).flatMap { count -> [Path] in
      var paths = byte(UInt8(count), .length(count), [path])
      for _ in 0..<count where !paths.isEmpty {
        follow(&paths) { step in
          guard let byte = step.byte else { return (Cell(byte: UInt8(ascii: "."), reason: .version), 0) }
          return byte > 0x20 ? (Cell(byte: byte, reason: .seen), 0) : nil
        }
      }
      return paths
    }
  }

  /// A number in one, two or four bytes, or as digits.
  private func number(_ path: Path, _ role: (Int) -> Cell.Role) -> [Path] {
    var found: [Path] = []
    for (encoding, size) in [(0, 1), (1, 2), (2, 4)] as [(UInt8, Int)] {
      var paths = byte(0xc0 | encoding, .number(bytes: size), [path])
      for index in 0..<size { hidden(role(index), cost: 8, &paths) }
      found += paths
    }
    return found + rawStrings(path, 1...20) { (0x30...0x39).contains($0) }
  }

  /// A string in any form but a compressed one.
  private func strings(_ path: Path, emptyCost: Int = 0, contentCost: Int = 8) -> [Path] {
    var found = byte(0, .length(0), [path]).map { $0.costing(emptyCost) }
    found += rawStrings(path, 1...63, contentCost: contentCost)
    found += longStrings(path)
    for (encoding, size) in [(0, 1), (1, 2), (2, 4)] as [(UInt8, Int)] {
      var paths = byte(0xc0 | encoding, .number(bytes: size), [path])
      for index in 0..<size { hidden(.number(index), cost: contentCost, &paths) }
      found += paths.map { path in
        path.costing(Self.wordlikeCost * path.cells.suffix(size).count { $0.byte != nil })
      }
    }
    return found
  }

  private func rawStrings(
    _ path: Path, _ counts: ClosedRange<Int>, contentCost: Int = 8, _ isAllowed: (UInt8) -> Bool = { _ in true }
  ) -> [Path] {
    text.steps(from: path.place).flatMap { step -> [Path] in
      if let byte = step.byte {
        guard counts.contains(Int(byte)) else { return [] }
        let why: RestoredByte.Reason = step.isDisguised ? .disguised : .seen
        let begun = path.followed(by: Cell(byte: byte, reason: why), to: step.next)
        return content(begun, Int(byte), cost: contentCost, isAllowed)
      }
      // Any length that a dot can hide: each a byte longer than the one before.
      let length = path.cells.count
      var found: [Path] = []
      var longer = [path.followed(by: Cell(), to: step.next)]
      for count in 1...counts.upperBound {
        hidden(.plain, cost: contentCost, &longer, isAllowed)
        if longer.isEmpty { break }
        guard counts.contains(count), ObscuredText.canBeDot(UInt8(count)) else { continue }
        found += longer.map { path in
          var path = path
          effort.spend(path.cells.count)
          path.cells[length] = Cell(byte: UInt8(count), reason: .length(count))
          return path
        }
      }
      return found
    }
  }

  /// Of 64 to 16383 bytes, where the length's first byte is a letter and its second one is visible, too.
  private func longStrings(_ path: Path) -> [Path] {
    text.steps(from: path.place).flatMap { high -> [Path] in
      guard let first = high.byte, (0x40..<0x80).contains(first) else { return [] }
      return text.steps(from: high.next).flatMap { low -> [Path] in
        guard let second = low.byte else { return [] }
        let begun = path.followed(by: Cell(byte: first, reason: .seen), to: high.next)
          .followed(by: Cell(byte: second, reason: .seen), to: low.next)
        return content(begun, Int(first & 0x3f) << 8 | Int(second), cost: 8) { _ in true }
      }
    }
  }

  private func content(_ begun: Path, _ count: Int, cost: Int, _ isAllowed: (UInt8) -> Bool) -> [Path] {
    // Each byte of the text may have a hidden return before it, and no more.
    guard count <= 2 * text.bytes.count else { return [] }
    var paths = [begun]
    for _ in 0..<count where !paths.isEmpty { hidden(.plain, cost: cost, &paths, isAllowed) }
    return paths
  }
}

extension SnapshotReading.Path {
  fileprivate func costing(_ more: Int) -> Self {
    var path = self
    path.cost += more
    return path
  }

  fileprivate mutating func follow(_ cell: Cell, _ cost: Int, to place: Int) {
    cells.append(cell)
    self.cost += cost
    self.place = place
  }

  fileprivate func followed(by cell: Cell, _ cost: Int = 0, to place: Int) -> Self {
    var path = self
    path.follow(cell, cost, to: place)
    return path
  }

  /// Joins others, of which no two are at one place.
  fileprivate consuming func join(_ others: inout [Self]) {
    guard let index = others.firstIndex(where: { $0.place == place }) else { return others.append(self) }
    if others[index].cost == cost {
      others[index].ways = min(others[index].ways + ways, SnapshotReading.mostWays)
    } else if cost < others[index].cost {
      others[index] = self
    }
  }
}
