import RESP

// REPLCONF, by which a replica introduces itself and later acknowledges (docs/PROTOCOL.md, 1).

extension Node {
  /// REPLCONF (`replconfCommand` in replication.c). Pairs of an option and a value, taken from left to right; an
  /// acknowledgement is never answered.
  mutating func receiveReplconf(_ call: inout Call) {
    let arguments = call.arguments
    guard arguments.count % 2 == 1 else {
      call.reply.error("ERR syntax error")
      return
    }
    for index in stride(from: 1, to: arguments.count, by: 2) {
      let (option, value) = (arguments[index], arguments[index + 1])
      switch option.word {
      case "ack":
        receiveAcknowledgement(value, from: call.connection)
        return
      case "getack":
        if replication.session != nil { sendAcknowledgement() }
        return
      default:
        if let refusal = setReplicaOption(option, value, of: call.connection) {
          call.reply.error(refusal)
          return
        }
      }
    }
    call.reply.ok()
  }

  /// What a replica says of itself (`replconfCommand` in replication.c).
  ///
  /// - Returns: what is wrong with it, or nil.
  private mutating func setReplicaOption(_ option: Bytes, _ value: Bytes, of connection: ConnectionID) -> String? {
    var session = clients[connection]?.replica ?? ReplicaSession()
    switch option.word {
    case "listening-port":
      guard let port = Integer.parse(value) else { return "ERR value is not an integer or out of range" }
      session.listeningPort = Int(Int32(truncatingIfNeeded: port))
    case "ip-address":
      guard value.count < 256 else {
        return "ERR REPLCONF ip-address provided by replica instance is too long: \(value.count) bytes"
      }
      session.announcedIP = value.printed
    case "capa":
      // Unknown ones are of no use here, and no mistake.
      if value.matches("eof") { session.capabilities.insert(.eof) }
      if value.matches("psync2") { session.capabilities.insert(.psync2) }
    case "rdb-only":
      guard let flag = Integer.parse(value), flag == 0 || flag == 1 else {
        return Integer.parse(value) == nil
          ? "ERR value is not an integer or out of range" : "ERR value is out of range, value must between 0 and 1"
      }
      session.wantsOnlySnapshot = flag == 1
    case "rdb-filter-only":
      guard let filters = InlineCommand.split(value.array) else { return "ERR Missing rdb-filter-only values" }
      session.requirements = [.excludeData, .excludeFunctions]
      for filter in filters.map({ Bytes($0) }) {
        guard filter.matches("functions") else {
          clients[connection]?.replica = session
          return "ERR Unsupported rdb-filter-only option: \(filter.printed)"
        }
        session.requirements.remove(.excludeFunctions)
      }
    default: return "ERR Unrecognized REPLCONF option: \(option.printed)"
    }
    clients[connection]?.replica = session
    return nil
  }
}
