import RESP

// What a Sentinel asks the instances again and again, and what it learns from their answers.

extension Node {
  /// What is due of INFO, PING and the hello message (`sentinelSendPeriodicCommands` in sentinel.c).
  mutating func sendPeriodicCommands(to id: InstanceID) {
    guard let instance = sentinel[id], let link = sentinel.links[instance.link],
      let master = sentinel.masters[id.master], let due = periodicCommands(to: instance, link, master)
    else { return }
    if let info = due.info, info <= milliseconds { send(["INFO"], to: id, .info) }
    if due.ping <= milliseconds { sendPing(to: id) }
    if due.hello <= milliseconds { sendHello(to: id) }
  }

  /// When each of them is due; nil while there is no connection, or too much is unanswered on it.
  func periodicCommands(
    to instance: SentinelInstance, _ link: InstanceLink, _ master: MonitoredMaster
  ) -> (info: Int64?, ping: Int64, hello: Int64)? {
    guard !link.isDisconnected, link.pendingCommands < 100 * link.owners else { return nil }
    let period = min(instance.downAfter, sentinel.periods.ping)
    let info = instance.infoRefresh == 0 ? 0 : instance.infoRefresh +| infoPeriod(of: instance, master) +| 1
    return (
      instance.kind == .sentinel ? nil : info, max(link.lastPong +| period, link.lastPing +| period / 2) +| 1,
      instance.lastPublished +| sentinel.periods.publish +| 1
    )
  }

  /// A replica is looked at more closely while its master is down or being replaced, or its own link is down.
  private func infoPeriod(of instance: SentinelInstance, _ master: MonitoredMaster) -> Int64 {
    guard instance.kind == .slave else { return sentinel.periods.info }
    let isWatched =
      !master.instance.flags.isDisjoint(with: [.oDown, .failoverInProgress])
      || instance.replica.masterLinkDownTime != 0
    return isWatched ? 1_000 : sentinel.periods.info
  }

  // MARK: PING

  /// (`sentinelSendPing` in sentinel.c).
  mutating func sendPing(to id: InstanceID) {
    let time = milliseconds
    guard let number = sentinel[id]?.link, sentinel.links[number]?.commands != nil else { return }
    send(["PING"], to: id, .ping)
    sentinel.links[number]?.lastPing = time
    if sentinel.links[number]?.actPing == 0 { sentinel.links[number]?.actPing = time }
  }

  /// Only an answer of one who could serve, sooner or later, counts; any says that the link is alive
  /// (`sentinelPingReplyCallback` in sentinel.c).
  mutating func receivePong(_ reply: RESP.Value, from id: InstanceID) {
    let time = milliseconds
    guard let number = sentinel[id]?.link else { return }
    switch reply {
    case .simple(let text), .error(let text):
      let word = String(bytes: text)
      if ["PONG", "LOADING", "MASTERDOWN"].contains(where: word.hasPrefix) {
        sentinel.links[number]?.lastAvailable = time
        sentinel.links[number]?.actPing = 0
        if word.hasPrefix("PONG") { sentinel[id]?.flags.remove(.masterReboot) }
      } else if word.hasPrefix("BUSY"), let flags = sentinel[id]?.flags, flags.contains(.sDown),
        !flags.contains(.scriptKillSent)
      {
        send(["SCRIPT", "KILL"], to: id)
        sentinel[id]?.flags.insert(.scriptKillSent)
      }
    default: break
    }
    sentinel.links[number]?.lastPong = time
  }

  // MARK: Hello

  /// Tells all who listen at the instance of this Sentinel, and where it takes the master to be (`sentinelSendHello` in
  /// sentinel.c).
  private mutating func sendHello(to id: InstanceID) {
    guard let master = sentinel.masters[id.master], let number = sentinel[id]?.link,
      let own = sentinel.announceIP ?? sentinel.links[number]?.commands?.local?.host
    else { return }
    let port = sentinel.announcePort == 0 ? configuration.port : sentinel.announcePort
    let place = master.currentPlace
    let hello =
      "\(own),\(port),\(sentinel.id),\(sentinel.currentEpoch),"
      + "\(id.master),\(sentinel.announced(place)),\(place.port),\(master.configEpoch)"
    send(["PUBLISH", Self.helloChannel.text, hello], to: id, .publish)
  }

  /// Everybody is to be told at the next turn (`sentinelForceHelloUpdateForMaster`,
  /// `sentinelForceHelloUpdateDictOfRedisInstances` in sentinel.c).
  mutating func forceHello(of master: String) {
    let period = sentinel.periods.publish +| 1
    for id in sentinel.instances(of: master) {
      if let last = sentinel[id]?.lastPublished { sentinel[id]?.lastPublished = last -| period }
    }
  }

  /// A message that was published at an instance: who else watches this master, and what they know of it
  /// (`sentinelReceiveHelloMessages` in sentinel.c).
  mutating func receiveHelloMessage(_ reply: RESP.Value, _ link: Int) {
    let time = milliseconds
    sentinel.links[link]?.pubsubActivity = time
    guard case .array(let parts) = reply, parts.count == 3, case .bulk(let kind) = parts[0],
      kind == Array("message".utf8), case .bulk = parts[1], case .bulk(let hello) = parts[2]
    else { return }
    let text = String(bytes: hello)
    if !Self.isOwn(hello, sentinel.id) { processHello(text) }
  }

  /// Whether the id is anywhere in it, as strstr(3) finds it.
  private static func isOwn(_ hello: [UInt8], _ id: String) -> Bool {
    let id = id.bytes
    guard let first = id.first, hello.count >= id.count else { return false }
    return (0...hello.count - id.count).contains { hello[$0] == first && hello[$0..<$0 + id.count] == id[...] }
  }

  /// The eight fields of a hello: the Sentinel's address, port and id and the epoch that it knows; the master's name, address,
  /// port and epoch (`sentinelProcessHelloMessage` in sentinel.c).
  mutating func processHello(_ hello: String) {
    let time = milliseconds
    let fields = hello.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
      String(bytes: $0).upToNUL
    }
    guard fields.count == 8, sentinel.masters[fields[4]] != nil else { return }
    let master = fields[4]
    let sender = sentinelOfHello(fields, of: master)
    let epoch = UInt64(leading: fields[3])
    if epoch > sentinel.currentEpoch {
      sentinel.currentEpoch = epoch
      flushSentinelConfig()
      sentinelEvent(.warning, "+new-epoch", text: "\(epoch)")
    }
    guard let sender else { return }
    takeConfiguration(of: master, host: fields[5], port: fields[6], epoch: UInt64(leading: fields[7]), from: sender)
    sentinel[sender]?.lastHello = time
  }

  /// The Sentinel that says hello, which may be new, or have moved (`sentinelProcessHelloMessage` in sentinel.c).
  private mutating func sentinelOfHello(_ fields: [String], of master: String) -> InstanceID? {
    let (host, port, runID) = (fields[0], Int64(Int32(leading: fields[1])), fields[2])
    let known = sentinelPlace(host, port, acceptsUnresolved: true).flatMap { place in
      sentinel.masters[master]?.sentinels.first { $0.value.runID == runID && $0.value.place.isSame(as: place) }
    }
    if let known { return .sentinel(known.key, of: master) }
    let hasMoved = forgetSentinels(runID, of: master)
    if hasMoved {
      sentinelEvent(
        .notice, "+sentinel-address-switch", of: .master(master), "ip \(host) port \(port) for \(runID)")
    } else if let place = sentinelPlace(host, port, acceptsUnresolved: true),
      let other = sentinel.masters[master]?.sentinels.first(where: { $0.value.place.isSame(as: place) })
    {
      sentinelEvent(.notice, "+sentinel-invalid-addr", of: .sentinel(other.key, of: master))
      for name in sentinel.masters.keys { _ = forgetSentinels(other.value.runID ?? "", of: name) }
    }
    guard let id = try? addInstance(.sentinel, runID, of: master, host: host, port: port) else { return nil }
    if !hasMoved { sentinelEvent(.notice, "+sentinel", of: id) }
    sentinel[id]?.runID = runID
    sentinel.shareLink(of: id)
    if hasMoved { updateAddressInAllMasters(of: id) }
    flushSentinelConfig()
    return id
  }

  /// A Sentinel has another address: those by way of other masters get it, too, and are connected anew
  /// (`sentinelUpdateSentinelAddressInAllMasters` in sentinel.c).
  private mutating func updateAddressInAllMasters(of id: InstanceID) {
    guard let instance = sentinel[id], let runID = instance.runID else { return }
    var updated = 0
    for name in sentinel.masters.keys {
      guard let match = sentinel.masters[name]?.sentinels.first(where: { $0.value.runID == runID }) else { continue }
      closeConnection(.commands, of: match.value.link)
      closeConnection(.pubsub, of: match.value.link)
      if name == id.master { continue }
      sentinel[.sentinel(match.key, of: name)]?.place = instance.place
      updated += 1
    }
    if updated > 0 {
      sentinelEvent(.notice, "+sentinel-address-update", of: id, "\(updated) additional matching instances")
    }
  }

  /// A greater epoch is a newer failover: the master is where that one says (`sentinelProcessHelloMessage` in
  /// sentinel.c).
  private mutating func takeConfiguration(
    of master: String, host: String, port: String, epoch: UInt64, from sender: InstanceID
  ) {
    guard let known = sentinel.masters[master], known.configEpoch < epoch else { return }
    sentinel.masters[master]?.configEpoch = epoch
    let old = known.instance.place
    let port = Int64(Int32(leading: port))
    guard port != Int64(old.port) || !isAddress(old, ofHost: host) else { return }
    emit(.decided(.takeConfiguration(master: master, own: known.configEpoch, told: epoch)))
    sentinelEvent(.warning, "+config-update-from", of: sender)
    sentinelEvent(.warning, "+switch-master", text: "\(master) \(sentinel.announced(old)) \(old.port) \(host) \(port)")
    switchMaster(master, to: host, port: port)
  }

  /// (`sentinelAddrEqualsHostname` in sentinel.c).
  func isAddress(_ place: SentinelAddress, ofHost host: String) -> Bool {
    if let ip = sentinel.resolve(host, hosts) { return place.ip == ip }
    return (sentinel.resolveHostnames ? place.hostname : place.ip).asciiLowercased() == host.asciiLowercased()
  }
}

// The number at the beginning of a text, as C reads it.

extension Int64 {
  /// (strtoll(3).)
  init(leading text: some StringProtocol) { self = Integer.leading(Bytes(text.bytes)) }
}

extension Int32 {
  /// (atoi(3), which keeps the lower half of what strtol(3) finds.)
  init(leading text: some StringProtocol) { self.init(truncatingIfNeeded: Int64(leading: text)) }
}

extension UInt64 {
  /// (strtoull(3): -1 is the greatest number.)
  init(leading text: some StringProtocol) {
    var digits = Array(text.utf8).drop { $0 == 32 || (9...13).contains($0) }
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    digits = digits.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    // None of them is 0, and too many are the greatest number.
    let value = digits.isEmpty ? 0 : UInt64(String(bytes: digits)) ?? .max
    self = isNegative && value != .max ? 0 &- value : value
  }
}
