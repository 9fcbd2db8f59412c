import Redis

// What a node found on its disk.
extension WhyView {
  static func ofLoading(_ report: LoadReport) -> Explanation {
    let keys = counted(report.keys, "key")
    var explanation: Explanation
    switch report.source {
    case .snapshot(let name):
      explanation = Explanation(
        "starts with what \(name) holds: \(keys)",
        "appendonly is no, so the snapshot is all there is. What was written after it was made is gone.")
      if report.expired > 0 {
        explanation.details.append("\(counted(report.expired, "key")) had expired and stayed out.")
      }
      explanation.details.append(history(report))
    case .appendOnly(let names):
      explanation = Explanation(
        "starts with what its append-only file holds: \(keys)",
        "appendonly is yes, so the snapshot is not looked at. The manifest names \(list(names)); "
          + "\(counted(report.commands, "command")) in them had to be done again.")
      if let name = report.truncated {
        explanation.details.append(
          "The end of \(name) was no whole command, and \(counted(report.lostBytes, "byte")) were cut off: "
            + "aof-load-truncated is yes.")
      }
      explanation.details.append(
        "An append-only file does not know the history of replication: replicas will have to get everything.")
    case .ignoredSnapshot(let name):
      explanation = Explanation(
        "starts empty, though there is \(name)",
        "appendonly is yes, so only an append-only file is looked for, and there is none. To keep the snapshot's data, "
          + "start with appendonly no, and then CONFIG SET appendonly yes.")
    }
    return explanation
  }

  private static func history(_ report: LoadReport) -> String {
    guard let id = report.history, let offset = report.offset else {
      return "It says nothing of a history of replication: replicas will have to get everything."
    }
    return "It was made at byte \(offset) of the history \(id): who has that may go on from there."
  }
}
