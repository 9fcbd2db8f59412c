import Glibc
import RESP

/// hiredis's reader, looked up when it is wanted, so that only who runs this needs the library.
struct Hiredis {
  typealias Create = @convention(c) () -> OpaquePointer?
  typealias CreateWithFunctions = @convention(c) (UnsafeRawPointer?) -> OpaquePointer?
  typealias Feed = @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> CInt
  typealias GetReply = @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> CInt
  typealias FreeReader = @convention(c) (OpaquePointer?) -> Void
  typealias FreeReply = @convention(c) (UnsafeMutableRawPointer?) -> Void

  let create: Create
  let createWithFunctions: CreateWithFunctions
  let feed: Feed
  let getReply: GetReply
  let freeReader: FreeReader
  let freeReply: FreeReply

  init?() {
    guard let library = dlopen("libhiredis.so", RTLD_NOW) else { return nil }
    func find<F>(_ name: String, as type: F.Type) -> F? { dlsym(library, name).map { unsafeBitCast($0, to: type) } }
    guard let create = find("redisReaderCreate", as: Create.self),
      let createWithFunctions = find("redisReaderCreateWithFunctions", as: CreateWithFunctions.self),
      let feed = find("redisReaderFeed", as: Feed.self),
      let getReply = find("redisReaderGetReply", as: GetReply.self),
      let freeReader = find("redisReaderFree", as: FreeReader.self),
      let freeReply = find("freeReplyObject", as: FreeReply.self)
    else { return nil }
    self.create = create
    self.createWithFunctions = createWithFunctions
    self.feed = feed
    self.getReply = getReply
    self.freeReader = freeReader
    self.freeReply = freeReply
  }

  /// How many commands a reader finds in bytes fed in `pieces`, with objects made of them or without.
  func count(_ pieces: [[UInt8]], makingObjects: Bool) -> Int {
    let reader = makingObjects ? create() : createWithFunctions(nil)
    defer { freeReader(reader) }
    var count = 0
    var reply: UnsafeMutableRawPointer?
    for piece in pieces {
      _ = piece.withUnsafeBytes { feed(reader, $0.baseAddress, $0.count) }
      // Without objects a reply is the pointer 1.
      while getReply(reader, &reply) == 0, let found = reply {
        count += 1
        if makingObjects { freeReply(found) }
      }
    }
    return count
  }
}

/// Commands as a pipelining client sends them, in the pieces that a server's read(2) returns.
func pipelinedCommands(_ count: Int) -> [[UInt8]] {
  var bytes: [UInt8] = []
  for number in 0..<count { bytes += [UInt8](command: "SET", "key:\(number)", "value of \(number)") }
  return stride(from: 0, to: bytes.count, by: 16384).map { Array(bytes[$0..<min($0 + 16384, bytes.count)]) }
}

func decodeCommands() throws -> [Row] {
  guard let hiredis = Hiredis() else { return [missing("RESP: decode commands", "libhiredis-dev")] }
  let count = 500_000
  let pieces = pipelinedCommands(count)
  let size = Double(pieces.reduce(0) { $0 + $1.count })
  func rate(_ seconds: Seconds) -> String { (size / seconds / 1e6).formatted(0) + " MB/s" }
  return [
    try contest(
      "RESP: find pipelined commands / hiredis's reader without objects", rounds: 7, goal: "≤ 0.67", rate: rate,
      ours: {
        try measure {
          let found = try scan(pieces)
          precondition(found == count)
        }
      },
      peer: { measure { precondition(hiredis.count(pieces, makingObjects: false) == count) } }),
    try contest(
      "RESP: decode pipelined commands / hiredis's reader", rounds: 7, goal: "≤ 0.67", rate: rate,
      ours: {
        try measure {
          var decoder = RequestDecoder()
          var found = 0
          for piece in pieces {
            decoder.feed(piece)
            while try decoder.next() != nil { found += 1 }
          }
          precondition(found == count)
        }
      },
      peer: { measure { precondition(hiredis.count(pieces, makingObjects: true) == count) } }),
  ]
}

/// Finds the commands as the node's connections do: in place, what is unfinished moved to the front of the next piece.
private func scan(_ pieces: [[UInt8]]) throws -> Int {
  var scanner = RequestScanner()
  var buffer: [UInt8] = []
  var count = 0
  for piece in pieces {
    buffer += piece
    var position = 0
    while try scanner.next(in: buffer.span, at: &position) { count += 1 }
    buffer.removeFirst(position)
  }
  return count
}
