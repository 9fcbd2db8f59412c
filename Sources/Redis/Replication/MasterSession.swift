import RESP

/// What a replica remembers of the master whose stream it applies, or applied before the link broke.
///
/// The client that carries the link comes and goes; this is what a `PSYNC` needs.
package struct MasterSession: Equatable, Sendable {
  /// The connection of the client that is the master; nil while cached.
  package var connection: ConnectionID?
  /// The master's replication id.
  package var id: String
  /// Bytes of the stream that were applied (`slave_repl_offset`). -1: the master only knew SYNC.
  package var offset: Int64
  /// The database that the stream has selected; kept, since `+CONTINUE` repeats no SELECT.
  package var database = 0
  /// The master was reached by SYNC, and is not told of offsets (CLIENT_PRE_PSYNC).
  package var isPrePsync = false
  /// The number of the client that it is, which stays the same while it is cached, and when that client came.
  package var clientID: Int?
  var clientCreated: Instant?
  /// Its buffers, which are as big as they were when it comes back.
  var clientBuffers: ClientBuffers?
  /// Not a master that was followed, but this node's own past as one: its successor may go on from there.
  package var isOwnPast = false

  package init(connection: ConnectionID?, id: String, offset: Int64, database: Int = 0, isPrePsync: Bool = false) {
    self.connection = connection
    self.id = id
    self.offset = offset
    self.database = database
    self.isPrePsync = isPrePsync
  }
}

// The link to the master once its stream flows: begun, applied, lost, remembered, resumed.

extension Node {
  /// The connection to the master becomes a client, whose commands are obeyed (`replicationCreateMasterClient`,
  /// `replicationResurrectCachedMaster` in replication.c).
  mutating func makeMasterClient(_ session: MasterSession, of socket: MasterSocket) {
    let connection = socket.id
    let client = addClient(
      connection, peer: replication.master ?? Address(host: "", port: 0),
      local: socket.local ?? Address(host: "", port: 0), id: session.clientID)
    replication.session?.clientID = client.id
    if let created = session.clientCreated { clients[connection]?.created = created }
    if var buffers = session.clientBuffers {
      buffers.comeBack(buffersClock)
      clients[connection]?.buffers = buffers
    }
    clients[connection]?.descriptor = socket.descriptor
    clients[connection]?.flags.insert(.master)
    clients[connection]?.user = nil
    clients[connection]?.isAuthenticated = true
    clients[connection]?.reply.isSilent = true
    clients[connection]?.database = session.database
    if !socket.unread.isEmpty { receive(socket.unread, from: connection) }
  }

  /// `+CONTINUE`: the stream goes on where it stopped (`replicationResurrectCachedMaster` in replication.c).
  mutating func resurrectCachedMaster() {
    // A master that continues what was never asked for can't be followed.
    guard var session = replication.cached, let socket = replication.link.becomeConnected() else {
      failHandshake()
      return
    }
    session.connection = socket.id
    session.isOwnPast = false
    replication.cached = nil
    replication.session = session
    makeMasterClient(session, of: socket)
  }

  /// Commands of the master have been executed: they count, and go to the sub-replicas as they came
  /// (`replicationFeedStreamFromMasterStream` in replication.c).
  mutating func streamApplied(_ bytes: [UInt8], from connection: ConnectionID) {
    guard replication.session?.connection == connection else { return }
    replication.session?.offset +|= Int64(bytes.count)
    feedBacklog(bytes[...])
  }

  /// The master's client is gone (`replicationCacheMaster`, `replicationHandleMasterDisconnection` in replication.c;
  /// `freeClient` in networking.c). What was half received is forgotten, and asked for again.
  mutating func masterLost(_ client: Client) {
    guard var session = replication.session, session.connection == client.connection else { return }
    log(.warning, "Connection with master lost.")
    replication.session = nil
    let brokeProtocol = client.flags.contains(.closeAfterReply)
    if !brokeProtocol {
      log(.notice, "Caching the disconnected master state.")
      session.connection = nil
      session.database = client.database
      session.clientCreated = client.created
      session.clientBuffers = client.buffers
      replication.cached = session
    }
    replication.link.becomeConnect()
    replication.link.downSince = now
    guard let master = replication.master else { return }
    // At once: a second could cost the part of the master's backlog that is missing here.
    log(.notice, "Reconnecting to MASTER \(master.host):\(master.port)")
    connectToMaster(.lostMaster)
  }

  /// A master that becomes a replica may go on from its own past, if its new master has it too
  /// (`replicationCacheMasterUsingMyself` in replication.c).
  mutating func cacheMasterUsingMyself(database: Int = 0) {
    log(
      .notice,
      "Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to "
        + "synchronize with the new master with just a partial transfer.")
    var session = MasterSession(
      connection: nil, id: replication.ids.current, offset: replication.offset, database: database)
    session.isOwnPast = true
    session.clientID = takeClientID()
    session.clientCreated = now
    replication.cached = session
  }

  /// Forgets the master in the cache: there is nothing to go on with (`replicationDiscardCachedMaster` in
  /// replication.c).
  mutating func discardCachedMaster() {
    guard replication.cached != nil else { return }
    log(.notice, "Discarding previously cached master state.")
    replication.cached = nil
  }
}
