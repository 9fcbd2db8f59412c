import RESP
import Redis

/// What `start` was given.
package struct Launch: Sendable, Hashable {
  /// The configuration file as it was when the node was started, where one was named.
  package var file: ConfigurationFile?
  /// The directives, as redis-server takes them: `--port`, `7000`, …
  package var arguments: [String]
  /// The files that these name: those that are included, and that of the users.
  package var others: [ConfigurationFile] = []

  package init(file: ConfigurationFile? = nil, arguments: [String]) {
    self.file = file
    self.arguments = arguments
  }
}

extension Launch {
  /// The process runs in Sentinel mode (`checkForSentinelMode` in server.c).
  package var isSentinel: Bool { arguments.contains { $0.lowercased() == "--sentinel" } }

  /// A Sentinel keeps what it finds out in its file: where none was named, its directives become one.
  var withFile: Launch {
    guard isSentinel, file == nil else { return self }
    var launch = self
    // The mode by itself is no line of a file.
    let lines = Configuration.lines(of: arguments).filter { $0.lowercased() != "sentinel" }
    launch.file = ConfigurationFile(name: "sentinel.conf", bytes: lines.map { $0 + "\n" }.joined().bytes)
    launch.arguments = ["--sentinel"]
    return launch
  }

  /// Lays its files on a disk. What a node has written there stays, unless the file is another one than the disk was given
  /// with the launch before: somebody has edited it.
  func lay(on disk: inout Disk, after last: Launch?) {
    for file in [file].compactMap(\.self) + others
    where disk.files[file.name] == nil || !(last?.gave(file) ?? false) {
      disk.lay(file.name, file.bytes)
    }
  }

  private func gave(_ file: ConfigurationFile) -> Bool { self.file == file || others.contains(file) }
}

extension Configuration {
  /// What a configuration file and the directives after it make, as for redis-server.
  ///
  /// - Parameters:
  ///   - files: what is on the machine's disk.
  ///   - ports: where the nodes listen that there are, by their names.
  init(_ launch: Launch, files: [String: [UInt8]], ports: [String: Int]) throws(LabError) {
    self = launch.isSentinel ? .ofSentinel : Configuration()
    if let name = launch.file?.name {
      do throws(ConfigurationError) {
        try read(String(bytes: files[name] ?? [])) { included in
          Self.included(included, from: files).map { String(bytes: $0) }
        }
      } catch {
        let place = error.line == 0 ? name : "\(name), line \(error.line): '\(error.text)'"
        throw LabError("\(place): \(error.reason)", advice: Self.masterAdvice(on: error.text, ports) ?? "")
      }
    }
    do throws(ConfigurationError) {
      try read(arguments: launch.arguments)
    } catch {
      throw LabError(
        "'--\(error.text)': \(error.reason)",
        advice: Self.masterAdvice(on: error.text, ports) ?? "directives are those of redis.conf")
    }
    do throws(ConfigurationError) {
      try check()
    } catch {
      let place = error.line == 0 ? "" : "\(launch.file?.name ?? ""), line \(error.line): '\(error.text)': "
      throw LabError(place + error.reason)
    }
    guard databases <= Self.mostDatabases else {
      throw LabError(
        "\(databases) databases are more than the lab has room for", advice: "a node has at most \(Self.mostDatabases)")
    }
  }

  /// A server reserves what all that it is told of take; here they would be copied, too.
  private static let mostDatabases = 16_384

  /// How a master is written, where `replicaof` was given a node's name alone, or host and port as one word.
  private static func masterAdvice(on line: String, _ ports: [String: Int]) -> String? {
    let words = line.split { $0 == " " || $0 == "\"" }
    guard let directive = words.first?.lowercased(), ["replicaof", "slaveof"].contains(directive) else { return nil }
    var master = "127.0.0.1 7000"
    if words.count == 2 {
      let parts = words[1].split(separator: ":")
      if let port = ports[String(words[1])] {
        master = "127.0.0.1 \(port)"
      } else if parts.count == 2, let port = UInt16(parts[1]) {
        master = "\(ports[String(parts[0])] == nil ? parts[0] : "127.0.0.1") \(port)"
      }
    }
    return "a master is its host and its port, two words: --replicaof \"\(master)\""
  }
}
