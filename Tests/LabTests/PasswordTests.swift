import Capture
import Dissection
import Redis
import Testing

@testable import Lab

@Suite("Passwords are not shown") struct PasswordTests {
  @Test(
    "each byte of a password in a payload is a star, all others stay",
    arguments: [
      ("*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n", "*2\r\n$4\r\nAUTH\r\n$6\r\n******\r\n"),
      (
        "*3\r\n$4\r\nauth\r\n$1\r\nu\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n",
        "*3\r\n$4\r\nauth\r\n$1\r\nu\r\n$2\r\n**\r\n*1\r\n$4\r\nPING\r\n"
      ),
      ("AUTH u pw\r\nPING\r\n", "AUTH u **\r\nPING\r\n"),
      (
        "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\npw\r\n",
        "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\n**\r\n"
      ),
      (
        "*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$10\r\nmasterauth\r\n$2\r\npw\r\n",
        "*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$10\r\nmasterauth\r\n$2\r\n**\r\n"
      ),
      (
        "*5\r\n$3\r\nACL\r\n$7\r\nSETUSER\r\n$1\r\nu\r\n$3\r\n>pw\r\n$3\r\n+@x\r\n",
        "*5\r\n$3\r\nACL\r\n$7\r\nSETUSER\r\n$1\r\nu\r\n$3\r\n>**\r\n$3\r\n+@x\r\n"
      ),
      // Not whole: what there is of it.
      ("*2\r\n$4\r\nAUTH\r\n$6\r\nsec", "*2\r\n$4\r\nAUTH\r\n$6\r\n***"),
      ("*2\r\n$4\r\nAUTH\r\n$6", "*2\r\n$4\r\nAUTH\r\n$6"),
      // Nothing to hide.
      ("*3\r\n$3\r\nSET\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n", "*3\r\n$3\r\nSET\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"),
      ("+OK\r\n", "+OK\r\n"), ("$5\r\nAUTH \r\n", "$5\r\nAUTH \r\n"), ("REDIS0010", "REDIS0010"), ("", ""),
      ("*99999999999\r\n", "*99999999999\r\n"), ("*2\r\n$-4\r\nAUTH\r\n", "*2\r\n$-4\r\nAUTH\r\n"), ("*", "*"),
      ("\r\n", "\r\n"),
    ])
  func payload(bytes: String, shown: String) {
    #expect(String(decoding: Passwords.hidden(in: SharedBytes(Array(bytes.utf8))), as: UTF8.self) == shown)
  }

  /// A replica with a password and an account for itself, and a client that logs in; the first link's AUTH comes in pieces.
  static func session() throws -> Timeline {
    var lab = Timeline(seed: 1)
    try lab.apply(.start(node: "m", Launch(arguments: ["--port", "7000", "--requirepass", "tell-nobody"])))
    let replicaof = ["--port", "7001", "--replicaof", "127.0.0.1 7000", "--masterauth", "tell-nobody"]
    try lab.apply(.start(node: "r", Launch(arguments: replicaof + ["--user", "alice", "on", ">in-wonderland ~*"])))
    for command in [
      ["AUTH", "tell-nobody"], ["CONFIG", "SET", "masterauth", "tell-nobody"], ["SET", "a", "tell-nobody"],
    ] {
      _ = try lab.command("m", command.map { Array($0.utf8) })
    }
    return lab
  }

  @Test("in no packet, message or heading of a session, wherever its packets are cut", arguments: [0, 10, 22, 30, 31])
  func steps(cut: Int) throws {
    var lab = try Self.session()
    _ = try lab.until(Expression("r.state = receive_auth_reply"))
    if cut > 0, let link = lab.world.links.first(where: { !$0.isClient }) {
      try lab.apply(.split(link.id, towards: .acceptor, sizes: [cut]))
    }
    _ = lab.advance(by: .seconds(3))
    var shown: [UInt8] = []
    var commands: [[[UInt8]]] = []
    lab.forEachStep { step in
      let step = step.hidingPasswords()
      for packet in step.packets { shown += Array(packet.payload.slice) + Array("|".utf8) }
      for delivery in step.delivered { shown += delivery.message.bytes + Array("|".utf8) }
      if case .command(_, let arguments) = step.action { commands.append(arguments) }
    }
    let text = String(decoding: shown, as: UTF8.self)
    #expect(text.contains("AUTH\r\n$11\r\n***********\r\n"))
    // What is no password is shown, even if it is the same.
    #expect(text.components(of: "tell-nobody") == (text.components(of: "$1\r\na\r\n$11\r\ntell-nobody\r\n")))
    #expect(!text.contains("nobody\r\n*3\r\n$8\r\nREPLCONF"))
    #expect(commands[0].map { String(decoding: $0, as: UTF8.self) } == ["AUTH", "***********"])
    #expect(commands[2].map { String(decoding: $0, as: UTF8.self) } == ["SET", "a", "tell-nobody"])
  }

  @Test("a saved script has other words for them, and still does the same")
  func script() throws {
    var lab = try Self.session()
    _ = lab.advance(by: .seconds(8))
    let (lines, hidden) = lab.script(hidesPasswords: true)
    #expect(hidden == 2)
    #expect(lines[0] == "start m --port 7000 --requirepass password-1")
    #expect(lines[1].hasSuffix("--masterauth password-1 --user alice on \">password-2 ~*\""))
    #expect(lines.contains("m AUTH password-1"))
    #expect(lines.contains("m SET a tell-nobody"))
    #expect(lab.script().lines[0] == "start m --port 7000 --requirepass tell-nobody")
  }
}

extension String {
  /// How often another text stands in this one.
  fileprivate func components(of other: String) -> Int { ranges(of: other).count }
}
