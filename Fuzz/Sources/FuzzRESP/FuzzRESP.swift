import LibFuzzer
import RESP

/// A peer's bytes give the same commands and the same replies, whole or in pieces.
@main struct FuzzRESP {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&count, &arguments) { pointer, count in
      let input = Input(pointer, count)
      check(FuzzRESP.requests([input.bytes]) == FuzzRESP.requests(input.pieces), "pieces matter to commands")
      check(FuzzRESP.replies([input.bytes]) == FuzzRESP.replies(input.pieces), "pieces matter to replies")
      return 0
    }
  }

  struct Outcome<Output: Equatable>: Equatable {
    var decoded: [Output] = []
    var error: ProtocolError?
    var pending = 0
  }

  static func requests(_ pieces: [[UInt8]]) -> Outcome<Request> {
    var decoder = RequestDecoder()
    var outcome = Outcome<Request>()
    do throws(ProtocolError) {
      for piece in pieces {
        decoder.feed(piece)
        while let request = try decoder.next() { outcome.decoded.append(request) }
      }
      outcome.pending = decoder.pendingByteCount
    } catch { outcome.error = error }
    return outcome
  }

  static func replies(_ pieces: [[UInt8]]) -> Outcome<Value> {
    var decoder = ReplyDecoder()
    var outcome = Outcome<Value>()
    do throws(ProtocolError) {
      for piece in pieces {
        decoder.feed(piece)
        while let value = try decoder.next() { outcome.decoded.append(value) }
      }
      outcome.pending = decoder.pendingByteCount
    } catch { outcome.error = error }
    return outcome
  }
}
