import Redis

extension Configuration {
  /// What a configuration file and the directives after it make, as for redis-server.
  ///
  /// - Parameters:
  ///   - files: what is on the machine's disk.
  ///   - ports: where the nodes listen that there are, by their names.
  init(_ launch: Launch, files: [String: [UInt8]], ports: [String: Int]) throws(LabError) {
    self.init()
    if let name = launch.file?.name {
      do throws(ConfigurationError) {
        try read(String(decoding: files[name] ?? [], as: UTF8.self)) { included in
          Self.included(included, from: files).map { String(decoding: $0, as: UTF8.self) }
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
      throw LabError(error.reason)
    }
  }

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
