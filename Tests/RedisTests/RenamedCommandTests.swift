import RealRedis
import Redis
import Testing

/// `rename-command`, the same lines to a real server and to a node.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct RenamedCommandTests {
  static let renames = [
    "--rename-command", "SET", "S3T", "--rename-command", "GET", "", "--rename-command", "config", "Cfg",
    "--rename-command", "INCR", "Inc2", "--rename-command", "MULTI", "DEL2",
  ]
  static let commands = [
    "SET a 1", "S3T a 1", "s3t a 2", "GET a", "CONFIG GET port", "cfg SET timeout 5", "CFG GET timeout", "CFG XYZ",
    "cfg", "inc2 a", "INCR a", "S3T a", "COMMAND INFO SET", "COMMAND INFO s3t", "COMMAND INFO cfg|get",
    "COMMAND INFO config|get", "COMMAND GETKEYS SET a b", "COMMAND GETKEYS S3T a b", "MULTI", "del2", "S3T b 1",
    "INC2 b", "EXEC", "ACL SETUSER u on nopass +set", "ACL SETUSER v on nopass +s3t",
    "ACL SETUSER v on nopass +config|get", "ACL DRYRUN u SET a 1", "ACL DRYRUN u s3t a 1", "ACL LIST",
    "INFO errorstats",
  ]

  @Test func aRenamedCommandIsKnownByItsNewNameAlone() throws {
    let server = try RealServer(["--appendonly", "yes"] + Self.renames)
    let socket = try Socket(port: server.port)
    var configuration = Configuration()
    try configuration.read(arguments: ["--appendonly", "yes"] + Self.renames)
    var client = NodeClient(configuration)
    let connection = client.connect()
    for line in Self.commands {
      let command = line.split(separator: " ").map { Array($0.utf8) }
      #expect(shown(client.command(command, on: connection)) == shown(try socket.command(command)), "\(line)")
    }
    // The stream says what the client said.
    let file = "appendonlydir/appendonly.aof.1.incr.aof"
    var written: [UInt8] = []
    for case .file(.append(name: file, let bytes)) in client.takeEffects() { written += bytes }
    #expect(shown(written) == shown(try #require(server.file(file))))
  }

  @Test func anAppendOnlyFileSpeaksOfItByThatName() throws {
    var configuration = Configuration()
    try configuration.read(arguments: ["--appendonly", "yes"] + Self.renames)
    var client = NodeClient(configuration)
    _ = client.command("S3T a 1", on: client.connect())
    var files: [String: [UInt8]] = [:]
    for case .file(let operation) in client.takeEffects() {
      switch operation {
      case .write(let name, let bytes): files[name] = bytes
      case .append(let name, let bytes): files[name, default: []] += bytes
      case .rename(let old, let new): files[new] = files.removeValue(forKey: old)
      case .truncate, .sync, .delete: break
      }
    }
    #expect(NodeClient(configuration, files: files).node.databases[0].count == 1)
    try configuration.read(arguments: ["--rename-command", "S3T", "SET"])
    var other = NodeClient(configuration, files: files)
    let log = other.takeEffects().compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
    #expect(log.contains("Unknown command 'S3T' reading the append only file appendonly.aof.1.incr.aof"))
    #expect(other.node.hasExited)
  }
}
