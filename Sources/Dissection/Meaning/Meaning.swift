import RDB
import RESP

/// What messages and fields say, in plain English, for a person who knows Redis but not how it replicates. All such words
/// are here (Meaning+…); views print them as they are.
enum Meaning {}

extension Message {
  /// One line that says what the message means, without a full stop.
  package var meaning: String {
    switch kind {
    case .command: Meaning.ofCommand(words, self)
    case .reply(let reply): Meaning.of(reply, self)
    case .ping:
      stage == .commands
        ? "asks whether the server is there" : "replica asks whether the master is there and will talk to it"
    case .auth(let user):
      stage == .commands
        ? "logs in\(Meaning.asUser(user))" : "replica logs in\(Meaning.asUser(user)), as masterauth and masteruser say"
    case .listeningPort(let port): "replica says on which port it can be reached itself: \(port)"
    case .ipAddress(let address): "replica says under which address it can be reached itself: \(Meaning.text(address))"
    case .capabilities(let names): "replica says what it can do: \(Meaning.list(names.map(Meaning.ofCapability)))"
    case .psync(let id, let offset, let failover): Meaning.ofPsync(id, offset, failover)
    case .sync(snapshotOnly: true): "replica asks for the snapshot, and nothing behind it"
    case .sync(snapshotOnly: false):
      "replica asks for everything in the old way, since PSYNC was not understood or refused"
    case .keepAlive: Meaning.ofKeepAlive(self)
    case .fullResync(let id, let offset): Meaning.ofFullResync(id, offset)
    case .partialResync(let id):
      "master goes on where the replica left off"
        + (id.map { ", in the history \(Meaning.short($0))" } ?? "") + ": only what was missed follows"
    case .payloadHeader(.sized(let size)): "a snapshot of all data follows, \(Meaning.count(size, "byte")) long"
    case .payloadHeader(.streamed):
      "a snapshot of all data follows; nobody knows yet how long it will be, so these 40 characters will end it"
    case .payload(let range):
      "\(Meaning.count(range.count, "byte")) of the snapshot, from byte \(range.lowerBound) on"
    case .endMark: "the 40 characters announced before the snapshot: it is complete"
    case .stream: Meaning.ofStreamed(words)
    case .streamPing: "master shows that it is alive; even this counts as bytes of the history"
    case .streamSelect(let database): "the commands that follow are about database \(Meaning.text(database))"
    case .getAck: side == .acceptor ? "master asks how far the replica has come" : "asks for an acknowledgement"
    case .ack(let acknowledgement): Meaning.of(acknowledgement)
    case .version(let version): "replica says which version of Valkey it is: \(Meaning.text(version))"
    case .rdbChannelSync(let client):
      "master will send everything: the snapshot on a second connection that names client \(client), what follows it here"
    case .dualChannelSync:
      "master will send everything: the snapshot on a second connection; what follows it is to be asked for here"
    case .rdbChannel(let client):
      "replica opens its second connection, for the snapshot alone"
        + (client.map { "; the first one is the master's client \($0)" } ?? "")
    case .endOffset(let offset, let id, let database, let client):
      "the snapshot that follows is as of offset \(offset) of the history \(Meaning.short(id)), the stream behind it "
        + (database < 0 ? "will name its database" : "is about database \(database)")
        + ", and this connection is client \(client)"
    case .rdbClient(let client): "replica says that its snapshot comes on the connection of client \(client)"
    case .malformed(let fault): Meaning.of(fault)
    case .truncated: "this was cut off before it was complete"
    case .unknown: "bytes whose beginning is not in the recording"
    }
  }
}

// What the parts of a message's line are made of.
extension Meaning {
  static func asUser(_ user: [UInt8]?) -> String { user.map { " as user \(text($0))" } ?? " with a password" }

  static func ofCapability(_ name: [UInt8]) -> String {
    switch text(name) {
    case "eof": "eof (takes a snapshot whose length is not known before)"
    case "psync2": "psync2 (follows when the history gets a new id)"
    default: text(name)
    }
  }

  static func ofPsync(_ id: [UInt8]?, _ offset: Int64, _ failover: Bool) -> String {
    let request =
      if let id {
        "replica has the history \(short(id)) up to offset \(decrement(offset)) and asks to go on at \(offset)"
      } else {
        "replica has nothing to go on from and asks for everything"
      }
    return failover ? request + ", and that the receiver becomes master" : request
  }

  static func ofFullResync(_ id: [UInt8]?, _ offset: Int64) -> String {
    guard let id else { return "master will send everything, but names no history the way it should" }
    return "master will send everything: a snapshot of its data as of offset \(offset) of the history \(short(id)), "
      + "then all that follows"
  }

  static func ofKeepAlive(_ message: Message) -> String {
    switch (message.side, message.stage) {
    case (.acceptor, .receivePsyncReply), (.acceptor, .transfer):
      "an empty line: master is alive and still preparing the snapshot"
    case (.opener, .transfer), (.opener, .connected): "an empty line: replica is alive and still loading the snapshot"
    default: "an empty line, which does nothing"
    }
  }

  static func of(_ acknowledgement: Message.Acknowledgement) -> String {
    var line = "replica acknowledges all bytes up to offset \(acknowledgement.offset)"
    if let fsynced = acknowledgement.fsynced { line += ", of which those up to \(fsynced) are on its disk" }
    switch acknowledgement.newBytes {
    case nil: break
    case 0? where acknowledgement.endsTransfer: line += ": it has loaded all of the snapshot"
    case 0?: line += ": nothing new since it last said so"
    case let new?: line += ": \(count(Int(clamping: new), "byte")) more than before"
    }
    if let outstanding = acknowledgement.outstanding, outstanding > 0 {
      line +=
        "; \(count(Int(clamping: outstanding), "byte")) that master has sent \(outstanding == 1 ? "is" : "are") not yet in"
    }
    return line
  }

  static func of(_ fault: Message.Fault) -> String { "\(fault.reason) (byte \(fault.offset) of this side)" }

  static func of(_ reply: Message.Reply, _ message: Message) -> String {
    let asked = message.answers.map { " to \($0.name)" } ?? ""
    switch reply {
    case .error: return ofError(message.text, message)
    case .simple:
      let words = message.text
      if message.stage == .receivePingReply { return "master is there and will talk" }
      if message.stage.isHandshake, words == Array("OK".utf8) { return "master has noted it: OK\(asked)" }
      return "reply\(asked): \(text(words))"
    case .integer(let number): return "reply\(asked): the number \(number)"
    case .bulk: return "reply\(asked): \(quoted(message.text))"
    case .null: return "reply\(asked): nothing is there"
    case .aggregate(3): return ofSentinelReply(message) ?? "reply\(asked): 3 elements"
    case .aggregate(let elements): return "reply\(asked): \(count(elements, "element"))"
    case .other: return "reply\(asked)"
    case .push: return "a message that was not asked for just now"
    }
  }

  /// What an error means to a replica depends on the step of the handshake (replication.c, syncWithMaster).
  private static func ofError(_ words: [UInt8], _ message: Message) -> String {
    let error = text(words)
    let code = text(Array(words.prefix { $0 != 0x20 }))
    switch message.stage {
    case .receivePingReply:
      let goesOn = ["NOAUTH", "NOPERM"].contains(code) || words.starts(with: Array("ERR operation not permitted".utf8))
      return goesOn
        ? "master is there but wants a login first; the handshake goes on: \(error)"
        : "master can't talk now; the replica will try again: \(error)"
    case .receiveAuthReply: return "master refuses the login; the replica will try again: \(error)"
    case .receivePortReply, .receiveIPReply, .receiveCapaReply, .sendHandshake:
      return "master refuses this, which a replica notes and goes on: \(error)"
    case .receivePsyncReply:
      return ["NOMASTERLINK", "LOADING"].contains(code)
        ? "master can't sync now; the replica will try again: \(error)"
        : "master refuses PSYNC; the replica takes it for an old master and tries SYNC: \(error)"
    case .transfer: return "master refuses to send its data; the replica connects anew at once: \(error)"
    default: return "an error\(message.answers.map { " in reply to \($0.name)" } ?? ""): \(error)"
    }
  }

  static func ofCommand(_ words: [[UInt8]], _ message: Message) -> String {
    if words.isEmpty { return "an empty command, which does nothing" }
    if let sentinel = ofSentinel(words) { return sentinel }
    return message.stage.isHandshake ? "replica says: \(quoted(words))" : "command: \(quoted(words))"
  }

  static func ofStreamed(_ words: [[UInt8]]) -> String {
    words.isEmpty
      ? "an empty command, which does nothing" : "master did this, the replica does it too: \(quoted(words))"
  }
}
