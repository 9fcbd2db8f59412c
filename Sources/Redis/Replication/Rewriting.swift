/// What the replicas are told in place of what a client said, and why.
package struct Rewriting: Sendable, Hashable {
  package enum Reason: Sendable, Hashable {
    /// A time that counts from now is told as a moment.
    case moment
    /// The time that was given is over already.
    case past
    /// Chance chose.
    case chance
    /// A sum of numbers that are not whole.
    case sum
    /// Who says it may wait; the replicas are told what came of it.
    case waiting
    /// Which of several keys, and how many elements.
    case taken
    /// What an asterisk stood for.
    case id
    /// Where a trim stops that need not be exact.
    case trim
    /// Entries of a stream that were given to a consumer.
    case delivery
    /// It answers, too, which the replicas need not.
    case answer
    /// A place as a score.
    case place
    /// What a script did, command by command.
    case script
    /// The effect, in another command's words.
    case effect
  }

  package let said: [Bytes]
  package let told: [[Bytes]]
  package let reason: Reason

  package init(_ command: Command, _ said: [Bytes], _ told: [[Bytes]]) {
    (self.said, self.told) = (said, told)
    reason = Rewriting.reason(command.name, said, told)
  }

  private static func reason(_ name: String, _ said: [Bytes], _ told: [[Bytes]]) -> Reason {
    let isDeletion = told.count == 1 && (told[0].first == "DEL" || told[0].first == "UNLINK")
    let isMoved = told.contains { words in words.first == "PEXPIREAT" || words.contains("PXAT") }
    switch name {
    case "spop": return .chance
    case "incrbyfloat", "hincrbyfloat": return .sum
    case "blpop", "brpop", "blmpop", "blmove", "brpoplpush", "bzpopmin", "bzpopmax", "bzmpop": return .waiting
    case "lmpop", "zmpop": return .taken
    case "xadd": return said.contains("~") ? .trim : .id
    case "xtrim": return .trim
    case "xreadgroup", "xclaim", "xautoclaim": return .delivery
    case "geoadd": return .place
    case "getdel", "getset": return .answer
    case "expire", "pexpire", "expireat", "pexpireat", "getex": return isDeletion ? .past : .moment
    case "eval", "evalsha", "fcall": return .script
    case "set": return isMoved ? .moment : .answer
    default: return isMoved || name.hasPrefix("restore") ? .moment : .effect
    }
  }
}

extension Node {
  /// Tells of what goes out in place of what was said, since the running unit had so much to tell. The deletion of a key
  /// whose time was up is told by itself.
  mutating func noteRewriting(of command: Command, _ said: [Bytes], since count: Int) {
    guard pendingPropagation.count > count, replication.isMaster, !isLoading,
      replication.backlog != nil || appendOnly.state != .off, command.name != "exec"
    else { return }
    let told = pendingPropagation[count...].map(\.arguments)
    guard told.last != said else { return }
    emit(.decided(.rewrite(Rewriting(command, said, told))))
  }
}
