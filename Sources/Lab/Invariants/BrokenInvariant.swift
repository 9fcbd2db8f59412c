import Redis

/// Something that must hold at every moment, and does not.
package enum BrokenInvariant: Sendable, Hashable {
  /// A replica that its master feeds is in another history than that.
  case otherHistory(replica: String, id: String, master: String, masterID: String)
  /// It has applied more than its master has written.
  case ahead(replica: String, offset: Int64, master: String, masterOffset: Int64)
  /// Both have come to the same offset, with other data (DEBUG DIGEST).
  case otherData(replica: String, master: String, offset: Int64)
  /// What the replica has applied, and has yet to, is not what has crossed the wire.
  case bytesReceived(replica: String, offset: Int64, unapplied: Int, sent: Int64, link: Link.ID)
  /// What the master counts as written to the replica is not what has crossed the wire or is on its way.
  case bytesSent(master: String, replica: String, offset: Int64, inFlight: Int, sent: Int64, link: Link.ID)
  /// WAIT counted so many replicas; so many have the write, and no fault explains that.
  case fewerReplicas(write: Int, promised: Int, left: Int)
  /// Both accept writes, and what each writes the other has not: they had one history up to an offset, as far as that is
  /// known.
  case twoMasters(String, String, parting: Int64?)
  /// The replica was told to take all its master's data so many times in a row, and nothing of the stream has come in
  /// between: it may go on like this for ever.
  case endlessSync(replica: String, master: String, count: Int)
}

extension BrokenInvariant {
  /// The same fault at another moment has the same name, whatever its numbers are by then.
  var name: String {
    switch self {
    case .otherHistory(let replica, _, let master, _): "history \(replica) \(master)"
    case .ahead(let replica, _, let master, _): "ahead \(replica) \(master)"
    case .otherData(let replica, let master, _): "data \(replica) \(master)"
    case .bytesReceived(let replica, _, _, _, let link): "received \(replica) \(link)"
    case .bytesSent(let master, _, _, _, _, let link): "sent \(master) \(link)"
    case .fewerReplicas(let write, _, _): "wait \(write)"
    case .twoMasters(let a, let b, _): "masters \(a) \(b)"
    case .endlessSync(let replica, _, _): "syncs \(replica)"
    }
  }

  /// What kind of a fault it is, whoever has it.
  package var family: String { String(name.prefix { $0 != " " }) }

  /// Whose doing it may be.
  var nodes: [String] {
    switch self {
    case .otherHistory(let replica, _, let master, _), .ahead(let replica, _, let master, _),
      .otherData(let replica, let master, _), .bytesSent(let master, let replica, _, _, _, _):
      [replica, master]
    case .bytesReceived(let replica, _, _, _, _), .endlessSync(let replica, _, _): [replica]
    case .fewerReplicas, .twoMasters: []
    }
  }
}
