/// An array that knows which of its elements may have changed since it was last asked, so that a step looks at those
/// alone, however many there are.
///
/// Each element lies behind a reference of its own and is copied when it is changed while a kept world has it, too: a copy
/// of the array costs one word for each element.
package struct TrackedArray<Element: Equatable & Sendable>: Equatable, Sendable, RandomAccessCollection {
  private var elements: [CopyOnWrite<Element>] = []
  /// The indices that were written to, some of them several times, in the order in which it happened.
  private(set) var touched: [Int] = []

  init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { elements.count }
  package var indices: Range<Int> { 0..<elements.count }

  package internal(set) subscript(index: Int) -> Element {
    _read { yield elements[index].value }
    _modify {
      touch(index)
      yield &elements[index].value
    }
  }

  /// An element where it is: it is not copied to be looked at, and does not count as touched.
  subscript(inPlace index: Int) -> Element {
    _read { yield elements[index].value }
    _modify { yield &elements[index].value }
  }

  mutating func append(_ element: Element) {
    elements.append(CopyOnWrite(element))
    touch(elements.count - 1)
  }

  /// Counts an element as touched.
  mutating func touch(_ index: Int) {
    if touched.last != index { touched.append(index) }
  }

  /// The indices that were written to since the last call, in their order.
  mutating func takeTouched() -> [Int] {
    defer { touched.removeAll(keepingCapacity: true) }
    return touchedInOrder
  }

  /// The indices that were written to, in their order.
  var touchedInOrder: [Int] {
    guard touched.count > 1 else { return touched }
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

/// A value behind one reference, which is copied when one of two that share it is changed.
struct CopyOnWrite<Value: Equatable & Sendable>: Equatable, Sendable {
  private var storage: Storage

  init(_ value: Value) { storage = Storage(value) }

  var value: Value {
    _read { yield storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
      yield &storage.value
    }
  }

  func isShared(with other: Self) -> Bool { storage === other.storage }

  static func == (a: Self, b: Self) -> Bool { a.storage === b.storage || a.value == b.value }

  /// Nobody changes it while two have it: that is what makes it safe to send.
  private final class Storage: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
  }
}
