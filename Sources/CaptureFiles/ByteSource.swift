import CZlib
import Glibc

/// The bytes of a file, of standard input or of memory, one after another and each only once; those of a gzip-compressed
/// file are uncompressed on the way. Whatever the size, it holds two blocks.
final class ByteSource {
  /// What went wrong below, which libpcap and the readers of text see only as an end.
  private(set) var failure: String?
  /// Whether the bytes come out of gzip.
  private(set) var isCompressed = false
  /// How many bytes have been taken: the offset of the next one.
  private(set) var position = 0

  /// Nil reads from memory, which `raw` already has.
  private let descriptor: CInt?
  /// Compressed or not, as read.
  private var raw: [UInt8]
  private var rawStart = 0
  private var rawIsAtEnd = false
  private var inflater: Inflater?
  /// What is ready to be taken: uncompressed.
  private var ready: [UInt8] = []
  private var readyStart = 0

  private static let blockSize = 1 << 18

  /// `path` may be "-", standard input.
  init(path: String) throws(RecordingError) {
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    raw = []
    guard let descriptor, descriptor >= 0 else {
      throw RecordingError(.input, path: path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw RecordingError(.input, path: path, "is a directory")
    }
    begin()
  }

  init(bytes: [UInt8]) {
    descriptor = nil
    raw = bytes
    rawIsAtEnd = true
    begin()
  }

  deinit {
    if let descriptor, descriptor > 2 { close(descriptor) }
  }

  /// gzip's mark tells whether there is something to uncompress.
  private func begin() {
    while raw.count < 2, !rawIsAtEnd { fill() }
    guard raw.starts(with: [0x1f, 0x8b]) else { return }
    isCompressed = true
    inflater = Inflater()
  }

  /// How much further in the file the bytes stand than `position` says.
  private(set) var shift = 0

  /// Goes on with the bytes at `offset` of the file behind its first `head`. False, and nothing is done, where that can't
  /// be: in what is compressed, or comes through a pipe.
  func jump(after head: Int, to offset: Int) -> Bool {
    guard !isCompressed, ready.isEmpty, position == 0, raw.count >= head, let descriptor,
      lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset)
    else { return false }
    raw = Array(raw[..<head])
    rawIsAtEnd = false
    shift = offset - head
    return true
  }

  /// The next bytes, without taking them: at least `count`, unless the source ends before.
  func peek(_ count: Int) -> ArraySlice<UInt8> {
    while ready.count - readyStart < count, more() {}
    return ready[readyStart...]
  }

  /// Takes up to `count` bytes; 0 is the end.
  func read(into buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    if readyStart == ready.count, !more() { return 0 }
    let taken = min(count, ready.count - readyStart)
    ready.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress! + readyStart, byteCount: taken) }
    readyStart += taken
    position += taken
    return taken
  }

  /// Takes what stands before `end`, an index of what `peek` returned.
  func skip(to end: Int) {
    position += end - readyStart
    readyStart = end
  }

  /// Makes more ready; false at the end.
  private func more() -> Bool {
    if readyStart > 0 {
      ready.removeFirst(readyStart)
      readyStart = 0
    }
    let before = ready.count
    while ready.count == before {
      if rawStart == raw.count, !rawIsAtEnd { fill() }
      if rawStart == raw.count {
        if let inflater, inflater.isInMember, failure == nil { failure = "the compressed file ends too early" }
        return false
      }
      guard let inflater else {
        if ready.isEmpty { swap(&ready, &raw) } else { ready += raw[rawStart...] }
        raw = []
        rawStart = 0
        continue
      }
      guard inflater.inflate(raw, &rawStart, into: &ready, upTo: Self.blockSize) else {
        failure = failure ?? "the compressed file is damaged: \(inflater.reason)"
        rawStart = raw.count
        rawIsAtEnd = true
        return ready.count > before
      }
    }
    return true
  }

  /// Reads a block behind what there is in `raw`.
  private func fill() {
    guard let descriptor else { return }
    if rawStart == raw.count {
      raw = []
      rawStart = 0
    }
    var result = 0
    var code: CInt = 0
    let block = [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, count in
      repeat {
        result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        code = errno
      } while result < 0 && code == EINTR && !interrupted()
      count = max(0, result)
    }
    if raw.isEmpty { raw = block } else { raw += block }
    if result <= 0 { rawIsAtEnd = true }
    if result < 0 { failure = String(cString: strerror(code)) }
  }

  /// Whether a signal that ended a read(2) was meant to end the reading, too. The program sets it.
  private func interrupted() -> Bool { Recording.isInterrupted() }
}

/// gzip's format, one member behind another.
private final class Inflater {
  private var stream = z_stream()
  /// Whether a member has begun that has not ended.
  private(set) var isInMember = true
  private(set) var reason = ""

  init() { inflate_init_gzip(&stream) }
  deinit { inflateEnd(&stream) }

  /// Uncompresses what stands in `input` from `start` on, until that is used up or there are `limit` bytes more. False if
  /// it can't be.
  func inflate(_ input: [UInt8], _ start: inout Int, into output: inout [UInt8], upTo limit: Int) -> Bool {
    if !isInMember {
      // Zeros pad the last member out on tapes.
      while start < input.count, input[start] == 0 { start += 1 }
      guard start < input.count else { return true }
      inflateReset(&stream)
      isInMember = true
    }
    var status = Z_OK
    let available = input.count - start
    let block = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      input.withUnsafeBufferPointer { bytes in
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress! + start)
        stream.avail_in = uInt(available)
        stream.next_out = buffer.baseAddress
        stream.avail_out = uInt(buffer.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        count = buffer.count - Int(stream.avail_out)
      }
    }
    start = input.count - Int(stream.avail_in)
    output += block
    if status == Z_STREAM_END { isInMember = false }
    if status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR { return true }
    reason = stream.msg.map { String(cString: $0) } ?? "zlib's status \(status)"
    return false
  }
}
