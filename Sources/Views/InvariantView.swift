import Lab

/// What must hold at every moment, and what is broken of it, in words.
package enum InvariantView {
  package static func text(_ broken: BrokenInvariant) -> String {
    switch broken {
    case .otherHistory(let replica, let id, let master, let masterID):
      "\(master) feeds \(replica), but \(replica) is in the history \(short(id)) and \(master) in \(short(masterID))"
    case .ahead(let replica, let offset, let master, let masterOffset):
      "\(replica) has come to offset \(offset) of \(master)'s history, and \(master) itself only to \(masterOffset)"
    case .otherData(let replica, let master, let offset):
      "\(replica) and \(master) are both at offset \(offset), and have not the same data: DEBUG DIGEST differs"
    case .bytesReceived(let replica, let offset, let unapplied, let sent, let link):
      "\(replica) has applied up to offset \(offset) and has \(counted(unapplied, "byte")) to apply, but on link \(link) it got "
        + "all up to \(sent)"
    case .bytesSent(let master, let replica, let offset, let inFlight, let sent, let link):
      "\(master) counts \(replica) as sent all up to offset \(offset), but link \(link) has brought it \(sent) and has "
        + "\(counted(inFlight, "byte")) in flight"
    case .fewerReplicas(let write, let promised, let left):
      "WAIT said that write \(write) is on \(counted(promised, "replica")), and it is on \(left): no fault explains that "
        + "(`info writes`)"
    case .twoMasters(let a, let b, let parting):
      "there are two masters, \(a) and \(b), and both accept writes: "
        + (parting.map { $0 == .max ? "they are in one history" : "their histories part after offset \($0)" }
          ?? "they have data in common, but no history")
    case .endlessSync(let replica, let master, let count):
      "\(replica) was told to take all of \(master)'s data \(count) times in a row, and nothing of the stream has come in between"
    }
  }
}
