import Redis

extension Configuration {
  /// What a configuration file and the directives after it make, as for redis-server.
  init(_ launch: Launch) throws(LabError) {
    self.init()
    if let file = launch.file {
      do throws(ConfigurationError) {
        try read(String(decoding: file.bytes, as: UTF8.self))
      } catch {
        throw LabError("\(file.name), line \(error.line): '\(error.text)': \(error.reason)")
      }
    }
    do throws(ConfigurationError) {
      try read(arguments: launch.arguments)
    } catch {
      throw LabError("'--\(error.text)': \(error.reason)", advice: "directives are those of redis.conf")
    }
    do throws(ConfigurationError) {
      try check()
    } catch {
      throw LabError(error.reason)
    }
  }
}
