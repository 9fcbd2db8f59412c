import DequeModule
import RESP

/// The replication stream, as far back as it is kept: one list of blocks that serves partial resyncs and every replica's
/// pending output alike, as since Redis 7.0 (docs/PROTOCOL.md, 4).
///
///     offset   firstByte …                              … end
///     blocks   [ 20440 bytes ][ 20440 bytes ][ 7312 bytes, growing ]
///                    ↑ a slow replica's next byte: its block and all later ones stay
///
/// Nothing that was written is ever changed, so copies of a backlog share all of it but the newest few hundred bytes.
package struct Backlog: Equatable, Sendable {
  /// What one allocation holds. Trimming takes whole blocks.
  package struct Block: Equatable, Sendable {
    /// The offset of the first byte.
    package let first: Int64
    /// How many bytes fit (in Redis: what the allocator really gave).
    package let capacity: Int
    package private(set) var count = 0
    /// Sealed pieces, each of at least `pieceSize` bytes, then the one that still grows.
    private var pieces: [[UInt8]] = []
    private var growing: [UInt8] = []

    /// A piece is sealed once it has this many bytes: what a copied world pays for its next write stays below it.
    private static var pieceSize: Int { 512 }

    init(first: Int64, capacity: Int) {
      self.first = first
      self.capacity = capacity
    }

    var room: Int { capacity - count }
    /// The offset after the last byte.
    var end: Int64 { first +| Int64(count) }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
      count += bytes.count
      if growing.isEmpty, bytes.count >= Self.pieceSize {
        pieces.append(Array(bytes))
        return
      }
      growing.append(contentsOf: bytes)
      guard growing.count >= Self.pieceSize else { return }
      pieces.append(growing)
      growing = []
    }

    /// The bytes from an offset within the block to its end.
    func bytes(from offset: Int64) -> [UInt8] {
      var skip = Int(offset -| first)
      var result: [UInt8] = []
      result.reserveCapacity(max(0, count - skip))
      for piece in pieces + [growing] {
        if skip < piece.count { result.append(contentsOf: piece[max(0, skip)...]) }
        skip -= piece.count
      }
      return result
    }
  }

  /// The smallest size that CONFIG SET gives a backlog, whatever it is asked for.
  package static let leastSize: Int64 = 16_384

  // Invariant: the blocks follow each other without a gap, and firstByte + length == end.
  private var full: Deque<Block> = []
  private var tail: Block?
  /// How many bytes of history may be asked for (`repl_backlog_histlen`).
  package private(set) var length: Int64 = 0
  /// The offset of the first byte that may be asked for (`repl_backlog_first_byte_offset`).
  package private(set) var firstByte: Int64
  /// The offset of the next byte that will be written.
  package private(set) var end: Int64

  /// An empty backlog after `offset` bytes of history (`createReplicationBacklog` in replication.c).
  package init(after offset: Int64) {
    firstByte = offset +| 1
    end = offset +| 1
  }

  /// How many blocks there are.
  package var blockCount: Int { full.count + (tail == nil ? 0 : 1) }

  /// Whether a replica that asks for `offset` and all that follows can be served. One past the end is fine: it has
  /// missed nothing.
  package func reaches(_ offset: Int64) -> Bool { offset >= firstByte && offset <= firstByte +| length }

  /// Appends to the stream, in a new block where the last is full (`feedReplicationBuffer` in replication.c).
  ///
  /// - Parameter size: `repl-backlog-size`, which bounds the size of a block.
  /// - Returns: whether a block was added; only then does Redis look at output limits and trim.
  @discardableResult
  package mutating func append(_ bytes: ArraySlice<UInt8>, size: Int64) -> Bool {
    var rest = bytes
    var added = false
    while !rest.isEmpty {
      if let room = tail?.room, room > 0 {
        tail?.append(rest.prefix(room))
        advance(min(room, rest.count))
        rest = rest.dropFirst(room)
      }
      guard !rest.isEmpty else { break }
      if let tail { full.append(tail) }
      tail = Block(first: end, capacity: Self.capacity(for: rest.count, size: size))
      added = true
    }
    return added
  }

  private mutating func advance(_ count: Int) {
    end +|= Int64(count)
    length +|= Int64(count)
  }

  /// At least 16 KiB, at most a sixteenth of the backlog, and what jemalloc rounds that up to.
  private static func capacity(for count: Int, size: Int64) -> Int {
    let limit = max(Int(size / 16), 16_384)
    return Jemalloc.size(for: min(max(count, 16_384), limit) + Block.overhead) - Block.overhead
  }

  /// More than `size` bytes would remain without the oldest block.
  package func exceeds(_ size: Int64) -> Bool {
    guard length > size, let head = full.first else { return false }
    return length - Int64(head.capacity) > size
  }

  /// Drops whole blocks from the front while more than `size` bytes would remain and no replica still needs them
  /// (`incrementalTrimReplicationBacklog` in replication.c).
  ///
  /// So the length may exceed `repl-backlog-size`, by up to a block, and by all that a slow replica pins.
  package mutating func trim(to size: Int64, pinnedFrom pin: Int64?, limit: Int = 64) {
    var dropped = 0
    while exceeds(size), dropped < limit, let head = full.first {
      if let pin, pin < head.end { return }
      full.removeFirst()
      length -= Int64(head.count)
      firstByte = end -| length
      dropped += 1
    }
  }

  /// The bytes from `offset` on, a block an element: each is one write(2) to a replica.
  package func writes(from offset: Int64) -> [[UInt8]] {
    if let tail, offset >= tail.first { return offset < tail.end ? [tail.bytes(from: offset)] : [] }
    let last = tail.map { [$0.bytes(from: max(offset, $0.first))] } ?? []
    return fullBlocks(from: offset).map { $0.bytes(from: max(offset, $0.first)) } + last
  }

  /// The full blocks in which `offset`, or a byte behind it, lies. Of a long backlog only these are looked at.
  private func fullBlocks(from offset: Int64) -> Slice<Deque<Block>> {
    full[full.partitioningIndex { $0.end > offset }...]
  }

  /// What Redis counts as the output buffer of a replica whose next byte is `offset`: all of its blocks, as allocated. It has
  /// none before something is written after its snapshot, which stands for `initialOffset`
  /// (`getClientOutputBufferMemoryUsage` in networking.c).
  package func output(from offset: Int64, since initialOffset: Int64) -> (blocks: Int, memory: Int64) {
    guard end > initialOffset +| 1 else { return (0, 0) }
    return (fullBlocks(from: offset).count + (tail == nil ? 0 : 1), memory(from: offset))
  }

  /// What that is once something is written for a replica that had none, unless it begins a new block.
  package var nextOutput: Int64 { tail.map { $0.room > 0 ? $0.memory : 0 } ?? 0 }

  private func memory(from offset: Int64) -> Int64 {
    fullBlocks(from: offset).reduce(tail?.memory ?? 0) { $0 + $1.memory }
  }

  /// All blocks, as allocated.
  package var memory: Int64 { memory(from: .min) }
}

extension Backlog.Block {
  /// The header in front of a block's bytes (struct replBufBlock).
  static var overhead: Int { 40 }
  /// What one takes, with its place in the list of them.
  fileprivate var memory: Int64 { Int64(capacity + Self.overhead + 24) }
}
