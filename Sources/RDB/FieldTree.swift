/// Named byte ranges, one within another: each field is followed by those within it, in the order of their bytes.
///
/// Siblings tile their parent without gap or overlap, and the roots tile what was read:
///
///     aux field        fa 09 72 65 64 69 73 2d 76 65 72 06 37 2e 30 2e 31 31
///       opcode         fa
///       name              09 72 65 64 69 73 2d 76 65 72
///         length          09
///         data               72 65 64 69 73 2d 76 65 72
///       value                                           06 37 2e 30 2e 31 31
///         length                                        06
///         data                                             37 2e 30 2e 31 31
package struct FieldTree: Hashable, Sendable {
  package internal(set) var fields: [Field] = []

  package init() {}

  package var isEmpty: Bool { fields.isEmpty }

  /// The bytes that the roots take together; nil if there are none.
  package var range: Range<Int>? {
    guard let first = fields.first, let last = roots.last else { return nil }
    return first.offset..<fields[last].range.upperBound
  }

  /// The indices of the outermost fields.
  package var roots: [Int] { siblings(in: 0..<fields.count) }

  /// The indices of the fields directly within the one at `index`.
  package func children(of index: Int) -> [Int] {
    siblings(in: index + 1..<index + 1 + fields[index].descendants)
  }

  /// The indices of the fields around the byte at `offset`, outermost first; none if the tree does not reach it.
  package func path(to offset: Int) -> [Int] {
    var path: [Int] = []
    var index = 0
    var end = fields.count
    while index < end {
      let field = fields[index]
      if field.range.contains(offset) {
        path.append(index)
        end = index + 1 + field.descendants
        index += 1
      } else {
        index += 1 + field.descendants
      }
    }
    return path
  }

  private func siblings(in range: Range<Int>) -> [Int] {
    var indices: [Int] = []
    var index = range.lowerBound
    while index < range.upperBound {
      indices.append(index)
      index += 1 + fields[index].descendants
    }
    return indices
  }
}

/// Writes a `FieldTree` while a record is scanned; costs one branch a field where nobody wants one.
struct FieldRecorder: Equatable, Sendable {
  let isOn: Bool
  var tree = FieldTree()
  /// How many fields are recorded; what is behind them has no names.
  var limit = Int.max

  /// What stands for the number of descendants while a group has begun and not ended.
  private static let isOpen = -1

  init(isOn: Bool) { self.isOn = isOn }

  /// The indices of the groups that have begun and not ended, outermost first.
  private var open: [Int] { tree.fields.indices.filter { tree.fields[$0].descendants == Self.isOpen } }

  /// Their names.
  var path: [Field.Name] { open.map { tree.fields[$0].name } }

  /// How many fields there are: a place to come back to when a record turns out not to be there whole.
  var count: Int { tree.fields.count }

  mutating func clear() {
    if isOn { tree.fields.removeAll(keepingCapacity: true) }
  }

  /// Forgets the fields from `count` on. None of the groups before may have ended since.
  mutating func rewind(to count: Int) {
    if isOn { tree.fields.removeLast(tree.fields.count - count) }
  }

  /// Begins a group, and returns what `end` wants to know of it.
  @inline(__always)
  mutating func begin(_ name: Field.Name, at offset: Int) -> Int {
    guard isOn, tree.fields.count < limit else { return -1 }
    tree.fields.append(Field(name, offset: offset, count: 0, meaning: .group, descendants: Self.isOpen))
    return tree.fields.count - 1
  }

  @inline(__always)
  mutating func end(_ index: Int, at offset: Int) {
    guard index >= 0 else { return }
    let descendants = tree.fields.count - index - 1
    tree.fields[index].close(at: offset, descendants)
  }

  @inline(__always)
  mutating func leaf(_ name: Field.Name, _ offset: Int, _ count: Int, _ meaning: Field.Meaning) {
    guard tree.fields.count < limit else { return }
    tree.fields.append(Field(name, offset: offset, count: count, meaning: meaning))
  }

  /// A group whose fields are known before they are recorded.
  @inline(__always)
  mutating func group(_ name: Field.Name, _ offset: Int, _ count: Int, descendants: Int) {
    // All of it or nothing: it says how many fields follow.
    if tree.fields.count > limit - descendants - 1 { limit = tree.fields.count }
    guard tree.fields.count < limit else { return }
    tree.fields.append(Field(name, offset: offset, count: count, meaning: .group, descendants: descendants))
  }

  /// Says something better about the last field of that name.
  mutating func explain(_ name: Field.Name, _ meaning: Field.Meaning) {
    guard isOn, count < limit, let index = tree.fields.lastIndex(where: { $0.name == name }) else { return }
    tree.fields[index].meaning = meaning
  }

  /// The tree as it is, its open groups ended by a last leaf that takes the rest of the bytes.
  func closed(by name: Field.Name, _ rest: Range<Int>, _ meaning: Field.Meaning) -> FieldTree {
    guard isOn else { return FieldTree() }
    var copy = self
    if !rest.isEmpty { copy.leaf(name, rest.lowerBound, rest.count, meaning) }
    for index in open { copy.end(index, at: rest.upperBound) }
    return copy.tree
  }
}

extension Field {
  @inline(__always)
  fileprivate mutating func close(at end: Int, _ descendants: Int) {
    count = end - offset
    self.descendants = descendants
  }
}
