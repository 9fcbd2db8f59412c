// Where a server listens (listenToPort and changeBindAddr in Redis 7.0). A node's machine has the loopback and nothing else.

extension Node {
  /// What comes of listening on all addresses of `bind`: what the log says of those that can't be had, whether one of
  /// them can't be done without, and whether any is left (`listenToPort` in server.c).
  private func listening(_ configuration: Configuration) -> (warnings: [String], fails: Bool, isAnywhere: Bool) {
    var result = (warnings: [String](), fails: false, isAnywhere: false)
    let addresses = DirectiveTable.find("bind")?.get(configuration) ?? ""
    for address in addresses.split(separator: " ") {
      // With a minus in front it may be missing.
      let isOptional = address.hasPrefix("-")
      let host = String(isOptional ? address.dropFirst() : address)
      guard let reason = refusalToBind(host) else {
        result.isAnywhere = true
        continue
      }
      result.warnings.append(
        "Warning: Could not create server TCP listening socket \(host):\(configuration.port): \(reason)")
      if isOptional, reason == Self.foreignAddress { continue }
      result.fails = true
      break
    }
    return result
  }

  private static let foreignAddress = "bind: Cannot assign requested address"

  private func refusalToBind(_ host: String) -> String? {
    if ["*", "::*", "::", "::1"].contains(host) { return nil }
    switch hosts.failure(of: host) {
    case nil, .refused: return nil
    case .unreachable: return Self.foreignAddress
    case .invalidAddress: return "bind: Invalid argument"
    case .unknownHost: return "Name or service not known"
    }
  }

  /// Why a process that starts ends before it listens, in the words of its log; what it warns of, it says by itself
  /// (`initServer` in server.c).
  mutating func listenRefusal() -> String? {
    guard configuration.port != 0 else { return "Configured to not listen anywhere, exiting." }
    let result = listening(configuration)
    for warning in result.warnings { log(.warning, warning) }
    if result.fails { return "Failed listening on port \(configuration.port) (TCP), aborting." }
    return result.isAnywhere ? nil : "Configured to not listen anywhere, exiting."
  }

  /// A changed configuration asks for other addresses; false, after the old ones were taken up again, if they can't be
  /// had (`changeBindAddr` in server.c; `applyBind` in config.c).
  mutating func changeBindAddress(insteadOf old: Configuration) -> Bool {
    let result = listening(configuration)
    for warning in result.warnings { log(.warning, warning) }
    guard result.fails else {
      emit(.listen(port: result.isAnywhere ? configuration.port : 0))
      return true
    }
    log(.warning, "Failed to bind")
    log(
      .warning,
      "Failed applying new configuration. Possibly related to new bind setting. Restoring previous settings.")
    for warning in listening(old).warnings { log(.warning, warning) }
    return false
  }
}
