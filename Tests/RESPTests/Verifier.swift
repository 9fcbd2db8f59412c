import RESP
import Testing

/// What a decoder made of a whole input: what it returned, then how it ended.
struct Outcome<Output: Equatable>: Equatable {
  var decoded: [Output] = []
  var error: ProtocolError?
  /// Bytes left over at the end.
  var pending = 0
}

/// The pieces that every input is fed in: whole, byte by byte, cut once at each place, and by odd sizes.
func pieces(of bytes: [UInt8]) -> [[[UInt8]]] {
  var all = [[bytes], bytes.map { [$0] }]
  if bytes.count <= 300 {
    for cut in 0...bytes.count { all.append([Array(bytes[..<cut]), Array(bytes[cut...])]) }
  }
  for size in [2, 3, 7, 1000] {
    all.append(
      stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) })
  }
  return all
}

func decodeRequests(_ feeds: [[UInt8]], limits: RequestScanner.Limits = .init()) -> Outcome<Request> {
  var decoder = RequestDecoder(limits: limits)
  var outcome = Outcome<Request>()
  for feed in feeds {
    decoder.feed(feed)
    do throws(ProtocolError) {
      while let request = try decoder.next() { outcome.decoded.append(request) }
    } catch {
      outcome.error = error
    }
  }
  if outcome.error == nil { outcome.pending = decoder.pendingByteCount }
  return outcome
}

func decodeReplies(_ feeds: [[UInt8]]) -> Outcome<Value> {
  var decoder = ReplyDecoder()
  var outcome = Outcome<Value>()
  for feed in feeds {
    decoder.feed(feed)
    do throws(ProtocolError) {
      while let value = try decoder.next() { outcome.decoded.append(value) }
    } catch {
      outcome.error = error
    }
  }
  if outcome.error == nil { outcome.pending = decoder.pendingByteCount }
  return outcome
}

/// Checks that `bytes` give `expected` however they come, and twice over when they come twice.
func verify(
  requests bytes: [UInt8], _ expected: Outcome<Request>, limits: RequestScanner.Limits = .init(),
  at location: SourceLocation = #_sourceLocation
) {
  for feeds in pieces(of: bytes) {
    let outcome = decodeRequests(feeds, limits: limits)
    #expect(outcome == expected, "in \(feeds.count) pieces", sourceLocation: location)
  }
  if expected.error == nil, expected.pending == 0 {
    var twice = expected
    twice.decoded += expected.decoded
    #expect(decodeRequests([bytes + bytes], limits: limits) == twice, sourceLocation: location)
  }
}

func verify(replies bytes: [UInt8], _ expected: Outcome<Value>, at location: SourceLocation = #_sourceLocation) {
  for feeds in pieces(of: bytes) {
    #expect(decodeReplies(feeds) == expected, "in \(feeds.count) pieces", sourceLocation: location)
  }
  if expected.error == nil, expected.pending == 0 {
    var twice = expected
    twice.decoded += expected.decoded
    #expect(decodeReplies([bytes + bytes]) == twice, sourceLocation: location)
  }
}

extension String {
  /// The bytes of a text whose every character is one byte, so that "\u{ff}" is 0xff.
  var latin1: [UInt8] { unicodeScalars.map { UInt8($0.value) } }
}

extension Request {
  init(_ arguments: String..., taking byteCount: Int, inline: Bool = false) {
    self.init(arguments: arguments.map(\.latin1), byteCount: byteCount, isInline: inline)
  }
}
