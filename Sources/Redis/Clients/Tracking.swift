import RESP

/// Which clients may hold a copy of which keys, and are to be told when one changes (tracking.c).
package struct Tracking: Equatable, Sendable {
  /// The ids of the clients that read each key, in ascending order. Those of clients that have gone stay until the key
  /// changes (`TrackingTable` in tracking.c).
  var readers = Dict<[Int]>()
  /// How many ids there are in it.
  var readerCount = 0
  /// In the order of the prefixes (`PrefixTable` in tracking.c).
  var broadcasts: [Broadcast] = []
  /// What the client whose command is being run is told behind its reply; nil: all keys.
  fileprivate var pending: [Bytes?] = []
  /// How often the table was found too long in a row.
  fileprivate var attempts = 0

  /// The clients that want to hear of every key with a prefix, and the keys that changed since they last did: each with the
  /// client that changed it (`bcastState` in tracking.c).
  struct Broadcast: Equatable, Sendable {
    let prefix: Bytes
    var listeners: [ConnectionID] = []
    var changed: [Bytes: ConnectionID?] = [:]

    /// (`trackingBuildBroadcastReply` in tracking.c).
    func message(without own: ConnectionID?) -> [Bytes] {
      changed.filter { own == nil || $0.value != own }.keys.sorted()
    }
  }
}

extension Client {
  /// What the client asked for with CLIENT TRACKING.
  package struct Tracking: Equatable, Sendable {
    package struct Options: OptionSet, Hashable, Sendable {
      package let rawValue: UInt8
      package init(rawValue: UInt8) { self.rawValue = rawValue }
      /// It is told of every key with one of its prefixes, read or not.
      static let broadcast = Options(rawValue: 1)
      /// Only what it reads after CLIENT CACHING YES counts, or all but what it reads after CLIENT CACHING NO.
      static let optIn = Options(rawValue: 2)
      static let optOut = Options(rawValue: 4)
      /// Not of what it changes itself.
      static let noLoop = Options(rawValue: 8)
      /// CLIENT CACHING was said for the next command.
      static let caching = Options(rawValue: 16)
      /// The client to which it redirects has gone.
      static let brokenRedirect = Options(rawValue: 32)
    }

    var options: Options = []
    /// In their order.
    var prefixes: [Bytes] = [] {
      didSet { prefixNodes = Self.nodes(of: prefixes) }
    }
    /// How many nodes the radix tree has in which Redis keeps them.
    private var prefixNodes = 0

    /// What that counts as (`getClientMemoryUsage` in networking.c: the product of the sizes of a node and of a pointer).
    var memory: Int { 32 * prefixNodes }
  }

  /// To whom it redirects, as it is told; -1: it does not track.
  var shownRedirect: Int { tracking == nil ? -1 : redirect }
}

extension Client.Tracking {
  /// How many nodes a radix tree of these has, none of which begins with another, in their order (rax.c). A node is where a
  /// prefix ends or several go on, and what lies between two of these is one more, however long; from one with several
  /// children on the first byte is not part of that.
  fileprivate static func nodes(of prefixes: [Bytes]) -> Int {
    guard let first = prefixes.first else { return 0 }
    // From the root to the node, which is there in any case.
    func nodes(from parent: Int?, to depth: Int) -> Int { depth - (parent.map { $0 + 1 } ?? 0) > 0 ? 2 : 1 }
    guard prefixes.count > 1 else { return nodes(from: nil, to: first.count) }
    let shared = zip(prefixes, prefixes.dropFirst()).map { zip($0.array, $1.array).prefix { $0 == $1 }.count }
    var count = 0
    for (index, prefix) in prefixes.enumerated() {
      let parent = max(index > 0 ? shared[index - 1] : 0, index < shared.count ? shared[index] : 0)
      count += nodes(from: parent, to: prefix.count)
    }
    // The nodes with several children above the prefix at hand, by their depth.
    var branches: [Int] = []
    for depth in shared {
      while let branch = branches.last, branch > depth {
        branches.removeLast()
        count += nodes(from: max(branches.last ?? 0, depth), to: branch)
      }
      if branches.last != depth { branches.append(depth) }
    }
    while let branch = branches.popLast() { count += nodes(from: branches.last, to: branch) }
    return count
  }
}

extension Node {
  // MARK: Beginning and ending

  /// (`enableTracking`, `enableBcastTrackingForPrefix` in tracking.c).
  mutating func enableTracking(
    _ connection: ConnectionID, _ options: Client.Tracking.Options, redirect: Int, prefixes: [Bytes]
  ) {
    guard let index = clients.index(forKey: connection) else { return }
    if clients[index].tracking == nil { trackingClients += 1 }
    var state = clients[index].tracking ?? Client.Tracking()
    // CLIENT CACHING goes on to count.
    state.options = options.union(state.options.intersection(.caching))
    clients[index].redirect = redirect
    if options.contains(.broadcast) {
      for prefix in prefixes.isEmpty ? [Bytes()] : prefixes {
        let place = tracking.broadcasts.partitioningIndex { $0.prefix >= prefix }
        if place == tracking.broadcasts.count || tracking.broadcasts[place].prefix != prefix {
          tracking.broadcasts.insert(Tracking.Broadcast(prefix: prefix), at: place)
        }
        if tracking.broadcasts[place].listeners.contains(connection) { continue }
        tracking.broadcasts[place].listeners.append(connection)
        state.prefixes.append(prefix)
      }
      state.prefixes.sort()
    }
    clients[index].tracking = state
  }

  /// (`disableTracking` in tracking.c).
  mutating func disableTracking(_ connection: ConnectionID) {
    guard let state = clients[connection]?.tracking else { return }
    for prefix in state.prefixes {
      guard let place = tracking.broadcasts.firstIndex(where: { $0.prefix == prefix }) else { continue }
      tracking.broadcasts[place].listeners.removeAll { $0 == connection }
      if tracking.broadcasts[place].listeners.isEmpty { tracking.broadcasts.remove(at: place) }
    }
    trackingClients -= 1
    clients[connection]?.tracking = nil
  }

  // MARK: What is read

  /// Notes what a client has read; one whose script has read something, the keys that it named to the script
  /// (`trackingRememberKeys` in tracking.c).
  mutating func rememberTrackedKeys(of call: Call) {
    guard trackingClients > 0, call.command.flags.contains(.readonly), !call.command.flags.contains(.pubsub),
      !call.command.categories.contains(.scripting)
    else { return }
    if call.connection == Self.scriptClient {
      guard let script, let command = CommandTable.find(fullName: Bytes(script.command)) else { return }
      rememberTrackedKeys(of: command, script.arguments, script.caller)
    } else {
      rememberTrackedKeys(of: call.command, call.arguments, call.connection)
    }
  }

  private mutating func rememberTrackedKeys(of command: Command, _ arguments: [Bytes], _ connection: ConnectionID) {
    guard let client = clients[connection], let options = client.tracking?.options, !options.contains(.broadcast)
    else { return }
    let isCaching = options.contains(.caching)
    if options.contains(.optIn) && !isCaching || options.contains(.optOut) && isCaching { return }
    for key in command.keys(in: arguments).map({ arguments[$0.position] }) {
      var readers = tracking.readers[key] ?? []
      let place = readers.partitioningIndex { $0 >= client.id }
      if place < readers.count, readers[place] == client.id { continue }
      readers.insert(client.id, at: place)
      _ = tracking.readers.set(key, to: readers)
      tracking.readerCount += 1
    }
  }

  /// Forgets keys by chance while there are more than `tracking-table-max-keys`, as if they had changed
  /// (`trackingLimitUsedSlots` in tracking.c).
  mutating func limitTrackedKeys() {
    guard trackingClients > 0 else { return }
    let limit = configuration.trackingTableMaxKeys
    guard limit > 0 else { return }
    var effort = 100 * (tracking.attempts + 1)
    while UInt64(tracking.readers.count) > limit {
      guard effort > 0, let key = tracking.readers.random(using: &random)?.key else {
        tracking.attempts = min(tracking.attempts + 1, 1_000)
        return
      }
      effort -= 1
      invalidateReaders(of: key)
    }
    tracking.attempts = 0
  }

  // MARK: What changes

  /// A key has changed (`trackingInvalidateKey`, `trackingRememberKeyToBroadcast` in tracking.c).
  mutating func invalidateTracked(_ key: Bytes) {
    for index in tracking.broadcasts.indices where key.array.starts(with: tracking.broadcasts[index].prefix.array) {
      tracking.broadcasts[index].changed[key] = .some(currentClient)
    }
    invalidateReaders(of: key)
  }

  private mutating func invalidateReaders(of key: Bytes) {
    guard let readers = tracking.readers[key] else { return }
    for id in readers {
      guard let client = clients.first(where: { $0.id == id }), let options = client.tracking?.options,
        !options.contains(.broadcast)
      else { continue }
      if client.connection == currentClient {
        if !options.contains(.noLoop) { tracking.pending.append(key) }
      } else {
        sendInvalidation(.keys([key]), to: client.connection)
      }
    }
    tracking.readerCount -= readers.count
    _ = tracking.readers.remove(key)
  }

  /// All keys are gone (`trackingInvalidateKeysOnFlush` in tracking.c).
  mutating func invalidateAllTracked() {
    if trackingClients > 0 {
      for client in clients where client.tracking != nil {
        if client.connection == currentClient {
          tracking.pending.append(nil)
        } else {
          sendInvalidation(.all, to: client.connection)
        }
      }
    }
    if !tracking.readers.isEmpty { (tracking.readers, tracking.readerCount) = (Dict(), 0) }
  }

  // MARK: Telling

  private enum Invalidation {
    case keys([Bytes])
    case all
  }

  /// What the client whose command has been run is told of its own changes (`trackingHandlePendingKeyInvalidations` in
  /// tracking.c).
  mutating func sendPendingInvalidations(to connection: ConnectionID) {
    guard !tracking.pending.isEmpty else { return }
    let pending = tracking.pending
    tracking.pending = []
    for key in pending { sendInvalidation(key.map { .keys([$0]) } ?? .all, to: connection) }
  }

  /// Once a turn, those are told who wait for prefixes (`trackingBroadcastInvalidationMessages` in tracking.c).
  mutating func broadcastInvalidations() {
    guard trackingClients > 0, tracking.broadcasts.contains(where: { !$0.changed.isEmpty }) else { return }
    for index in tracking.broadcasts.indices where !tracking.broadcasts[index].changed.isEmpty {
      let broadcast = tracking.broadcasts[index]
      tracking.broadcasts[index].changed = [:]
      for listener in broadcast.listeners {
        let isNoLoop = clients[listener]?.tracking?.options.contains(.noLoop) == true
        let keys = broadcast.message(without: isNoLoop ? listener : nil)
        if !keys.isEmpty { sendInvalidation(.keys(keys), to: listener) }
      }
    }
  }

  /// (`sendTrackingMessage` in tracking.c).
  private mutating func sendInvalidation(_ invalidation: Invalidation, to connection: ConnectionID) {
    guard let asking = clients[connection] else { return }
    var target = asking
    if asking.redirect != 0 {
      guard let other = clients.first(where: { $0.id == asking.redirect }) else {
        return tellBrokenRedirect(asking.redirect, to: connection)
      }
      target = other
    }
    let isNamed = target.reply.version == .resp2
    // RESP2 has no other way to say so.
    guard !isNamed || asking.redirect != 0 && target.flags.contains(.pubsub) else { return }
    push(to: target.connection) { reply in
      reply.push(isNamed ? 3 : 2)
      for word in isNamed ? ["message", "__redis__:invalidate"] : ["invalidate"] { reply.bulk(word) }
      switch invalidation {
      case .keys(let keys):
        reply.array(keys.count)
        for key in keys { reply.bulk(key) }
      case .all:
        // In the protocol of the one who asked.
        var null = ReplyBuffer()
        null.version = asking.reply.version
        null.null()
        reply.raw(null.take())
      }
    }
  }

  /// Nobody is there to be told in the place of the client.
  private mutating func tellBrokenRedirect(_ redirect: Int, to connection: ConnectionID) {
    clients[connection]?.tracking?.options.insert(.brokenRedirect)
    guard clients[connection]?.reply.version == .resp3 else { return }
    push(to: connection) { reply in
      reply.push(2)
      reply.bulk("tracking-redir-broken")
      reply.integer(redirect)
    }
  }
}
