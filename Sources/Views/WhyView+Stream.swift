import RESP
import Redis

// What goes out in place of what was said.
extension WhyView {
  static func ofRewriting(_ rewriting: Rewriting) -> Explanation {
    let told =
      rewriting.told.count <= 3
      ? rewriting.told.map { shown($0) }.joined(separator: "; ")
      : "\(rewriting.told.count) commands, the first of them \(shown(rewriting.told[0]))"
    return Explanation(
      "tells its replicas something else than \(shown(rewriting.said, limit: 40))",
      "They are told: \(told).", reason(rewriting))
  }

  /// A command as it would be typed, not all of it if it is long.
  static func shown(_ command: [Bytes], limit: Int = 60) -> String {
    let words = command.map { InlineCommand.word($0.array) }.joined(separator: " ")
    return words.count > limit ? words.prefix(limit) + "…" : words
  }

  private static func reason(_ rewriting: Rewriting) -> String {
    switch rewriting.reason {
    case .moment:
      return
        "A time from now on would end later on a replica, which hears of it later, or reads it again from its file: so "
        + "they are told the moment."
    case .past: return "The time is over already, so the key is deleted, and that is what they are told."
    case .chance:
      return
        "Chance chose. A replica that drew by itself would draw something else, and no longer have the same data: so they "
        + "are told what was drawn."
    case .sum:
      return "They are told the sum, not the addition: a machine that rounds otherwise would come to another one."
    case .waiting:
      return
        "A replica never waits. Whether there was something to take, of which key, and how much, is settled here; they are "
        + "told what was taken."
    case .taken: return "Which of the keys had something, and how much, is settled here; they are told what was taken."
    case .id:
      return "The id was made of this node's clock; another clock would make another one: so they are told the id."
    case .trim:
      return
        "A trim that need not be exact (~) stops where a node of the stream ends, which depends on how it came about: so "
        + "they are told what it came to."
    case .delivery:
      return
        "Who was given which entry, and when, is settled here: they are told of each entry by itself, so that they know "
        + "what is pending if one of them takes over. Reading itself is no change."
    case .answer: return "What it answers is for the client; they are told what it changed."
    case .place: return "A place is kept as the score of a member of a sorted set; they are told the score."
    case .script:
      return
        "What a script does may depend on chance, on the clock, and on what it finds: so they are told what it did, not the "
        + "script. More than one command goes out between MULTI and EXEC, so that nobody ever has half of it."
    case .effect: return "They are told what came of it."
    }
  }
}
