import Redis

// Histories of replication, as far as writes are told apart by them: who begins one, who follows it, and what a place in it
// stands for.

extension AcknowledgedWrites {
  /// A master has drawn an id: its history goes on from the one before, or vouches for nothing but what is there.
  mutating func beginHistory(of machine: Int, _ now: ProcessState) {
    // A replica that begins from a snapshot of its master's history adds nothing to that.
    guard now.isMaster || histories[now.ids.current] == nil, now.ids.current != ReplicationID.none else { return }
    var origin: AcknowledgedWrite.Place?
    if now.ids.secondOffset > 0, now.ids.second != now.ids.current {
      origin = .init(id: now.ids.second, offset: now.ids.secondOffset - 1)
    }
    histories[now.ids.current] = WriteHistory(beginning: holders[machine].memory, origin: origin)
  }

  /// What the stream and snapshots of its master bring to a replica, and what goes for that.
  ///
  /// - Returns: what a snapshot has brought.
  mutating func followMaster(
    _ machine: Int, _ before: ProcessState, _ now: ProcessState, _ world: World
  ) -> RangeSet<Int> {
    let isAnnounced = now.announced != before.announced && now.announced.offset >= 0
    let wasLoading = before.state == .transfer || isAnnounced
    let wasEmptied = before.state == .transfer && now.isEmpty && (before.isFlushed || !before.isEmpty)
    let cause = WriteLoss.Cause.fullSync(master: master(now.master ?? before.master, world), now.announced)
    if now.state == .connected, before.state != .connected, wasLoading {
      let loaded = data(at: now.announced, now.master, world)
      // The stream may have brought more with the same step.
      let streamed = stream(
        now.ids.current, after: now.announced.offset, upTo: now.offset, databases: now.databases)
      depart(machine, holders[machine].memory.subtracting(loaded).subtracting(streamed), cause)
      holders[machine].memory = loaded.union(streamed)
      return loaded.subtracting(streamed)
    } else if now.isFlushed || wasEmptied && now.state != .transfer && now.state != .connected {
      // Redis empties the databases for a snapshot that may then turn out to be no good.
      depart(machine, holders[machine].memory, cause)
      holders[machine].memory = RangeSet()
    } else if now.state == .connected, now.offset > before.offset {
      holders[machine].memory.formUnion(
        stream(now.ids.current, after: before.offset, upTo: now.offset, databases: now.databases))
    }
    return RangeSet()
  }

  func master(_ address: Address?, _ world: World) -> String? {
    guard let address else { return nil }
    return world.node(at: address)
  }

  /// What a snapshot of a history at an offset holds. Of a master that names no history (it was asked by SYNC) it is what
  /// the master has.
  func data(at place: AcknowledgedWrite.Place, _ master: Address?, _ world: World) -> RangeSet<Int> {
    let name = self.master(master, world)
    if let name, let snapshot = snapshots[Snapshot(node: name, place: place)] { return snapshot }
    if let history = histories[place.id] {
      return history.beginning.union(history.writes(after: .min, upTo: place.offset, databases: .max))
    }
    guard let name, let holder = holders.first(where: { $0.name == name }) else {
      return RangeSet()
    }
    return holder.memory
  }

  /// The writes that a stretch of a history brings to a server with so many databases, with what it shares with the one that
  /// it goes on from. A SELECT that can't be carried out leaves the next writes to another database.
  func stream(_ id: String, after start: Int64, upTo end: Int64, databases: Int) -> RangeSet<Int> {
    var found = RangeSet<Int>()
    forEachAncestor(of: .init(id: id, offset: end)) { history, last in
      found.formUnion(history.writes(after: start, upTo: last, databases: databases))
      return last > start
    }
    return found
  }

  /// Whether a place lies on the way to another one.
  package func has(_ place: AcknowledgedWrite.Place, at other: AcknowledgedWrite.Place) -> Bool {
    var isFound = false
    var id: String? = other.id
    forEachAncestor(of: other) { history, last in
      if id == place.id { isFound = place.offset <= last }
      id = history.origin?.id
      return !isFound
    }
    return isFound
  }

  /// Where a history and that of a place part: the last offset that both have; nil if they have nothing in common.
  package func parting(of id: String, from place: AcknowledgedWrite.Place) -> Int64? {
    var parting: Int64?
    var ancestor: String? = id
    forEachAncestor(of: .init(id: id, offset: .max)) { history, last in
      if ancestor == place.id { parting = last }
      ancestor = history.origin?.id
      return parting == nil
    }
    return parting
  }

  /// Where two histories part: the last offset that both have; nil if they have nothing in common.
  package func parting(of a: String, and b: String) -> Int64? {
    var shared: [String: Int64] = [:]
    var id: String? = a
    forEachAncestor(of: .init(id: a, offset: .max)) { history, last in
      if let id { shared[id] = last }
      id = history.origin?.id
      return true
    }
    var parting: Int64?
    id = b
    forEachAncestor(of: .init(id: b, offset: .max)) { history, last in
      parting = id.flatMap { shared[$0] }.map { min($0, last) }
      id = history.origin?.id
      return parting == nil
    }
    return parting
  }

  /// Goes through a history and those before it, with the last offset of each that counts.
  private func forEachAncestor(of place: AcknowledgedWrite.Place, _ body: (WriteHistory, Int64) -> Bool) {
    var (id, last) = (place.id, place.offset)
    // Ids can be settled by hand, and so be made to go in circles.
    for _ in 0...histories.count {
      guard let history = histories[id], body(history, last), let origin = history.origin else { return }
      (id, last) = (origin.id, min(last, origin.offset))
    }
  }
}
