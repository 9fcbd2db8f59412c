import Dissection
import RDB
import RESP

/// Makes a `NormalizedConversation` of the messages of one connection.
package struct ConversationWriter: Sendable {
  package private(set) var conversation = NormalizedConversation()
  private let connection: Int
  private var pieces: [Message] = []
  private var received = 0
  private var form: Message.PayloadForm?
  /// Some of the transfer's bytes are unknown.
  private var payloadHasDots = false
  /// The history that the connection's offsets are of, and what PSYNC named.
  private var history: [UInt8]?
  private var askedHistory: [UInt8]?
  /// Where commands of the stream end, by their offsets, ascending; the first is where it begins.
  private var ends: [Int64] = []
  /// Clients' commands that wait for their replies, by the numbers of their messages.
  private var asked: [Int: [[UInt8]]] = [:]
  /// What was queued since MULTI, and what each EXEC is to do.
  private var queue: [[[UInt8]]]?
  private var queues: [Int: [[[UInt8]]]] = [:]

  package init(connection: Int = 0) { self.connection = connection }

  /// - Parameter hasDots: dots in the message may stand for any byte.
  package mutating func hear(
    _ message: Message, histories: inout Histories, tolerance: Tolerance, hasDots: Bool = false
  ) {
    switch message.kind {
    case .keepAlive: conversation.counts[.keepAlives, default: 0] += 1
    case .streamPing:
      conversation.counts[.pings, default: 0] += 1
      stream(message, isPing: true, &histories)
    case .truncated: break
    case .unknown: addHole(message)
    case .payloadHeader(let form): begin(form, message, tolerance, hasDots, &histories)
    case .payload:
      pieces.append(message)
      received += message.range.count
      payloadHasDots = payloadHasDots || hasDots
      if case .sized(let count) = form, received >= count { close(message, tolerance, &histories) }
    case .endMark: close(message, tolerance, &histories)
    case .stream, .streamSelect, .getAck:
      stream(message, isPing: false, &histories)
      add(Self.streamed(message), hasDots)
    case .ack(let acknowledgement): hear(acknowledgement, message, tolerance)
    case .command: hearCommand(message, hasDots)
    case .reply: hearReply(message, hasDots)
    case .listeningPort, .psync, .fullResync, .partialResync: hearHandshake(message, &histories, tolerance, hasDots)
    default: add(Self.plain(message), hasDots)
    }
  }

  /// Bytes of a side are missing.
  package mutating func lose(from side: Side) {
    append(Self.hole(nil), side)
    if side == .acceptor { (pieces, received, form, history, ends) = ([], 0, nil, nil, []) }
  }

  // MARK: Handshake

  private mutating func hearHandshake(
    _ message: Message, _ histories: inout Histories, _ tolerance: Tolerance, _ hasDots: Bool
  ) {
    switch message.kind {
    case .listeningPort(let number):
      var normalized = NormalizedMessage(
        "REPLCONF listening-port \(tolerance.port.map { "\($0(number))" } ?? "<port>")", message: message)
      if tolerance.port == nil { normalized.ignored = [IgnoredValue(.port, number)] }
      add(normalized, hasDots)
    case .psync(let id, let offset, let failover):
      askedHistory = id
      if let id { histories.begin(id, at: offset -| 1) }
      let place = id.flatMap { Self.place(offset -| 1, in: $0, histories, tolerance) }
      add(about(id, "PSYNC", place.map { " +\($0)" }, failover ? " FAILOVER" : nil, message, &histories), hasDots)
    case .fullResync(let id, let offset):
      if let id { histories.begin(id, at: offset) }
      follow(id, from: offset)
      let place = id.flatMap { Self.place(offset, in: $0, histories, tolerance) }
      add(about(id, "FULLRESYNC", place.map { " +\($0)" }, nil, message, &histories), hasDots)
    case .partialResync(let id):
      if let id, let askedHistory { histories.continue(askedHistory, as: id) }
      follow(id ?? askedHistory, from: nil)
      add(about(id, "CONTINUE", nil, nil, message, &histories), hasDots)
    default: break
    }
  }

  private mutating func follow(_ id: [UInt8]?, from offset: Int64?) {
    history = id
    ends = offset.map { [$0] } ?? []
  }

  /// How far an offset is from its history's start, where that is known and to be compared.
  private static func place(_ offset: Int64, in id: [UInt8], _ histories: Histories, _ tolerance: Tolerance) -> Int64? {
    guard tolerance.comparesOffsets else { return nil }
    return tolerance.countsFromStart ? histories.distance(to: offset, in: id) : offset
  }

  private func about(
    _ id: [UInt8]?, _ verb: String, _ place: String?, _ suffix: String?, _ message: Message,
    _ histories: inout Histories
  ) -> NormalizedMessage {
    let name = id.map { histories.name($0) }
    let words = verb + (name.map { " " + $0 } ?? (verb == "CONTINUE" ? "" : " ?"))
    var normalized = NormalizedMessage(words + (place ?? "") + (suffix ?? ""), message: message)
    if let id {
      normalized.ignored = [IgnoredValue(.replicationID, id)]
      if let start = histories.start(of: id) { normalized.ignored.append(IgnoredValue(.startOffset, start)) }
    }
    return normalized
  }

  // MARK: Stream and acknowledgements

  private mutating func stream(_ message: Message, isPing: Bool, _ histories: inout Histories) {
    guard let offsets = message.offsets else { return }
    if ends.isEmpty { ends.append(offsets.lowerBound -| 1) }
    ends.append(offsets.upperBound)
    if let history { histories.send(offsets, isPing: isPing, in: history) }
  }

  private mutating func hear(_ acknowledgement: Message.Acknowledgement, _ message: Message, _ tolerance: Tolerance) {
    conversation.counts[.acknowledgements, default: 0] += 1
    var normalized = NormalizedMessage("REPLCONF ACK", message: message)
    if tolerance.comparesOffsets, let remark = remark(on: acknowledgement.offset) {
      normalized.words[0] += Array(remark.utf8)
    }
    if normalized != conversation.replica.last { append(normalized, .opener) }
  }

  /// How far a replica has come is a matter of time; but it stands behind a command, and behind one that was sent.
  private func remark(on offset: Int64) -> String? {
    guard let first = ends.first, let last = ends.last else { return nil }
    if offset > last { return " (more than was sent)" }
    if offset < first { return " (less than the snapshot)" }
    let index = ends.partitioningIndex { $0 >= offset }
    return index < ends.count && ends[index] == offset ? nil : " (within a command)"
  }

  // MARK: Clients

  private mutating func hearCommand(_ message: Message, _ hasDots: Bool) {
    let normalized = Self.plain(message)
    asked[message.number] = normalized.words
    switch normalized.words.first.map({ String(decoding: $0, as: UTF8.self).lowercased() }) {
    case "multi": queue = []
    case "exec":
      queues[message.number] = queue
      queue = nil
    case "discard": queue = nil
    default: queue?.append(normalized.words)
    }
    add(normalized, hasDots)
  }

  private mutating func hearReply(_ message: Message, _ hasDots: Bool) {
    var normalized = Self.plain(message)
    if let number = message.answers?.number, let command = asked.removeValue(forKey: number) {
      let tolerance = ReplyTolerance(command)
      if let queue = queues.removeValue(forKey: number), let elements = ReplyElements(message.bytes)?.elements,
        elements.count == queue.count, queue.contains(where: { ReplyTolerance($0).hasLeeway })
      {
        normalized.words = zip(queue, elements).map { Self.words(of: $1, to: $0, &normalized.ignored) }
      } else if tolerance.isAboutTheServer, !ReplyTolerance.isError(message.bytes) {
        normalized.ignored = [IgnoredValue(.serverState, message.bytes)]
        normalized.words = [Array("(the server's own state)".utf8)]
      } else if tolerance.isUnordered {
        normalized.ignored = [IgnoredValue(.keyOrder, message.bytes)]
        normalized.words = ReplyTolerance.lines(message.bytes)
      }
    } else if let line = normalized.words.first, let (command, time, client) = Self.monitored(line) {
      normalized.words = [NormalizedMessage.time + [0x20] + command]
      normalized.ignored = [IgnoredValue(.time, time), IgnoredValue(.port, client)]
    }
    add(normalized, hasDots)
  }

  /// What a monitor is shown, as `+1686319013.000100 [0 127.0.0.1:40000] "set" "k" "v"`: the database and the command, when it came,
  /// and from whom.
  private static func monitored(_ line: [UInt8]) -> (command: [UInt8], time: [UInt8], client: [UInt8])? {
    guard line.first == UInt8(ascii: "+"), let open = line.firstIndex(of: UInt8(ascii: "[")),
      let close = line.firstIndex(of: UInt8(ascii: "]")), open > 2, open < close,
      line[1..<open - 1].allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      let space = line[open..<close].firstIndex(of: 0x20)
    else { return nil }
    let time = Array(line[1..<open - 1])
    let (database, client) = (line[open..<space], Array(line[(space + 1)..<close]))
    // What a script does has no client of its own.
    let who = client == Array("lua".utf8) ? " lua" : ""
    return (database + Array("\(who)]".utf8) + line[(close + 1)...], time, client)
  }

  /// What one command of a transaction was answered.
  private static func words(of reply: [UInt8], to command: [[UInt8]], _ ignored: inout [IgnoredValue]) -> [UInt8] {
    let tolerance = ReplyTolerance(command)
    guard tolerance.hasLeeway, !ReplyTolerance.isError(reply) else { return line(reply) }
    if tolerance.isUnordered {
      ignored.append(IgnoredValue(.keyOrder, reply))
      return Array(ReplyTolerance.lines(reply).joined(separator: [0x20]))
    }
    ignored.append(IgnoredValue(.serverState, reply))
    return Array("(the server's own state)".utf8)
  }

  // MARK: The transfer

  private mutating func begin(
    _ form: Message.PayloadForm, _ message: Message, _ tolerance: Tolerance, _ hasDots: Bool,
    _ histories: inout Histories
  ) {
    (self.form, pieces, received, payloadHasDots) = (form, [], 0, hasDots)
    switch form {
    case .streamed(let mark):
      var normalized = NormalizedMessage("$EOF:", message: message)
      normalized.ignored = [IgnoredValue(.endMark, mark)]
      add(normalized, hasDots)
    case .sized(let count):
      add(NormalizedMessage("$length", message: message), hasDots)
      if count == 0 { close(message, tolerance, &histories) }
    }
  }

  private mutating func close(_ message: Message, _ tolerance: Tolerance, _ histories: inout Histories) {
    var contents = SnapshotContents(pieces.flatMap(\.contents), tolerance: tolerance)
    var normalized = contents.normalized(message, hasDots: payloadHasDots, histories: &histories, history: history)
    normalized.pieces = pieces
    append(normalized, .acceptor)
    conversation.counts[.payloadPieces, default: 0] += pieces.count
    (pieces, received, form) = ([], 0, nil)
  }

  // MARK: Putting it down

  private mutating func add(_ normalized: NormalizedMessage, _ hasDots: Bool) {
    guard let message = normalized.message else { return }
    var normalized = normalized
    normalized.hasDots = hasDots
    append(normalized, message.side)
  }

  private mutating func append(_ normalized: NormalizedMessage, _ side: Side) {
    var normalized = normalized
    normalized.connection = connection
    conversation[side].append(normalized)
  }

  private mutating func addHole(_ message: Message) {
    if conversation[message.side].last?.kind != .hole { append(Self.hole(message), message.side) }
  }

  private static func hole(_ message: Message?) -> NormalizedMessage {
    var normalized = NormalizedMessage("(bytes that the recording has not)", message: message)
    normalized.kind = .hole
    return normalized
  }

  /// A message whose every word counts.
  private static func plain(_ message: Message) -> NormalizedMessage {
    let words = message.side == .opener ? message.words : []
    return words.isEmpty
      ? NormalizedMessage([line(message.bytes)], message: message) : NormalizedMessage(words, message: message)
  }

  /// A command of the stream; times in it are what the clock showed.
  private static func streamed(_ message: Message) -> NormalizedMessage {
    var normalized = NormalizedMessage(message.words, message: message)
    for index in normalized.words.indices where isTime(normalized.words, index) {
      normalized.ignored.append(IgnoredValue(.time, normalized.words[index]))
    }
    normalized.words = streamWords(normalized.words)
    return normalized
  }

  /// The words of a command of the stream, without times.
  static func streamWords(_ words: [[UInt8]]) -> [[UInt8]] {
    words.indices.map { isTime(words, $0) ? NormalizedMessage.time : words[$0] }
  }

  private static func isTime(_ words: [[UInt8]], _ index: Int) -> Bool {
    let digits = words[index].prefix { (0x30...0x39).contains($0) }
    guard index > 0, digits.count == 13 else { return false }
    func lowercased(_ word: Int) -> String { String(decoding: words[word], as: UTF8.self).lowercased() }
    let name = lowercased(0)
    // The ids of stream entries are a time and a number.
    if digits.count < words[index].count { return name.hasPrefix("x") && words[index][13] == UInt8(ascii: "-") }
    return (name == "pexpireat" && index == 2) || lowercased(index - 1) == "pxat" || (name == "restore" && index == 2)
      || name.hasPrefix("x")
  }

  /// RESP's lines in one.
  private static func line(_ bytes: [UInt8]) -> [UInt8] {
    var lines = bytes.split(separator: 0x0a)
    for index in lines.indices where lines[index].last == 0x0d { lines[index].removeLast() }
    return Array(lines.joined(separator: [0x20]))
  }
}
