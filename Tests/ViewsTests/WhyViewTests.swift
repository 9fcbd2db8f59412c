import Lab
import Redis
import Testing
import Views

@Suite("The words for decisions")
struct WhyViewTests {
  static let replica = ConnectionID(.accepted, 3)
  static let id = String(repeating: "a", count: 40)
  static let second = String(repeating: "b", count: 40)

  /// A request for byte `offset` to a master with bytes 101 to 200 in its backlog, and a second id up to 150.
  static func request(_ id: String, _ offset: Int64) -> PartialResync {
    var replication = Replication()
    replication.ids = ReplicationID(second)
    replication.ids.shift(to: Self.id, at: 150)
    replication.offset = 200
    var backlog = Backlog(after: 100)
    backlog.append([UInt8](repeating: 0, count: 100)[...], size: 1_048_576)
    replication.backlog = backlog
    return PartialResync(id: id, offset: offset, of: replication)
  }

  static let requests: [(PartialResync, [String])] = [
    (request(id, 151), ["lacks 50 bytes", "101 to 200", "byte 201"]),
    (request(id, 201), ["lacks 0 bytes"]),
    (request("?", -1), ["that is what it asked for"]),
    (request(String(repeating: "c", count: 40), 151), ["another history", id]),
    (request(second, 152), ["parted", "before 151"]),
    (request(id, 51), ["no longer has", "50 bytes that were dropped"]),
    (request(id, 202), ["more than was ever written"]),
  ]

  @Test("The answer to PSYNC is told with all its numbers", arguments: requests.indices)
  func partialResync(index: Int) {
    let (request, expected) = Self.requests[index]
    let text = text(.partialResync(Self.replica, request, request.verdict))
    for part in expected { #expect(text.contains(part)) }
    #expect(text.contains(request.id == "?" ? "?" : "byte \(request.offset)"))
  }

  static let decisions: [(Decision, String)] = [
    (.connect(to: Address(host: "10.0.0.1", port: 7000), .told), "10.0.0.1:7000"),
    (.connect(to: Address(host: "10.0.0.1", port: 7000), .lostMaster), "at once"),
    (.waitForCron(to: Address(host: "10.0.0.1", port: 7000), at: .notes), "13:56:53"),
    (.handshakeReply(.receivePingReply, reply: "-NOAUTH Authentication required.", .goOn), "-NOAUTH"),
    (.handshakeReply(.receivePsyncReply, reply: "-ERR x", .fallBackToSync), "SYNC"),
    (.handshakeReply(.receivePsyncReply, reply: "+FULLRESYNC", .full(id: id, offset: 17)), "17"),
    (.askForPart(id: id, offset: 54, ownHistory: true), "53 bytes"),
    (.askForAll, "PSYNC ? -1"),
    (.adoptNewID(old: id, new: second, offset: 99), "100"),
    (.serveWhileLoading(false, own: id, master: second), second),
    (.dropOwnReplicas(2), "2 replicas"),
    (.giveUpMaster(.transfer, silent: 61, timeout: 60), "61 s"),
    (.refuseSync(.ownLinkDown(.connect)), "connect"),
    (.refuseSync(.pendingOutput(1)), "1 byte "),
    (.beginHistory(id: id, offset: 0), id),
    (.snapshot(.sockets, replicas: [replica]), "capa eof"),
    (.snapshot(.disk(replDisklessSync: false, allUnderstandEOF: true), replicas: [replica, replica]), "is no"),
    (.delaySnapshot(waited: 2, delay: 5, waiting: 1, enough: 3), "with 3"),
    (.delaySnapshot(waited: 2, delay: 5, waiting: 1, enough: 0), "2 s of"),
    (.joinSnapshot(replica, offset: 88), "88"),
    (.waitForNextSnapshot(replica, .goesToSockets), "next snapshot"),
    (.online(replica, awaitsAcknowledgement: true), "first acknowledgement"),
    (.startStream(replica, kept: 1_234), "1234 bytes"),
    (.dropReplica(replica, .silent(seconds: 61, timeout: 60)), "61 s"),
    (.dropReplica(replica, .outputBuffer(bytes: 300, limit: 256)), "300"),
    (.freeBacklog(idle: 3_601, ttl: 3_600), "3601 s"),
    (.refuseCommand(.goodReplicas(1, needed: 2, maxLag: 10)), "asks for 2"),
  ]

  @Test("Every decision has a sentence, and its numbers are in the words", arguments: decisions.indices)
  func decision(index: Int) {
    let (decision, expected) = Self.decisions[index]
    let text = text(decision)
    #expect(text.contains(expected), "\(text)")
    #expect(!text.contains("ConnectionID") && !text.contains("Optional"))
  }

  /// What `why` prints, in one line.
  private func text(_ decision: Decision) -> String {
    WhyView.lines(decision, of: "m", in: World(seed: 1)).map(\.text).joined(separator: " ")
      .split(separator: " ").joined(separator: " ")
  }
}
