import HashTreeCollections
import RESP

/// Large values by numbers that are given out one after the other, each in a box of its own. A copy shares all that stays
/// as it is: a change copies the value, and, once for all neighbours that are changed with it, the chunk that they lie in.
package struct NumberedList<Value> {
  /// By the number of their first place, divided by their size.
  // Invariant: none is empty.
  @usableFromInline var chunks: TreeDictionary<Int, Chunk> = [:]
  @usableFromInline var total = 0
  @inlinable package var count: Int { total }

  @usableFromInline struct Chunk {
    /// One place for each number.
    @usableFromInline var places: [Boxed<Value>?]
    @usableFromInline var count = 0

    @inlinable static var size: Int { 32 }

    @inlinable init() { places = Array(repeating: nil, count: Self.size) }
  }

  @inlinable package init() {}

  @inlinable package subscript(number: Int) -> Value? { look(at: number) { $0 } }

  /// What is asked of a value, which is not copied for it; nil if it is not there.
  @inlinable package func look<Answer>(at number: Int, _ question: (Value) -> Answer) -> Answer? {
    // One that is asked for may be any number.
    guard number >= 0 else { return nil }
    return chunks[number / Chunk.size]?.places[number % Chunk.size].map { question($0.value) }
  }

  /// Puts a value in, in place of what was there.
  @inlinable package mutating func put(_ value: Value, at number: Int) {
    let isNew = chunks.updateValue(forKey: number / Chunk.size, default: Chunk()) { chunk in
      let index = number % Chunk.size
      if chunk.places[index] != nil {
        chunk.places[index]?.value = value
        return false
      }
      chunk.places[index] = Boxed(value)
      chunk.count += 1
      return true
    }
    if isNew { total += 1 }
  }

  /// Changes a value in its place; nil if it is not there.
  @discardableResult
  @inlinable package mutating func update<Result>(_ number: Int, _ change: (inout Value) -> Result) -> Result? {
    guard look(at: number, { _ in true }) == true else { return nil }
    return chunks.updateValue(forKey: number / Chunk.size, default: Chunk()) { chunk in
      change(&chunk.places[number % Chunk.size]!.value)
    }
  }

  /// Nil if it was not there.
  @discardableResult
  @inlinable package mutating func remove(_ number: Int) -> Value? {
    guard let value = self[number] else { return nil }
    total -= 1
    let isEmpty = chunks.updateValue(forKey: number / Chunk.size, default: Chunk()) { chunk in
      chunk.places[number % Chunk.size] = nil
      chunk.count -= 1
      return chunk.count == 0
    }
    if isEmpty { chunks[number / Chunk.size] = nil }
    return value
  }

  /// In the order of their numbers.
  @inlinable package func numbers(where isMeant: (Value) -> Bool) -> [Int] {
    var numbers: [Int] = []
    for key in chunks.keys.sorted() {
      for (index, place) in (chunks[key]?.places ?? []).enumerated() {
        if let place, isMeant(place.value) { numbers.append(key * Chunk.size + index) }
      }
    }
    return numbers
  }
}

extension NumberedList: Sendable where Value: Sendable {}
extension NumberedList.Chunk: Sendable where Value: Sendable {}
extension NumberedList: Equatable where Value: Equatable {}
extension NumberedList.Chunk: Equatable where Value: Equatable {}
