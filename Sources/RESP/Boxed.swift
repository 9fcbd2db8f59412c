/// A large value in a place of its own: copies share it until one of them changes it, so a tree that holds many costs a
/// pointer for each of those that stay as they were.
package struct Boxed<Value> {
  // Invariant: one element. An array of one is a box that copies itself where it is shared.
  @usableFromInline var place: [Value]

  @inlinable package init(_ value: Value) { place = [value] }

  @inlinable package var value: Value {
    _read { yield place[0] }
    _modify { yield &place[0] }
  }
}

extension Boxed: Sendable where Value: Sendable {}
extension Boxed: Equatable where Value: Equatable {}
