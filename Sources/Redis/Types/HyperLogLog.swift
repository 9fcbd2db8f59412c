/// A string that estimates how many different things were added to it (hyperloglog.c). Behind 16 bytes of header there are
/// 16,384 registers, each the longest run of zeros that a hash ended with which chose it.
///
///     H Y L L  encoding  0 0 0  eight bytes: the last estimate, the highest bit set where it holds no more
///
///     dense:   six bits a register, from the lowest bit of each byte on
///     sparse:  00nnnnnn           n + 1 registers are 0
///              01nnnnnn nnnnnnnn  n + 1 registers are 0
///              1vvvvvnn           n + 1 registers are v + 1
struct HyperLogLog {
  private(set) var bytes: [UInt8]

  static let registerCount = 1 << 14
  private static let headerSize = 16
  private static let denseSize = headerSize + registerCount * 6 / 8
  /// What the sparse form can hold in a register.
  private static let sparseMaximum: UInt8 = 32

  /// Nothing was added (`createHLLObject`).
  init() { bytes = Array("HYLL".utf8) + [1] + [UInt8](repeating: 0, count: 11) + Run.zeros(Self.registerCount).encoded }

  /// nil if these bytes don't look like one; what follows the header may be wrong nonetheless (`isHLLObjectOrReply`).
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.headerSize, bytes.starts(with: "HYLL".utf8), bytes[4] <= 1,
      bytes[4] == 1 || bytes.count == Self.denseSize
    else { return nil }
    self.bytes = bytes
  }

  var isSparse: Bool { bytes[4] == 1 }

  // MARK: The estimate kept

  /// (`HLL_VALID_CACHE`.)
  var cachedCount: Int64? {
    guard bytes[15] & 0x80 == 0 else { return nil }
    return (8..<16).reversed().reduce(0) { $0 << 8 | Int64(bytes[$1]) }
  }

  mutating func cache(_ count: Int64) {
    for index in 0..<8 { bytes[8 + index] = UInt8(truncatingIfNeeded: count >> Int64(8 * index)) }
  }

  /// (`HLL_INVALIDATE_CACHE`.)
  mutating func invalidateCache() { bytes[15] |= 0x80 }

  // MARK: Adding

  /// Adds an element; whether the estimate may have changed, or nil if the bytes make no sense (`hllAdd`).
  mutating func add(_ element: Bytes, sparseMaxBytes: Int) -> Bool? {
    let (index, run) = Self.place(of: element)
    return raise(index, to: run, sparseMaxBytes: sparseMaxBytes)
  }

  /// Which register an element chooses, and how long the run of zeros is, with the one that ends it (`hllPatLen`).
  private static func place(of element: Bytes) -> (index: Int, run: UInt8) {
    let hash = murmur(element.array, seed: 0xadc8_3b19)
    let rest = hash >> 14 | 1 << 50
    return (Int(hash & UInt64(registerCount - 1)), UInt8(rest.trailingZeroBitCount + 1))
  }

  /// MurmurHash2 with 64 bits (`MurmurHash64A`).
  private static func murmur(_ data: [UInt8], seed: UInt64) -> UInt64 {
    let m: UInt64 = 0xc6a4_a793_5bd1_e995
    var hash = seed ^ UInt64(data.count) &* m
    let whole = data.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      var word = (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(data[start + $1]) }
      word = word &* m
      word ^= word >> 47
      hash ^= word &* m
      hash = hash &* m
    }
    if whole < data.count {
      hash ^= data[whole...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      hash = hash &* m
    }
    hash ^= hash >> 47
    hash = hash &* m
    return hash ^ hash >> 47
  }

  /// Sets a register if that makes it greater (`hllDenseSet`, `hllSparseSet`).
  mutating func raise(_ index: Int, to value: UInt8, sparseMaxBytes: Int) -> Bool? {
    isSparse ? raiseSparse(index, to: value, sparseMaxBytes) : raiseDense(index, to: value)
  }

  private mutating func raiseDense(_ index: Int, to value: UInt8) -> Bool {
    guard value > denseRegister(index) else { return false }
    setDenseRegister(index, to: value)
    return true
  }

  private func denseRegister(_ index: Int) -> UInt8 {
    let (byte, shift) = (Self.headerSize + 6 * index / 8, UInt8(6 * index % 8))
    let high = shift > 2 ? bytes[byte + 1] << (8 - shift) : 0
    return (bytes[byte] >> shift | high) & 63
  }

  private mutating func setDenseRegister(_ index: Int, to value: UInt8) {
    let (byte, shift) = (Self.headerSize + 6 * index / 8, UInt8(6 * index % 8))
    bytes[byte] = bytes[byte] & ~(63 << shift) | value << shift
    guard shift > 2 else { return }
    bytes[byte + 1] = bytes[byte + 1] & ~(63 >> (8 - shift)) | value >> (8 - shift)
  }

  // MARK: The sparse form

  enum Run: Equatable {
    case zeros(Int)
    case values(UInt8, Int)

    var count: Int {
      switch self {
      case .zeros(let count), .values(_, let count): count
      }
    }

    /// In as few bytes as there are for it.
    var encoded: [UInt8] {
      switch self {
      case .zeros(let count) where count <= 64: [UInt8(count - 1)]
      case .zeros(let count): [0x40 | UInt8((count - 1) >> 8), UInt8((count - 1) & 0xff)]
      case .values(let value, let count): [0x80 | (value - 1) << 2 | UInt8(count - 1)]
      }
    }

    /// The same, shorter.
    func shortened(to count: Int) -> Run {
      if case .values(let value, _) = self { .values(value, count) } else { .zeros(count) }
    }
  }

  /// The run that begins at that byte, and how many bytes it takes. What ends too early is as if a zero followed.
  private func run(at position: Int) -> (run: Run, size: Int) {
    let first = bytes[position]
    switch first {
    case ..<0x40: return (.zeros(Int(first) + 1), 1)
    case ..<0x80:
      let second = position + 1 < bytes.count ? bytes[position + 1] : 0
      return (.zeros((Int(first & 0x3f) << 8 | Int(second)) + 1), 2)
    default: return (.values(first >> 2 & 0x1f + 1, Int(first & 3) + 1), 1)
    }
  }

  /// Visits the runs with the number of bytes that each takes.
  func forEachRun(_ body: (Run, Int) -> Bool) {
    var position = Self.headerSize
    while position < bytes.count {
      let (run, size) = run(at: position)
      guard body(run, size) else { return }
      position += size
    }
  }

  /// (`hllSparseSet`.)
  private mutating func raiseSparse(_ index: Int, to value: UInt8, _ sparseMaxBytes: Int) -> Bool? {
    guard value <= Self.sparseMaximum else { return promote(index, to: value) }
    var (position, previous, first): (Int, Int?, Int) = (Self.headerSize, nil, 0)
    while position < bytes.count {
      let (run, size) = run(at: position)
      if index < first + run.count { break }
      (previous, first) = (position, first + run.count)
      position += size
    }
    guard position < bytes.count else { return nil }
    let (run, size) = run(at: position)
    if case .values(let old, _) = run, old >= value { return false }
    var new: [UInt8] = []
    if index > first { new += run.shortened(to: index - first).encoded }
    new += Run.values(value, 1).encoded
    let behind = first + run.count - 1 - index
    if behind > 0 { new += run.shortened(to: behind).encoded }
    let growth = new.count - size
    if growth > 0, bytes.count + growth > sparseMaxBytes { return promote(index, to: value) }
    bytes.replaceSubrange(position..<min(position + size, bytes.count), with: new)
    mergeRuns(from: previous ?? Self.headerSize)
    invalidateCache()
    return true
  }

  /// Joins neighbours that have the same value, within five runs (`hllSparseSet`, step 4).
  private mutating func mergeRuns(from start: Int) {
    var (position, left) = (start, 5)
    while position < bytes.count, left > 0 {
      left -= 1
      let (run, size) = run(at: position)
      if case .values(let value, let count) = run, position + 1 < bytes.count,
        case .values(value, let next) = self.run(at: position + 1).run, count + next <= 4
      {
        bytes.replaceSubrange(position..<position + 2, with: Run.values(value, count + next).encoded)
      } else {
        position += size
      }
    }
  }

  private mutating func promote(_ index: Int, to value: UInt8) -> Bool? {
    guard makeDense() else { return nil }
    _ = raiseDense(index, to: value)
    return true
  }

  /// Becomes dense; false, and nothing happens, if the runs don't make up all registers (`hllSparseToDense`).
  mutating func makeDense() -> Bool {
    guard isSparse else { return true }
    guard let registers else { return false }
    var header = Array(bytes[..<Self.headerSize])
    header[4] = 0
    bytes = header + [UInt8](repeating: 0, count: Self.denseSize - Self.headerSize)
    for (index, value) in registers.enumerated() where value > 0 { setDenseRegister(index, to: value) }
    return true
  }

  // MARK: Reading

  /// All registers; nil if the runs don't make them up.
  var registers: [UInt8]? {
    guard isSparse else { return (0..<Self.registerCount).map { denseRegister($0) } }
    var registers: [UInt8] = []
    registers.reserveCapacity(Self.registerCount)
    var isRight = true
    forEachRun { run, _ in
      let value: UInt8 = if case .values(let value, _) = run { value } else { 0 }
      guard registers.count + run.count <= Self.registerCount else {
        // Redis looks no further at values beyond the last register, but counts zeros.
        isRight = value > 0
        return false
      }
      registers.append(contentsOf: repeatElement(value, count: run.count))
      return true
    }
    return isRight && registers.count == Self.registerCount ? registers : nil
  }

  /// How many different elements were added, or nil if the bytes make no sense (`hllCount`).
  var estimate: Int64? {
    var count = 0
    if isSparse {
      forEachRun { run, _ in
        count += run.count
        return true
      }
    }
    return isSparse && count != Self.registerCount ? nil : registers.map(Self.estimate)
  }

  /// Ertl's estimate from how many registers have which value (arXiv:1702.01284).
  static func estimate(_ registers: [UInt8]) -> Int64 {
    var histogram = [Int](repeating: 0, count: 64)
    for value in registers { histogram[Int(value & 63)] += 1 }
    let m = Double(registerCount)
    var z = m * tau((m - Double(histogram[51])) / m)
    for value in (1...50).reversed() { z = (z + Double(histogram[value])) * 0.5 }
    z += m * sigma(Double(histogram[0]) / m)
    let estimate = (0.721347520444481703680 * m * m / z).rounded(.toNearestOrAwayFromZero)
    // What does not fit is the least number there is, as the processor converts it.
    return abs(estimate) < 0x1p63 ? Int64(estimate) : .min
  }

  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var (x, y, z, before) = (share, 1.0, share, Double.nan)
    repeat {
      x *= x
      before = z
      z += x * y
      y += y
    } while before != z
    return z
  }

  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var (x, y, z, before) = (share, 1.0, 1 - share, Double.nan)
    repeat {
      x = x.squareRoot()
      before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
    } while before != z
    return z / 3
  }
}
