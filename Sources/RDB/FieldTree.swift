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
  var isOn: Bool
  var tree = FieldTree()
  /// The indices of the groups that have begun and not ended.
  private(set) var open: [Int] = []

  /// A place to come back to when a record turns out not to be there whole.
  struct Mark: Equatable, Sendable {
    var fields = 0
    var open = 0
  }

  var mark: Mark { Mark(fields: tree.fields.count, open: open.count) }

  /// The names of the groups that have begun and not ended, outermost first.
  var path: [Field.Name] { open.map { tree.fields[$0].name } }

  mutating func clear() {
    guard isOn else { return }
    tree.fields.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
  }

  /// Groups that ended after the mark are not reopened: a mark is only taken where all that began since the record
  /// began is still open, or has ended before it.
  mutating func rewind(to mark: Mark) {
    guard isOn else { return }
    tree.fields.removeLast(tree.fields.count - mark.fields)
    open.removeLast(open.count - mark.open)
  }

  mutating func begin(_ name: Field.Name, at offset: Int) {
    guard isOn else { return }
    open.append(tree.fields.count)
    tree.fields.append(Field(name, offset: offset, count: 0, meaning: .group))
  }

  mutating func end(at offset: Int) {
    guard isOn else { return }
    let index = open.removeLast()
    tree.fields[index].count = offset - tree.fields[index].offset
    tree.fields[index].descendants = tree.fields.count - index - 1
  }

  mutating func leaf(_ name: Field.Name, _ range: Range<Int>, _ meaning: Field.Meaning) {
    guard isOn else { return }
    tree.fields.append(Field(name, offset: range.lowerBound, count: range.count, meaning: meaning))
  }

  /// Says something better about the last field of that name.
  mutating func explain(_ name: Field.Name, _ meaning: Field.Meaning) {
    guard isOn, let index = tree.fields.lastIndex(where: { $0.name == name }) else { return }
    tree.fields[index].meaning = meaning
  }

  /// The tree as it is, its open groups ended by a last leaf that takes the rest of the bytes.
  func closed(by name: Field.Name, _ rest: Range<Int>, _ meaning: Field.Meaning) -> FieldTree {
    guard isOn else { return FieldTree() }
    var copy = self
    if !rest.isEmpty { copy.leaf(name, rest, meaning) }
    while !copy.open.isEmpty { copy.end(at: rest.upperBound) }
    return copy.tree
  }
}
