import RESP
import RealRedis
import Redis
import Testing

struct CommandCatalogueTests {
  private static let names = CommandTable.known.flatMap { [$0.name] + $0.subcommands.map(\.name) }

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
