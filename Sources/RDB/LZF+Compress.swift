extension LZF {
  private static let longestLiteral = 32
  private static let farthest = 8192
  private static let longestReference = 264

  /// Compresses, or returns nil where the result would not fit in `limit` bytes (`lzf_compress` in lzf_c.c).
  ///
  /// A greedy search, byte for byte the choices of the library that Redis compiles in (liblzf 3.x, HLOG 16, VERY_FAST):
  /// among them that the first byte is never referred to, and that after a reference only the last two of its positions
  /// are remembered. There is one difference: Redis does not clear its table between strings, and a stale entry that
  /// happens to point into the new one can make it find a match that this search does not.
  package static func compress(_ input: Span<UInt8>, limit: Int) -> [UInt8]? {
    guard input.count > 0, limit > 0 else { return nil }
    var seen = Positions(for: input.count)
    var output = Output(limit: limit)
    var position = 0
    let lastStart = input.count - 2

    while position < lastStart {
      let candidate = seen.replace(position, in: input)
      guard let candidate, candidate > 0, position - candidate <= farthest,
        input[candidate] == input[position], input[candidate + 1] == input[position + 1],
        input[candidate + 2] == input[position + 2]
      else {
        guard output.appendLiteral(input[position]) else { return nil }
        position += 1
        continue
      }
      let count = matchLength(input, candidate, position)
      guard output.appendReference(distance: position - candidate, count: count) else { return nil }
      position += count
      guard position < lastStart else { break }
      _ = seen.replace(position - 2, in: input)
      _ = seen.replace(position - 1, in: input)
    }
    return output.finish(with: input, from: position)
  }

  /// How many bytes from `position` on repeat those from `candidate` on; three are known to.
  ///
  /// The library compares sixteen bytes without looking whether it has come to the most it may take, if it may take more
  /// than sixteen. So a match near the end can be up to two bytes longer than `most`, and that shows in the output.
  private static func matchLength(_ input: Span<UInt8>, _ candidate: Int, _ position: Int) -> Int {
    let most = min(input.count - position - 2, longestReference)
    var count = 2
    if most > 16 {
      for _ in 0..<16 {
        count += 1
        if input[candidate + count] != input[position + count] { return count }
      }
    }
    repeat {
      count += 1
    } while count < most && input[candidate + count] == input[position + count]
    return count
  }

  /// Where each hash of three bytes was last seen.
  ///
  /// Behaves as the library's table of 65536 entries does, but a short input gets a short table in which entries with
  /// different hashes move on to the next free place: clearing the whole table would cost more than the compression.
  private struct Positions {
    /// A position and one, or zero for none.
    private var slots: [UInt32]
    private let mask: Int

    init(for count: Int) {
      var capacity = 64
      while capacity < 1 << 16 && capacity < 2 * count { capacity *= 2 }
      slots = Array(repeating: 0, count: capacity)
      mask = capacity - 1
    }

    /// The low 16 bits of a mix of the three bytes from `position` on.
    private static func hash(_ input: Span<UInt8>, _ position: Int) -> Int {
      let h = Int(input[position]) << 16 | Int(input[position + 1]) << 8 | Int(input[position + 2])
      return (h >> 8 - h * 5) & 0xffff
    }

    /// Remembers `position` and returns where the same hash was seen before.
    mutating func replace(_ position: Int, in input: Span<UInt8>) -> Int? {
      let hash = Self.hash(input, position)
      var slot = hash & mask
      while true {
        let before = Int(slots[slot]) - 1
        if before < 0 {
          slots[slot] = UInt32(truncatingIfNeeded: position + 1)
          return nil
        }
        // In a full table a slot has but one hash.
        if mask == 0xffff || Self.hash(input, before) == hash {
          slots[slot] = UInt32(truncatingIfNeeded: position + 1)
          return before
        }
        slot = (slot + 1) & mask
      }
    }
  }

  /// The compressed bytes so far: whole instructions, then a literal run whose control byte is a place holder.
  private struct Output {
    private var bytes: [UInt8] = [0]
    private var run = 0
    private let limit: Int

    init(limit: Int) {
      self.limit = limit
      bytes.reserveCapacity(limit + 1)
    }

    mutating func appendLiteral(_ byte: UInt8) -> Bool {
      guard bytes.count < limit else { return false }
      append(byte)
      return true
    }

    private mutating func append(_ byte: UInt8) {
      bytes.append(byte)
      run += 1
      if run == longestLiteral {
        endRun()
        bytes.append(0)
      }
    }

    /// Gives the run its control byte, or takes the place holder away if nothing is in the run.
    private mutating func endRun() {
      if run > 0 {
        bytes[bytes.count - run - 1] = UInt8(run - 1)
      } else {
        bytes.removeLast()
      }
      run = 0
    }

    mutating func appendReference(distance: Int, count: Int) -> Bool {
      let placeHolder = run == 0 ? 1 : 0
      guard bytes.count - placeHolder + 4 < limit else { return false }
      endRun()
      let offset = distance - 1
      let length = count - 2
      if length < 7 {
        bytes.append(UInt8(offset >> 8 + length << 5))
      } else {
        bytes.append(UInt8(offset >> 8 + 7 << 5))
        bytes.append(UInt8(length - 7))
      }
      bytes.append(UInt8(offset & 0xff))
      bytes.append(0)
      return true
    }

    /// At most three bytes are left, and three more must fit whether they are there or not.
    mutating func finish(with input: Span<UInt8>, from position: Int) -> [UInt8]? {
      guard bytes.count + 3 <= limit else { return nil }
      for index in position..<input.count { append(input[index]) }
      endRun()
      return bytes
    }
  }
}
