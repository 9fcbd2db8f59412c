import Capture
import RDB

// What is said of a restored byte, and of how the restoration ended.
extension RestoredByte.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .seen: "seen"
    case .disguised: "the text shows blanks for a tab, and no carriage return"
    case .signature: "the signature"
    case .opcode, .type: "else nothing that follows can be read"
    case .length: "there the next thing begins"
    case .number: "just so many bytes are left for it"
    case .count(let count): "\(counted(count, "such key")) follow\(count == 1 ? "s" : "")"
    case .version: "a version has dots in it"
    case .reply: "as the master's reply says"
    case .usual: "as in a server that nobody told otherwise"
    case .checksum: "nothing else satisfies the checksum"
    case .chosen(let count, .smallData):
      "of \(counted(count, "filling")) that satisfy the checksum, the only one with less than 16 MiB in use"
    case .chosen(let count, .freshServer):
      "of \(counted(count, "filling")) that satisfy the checksum, the one whose used-mem a fresh server can have"
    case .computed: "the checksum of all bytes before it"
    }
  }
}

extension RestoredSnapshot.Outcome: CustomStringConvertible {
  package var description: String {
    switch self {
    case .restored: "every byte is restored"
    case .undecided: "several fillings satisfy the checksum, and nothing speaks for one of them"
    case .tooManyUnknown(let count): "\(counted(count, "byte")) stay unknown: too many for the checksum to settle"
    case .noChecksum: "no byte of the checksum can be seen, so that nothing settles what is hidden"
    case .contradiction: "nothing fits the checksum"
    case .tooManyReadings: "the dots can be read in more ways than can be looked through"
    case .ambiguous: "the dots can be read in several ways, none better than the others"
    case .unreadable(let index): "nothing can be made of what follows character \(index + 1)"
    case .tooLong: "too long to be restored"
    }
  }
}

extension Filling: CustomStringConvertible {
  /// The numbers that the bytes make up, where they do.
  package var description: String {
    let known = [creationTime.map { "ctime \($0)" }, usedMemory.map { "used-mem \($0)" }].compactMap { $0 }
    if !known.isEmpty { return known.joined(separator: ", ") }
    return bytes.map { "byte \($0.offset): \(String($0.byte, radix: 16))" }.joined(separator: ", ")
  }
}

extension RestoredByte.Reason {
  /// How sure it is; nil for what was seen.
  var certainty: ByteMark.Certainty? {
    switch self {
    case .seen: nil
    case .checksum, .chosen, .computed: .restored
    default: .inferred
    }
  }
}

extension RestoredSnapshot {
  /// What became of a snapshot of which the text shows a part.
  var summary: String {
    func count(_ certainty: ByteMark.Certainty?) -> Int {
      bytes.count { $0.reason?.certainty == certainty && $0.byte != nil }
    }
    let unknown = bytes.count { $0.byte == nil }
    var text = "the text shows \(count(nil)) of the snapshot's \(bytes.count) bytes"
    if count(.inferred) > 0 { text += "; \(count(.inferred)) follow from the format" }
    if count(.restored) > 0 { text += "; \(count(.restored)) from the checksum" }
    if unknown > 0 { text += "; \(unknown) \(unknown == 1 ? "is" : "are") not known" }
    text += ": \(outcome)"
    guard let chosen, fillings.indices.contains(chosen), fillings.count > 1 else {
      return fillings.count > 1 ? text + ". They are: \(Self.list(fillings))" : text
    }
    var others = fillings
    let taken = others.remove(at: chosen)
    return text
      + ". \(counted(fillings.count, "filling")) satisfy the checksum; \(taken) is taken, since only this "
      + "used-mem can be a fresh server's. The others: \(Self.list(others))"
  }

  private static func list(_ fillings: [Filling]) -> String {
    let shown = fillings.prefix(8).map(\.description).joined(separator: "; ")
    return fillings.count > 8 ? shown + "; …" : shown
  }
}

private func counted(_ number: Int, _ thing: String) -> String { number == 1 ? "1 \(thing)" : "\(number) \(thing)s" }
