import Redis

extension Configuration {
  /// What a configuration file and the directives after it make, as for redis-server.
  ///
  /// - Parameter ports: where the nodes listen that there are, by their names.
  init(_ launch: Launch, ports: [String: Int]) throws(LabError) {
    self.init()
    if let file = launch.file {
      do throws(ConfigurationError) {
        try read(String(decoding: file.bytes, as: UTF8.self))
      } catch {
        throw LabError(
          "\(file.name), line \(error.line): '\(error.text)': \(error.reason)",
          advice: Self.masterAdvice(on: error.text, ports) ?? "")
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
