import RESP
import Redis

/// What a master's stream says between two steps.
enum StreamStretch {
  /// How many databases a server must have to carry out what the master's stream has got since, up to an offset. SELECT
  /// says in which one the commands behind it are done, and MOVE, COPY and SWAPDB name others.
  static func databases(of machine: Machine, _ before: ProcessState, upTo end: Int64) -> Int {
    guard let replication = machine.node?.replication, let backlog = replication.backlog else { return 1 }
    let start = before.offset +| 1
    // What was longer than the backlog is there no more.
    guard start >= backlog.firstByte, start <= end, end < backlog.end else {
      return (replication.streamDatabase ?? 0) + 1
    }
    var decoder = RequestDecoder(limits: .init(isMaster: true))
    for bytes in backlog.writes(from: start) { decoder.feed(bytes) }
    var (database, highest) = (before.streamDatabase ?? 0, 0)
    while start +| Int64(decoder.consumedByteCount) <= end, let request = try? decoder.next() {
      guard request.count > 0 else { continue }
      switch String(decoding: request[0], as: UTF8.self).lowercased() {
      case "select": database = number(request, 1) ?? database
      // They are the same in each database.
      case "multi", "exec", "ping", "flushall", "function", "script", "publish", "spublish": break
      case "swapdb": highest = max(highest, number(request, 1) ?? 0, number(request, 2) ?? 0)
      case "move": highest = max(highest, database, number(request, 2) ?? 0)
      case "copy": highest = max(highest, database, otherDatabase(request) ?? 0)
      default: highest = max(highest, database)
      }
    }
    return highest +| 1
  }

  /// `COPY a b DB n`
  private static func otherDatabase(_ request: Request) -> Int? {
    (3..<max(3, request.count)).first { Bytes(Array(request[$0])).matches("db") }.flatMap { number(request, $0 + 1) }
  }

  private static func number(_ request: Request, _ index: Int) -> Int? {
    index < request.count ? Number.integer(Array(request[index])).map { Int(clamping: $0) } : nil
  }
}
