import Capture
import Foundation
import Hostile
import Testing

@testable import replab

/// Nothing that is read or typed ends the program by a signal: not what strangers sent, and not what its own help offers.
@Suite("Nothing that is read or typed is a trap") struct HostileTests {
  /// What the program says of its own exits.
  private static let documented: Set<Int32> = [0, 1, 2, 3]

  // MARK: Recordings

  private static let fixtures = [
    "psync-from-the-least-number.arrows", "psync-from-before-the-least-number.arrows",
    "fullresync-at-the-greatest-number.arrows", "a-payload-that-ends-the-replica.arrows",
  ]

  @Test(
    "Offsets and payloads that nobody means well are compared, and that ends", .timeLimit(.minutes(2)),
    arguments: fixtures)
  func compares(name: String) throws {
    let path = "\(Program.root)/Tests/Fixtures/hostile/\(name)"
    #expect(try Program.run(Program.replab, ["compare", path, path]).status == 0)
    #expect(try Self.documented.contains(Program.run(Program.replab, ["compare", path, "--against", "lab"]).status))
  }

  /// What each of these says is longer than anything.
  private static let tooLong = [
    "datagram-of-the-greatest-length.txt", "datagram-of-the-least-length.txt", "bulk-of-the-greatest-length.pcap",
  ]

  @Test("Lengths at the ends of the numbers are read", arguments: tooLong)
  func lengths(name: String) throws {
    let path = "\(Program.root)/Tests/Fixtures/hostile/\(name)"
    for arguments in [["inspect", path], ["compare", path, path], ["compare", path, "--against", "lab"]] {
      let outcome = try Program.run(Program.replab, arguments)
      #expect(Self.documented.contains(outcome.status), "\(arguments[0]): \(outcome.errors)")
    }
  }

  @Test("Times at the ends of the numbers are shown", arguments: ["tcpdump", "html"])
  func times(format: String) throws {
    let path = "\(Program.root)/Tests/Fixtures/hostile/times-before-and-behind-all.pcapng"
    let outcome = try Program.run(Program.replab, ["convert", path, "--to", format])
    #expect(outcome.status == 0, "\(outcome.errors)")
    if format == "tcpdump" { #expect(outcome.output.contains("[Error converting time]")) }
  }

  @Test("More connections are begun than are kept open: each is told, and those that are given up")
  func manySyns() throws {
    let packets = (0..<8_200).map { number in
      Packet(
        timestamp: Int64(number) * 1_000_000, source: Endpoint(.loopback, UInt16(10_000 + number)),
        destination: Endpoint(.loopback, 7000), sequence: UInt32(number), acknowledgement: 0, flags: .syn, window: 512,
        options: .none, identification: 0)
    }
    let folder = Folder()
    _ = FileManager.default.createFile(atPath: folder.path("syns.pcap"), contents: Data(Pcap.file(packets)))
    // Pictures of so many connections take minutes.
    let commands = [
      ["inspect", "syns.pcap"], ["replay", "syns.pcap", "--to", "end"], ["convert", "syns.pcap", "--to", "arrows"],
    ]
    for command in commands {
      let arguments = command.map { $0 == "syns.pcap" ? folder.path($0) : $0 }
      let outcome = try Program.run(Program.replab, arguments)
      #expect(outcome.status == 0, "\(command.joined(separator: " ")): \(outcome.errors)")
    }
  }

  @Test("Conversations with hostile numbers are read, compared and rebuilt", arguments: 1...6)
  func conversation(seed: UInt64) throws {
    var choices = Choices(seed: seed)
    let folder = Folder()
    folder.write("said.arrows", HostileConversation.arrows(&choices))
    let path = folder.path("said.arrows")
    for arguments in [["compare", path, path], ["compare", path, "--against", "lab"], ["inspect", path]] {
      let outcome = try Program.run(Program.replab, arguments)
      #expect(Self.documented.contains(outcome.status), "\(arguments[0]): \(folder.read("said.arrows"))")
    }
  }

  // MARK: The prompt

  @Test("Replication commands with numbers at the ends of what there is leave the session alive")
  func live() {
    var hostile = HostileSession()
    for number in ["-9223372036854775808", "9223372036854775807", "-1", "0"] {
      for command in [
        "PSYNC ? \(number)", "PSYNC 4af7360b506843f9346c234825cbf3a4dfffe375 \(number)", "REPLCONF ACK \(number)",
      ] {
        let looks = [
          "why", "info offsets", "info buffers", "info backlog", "step", "view ledger", "list", "view arrows",
        ]
        for line in ["m \(command)"] + looks { hostile.type(line) }
      }
    }
    #expect(hostile.script.count == HostileLines.beginning.count + 12 * 9)
  }

  @Test("A pause that ends when time does holds commands back", arguments: ["9223372036854775", "4611686018427387904"])
  func pause(milliseconds: String) {
    var hostile = HostileSession()
    for line in ["m CLIENT PAUSE \(milliseconds)", "m SET a b", "why", "advance 1s", "m CLIENT UNPAUSE"] {
      hostile.type(line)
    }
    #expect(hostile.session.timeline.position > 0)
  }

  @Test("Time passes at once, and is shown")
  func atOnce() throws {
    let outcome = try Program.lab(
      "start m\nadvance 1s at once\nm SET a b\nadvance 2s at once\nback\nadvance 1h at once\nm GET a\n")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("One step that would never end ends, and says so")
  func tooMuchAtOnce() throws {
    let outcome = try Program.lab(
      "start m --port 7000\nstart r --port 7001 --replicaof \"127.0.0.1 7000\"\nadvance 876000h at once\nm PING\n")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.replacing("\n", with: " ").contains("lets the rest of the time pass"))
  }

  @Test("Nobody goes to a moment that would never come")
  func farMoment() throws {
    let outcome = try Program.lab("start m\ngoto 9223372036854775807\n")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("too far away"))
  }

  @Test("Sittings of hostile lines go on to their end", arguments: 1...8)
  func sitting(seed: UInt64) {
    var choices = Choices(seed: seed)
    var hostile = HostileSession()
    hostile.play(60, &choices)
    #expect(hostile.script.count == 60 + HostileLines.beginning.count)
  }
}
