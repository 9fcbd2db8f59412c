import CLua

extension Script {
  /// Runs it. It is up to `answer` to end one that goes on for too long, when it hears of the instructions.
  package mutating func run(_ answer: (ScriptQuestion) -> ScriptAnswer) {
    let random = withoutActuallyEscaping(answer) { answer in
      let host = Host(answer)
      return perform(host)
    }
    self.random = random
  }

  private func perform(_ host: Host) -> UInt64 {
    var function: [UInt8] = []
    if case .call(let name) = purpose { function = name }
    return code.withUnsafeBytes { code in
      function.withUnsafeBytes { function in
        strings.withSlices { strings in
          var run = clua_run(
            purpose: cluaPurpose, code: clua_bytes(code), function: clua_bytes(function), keys: strings.baseAddress,
            key_count: keyCount, arguments: strings.baseAddress.map { $0 + keyCount },
            argument_count: strings.count - keyCount, random: random, host: Host.callback,
            context: Unmanaged.passUnretained(host).toOpaque())
          withExtendedLifetime(host) { clua_execute(&run) }
          return run.random
        }
      }
    }
  }

  private var cluaPurpose: clua_purpose {
    switch purpose {
    case .compile: CLUA_COMPILE
    case .eval: CLUA_EVAL
    case .load: CLUA_LOAD
    case .call: CLUA_CALL_FUNCTION
    }
  }
}

extension clua_bytes {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count: bytes.count)
  }
}

extension PackedStrings {
  fileprivate func withSlices<Result>(_ body: (UnsafeBufferPointer<clua_bytes>) -> Result) -> Result {
    bytes.withUnsafeBytes { bytes in
      ends.withUnsafeBufferPointer { ends in
        withUnsafeTemporaryAllocation(of: clua_bytes.self, capacity: ends.count) { slices in
          var start = 0
          for index in ends.indices {
            slices.initializeElement(
              at: index, to: clua_bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<ends[index]])))
            start = ends[index]
          }
          return body(UnsafeBufferPointer(slices))
        }
      }
    }
  }
}

/// Stands between C and whoever answers.
private final class Host {
  private let answer: (ScriptQuestion) -> ScriptAnswer
  /// The last answer's bytes.
  private var copy: UnsafeMutableRawBufferPointer?

  init(_ answer: @escaping (ScriptQuestion) -> ScriptAnswer) { self.answer = answer }

  deinit { copy?.deallocate() }

  static let callback: clua_host = { context, question, number, bytes, count, reply in
    guard let context else { return 0 }
    let host = Unmanaged<Host>.fromOpaque(context).takeUnretainedValue()
    let words = ScriptWords(words: UnsafeBufferPointer(start: bytes, count: count))
    guard let asked = ScriptQuestion(question, number, words) else { return 0 }
    return host.code(for: host.answer(asked), reply)
  }

  private func code(for answer: ScriptAnswer, _ reply: UnsafeMutablePointer<clua_bytes>?) -> Int32 {
    switch answer {
    case .none: return 0
    case .bytes(let bytes):
      give(bytes, reply)
      return 0
    case .refused(let bytes):
      give(bytes, reply)
      return 1
    case .allowed(let isAllowed): return isAllowed ? 1 : 0
    case .noSuchCommand: return -1
    case .end(let stop): return stop.rawValue
    }
  }

  /// The bytes stay until the next ones are given.
  private func give(_ bytes: [UInt8], _ reply: UnsafeMutablePointer<clua_bytes>?) {
    if (copy?.count ?? 0) < bytes.count + 1 {
      copy?.deallocate()
      copy = .allocate(byteCount: max(256, 2 * bytes.count + 1), alignment: 16)
    }
    copy?.copyBytes(from: bytes)
    copy?[bytes.count] = 0
    reply?.pointee = clua_bytes(bytes: copy?.baseAddress?.assumingMemoryBound(to: CChar.self), count: bytes.count)
  }
}

extension Int {
  /// From decimal digits.
  fileprivate init(decoding digits: [UInt8]) { self = Int(String(decoding: digits, as: UTF8.self)) ?? 0 }
}

extension ScriptQuestion {
  fileprivate init?(_ question: clua_question, _ number: Double, _ words: ScriptWords) {
    func maybe(_ index: Int) -> [UInt8]? {
      guard index < words.count, let start = words.words[index].bytes else { return nil }
      return Array(UnsafeRawBufferPointer(start: start, count: words.words[index].count))
    }
    func word(_ index: Int) -> [UInt8] { maybe(index) ?? [] }
    let whole = Int64(exactly: number.rounded(.towardZero)) ?? .min
    switch question {
    case CLUA_CALL: self = .call(words)
    case CLUA_MAY_CALL: self = .mayCall(words)
    case CLUA_LOG: self = .log(level: Int(whole), word(0))
    case CLUA_SET_RESP: self = .setRESP(Int(whole))
    case CLUA_SET_REPL: self = .setReplication(Int(whole))
    case CLUA_SHA1: self = .sha1(word(0))
    case CLUA_RAN: self = .ran(whole, line: Int(decoding: word(0)))
    case CLUA_REGISTER: self = .register(name: word(0), description: maybe(1), flags: Int(whole))
    case CLUA_NIL: self = .value(.null)
    case CLUA_BULK: self = .value(.bulk(word(0)))
    case CLUA_INTEGER: self = .value(.integer(whole))
    case CLUA_BOOLEAN: self = .value(.boolean(number != 0))
    case CLUA_STATUS: self = .value(.status(word(0)))
    case CLUA_ERROR: self = .value(.error(word(0), isCounted: number != 0))
    case CLUA_DOUBLE: self = .value(.double(number))
    case CLUA_BIG_NUMBER: self = .value(.bigNumber(word(0)))
    case CLUA_VERBATIM: self = .value(.verbatim(word(1), format: word(0)))
    case CLUA_MAP: self = .value(.map(Int(whole)))
    case CLUA_SET: self = .value(.set(Int(whole)))
    case CLUA_ARRAY: self = .value(.array(Int(whole)))
    case CLUA_NOT_COMPILED: self = .end(.notCompiled(word(0)))
    case CLUA_FAILED: self = .end(.failed(word(0), source: maybe(1), line: maybe(2), isCounted: number != 0))
    case CLUA_FAILED_PLAINLY: self = .end(.failedPlainly(word(0)))
    case CLUA_NOT_FOUND: self = .end(.noSuchFunction)
    default: return nil
    }
  }
}
