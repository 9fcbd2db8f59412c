import Foundation
import RESP
import RealRedis
import Redis
import Testing

struct CommandCatalogueTests {
  private static let names = CommandTable.known.flatMap { [$0.name] + $0.subcommands.map(\.name) }

  @Test("The manual names the commands that a node can't run") func missing() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../docs/MANUAL.md"
    let manual = try String(contentsOfFile: path, encoding: .utf8)
    let sentence = try #require(
      manual.components(separatedBy: "and nothing is sent:").last?.split(separator: ".").first)
    let named = sentence.split(separator: "`").filter { !$0.contains(" ") && !$0.contains(",") && !$0.contains("\n") }
    #expect(
      named.map(String.init).sorted() == CommandTable.known.filter { $0.runnable == nil }.map { $0.name.uppercased() })
  }

  @Test("Each line of the catalogue is of a command of its own") func lines() {
    #expect(CommandCatalogue.lines.count == Self.names.count)
    #expect(Set(Self.names).count == Self.names.count)
  }

  @Test("Whatever a node can run has its line") func bodies() {
    #expect(Set(CommandTable.bodies.keys).subtracting(Self.names) == [])
    let runnable = CommandTable.known.flatMap { [$0] + $0.subcommands }.filter { $0.body != nil }
    #expect(Set(runnable.map(\.name)) == Set(CommandTable.bodies.keys))
  }

  @Test(
    "Each line says what COMMAND of a real server says, those included that a node can't run",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func facts() throws {
    let server = try RealServer()
    let real = try #require(try Self.commands(try server.command("COMMAND")))
    var said = ReplyBuffer()
    said.describe(CommandTable.known)
    let ours = try #require(try Self.commands(said.take()))
    #expect(ours.map(\.name) == real.map(\.name))
    for (ours, real) in zip(ours, real) { #expect(ours == real, "\(ours.name)") }
  }

  @Test(
    "Its docs say what COMMAND DOCS of a real server says, in both protocols",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: [ProtocolVersion.resp2, .resp3])
  func docs(version: ProtocolVersion) throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    _ = try socket.command(["HELLO", "\(version.rawValue)"].map { Array($0.utf8) })
    for command in CommandTable.known {
      var said = ReplyBuffer()
      said.version = version
      said.map(1)
      said.bulk(command.name)
      said.document(command)
      let real = try socket.command(["COMMAND", "DOCS", command.name].map { Array($0.utf8) })
      #expect(try Self.documents(said.take()) == Self.documents(real), "\(command.name)")
    }
  }

  @Test(
    "So do those of the command that only a Sentinel has",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func sentinelDocs() throws {
    let file = Array("sentinel monitor mymaster 127.0.0.1 1 1\n".utf8)
    let server = try RealServer(["s.conf", "--sentinel"], files: ["s.conf": file], program: "redis-server")
    let command = try #require(CommandTable.findOfSentinel(fullName: "sentinel"))
    var said = ReplyBuffer()
    said.map(1)
    said.bulk(command.name)
    said.document(command)
    let real = try server.command("COMMAND", "DOCS", "SENTINEL")
    #expect(try Self.documents(said.take()) == Self.documents(real))
  }

  /// The docs of a command as text, with those of its subcommands, which a real server lists in hash order, by name.
  private static func documents(_ reply: [UInt8]) throws -> String {
    var decoder = ReplyDecoder()
    decoder.feed(reply)
    func sorted(_ texts: [String]) -> [String] { reply.first == UInt8(ascii: "*") ? texts.sorted() : texts }
    func text(_ value: RESP.Value?) -> String {
      switch value {
      case .map(let pairs):
        "%\(pairs.count) " + pairs.map { text($0.key) + "=" + text($0.value) }.sorted().joined(separator: ";")
      case .array(let elements):
        // In RESP2, a map is one: of names and docs.
        "*\(elements.count) " + sorted(elements.map { text($0) }).joined(separator: ",")
      case .set(let elements): "~" + elements.map { text($0) }.joined(separator: ",")
      case let other: "\(String(describing: other))"
      }
    }
    return text(try decoder.next())
  }

  /// What COMMAND says of one command; its subcommands, which a real server lists in hash order, by name.
  private struct Entry: Equatable {
    var name: String
    var facts: [RESP.Value]
    var subcommands: [Entry]
  }

  private static func commands(_ reply: [UInt8]) throws -> [Entry]? {
    var decoder = ReplyDecoder()
    decoder.feed(reply)
    return try decoder.next().flatMap(entries)
  }

  private static func entries(_ value: RESP.Value) -> [Entry]? {
    guard case .array(let commands) = value else { return nil }
    return commands.compactMap { command in
      guard case .array(var facts) = command, let last = facts.popLast(), let subcommands = entries(last),
        case .bulk(let name) = facts.first
      else { return nil }
      return Entry(name: String(decoding: name, as: UTF8.self), facts: facts, subcommands: subcommands)
    }.sorted { $0.name < $1.name }
  }
}
