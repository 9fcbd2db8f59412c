import Dissection
import Lab
import RESP

// What can be concluded from a recording: the words, which say that they are conclusions.
extension WhyView {
  /// `why` in a recording: what a step lets one conclude, of anybody or of one who takes part.
  package static func lines(_ conclusions: [Conclusion], width: Int = pageWidth) -> [Line] {
    guard !conclusions.isEmpty else { return [Line("nothing in this step shows that anybody decided something", .dim)] }
    let parts = conclusions.map { (node: $0.node, explanation: explanation($0)) }
    return Line.filled("concluded from the wire, since a recording has no decisions:", .dim, width: width)
      + parts.flatMap { part in
        Line.filled("\(part.node): \(part.explanation.summary)", .heading, width: width)
          + part.explanation.details.flatMap { Line.filled($0, indent: 2, width: width) }
      }
  }

  /// One sentence for a picture.
  static func summary(_ conclusion: Conclusion) -> String { explanation(conclusion).summary }

  private static func explanation(_ conclusion: Conclusion) -> Explanation {
    let peer = conclusion.peer
    switch conclusion.kind {
    case .asksForAll:
      return Explanation(
        "asks for everything",
        "It names no history, so it has none to go on with: it is new, or it came back without one.")
    case .asksForPart(let request):
      return Explanation(
        "asks for the part that it lacks, from byte \(request.offset) on", own(request),
        request.offset <= 1
          ? "It has nothing of that history, which may be one that it began itself; only a full sync answers that, unless "
            + "\(peer) is in the same history and has kept it from its first byte on."
          : "It can go on if \(peer) knows that history, and still has that byte.")
    case .asksToTakeOver(let request):
      return Explanation(
        "asks \(peer) to take over as master", own(request),
        "PSYNC … FAILOVER: it was the master until now, and hands over.")
    case .asksTheOldWay(let error):
      return Explanation(
        "tries SYNC in place of PSYNC",
        error.map { "PSYNC was answered by: -\($0)" } ?? "Nothing that it understood has come in answer to PSYNC.",
        "It takes the master for one from before Redis 2.8, and may be wrong.")
    case .sendsAll(let id, let offset, let reason): return ofFullSync(peer, id, offset, reason)
    case .goesOn(let request, let new):
      var explanation = Explanation(
        "lets \(peer) go on from byte \(request.offset): a partial sync",
        "It is in the history \(request.id), and its backlog still had that byte, or it is the next one.")
      if let new {
        explanation.details.append(
          "It calls the history \(new) now, so it was promoted since: the old name is its second one.")
      }
      return explanation
    case .sendsForm(let isStreamed, let understands): return ofForm(peer, isStreamed, understands)
    case .refuses(let command, let error): return ofError(peer, command, error)
    case .ends(let isReset, let ending): return ofEnding(peer, isReset, ending)
    }
  }

  private static func own(_ request: Conclusion.Request) -> String {
    "It has \(counted(request.offset -| 1, "byte")) of the history \(request.id)."
  }

  private static func ofFullSync(
    _ replica: String, _ id: String?, _ offset: Int64, _ reason: Conclusion.FullReason
  ) -> Explanation {
    let now = "Its history is \(id ?? "not named"), \(counted(offset, "byte")) long when the snapshot begins."
    switch reason {
    case .askedForAll: return Explanation("sends \(replica) everything: that is what it asked for", now)
    case .unseen: return Explanation("sends \(replica) everything", now, "What was asked is not in the recording.")
    case .nothingInCommon(let request):
      return Explanation(
        "sends \(replica) everything in place of a part", now,
        "It was asked from byte \(request.offset) of \(request.id): that is another history, and \(replica) had nothing of "
          + "this one. Only a full sync answers that.")
    case .otherHistory(let request):
      return Explanation(
        "sends \(replica) everything in place of a part", now,
        "It was asked from byte \(request.offset) of another history, \(request.id): it never was in that, or left it before "
          + "that byte (second_repl_offset).")
    case .tooNew(let request):
      return Explanation(
        "sends \(replica) everything in place of a part", now,
        "It was asked from byte \(request.offset) of the same history, and has not written so much: \(replica) has bytes that "
          + "this master lacks, as after a restart from an older snapshot.")
    case .tooOld(let request):
      return Explanation(
        "sends \(replica) everything in place of a part", now,
        "It was asked from byte \(request.offset) of the same history, so its backlog no longer has that byte, or it keeps "
          + "none: \(counted(max(0, offset -| request.offset +| 1), "byte")) were missing. A larger "
          + "repl-backlog-size keeps more.")
    }
  }

  private static func ofForm(_ replica: String, _ isStreamed: Bool, _ understands: Bool) -> Explanation {
    if isStreamed {
      return Explanation(
        "sends \(replica) the snapshot as it is made, without a file",
        "repl-diskless-sync is yes, and \(replica) has said capa eof.")
    }
    return Explanation(
      "sends \(replica) a snapshot that is whole: its length is known",
      understands
        ? "\(replica) would understand $EOF, so repl-diskless-sync is no, or another replica that waited would not have."
        : "\(replica) has not been heard to say capa eof, without which $EOF is not sent.")
  }

  private static func ofError(_ client: String, _ command: String, _ error: String) -> Explanation {
    let code = String(error.prefix { $0 != " " })
    let name = command.uppercased()
    var explanation = Explanation("refuses \(name) of \(client)", "It said: -\(error)")
    let next: String? =
      switch (name.split(separator: " ").first.map(String.init) ?? "", code) {
      case ("PING", "NOAUTH"), ("PING", "NOPERM"):
        "To a replica even that is an answer: it goes on, with AUTH if it has one."
      case ("AUTH", "WRONGPASS"): "There is no such user, the password is wrong, or the user is off."
      case ("AUTH", _): "A replica gives this connection up, and tries again within a second."
      case ("PSYNC", "NOMASTERLINK"):
        "It is a replica itself, without its own master. \(client) will try again in a second."
      case ("PSYNC", "LOADING"): "It is not ready. \(client) will try again in a second."
      case ("PSYNC", "NOAUTH"):
        "\(client) has not logged in: its masterauth is not set. It tries SYNC next, and then anew, at once."
      case ("PSYNC", "NOPERM"): "The user that \(client) logged in as lacks +psync."
      case ("SYNC", _): "\(client) begins anew at once: this can go on for ever."
      case ("REPLCONF", "NOPERM"): "The user that \(client) logged in as lacks +replconf; it goes on even so."
      case ("REPLCONF", _): "\(client) notes that as not critical, and goes on."
      default: nil
      }
    if let next { explanation.details.append(next) }
    if let topic = Topic.named(code) { explanation.details.append("`explain \(topic.name)` says more.") }
    return explanation
  }

  private static func ofEnding(_ peer: String, _ isReset: Bool, _ ending: Conclusion.Ending) -> Explanation {
    var explanation = Explanation(isReset ? "breaks the link off (RST)" : "ends the link (FIN)")
    switch ending {
    case .silence(let seconds):
      explanation.details = [
        "\(peer) had said nothing for \(seconds) s: who waits for repl-timeout (60 s if nothing is said) gives up."
      ]
    case .refused(let command, let error): explanation.details = ["\(command.uppercased()) had been refused: -\(error)"]
    case .inStream(let acknowledged?):
      explanation.details = [
        "In the midst of the stream. The replica had acknowledged \(counted(acknowledged, "byte")), so it will ask to go on "
          + "from byte \(acknowledged +| 1) or a later one."
      ]
    case .inStream(nil): explanation.details = ["In the midst of the stream, before the first acknowledgement."]
    case .inPhase(.load):
      explanation.details = [
        "The snapshot had come whole: it could not be loaded, or a process was ended meanwhile. All begins anew."
      ]
    case .inPhase(let phase):
      explanation.details = ["In phase \(phase.rawValue), so there is nothing yet to go on with: it has to begin anew."]
    }
    if isReset {
      explanation.details.append(
        "A RST is a kernel's word for bytes that nobody takes any more: the process is gone, or left some unread.")
    }
    return explanation
  }
}
