import Foundation
import RESP
import RealRedis
import Testing

@testable import Redis

/// ACL files, read and written by a real server and by a node.
@Suite("ACL files", .enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct AccessControlFileTests {
  static let files = [
    "", "\n\n  \n", "user a on nopass +@all ~*\n", "user a on\nuser b off >pw ~k* +get -@write\r\n",
    "user default on >pw ~* &* +@all\nuser a on (+get ~a) (+set ~b)\n", "user a (~x +get &c) on", "nonsense\n",
    "user\n",
    "user a on\nuser a off\n", "user a nonsense alsonot\n", "user a +nosuch +@nosuch on\n", "user a (+get\n",
    "user a\ton\n", "# a comment\nuser a on\n", "user a on  nopass\n", "user default off\nuser a on #abc\n",
    "user a\u{10FFFF} on >p\u{10FFFE} ~k\u{10FF80}* +get\n", "user a ~\u{10FFFF} \u{10FFFF} +\u{10FFFF}\n",
    "user a\u{10FFFF} on\nuser a\u{10FFFF} off\n", "user a\0b on\n", "user a on\0x +get\0x +x\0y y\0z\n",
    "user a ~* ~x\nuser b &* &x\nuser c <pw\n", "user a \"on\"\n",
  ]

  @Test("are taken and refused with the same words, and written alike")
  func sameWords() throws {
    let start = Array("user default on nopass ~* &* +@all\nuser old on >pw +ping\n".utf8)
    let server = try RealServer(["--aclfile", "users.acl"], files: ["users.acl": start])
    var configuration = Configuration()
    try configuration.set("aclfile", "users.acl")
    // The default user's connections outlive a load, whatever it does to the user.
    let real = try Socket(port: server.port)
    for text in Self.files {
      var node = NodeClient(configuration, files: ["users.acl": start])
      let connection = node.connect()
      try Data(start).write(to: URL(fileURLWithPath: server.directory + "/users.acl"))
      _ = try real.command(["ACL", "LOAD"].map { Array($0.utf8) })
      try Data(text.bytes).write(to: URL(fileURLWithPath: server.directory + "/users.acl"))
      node.node.aclFile = text.bytes
      for command in ["ACL LOAD", "ACL USERS", "ACL LIST", "ACL GETUSER a"] {
        let words = command.split(separator: " ").map { Array($0.utf8) }
        let expected = String(bytes: try real.command(words))
        #expect(String(bytes: node.command(words, on: connection)) == expected, "\(text) \(command)")
      }
      guard node.command("ACL SAVE", on: connection) == "+OK\r\n" else { continue }
      _ = try real.command(["ACL", "SAVE"].map { Array($0.utf8) })
      #expect(
        node.node.aclFile.map { String(bytes: $0) } == server.file("users.acl").map { String(bytes: $0) })
    }
  }

  @Test("throw out who is logged in as another than the default user")
  func throwsOut() throws {
    var configuration = Configuration()
    try configuration.set("aclfile", "users.acl")
    var node = NodeClient(configuration, files: ["users.acl": Array("user a on nopass +@all\n".utf8)])
    let (admin, client) = (node.connect(), node.connect())
    #expect(node.command("AUTH a x", on: client) == "+OK\r\n")
    #expect(node.command("ACL LOAD", on: admin) == "+OK\r\n")
    #expect(node.closed.contains(client))
    #expect(node.command("ACL WHOAMI", on: admin) == "$7\r\ndefault\r\n")
  }

  @Test(
    "that can't be taken end the process",
    arguments: [
      ([], "Error loading ACLs, opening file 'users.acl': No such file or directory"),
      (
        ["user", "a", "on"],
        "please define either an ACL file or declare users directly in your redis.conf, but not both."
      ),
    ])
  func ends(line: [String], words: String) throws {
    var configuration = Configuration()
    try configuration.set("aclfile", "users.acl")
    if !line.isEmpty { try configuration.set("user", line[1], line[2]) }
    var node = NodeClient(configuration)
    #expect(node.node.hasExited)
    let effects = node.takeEffects()
    #expect(effects.contains(.exit(code: 1)))
    #expect(effects.contains { if case .log(let entry) = $0 { entry.text.hasSuffix(words) } else { false } })
  }

  @Test("A user of the configuration whose rules name an unknown command ends the process at its start")
  func unknownCommand() throws {
    var configuration = Configuration()
    try configuration.set("user", "a", "on", "+nosuch")
    var node = NodeClient(configuration)
    #expect(node.takeEffects().contains(.exit(code: 1)))
    #expect(throws: ConfigurationError.self) { try configuration.set("user", "a", "on") }
    #expect(throws: ConfigurationError.self) { try configuration.set("user", "b", "nonsense") }
  }
}
