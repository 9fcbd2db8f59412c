// CLIENT TRACKING and its companions: caches on the clients' side (networking.c in Redis 7.0).

extension CommandTable {
  static let clientTracking: [String: Command.Body] = [
    "client|caching": { $0.clientCaching(&$1) },
    "client|getredir": { $0.clientGetredir(&$1) },
    "client|tracking": { $0.clientTracking(&$1) },
    "client|trackinginfo": { $0.clientTrackinginfo(&$1) },
  ]
}

/// What CLIENT TRACKING asks for.
private struct TrackingRequest {
  var options: Client.Tracking.Options = []
  var redirect = 0
  var prefixes: [Bytes] = []
}

extension Node {
  /// CLIENT TRACKING (`clientCommand` in networking.c).
  mutating func clientTracking(_ call: inout Call) {
    guard let asked = trackingRequest(&call) else { return }
    if call.arguments[2].matches("OFF") {
      disableTracking(call.connection)
      return call.reply.ok()
    }
    guard call.arguments[2].matches("ON") else { return call.syntaxError() }
    if let complaint = trackingComplaint(asked, clients[call.connection]?.tracking) {
      return call.reply.error("ERR " + complaint)
    }
    if asked.options.contains(.broadcast), !prefixesAreDistinct(asked.prefixes, &call) { return }
    enableTracking(call.connection, asked.options, redirect: asked.redirect, prefixes: asked.prefixes)
    call.reply.ok()
  }

  /// What is asked for; nil: the client was told what is wrong with it.
  private func trackingRequest(_ call: inout Call) -> TrackingRequest? {
    var asked = TrackingRequest()
    var position = 3
    while position < call.arguments.count {
      let option = call.arguments[position]
      let hasMore = position + 1 < call.arguments.count
      if option.matches("REDIRECT"), hasMore {
        position += 1
        guard asked.redirect == 0 else {
          call.reply.error("ERR A client can only redirect to a single other client")
          return nil
        }
        guard let id = call.integer(at: position) else { return nil }
        guard clients.contains(where: { Int64($0.id) == id }) else {
          call.reply.error("ERR The client ID you want redirect to does not exist")
          return nil
        }
        asked.redirect = Int(id)
      } else if option.matches("BCAST") {
        asked.options.insert(.broadcast)
      } else if option.matches("OPTIN") {
        asked.options.insert(.optIn)
      } else if option.matches("OPTOUT") {
        asked.options.insert(.optOut)
      } else if option.matches("NOLOOP") {
        asked.options.insert(.noLoop)
      } else if option.matches("PREFIX"), hasMore {
        position += 1
        asked.prefixes.append(call.arguments[position])
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    return asked
  }

  /// What does not go together, or with what the client tracks already.
  private func trackingComplaint(_ asked: TrackingRequest, _ current: Client.Tracking?) -> String? {
    let isBroadcast = asked.options.contains(.broadcast)
    let again = "before disabling tracking for this client, and then re-enabling it with a different mode."
    if !isBroadcast, !asked.prefixes.isEmpty { return "PREFIX option requires BCAST mode to be enabled" }
    if let current, current.options.contains(.broadcast) != isBroadcast {
      return "You can't switch BCAST mode on/off " + again
    }
    if isBroadcast, !asked.options.isDisjoint(with: [.optIn, .optOut]) {
      return "OPTIN and OPTOUT are not compatible with BCAST"
    }
    if asked.options.isSuperset(of: [.optIn, .optOut]) {
      return "You can't specify both OPTIN mode and OPTOUT mode"
    }
    if let current,
      asked.options.contains(.optIn) && current.options.contains(.optOut)
        || asked.options.contains(.optOut) && current.options.contains(.optIn)
    {
      return "You can't switch OPTIN/OPTOUT mode " + again
    }
    return nil
  }

  /// No key may begin with two of a client's prefixes; if one may, the client is told, but for two of the same command of
  /// which the first is not its first (`checkPrefixCollisionsOrReply` in tracking.c).
  private func prefixesAreDistinct(_ prefixes: [Bytes], _ call: inout Call) -> Bool {
    let rule = "Prefixes for a single client must not overlap."
    func overlap(_ a: Bytes, _ b: Bytes) -> Bool { zip(a.array, b.array).allSatisfy { $0 == $1 } }
    for (index, prefix) in prefixes.enumerated() {
      if let old = clients[call.connection]?.tracking?.prefixes.first(where: { overlap($0, prefix) }) {
        call.reply.error("ERR Prefix '\(prefix.printed)' overlaps with an existing prefix '\(old.printed)'. " + rule)
        return false
      }
      if let other = prefixes[(index + 1)...].first(where: { overlap(prefix, $0) }) {
        call.reply.error(
          "ERR Prefix '\(prefix.printed)' overlaps with another provided prefix '\(other.printed)'. " + rule)
        // The complaint about a later pair is made, and what was asked for is done.
        return index > 0
      }
    }
    return true
  }

  /// CLIENT CACHING (`clientCommand` in networking.c).
  mutating func clientCaching(_ call: inout Call) {
    guard let options = clients[call.connection]?.tracking?.options else {
      return call.reply.error(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
    }
    if call.arguments[2].matches("YES") {
      guard options.contains(.optIn) else {
        return call.reply.error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
      }
    } else if call.arguments[2].matches("NO") {
      guard options.contains(.optOut) else {
        return call.reply.error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
      }
    } else {
      return call.syntaxError()
    }
    clients[call.connection]?.tracking?.options.insert(.caching)
    call.reply.ok()
  }

  /// CLIENT GETREDIR (`clientCommand` in networking.c).
  mutating func clientGetredir(_ call: inout Call) {
    call.reply.integer(clients[call.connection]?.shownRedirect ?? -1)
  }

  /// CLIENT TRACKINGINFO (`clientCommand` in networking.c).
  mutating func clientTrackinginfo(_ call: inout Call) {
    let state = clients[call.connection]?.tracking
    let options = state?.options ?? []
    var flags = [state == nil ? "off" : "on"]
    if options.contains(.broadcast) { flags.append("bcast") }
    if options.contains(.optIn) { flags += options.contains(.caching) ? ["optin", "caching-yes"] : ["optin"] }
    if options.contains(.optOut) { flags += options.contains(.caching) ? ["optout", "caching-no"] : ["optout"] }
    if options.contains(.noLoop) { flags.append("noloop") }
    if options.contains(.brokenRedirect) { flags.append("broken_redirect") }
    call.reply.map(3)
    call.reply.bulk("flags")
    call.reply.set(flags.count)
    for flag in flags { call.reply.bulk(flag) }
    call.reply.bulk("redirect")
    call.reply.integer(clients[call.connection]?.shownRedirect ?? -1)
    call.reply.bulk("prefixes")
    call.reply.array(state?.prefixes.count ?? 0)
    for prefix in state?.prefixes ?? [] { call.reply.bulk(prefix) }
  }
}
