import RESP

/// The clients of a node, in the order in which they came.
///
/// It knows which of them were touched since what they are to be sent was written, and which of them are blocked: what is
/// done at the end of each input looks at these alone, for which Redis has lists of clients beside that of all.
///
/// Each client lies behind a reference of its own and is copied when it is changed while another copy of the node has it,
/// too: a copy of the table costs one word for each.
package struct ClientTable: Sendable, RandomAccessCollection {
  // Invariant: none is nil but while it is taken out of its table, and the first one. They are optional because they are
  // changed as such, in place.
  private var slots: [Boxed<Client?>] = [noClient]
  /// The connection of each; of the place where a script's client is, the one that no client has.
  private var connections: [ConnectionID] = [Node.scriptClient]
  private var places: [ConnectionID: Int] = [:]
  /// The places of those that were written to, some of them several times, in the order in which it happened.
  private var touchedPlaces: [Int] = []
  /// Those whose `blocked` is set.
  private var blockedConnections: [ConnectionID] = []

  /// What there is where no client is.
  private static let noClient = Boxed<Client?>(nil)

  /// The place of the client in whose name a script's commands are done, while one runs. It is none of the node's clients,
  /// and comes and goes with each script (`server.script_caller`).
  private static let scriptPlace = 0

  package var startIndex: Int { 1 }
  package var endIndex: Int { slots.count }
  package var indices: Range<Int> { 1..<slots.count }

  package subscript(place: Int) -> Client {
    // What an optional wraps is where the optional is.
    @inline(__always) unsafeAddress { unsafe UnsafeRawPointer(slots[place].place).assumingMemoryBound(to: Client.self) }
    // A call of it would ask for memory to go on with afterwards.
    @inline(__always) _modify {
      touch(place)
      defer { noteBlocked(place) }
      yield &slots[place].value!
    }
  }

  package subscript(connection: ConnectionID) -> Client? {
    unsafeAddress {
      guard let place = index(forKey: connection) else { return unsafe Self.noClient.place }
      return unsafe slots[place].place
    }
    _modify {
      if let place = index(forKey: connection) {
        touch(place)
        defer { isEmpty(place) ? remove(at: place, connection) : noteBlocked(place) }
        yield &slots[place].value
      } else {
        var new = Boxed<Client?>(nil)
        defer { if let new = new.value { append(new) } }
        yield &new.value
      }
    }
  }

  package func index(forKey connection: ConnectionID) -> Int? {
    // While a command runs, its client is asked for again and again.
    if let place = touchedPlaces.last, connections[place] == connection { return place }
    if connection == Node.scriptClient { return isEmpty(Self.scriptPlace) ? nil : Self.scriptPlace }
    // Few stand together, while a hash table is looked for in three places.
    return connections.count <= 8 ? connections.firstIndex(of: connection) : places[connection]
  }

  /// Their connections, in their order.
  package var keys: [ConnectionID] { Array(connections[1...]) }

  @discardableResult
  mutating func removeValue(forKey connection: ConnectionID) -> Client? {
    guard let place = places[connection] else { return nil }
    let client = slots[place].value
    remove(at: place, connection)
    return client
  }

  /// The client of a script that begins; it had none.
  mutating func beginScript(as client: Client) {
    slots[Self.scriptPlace].value = client
    touchedPlaces.append(Self.scriptPlace)
  }

  mutating func endScript() {
    slots[Self.scriptPlace].value = nil
    touchedPlaces.removeAll { $0 == Self.scriptPlace }
  }

  /// Of a connection that has none.
  mutating func append(_ client: Client) {
    places[client.connection] = slots.count
    slots.append(Boxed(client))
    connections.append(client.connection)
    touchedPlaces.append(slots.count - 1)
    noteBlocked(slots.count - 1)
  }

  private mutating func remove(at place: Int, _ connection: ConnectionID) {
    if place == Self.scriptPlace { return endScript() }
    places[connection] = nil
    slots.remove(at: place)
    connections.remove(at: place)
    if !blockedConnections.isEmpty { blockedConnections.removeAll { $0 == connection } }
    touchedPlaces.removeAll { $0 == place }
    for index in touchedPlaces.indices where touchedPlaces[index] > place { touchedPlaces[index] -= 1 }
    for later in place..<slots.count { places[connections[later]] = later }
  }

  private func isEmpty(_ place: Int) -> Bool { if case nil = slots[place].value { true } else { false } }

  /// The client is about to be changed.
  @inline(__always)
  private mutating func touch(_ place: Int) {
    // Most inputs touch one or two, again and again.
    if touchedPlaces.last == place { return }
    if touchedPlaces.count >= 4 || !touchedPlaces.contains(place) { touchedPlaces.append(place) }
  }

  @inline(__always)
  private mutating func noteBlocked(_ place: Int) {
    let isBlocked = self[place].isBlocked
    if !isBlocked, blockedConnections.isEmpty { return }
    let connection = self[place].connection
    guard isBlocked != blockedConnections.contains(connection) else { return }
    if isBlocked { blockedConnections.append(connection) } else { blockedConnections.removeAll { $0 == connection } }
  }

  // MARK: What there is to look at

  /// The places of those that were touched, in their order.
  var touched: [Int] {
    guard touchedPlaces.count > 1 else { return touchedPlaces }
    var places: [Int] = []
    for place in touchedPlaces.sorted() where places.last != place { places.append(place) }
    return places
  }

  /// The same; from here on they are not touched any more.
  mutating func takeTouched() -> [Int] {
    // A copy: emptied while somebody else has it, an array gets a new place as large as it ever was.
    let taken = touched.map { $0 }
    touchedPlaces.removeAll(keepingCapacity: true)
    return taken
  }

  /// Those that wait for something, in their order.
  var blocked: [Client] {
    blockedConnections.isEmpty ? [] : blockedConnections.compactMap { places[$0] }.sorted().map { self[$0] }
  }
}

extension ClientTable: Equatable {
  /// All else follows from them.
  package static func == (a: Self, b: Self) -> Bool {
    a.slots == b.slots
  }
}
