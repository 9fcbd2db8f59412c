import RESP

// What Sentinels say to each other, and to the nodes that they watch.
extension Meaning {
  /// A command of a Sentinel's, or nil.
  static func ofSentinel(_ words: [[UInt8]]) -> String? {
    switch (words.first.map(upper), words.dropFirst().first.map(upper)) {
    case ("PUBLISH", "__SENTINEL__:HELLO") where words.count == 3: return ofHello(words[2])
    case ("SENTINEL", "IS-MASTER-DOWN-BY-ADDR") where words.count == 6:
      let master = "the master at \(text(words[2])):\(text(words[3]))"
      let question = "Sentinel asks whether \(master) is down for the other one, too"
      if words[5] == Array("*".utf8) { return question }
      return question + ", and for its vote in epoch \(text(words[4])), for \(short(words[5]))"
    case ("SENTINEL", "GET-MASTER-ADDR-BY-NAME") where words.count == 3:
      return "asks where the master \(text(words[2])) is"
    default: return nil
    }
  }

  /// The eight fields of a hello.
  static func ofHello(_ hello: [UInt8]) -> String? {
    let fields = hello.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { text(Array($0)) }
    guard fields.count == 8 else { return nil }
    return "Sentinel \(fields[0]):\(fields[1]) says hello: \(fields[4]) is at \(fields[5]):\(fields[6]) since epoch "
      + "\(fields[7]), and the last epoch is \(fields[3])"
  }

  /// What was published where Sentinels listen, and what one answers another; nil for anything else.
  static func ofSentinelReply(_ message: Message) -> String? {
    var decoder = ReplyDecoder()
    // Both are short.
    guard message.range.count < 1_024 else { return nil }
    decoder.feed(message.bytes)
    guard case .array(let parts)? = try? decoder.next(), parts.count == 3 else { return nil }
    switch (parts[0], parts[1], parts[2]) {
    case (.bulk(let kind), .bulk(let channel), .bulk(let hello))
    where kind == Array("message".utf8) && channel == Array("__sentinel__:hello".utf8):
      return ofHello(hello)
    case (.integer(let isDown), .bulk(let leader), .integer(let epoch))
    where message.answers?.name.uppercased() == "SENTINEL":
      let opinion = isDown == 1 ? "the master is down for it, too" : "the master is not down for it"
      if leader == Array("*".utf8) { return "Sentinel answers: \(opinion)" }
      return "Sentinel answers: \(opinion), and its vote of epoch \(epoch) is for \(short(leader))"
    default: return nil
    }
  }

  private static func upper(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self).uppercased() }
}
