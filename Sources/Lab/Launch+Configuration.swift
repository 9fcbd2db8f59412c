import Redis

extension Configuration {
  /// What a configuration file and directives make.
  init(_ launch: Launch) throws(LabError) {
    self.init()
    var rest = launch.arguments[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw LabError("\(name) has no value") }
      switch name {
      case "--port": port = Int(value) ?? port
      default: break
      }
    }
  }
}
