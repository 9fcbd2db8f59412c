import Capture
import RDB

/// Restores a snapshot from a text in which dots hide bytes: what the format settles is inferred, what remains is
/// sought with the checksum, and each byte says why it is what it is.
package struct SnapshotRestoration {
  /// What is known from elsewhere.
  package struct Hints: Equatable, Sendable {
    /// What `+FULLRESYNC` told.
    package var replicationID: String?
    package var offset: Int64?
    /// When the snapshot can have been made, in seconds since 1970.
    package var time: ClosedRange<Int64>?

    package init(replicationID: String? = nil, offset: Int64? = nil, time: ClosedRange<Int64>? = nil) {
      self.replicationID = replicationID
      self.offset = offset
      self.time = time
    }
  }

  /// A text that is longer is not looked at: every dot in it is a question.
  private static let longest = 1 << 14
  /// As many solutions of the checksum are looked through.
  private static let greatestDimension = 18
  /// As many fillings are told.
  private static let mostFillings = 64

  /// A data set that can be read off a page does not take more.
  private static let smallMemory: Int64 = 16 << 20
  /// What a server of 7.0 uses after its start, about 850 KB to 1 MB, and with a replica and its backlog another MB.
  private static let freshMemory: ClosedRange<Int64> = 1 << 19...3 << 20

  /// How many bytes may be tried in all, before a text is given up.
  package static let usualEffort = 40_000_000

  private var cells: [Cell]
  private let hints: Hints

  /// - Parameter effort: how many bytes may be tried in all, before it is given up; the notes' snapshot takes less than a
  ///   million.
  package static func restore(
    _ text: ObscuredText, hints: Hints = Hints(), effort: Int = usualEffort
  ) -> RestoredSnapshot {
    func asSeen(_ outcome: RestoredSnapshot.Outcome) -> RestoredSnapshot {
      let bytes = text.bytes.indices.map { index in
        text.isUnknown[index] ? RestoredByte() : RestoredByte(byte: text.bytes[index], reason: .seen)
      }
      return RestoredSnapshot(bytes: bytes, outcome: outcome)
    }
    guard text.bytes.count <= longest else { return asSeen(.tooLong) }
    do throws(SnapshotReading.Failure) {
      let reading = try SnapshotReading(text: text, hints: hints, effort: .init(effort)).read()
      guard reading.ways == 1 else { return asSeen(.ambiguous) }
      var restoration = SnapshotRestoration(cells: reading.cells, hints: hints)
      restoration.countKeys()
      return restoration.satisfyChecksum()
    } catch {
      switch error {
      case .unreadable(let index): return asSeen(.unreadable(after: index))
      case .tooManyWays: return asSeen(.tooManyReadings)
      }
    }
  }

  /// Where in a master's bytes the snapshot of a full sync is: between the line that announces it and the mark that ends
  /// it, or as long as that line says. Nil if none is announced.
  package static func snapshot(in known: PartlyKnownBytes) -> Range<Int>? {
    let bytes = known.bytes
    guard
      let start = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "$") && ($0 == 0 || bytes[$0 - 1] == 10) }),
      let newline = bytes[start...].firstIndex(of: 10)
    else { return nil }
    let line = bytes[start + 1..<newline].filter { $0 != 13 }
    let first = newline + 1
    guard line.starts(with: Array("EOF:".utf8)) else {
      guard let count = Int(String(decoding: line, as: UTF8.self)), count > 0, count <= bytes.count - first else {
        return nil
      }
      return first..<first + count
    }
    let mark = line.dropFirst(4)
    guard !mark.isEmpty else { return nil }
    let end = bytes.indices[first...].first { bytes[$0...].starts(with: mark) }
    return end.map { first..<$0 }
  }

  /// How many keys a database has, and how many of them expire, is seen from those that follow.
  private mutating func countKeys() {
    var (keys, expires) = (0, 0)
    for index in cells.indices.reversed() {
      switch cells[index].role {
      case .entry: keys += 1
      case .expiry: expires += 1
      case .expires: settle(index, expires)
      case .keys:
        settle(index, keys)
        (keys, expires) = (0, 0)
      default: break
      }
    }
  }

  private mutating func settle(_ index: Int, _ count: Int) {
    guard cells[index].byte == nil, count < 0x40, ObscuredText.canBeDot(UInt8(count)) else { return }
    cells[index].byte = UInt8(count)
    cells[index].reason = .count(count)
  }
}

// What remains.
extension SnapshotRestoration {
  private var body: ArraySlice<Cell> { cells.dropLast(8) }
  private var trailer: ArraySlice<Cell> { cells.suffix(8) }
  private var unknown: [Int] { body.indices.filter { cells[$0].byte == nil } }

  private func result(_ outcome: RestoredSnapshot.Outcome) -> RestoredSnapshot {
    RestoredSnapshot(
      bytes: cells.map { RestoredByte(byte: $0.byte, reason: $0.byte == nil ? nil : $0.reason) }, outcome: outcome)
  }

  private mutating func satisfyChecksum() -> RestoredSnapshot {
    var (known, mask): (UInt64, UInt64) = (0, 0)
    for (index, cell) in trailer.enumerated() {
      guard let byte = cell.byte else { continue }
      known |= UInt64(byte) << UInt64(8 * index)
      mask |= 0xff << UInt64(8 * index)
    }
    // Eight zeros mean that there is no checksum, and look like any eight that are hidden.
    guard mask != 0 else { return result(.noChecksum) }
    let unknown = unknown
    guard unknown.count <= ChecksumSolver.mostUnknown else { return result(.tooManyUnknown(unknown.count)) }
    guard let solver = ChecksumSolver(body.map { $0.byte ?? 0 }, unknown: unknown, known: known, mask: mask) else {
      return result(.contradiction)
    }
    guard solver.dimension <= Self.greatestDimension else { return result(.tooManyUnknown(unknown.count)) }
    return choose(unknown, solver)
  }

  /// The solutions that a text with these dots can hide, and one of them if something speaks for it.
  private mutating func choose(_ unknown: [Int], _ solver: ChecksumSolver) -> RestoredSnapshot {
    var (found, checksums): ([Filling], [UInt64]) = ([], [])
    var satisfying = 0
    solver.forEach { bytes, checksum in
      guard bytes.allSatisfy(ObscuredText.canBeDot), isHidden(checksum) else { return }
      let filling = filling(unknown, bytes)
      guard isPossible(filling) else { return }
      satisfying += 1
      guard filling.usedMemory ?? 0 < Self.smallMemory, found.count <= Self.mostFillings else { return }
      found.append(filling)
      checksums.append(checksum)
    }
    let preferred: (index: Int, reason: RestoredByte.Reason)?
    if found.count == 1 {
      preferred = (0, satisfying == 1 ? .checksum : .chosen(among: satisfying, because: .smallData))
    } else if case let fresh = found.indices.filter({ isFresh(found[$0]) }), fresh.count == 1 {
      preferred = (fresh[0], .chosen(among: found.count, because: .freshServer))
    } else {
      preferred = nil
    }
    if let preferred { take(found[preferred.index], checksums[preferred.index], preferred.reason) }
    var result = result(satisfying == 0 ? .contradiction : preferred == nil ? .undecided : .restored)
    result.satisfying = satisfying
    result.chosen = preferred?.index
    result.fillings = found.count <= Self.mostFillings ? found : []
    return result
  }

  private mutating func take(_ filling: Filling, _ checksum: UInt64, _ reason: RestoredByte.Reason) {
    for byte in filling.bytes {
      cells[byte.offset].byte = byte.byte
      cells[byte.offset].reason = reason
    }
    for (index, at) in trailer.indices.enumerated() where cells[at].byte == nil {
      cells[at].byte = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * index))
      cells[at].reason = .computed
    }
  }

  /// Whether the hidden bytes of the checksum are such as dots hide.
  private func isHidden(_ checksum: UInt64) -> Bool {
    zip(0..., trailer).allSatisfy { index, cell in
      cell.byte != nil || ObscuredText.canBeDot(UInt8(truncatingIfNeeded: checksum >> UInt64(8 * index)))
    }
  }

  private func filling(_ unknown: [Int], _ values: [UInt8]) -> Filling {
    let bytes = zip(unknown, values).map { Filling.Byte(offset: $0, byte: $1) }
    var (time, memory): ([Int: UInt8], [Int: UInt8]) = ([:], [:])
    var hidden = bytes[...]
    for (offset, cell) in cells.enumerated() {
      let byte = cell.byte ?? (hidden.first?.offset == offset ? hidden.first?.byte : nil)
      if hidden.first?.offset == offset { hidden = hidden.dropFirst() }
      switch cell.role {
      case .creationTime(let index): time[index] = byte
      case .usedMemory(let index): memory[index] = byte
      default: break
      }
    }
    return Filling(
      bytes: bytes, creationTime: Self.number(time), usedMemory: Self.number(memory))
  }

  /// A signed number from its bytes; nil if there is none.
  private static func number(_ bytes: [Int: UInt8]) -> Int64? {
    guard !bytes.isEmpty else { return nil }
    var number: Int64 = 0
    for (index, byte) in bytes { number |= Int64(byte) << Int64(8 * index) }
    let shift = Int64(64 - 8 * bytes.count)
    return (number << shift) >> shift
  }

  /// Time and memory are not negative, and are written in the shortest form.
  private func isPossible(_ filling: Filling) -> Bool {
    if let time = filling.creationTime, time < 0 || hints.time.map({ !$0.contains(time) }) ?? false { return false }
    if let memory = filling.usedMemory, memory <= Int64(Int16.max) { return false }
    return true
  }

  private func isFresh(_ filling: Filling) -> Bool { filling.usedMemory.map(Self.freshMemory.contains) ?? false }
}
