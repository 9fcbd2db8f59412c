// Commands on the server as a whole (server.c in Redis 7.0).

extension CommandTable {
  static let server: [String: Command.Body] = [
    "info": { $0.info(&$1) },
    "monitor": { $0.monitor(&$1) },
    "time": { $0.time(&$1) },
  ]
}

extension Node {
  /// TIME (`timeCommand` in server.c).
  mutating func time(_ call: inout Call) {
    call.reply.array(2)
    call.reply.bulk(String(now.seconds))
    call.reply.bulk(String(now.microseconds % 1_000_000))
  }

  /// INFO (`infoCommand`, `genInfoSectionDict` in server.c).
  mutating func info(_ call: inout Call) {
    var names = Set<String>()
    var all = false
    for argument in call.arguments.dropFirst() {
      switch argument.lowercased().text {
      case "default": names.formUnion(InfoSection.standard.map(\.rawValue))
      case "all", "everything": all = true
      case let name: names.insert(name)
      }
    }
    let isSentinel = configuration.isSentinel
    let standard = isSentinel ? InfoSection.ofSentinel : InfoSection.standard
    if call.arguments.count == 1 { names = Set(standard.map(\.rawValue)) }
    let known = isSentinel ? InfoSection.ofSentinel : InfoSection.allCases.filter { $0 != .sentinel }
    let sections = known.filter { all || names.contains($0.rawValue) }
    call.reply.verbatim(sections.map { infoSection($0) }.joined(separator: "\r\n"), format: "txt")
  }
}
