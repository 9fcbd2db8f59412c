import Comparison
import Views

// What is counted, in words.

extension Nondeterminism {
  /// Where it was not the same, and how often.
  func words(_ count: Int) -> String {
    switch self {
    case .replicationID: counted(count, "replication id")
    case .endMark: counted(count, "end mark")
    case .startOffset: counted(count, "offset") + " from another start"
    case .port: counted(count, "port")
    case .time: counted(count, "time")
    case .creationTime: counted(count, "snapshot's ctime", plural: "snapshots' ctimes")
    case .usedMemory: counted(count, "snapshot's used-mem", plural: "snapshots' used-mem")
    case .keyOrder: "the order of keys or elements in \(counted(count, "place"))"
    case .payloadPieces: "the pieces of \(counted(count, "payload"))"
    case .acknowledgements: "the number of acknowledgements on \(counted(count, "connection"))"
    case .pings: "the number of pings on \(counted(count, "connection"))"
    case .keepAlives: "the number of empty lines on \(counted(count, "connection"))"
    case .rounds: "how often \(counted(count, "replica")) tried again"
    case .unheard: counted(count, "answer") + " to one that had hung up"
    case .clientConnections: "how many connections clients made to \(counted(count, "node"))"
    case .serverState: counted(count, "reply", plural: "replies") + " about the server's own state"
    }
  }
}

/// `1 reply`, `2 replies`.
private func counted(_ number: Int, _ noun: String, plural: String) -> String {
  "\(number) \(number == 1 ? noun : plural)"
}

/// `1 reply that depends`, `2 replies that depend`.
private func replies(_ number: Int, _ verb: String, _ plural: String) -> String {
  "\(counted(number, "reply", plural: "replies")) that \(number == 1 ? verb : plural)"
}

extension Comparison {
  var unknownWords: [String] {
    var words: [String] = []
    if unknownBytes > 0 { words.append("\(counted(unknownBytes, "byte")) that text hides were not compared") }
    if unknownMessages > 0 {
      words.append("\(counted(unknownMessages, "message")) where the other recording lacks bytes")
    }
    return words
  }
}

extension Rebuilding.Remarks {
  var words: [String] {
    var words: [String] = []
    if !commands.isEmpty {
      var names: [String] = []
      for name in commands where !names.contains(name) { names.append(name) }
      words.append(
        "\(counted(commands.count, "command")) that the node can't run (\(names.joined(separator: ", "))), whose "
          + "\(commands.count == 1 ? "reply is" : "replies are") the recording's")
    }
    if unknownReplies > 0 {
      words.append(replies(unknownReplies, "depends", "depend") + " on what such commands wrote")
    }
    if stateReplies > 0 {
      words.append(
        replies(stateReplies, "tells", "tell") + " of a state which the recording gives no reason for"
      )
    }
    if pushes > 0 { words.append("\(counted(pushes, "message")) that \(pushes == 1 ? "answers" : "answer") nothing") }
    if streamed > 0 { words.append("\(counted(streamed, "command")) of the stream taken from the recording") }
    if snapshots > 0 {
      words.append("the data of \(counted(snapshots, "snapshot")) as far as nothing else tells it")
    }
    if !lost.isEmpty {
      words.append("what came after lost bytes on \(counted(lost.count, "connection")) was not played")
    }
    if restarts > 0 { words.append("it was started anew \(counted(restarts, "time"))") }
    if hasExited { words.append("the node ended before the recording did") }
    return words
  }
}

extension Rebuilding.Remarks {
  /// What there was before the recording, of which it does not tell.
  var pastWords: [String] {
    var words: [String] = []
    if pastReplies > 0 {
      words.append(replies(pastReplies, "depends", "depend") + " on data of before the recording")
    }
    if unseen > 0 {
      words.append("\(counted(Int(clamping: unseen), "byte")) of the stream by clients that are not in the recording")
    }
    if underWay > 0 {
      words.append("\(counted(underWay, "message")) on connections that were there before the recording")
    }
    return words
  }
}

extension RecordedNode.Obstacle {
  var words: String {
    switch self {
    case .dots: "text hides some of the bytes that it was told"
    case .nothingOwn(let remarks):
      "nothing is left to compare: " + (remarks.pastWords + remarks.words).joined(separator: ", ")
    case .silent: "it never said anything while it was there"
    case .underWay: "all of its connections were there before the recording, so nothing says what it had been told"
    case .otherVersion(let sign): "it is no Redis 7.0, as the lab's nodes are: \(sign)"
    case .notLoaded(let reason): "its snapshot can't be loaded: \(reason)"
    case .notConfigured(let reason): "it can't be configured so: \(reason)"
    }
  }
}
