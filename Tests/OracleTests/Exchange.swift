import RealRedis

/// What passed on a replication link, cut at the seams of the protocol. The cutting is the tests' own: it owes nothing
/// to the code under test.
struct Exchange: Equatable {
  /// The replica's commands, framing included. Of its acknowledgements only the first and the last are kept: how many
  /// come between them is a matter of time.
  var commands: [[UInt8]] = []
  /// The master's lines up to the payload's first line. Newlines that only keep the link alive are left out, since
  /// their number is a matter of time.
  var replies: [[UInt8]] = []
  var payloadLine: [UInt8] = []
  var payload: [UInt8] = []
  /// The 40 bytes behind a payload of unknown length.
  var endMark: [UInt8] = []
  /// What followed: commands, framing included.
  var stream: [[UInt8]] = []

  /// DEBUG DIGEST of the master and of the replica in the end.
  var digests: [String] = []
  /// The port that the replica listened on, which it tells its master.
  var listeningPort = 0

  init(_ link: RecordedLink) throws {
    try cutReplica(link.fromReplica)
    try cutMaster(link.fromMaster)
  }

  /// `+FULLRESYNC <replid> <offset>`, taken apart.
  var replicationID: String { String(fullResync[1]) }
  private var fullResync: [Substring] { text(replies.last ?? []).dropLast(2).split(separator: " ") }

  private mutating func cutReplica(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    var acknowledgements: [[UInt8]] = []
    while !rest.isEmpty {
      let command = try takeCommand(&rest)
      if text(command).contains("\r\nACK\r\n") { acknowledgements.append(command) } else { commands.append(command) }
    }
    commands += [acknowledgements.first, acknowledgements.last].compactMap { $0 }
  }

  private mutating func cutMaster(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while payloadLine.isEmpty {
      let line = try takeLine(&rest)
      if line.first == UInt8(ascii: "$") { payloadLine = line } else if line.count > 1 { replies.append(line) }
    }
    let header = text(payloadLine.dropLast(2))
    if header.hasPrefix("$EOF:") {
      let mark = Array(header.dropFirst(5).utf8)
      guard let end = rest.indices.first(where: { rest[$0...].starts(with: mark) }) else { throw Torn(at: "mark") }
      payload = Array(rest[..<end])
      endMark = mark
      rest = rest[(end + mark.count)...]
    } else {
      guard let count = Int(header.dropFirst()), count <= rest.count else { throw Torn(at: "payload") }
      payload = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    while !rest.isEmpty { stream.append(try takeCommand(&rest)) }
  }
}

/// A recording that ends, or goes astray, within something.
struct Torn: Error { var at: String }

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

func takeLine(_ bytes: inout ArraySlice<UInt8>) throws -> [UInt8] {
  guard let end = bytes.firstIndex(of: 10) else { throw Torn(at: "line: \(text(bytes))") }
  defer { bytes = bytes[(end + 1)...] }
  return Array(bytes[...end])
}

/// One RESP command, framing included.
func takeCommand(_ bytes: inout ArraySlice<UInt8>) throws -> [UInt8] {
  var taken = try takeLine(&bytes)
  guard taken.first == UInt8(ascii: "*"), let count = Int(text(taken.dropFirst().dropLast(2))) else { return taken }
  for _ in 0..<count {
    let header = try takeLine(&bytes)
    guard let length = Int(text(header.dropFirst().dropLast(2))), bytes.count >= length + 2 else {
      throw Torn(at: "argument")
    }
    taken += header + bytes.prefix(length + 2)
    bytes = bytes.dropFirst(length + 2)
  }
  return taken
}
