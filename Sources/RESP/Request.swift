/// One command as a server took it from a client's bytes.
///
/// Its arguments lie in the bytes in which it was found, which it shares with the decoder and with the other commands of the
/// same read: what wants to keep one takes a copy of it.
package struct Request: Equatable, Sendable {
  private let buffer: [UInt8]
  private let ranges: [Range<Int>]
  /// How many bytes of the connection it took, framing included.
  package let byteCount: Int
  /// Whether it came as a line instead of an array.
  package let isInline: Bool

  init(_ ranges: [Range<Int>], in buffer: [UInt8], byteCount: Int) {
    self.buffer = buffer
    self.ranges = ranges
    self.byteCount = byteCount
    isInline = false
  }

  package init(arguments: [[UInt8]], byteCount: Int, isInline: Bool = false) {
    var end = 0
    ranges = arguments.map { argument in
      defer { end += argument.count }
      return end..<end + argument.count
    }
    buffer = Array(arguments.joined())
    self.byteCount = byteCount
    self.isInline = isInline
  }

  /// How many arguments there are. None for `*0`, `*-1` and an empty line, which are no commands but count as bytes: a replica
  /// adds them to its offset, and an empty line from a replica counts as a sign of life.
  package var count: Int { ranges.count }

  /// An argument, where it lies.
  package subscript(index: Int) -> ArraySlice<UInt8> { buffer[ranges[index]] }

  /// Copies of the arguments.
  package var arguments: [[UInt8]] { ranges.map { Array(buffer[$0]) } }

  package static func == (a: Self, b: Self) -> Bool {
    a.byteCount == b.byteCount && a.isInline == b.isInline && a.count == b.count
      && a.ranges.indices.allSatisfy { a[$0] == b[$0] }
  }
}

/// A server's side of the protocol: a client's bytes in, commands out.
///
/// A copy shares what has been fed. A bulk string that comes in pieces is joined once, when its last piece is there, so
/// each byte is copied a fixed number of times however small the pieces and however many copies of the decoder are kept.
package struct RequestDecoder: Equatable, Sendable {
  private var pending = PendingBytes()
  private var scanner: RequestScanner
  private var failure: ProtocolError?

  package init(limits: RequestScanner.Limits = .init()) { scanner = RequestScanner(limits: limits) }

  /// May change between two commands: AUTH, `CONFIG SET proto-max-bulk-len`, or a client that becomes the master.
  package var limits: RequestScanner.Limits {
    get { scanner.limits }
    set { scanner.limits = newValue }
  }

  /// How many bytes have been fed and not yet returned as a command. A host bounds this (`client-query-buffer-limit`).
  package var pendingByteCount: Int { pending.count }

  /// … of those, the ones that are not yet known to be part of the command in work.
  package var unparsedByteCount: Int { max(0, pending.count - scanner.scannedByteCount) }

  /// The arguments of the command in work that are there already: their bytes, and how many.
  package var parsedArguments: (bytes: Int, count: Int) { scanner.foundArguments }

  /// How many bytes all the commands so far took.
  package var consumedByteCount: Int { pending.consumed }

  /// Takes what one read brought.
  package mutating func feed(_ bytes: [UInt8]) { pending.append(bytes) }

  /// The next complete command, or nil until more is fed. Throws again and again once the bytes broke the protocol; the
  /// error's offset counts from the first byte ever fed.
  package mutating func next() throws(ProtocolError) -> Request? {
    guard let (start, byteCount) = try find() else { return nil }
    defer { pending.consume(byteCount) }
    if let line = scanner.inlineArguments { return Request(arguments: line, byteCount: byteCount, isInline: true) }
    let ranges = scanner.arguments.map { start + $0.lowerBound..<start + $0.upperBound }
    return Request(ranges, in: pending.buffer, byteCount: byteCount)
  }

  /// The same, of which each argument is given to `take`, in their order; false until more is fed.
  package mutating func next(_ take: (Span<UInt8>) -> Void) throws(ProtocolError) -> Bool {
    guard let (start, byteCount) = try find() else { return false }
    if let line = scanner.inlineArguments {
      for argument in line { take(argument.span) }
    } else {
      let bytes = pending.buffer.span
      for index in 0..<scanner.argumentCount {
        let range = scanner.argument(index)
        take(bytes.extracting(start + range.lowerBound..<start + range.upperBound))
      }
    }
    pending.consume(byteCount)
    return true
  }

  /// What there is from the faulty line on, once `next` has thrown that error.
  package func rest(from error: ProtocolError) -> ArraySlice<UInt8> {
    pending.buffer.dropFirst(pending.start + error.offset - pending.consumed)
  }

  /// Where the next complete command is, and how many bytes it has.
  private mutating func find() throws(ProtocolError) -> (start: Int, byteCount: Int)? {
    if let failure { throw failure }
    guard pending.count >= scanner.wanted else { return nil }
    pending.join()
    let buffer = pending.buffer
    let start = pending.start
    var position = start
    do throws(ProtocolError) {
      guard try scanner.next(in: buffer.span, at: &position) else { return nil }
    } catch {
      let failure = ProtocolError(error.reason, offset: pending.consumed + error.offset - start)
      self.failure = failure
      throw failure
    }
    return (start, position - start)
  }
}
