import RESP

/// An array that knows which of its elements may have changed since it was last asked, so that a step looks at those
/// alone, however many there are.
///
/// Each element lies behind a reference of its own and is copied when it is changed while a kept world has it, too: a copy
/// of the array costs one word for each element.
package struct TrackedArray<Element: Equatable & Sendable>: Equatable, Sendable, RandomAccessCollection {
  private var elements: [Boxed<Element>] = []
  /// The indices that were written to, some of them several times, in the order in which it happened.
  private(set) var touched: [Int] = []

  init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { elements.count }
  package var indices: Range<Int> { 0..<elements.count }

  package internal(set) subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress { unsafe place(index) }
    @inline(__always) unsafeMutableAddress { unsafe touchedPlace(index) }
  }

  /// One after the other, each copied.
  package struct Iterator: IteratorProtocol {
    fileprivate var rest: ArraySlice<Boxed<Element>>
    package mutating func next() -> Element? { rest.popFirst()?.value }
  }
  package func makeIterator() -> Iterator { Iterator(rest: elements[...]) }

  /// Where an element is.
  @inline(__always)
  func place(_ index: Int) -> UnsafePointer<Element> { unsafe elements[index].place }

  /// The same, to write to it.
  @inline(__always)
  mutating func touchedPlace(_ index: Int) -> UnsafeMutablePointer<Element> {
    touch(index)
    return unsafe elements[index].ownPlace
  }

  /// An element where it is: it is not copied to be looked at, and does not count as touched.
  subscript(inPlace index: Int) -> Element {
    @inline(__always) unsafeAddress { unsafe place(index) }
    @inline(__always) unsafeMutableAddress { unsafe elements[index].ownPlace }
  }

  mutating func append(_ element: Element) {
    elements.append(Boxed(element))
    touch(elements.count - 1)
  }

  /// Counts an element as touched.
  mutating func touch(_ index: Int) {
    if touched.last != index { touched.append(index) }
  }

  /// The indices that were written to since the last call, in their order.
  mutating func takeTouched() -> [Int] {
    // A copy: emptied while somebody else has it, an array gets a new place as large as it ever was.
    let taken = touchedInOrder.map { $0 }
    touched.removeAll(keepingCapacity: true)
    return taken
  }

  /// The indices that were written to, in their order.
  var touchedInOrder: [Int] {
    if zip(touched, touched.dropFirst()).allSatisfy(<) { return touched }
    var indices = touched.sorted()
    var last = 0
    for index in indices[1...] where index != indices[last] {
      last += 1
      indices[last] = index
    }
    indices.removeSubrange((last + 1)...)
    return indices
  }

  /// Removes elements; those behind them move up. Nothing may be touched meanwhile that is not taken yet.
  mutating func remove(at indices: [Int]) {
    for index in indices.sorted(by: >) { elements.remove(at: index) }
  }

  /// The places at which another array has another element, or the same behind another reference: what the two do not
  /// share.
  func indicesNotShared(with other: Self) -> [Int] {
    elements.indices.filter { $0 >= other.elements.count || !elements[$0].isShared(with: other.elements[$0]) }
  }

  /// What was touched is no part of the value.
  package static func == (a: Self, b: Self) -> Bool { a.elements == b.elements }
}
