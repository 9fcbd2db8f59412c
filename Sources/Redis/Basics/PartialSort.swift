extension Array {
  /// Sorts as far as a range of the result needs it (`pqsort` in pqsort.c): Bentley and McIlroy's quicksort, which leaves
  /// the parts alone that lie outside. Elements of which neither comes first end in the same places as in Redis.
  ///
  ///     │ = pivot │ < pivot │ not looked at │ > pivot │ = pivot │
  ///     start     lesser    low         high      greater       end
  mutating func sortPartly(_ wanted: Range<Int>, by order: (Element, Element) -> Int) {
    var parts = [indices]
    while let part = parts.popLast() {
      guard part.count >= 7 else {
        sortByInsertion(part, order)
        continue
      }
      swapAt(part.lowerBound, pivot(of: part, order))
      let (less, greater) = partition(part, order)
      for part in [less, greater] where part.count > 1 && part.overlaps(wanted) { parts.append(part) }
    }
  }

  private mutating func sortByInsertion(_ part: Range<Int>, _ order: (Element, Element) -> Int) {
    for index in part.dropFirst() {
      var place = index
      while place > part.lowerBound, order(self[place - 1], self[place]) > 0 {
        swapAt(place, place - 1)
        place -= 1
      }
    }
  }

  /// The place of the middle one of three elements, or of three such.
  private func pivot(of part: Range<Int>, _ order: (Element, Element) -> Int) -> Int {
    func median(_ a: Int, _ b: Int, _ c: Int) -> Int {
      if order(self[a], self[b]) < 0 {
        return order(self[b], self[c]) < 0 ? b : order(self[a], self[c]) < 0 ? c : a
      }
      return order(self[b], self[c]) > 0 ? b : order(self[a], self[c]) < 0 ? a : c
    }
    var (first, middle, last) = (part.lowerBound, part.lowerBound + part.count / 2, part.upperBound - 1)
    guard part.count > 7 else { return middle }
    if part.count > 40 {
      let step = part.count / 8
      first = median(first, first + step, first + 2 * step)
      middle = median(middle - step, middle, middle + step)
      last = median(last - 2 * step, last - step, last)
    }
    return median(first, middle, last)
  }

  /// Moves what precedes the first element to the front of it, what follows it behind; where both are then.
  private mutating func partition(
    _ part: Range<Int>, _ order: (Element, Element) -> Int
  ) -> (less: Range<Int>, greater: Range<Int>) {
    let (start, end) = (part.lowerBound, part.upperBound)
    var (lesser, low, high, greater) = (start + 1, start + 1, end - 1, end - 1)
    while true {
      while low <= high, case let comparison = order(self[low], self[start]), comparison <= 0 {
        if comparison == 0 {
          swapAt(lesser, low)
          lesser += 1
        }
        low += 1
      }
      while low <= high, case let comparison = order(self[high], self[start]), comparison >= 0 {
        if comparison == 0 {
          swapAt(high, greater)
          greater -= 1
        }
        high -= 1
      }
      if low > high { break }
      swapAt(low, high)
      low += 1
      high -= 1
    }
    let (lessCount, greaterCount) = (low - lesser, greater - high)
    swapRuns(start, low - Swift.min(lesser - start, lessCount), Swift.min(lesser - start, lessCount))
    let equalCount = Swift.min(greaterCount, end - greater - 1)
    swapRuns(low, end - equalCount, equalCount)
    return (start..<start + lessCount, end - greaterCount..<end)
  }

  private mutating func swapRuns(_ a: Int, _ b: Int, _ count: Int) {
    for offset in 0..<Swift.max(count, 0) { swapAt(a + offset, b + offset) }
  }
}
