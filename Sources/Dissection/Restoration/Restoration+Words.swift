import RDB

// What is said of a restored byte, and of how the restoration ended.
extension RestoredByte.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .seen: "seen"
    case .disguised: "the text shows blanks for a tab, and no carriage return"
    case .signature: "the signature"
    case .opcode(let opcode): "only with \(opcode.name) can be read what follows"
    case .type(let type): "only as a \(type.name) can be read what follows"
    case .length(let count): "\(Meaning.count(count, "byte")) follow\(count == 1 ? "s" : "")"
    case .number(let bytes): "a number in \(Meaning.count(bytes, "byte")) fits"
    case .count(let count): "\(Meaning.count(count, "such key")) follow\(count == 1 ? "s" : "")"
    case .version: "a version has dots in it"
    case .reply: "as the master's reply says"
    case .usual: "as in a server that nobody told otherwise"
    case .checksum: "nothing else satisfies the checksum"
    case .chosen(let count, .smallData):
      "of \(Meaning.count(count, "filling")) that satisfy the checksum, the only one with less than 16 MiB in use"
    case .chosen(let count, .freshServer):
      "of \(Meaning.count(count, "filling")) that satisfy the checksum, the one whose used-mem a fresh server can have"
    case .computed: "the checksum of all bytes before it"
    }
  }
}

extension RestoredSnapshot.Outcome: CustomStringConvertible {
  package var description: String {
    switch self {
    case .restored: "every byte is restored"
    case .undecided: "several fillings satisfy the checksum, and nothing speaks for one of them"
    case .tooManyUnknown(let count): "\(Meaning.count(count, "byte")) stay unknown: too many for the checksum to settle"
    case .noChecksum: "no byte of the checksum can be seen, so that nothing settles what is hidden"
    case .contradiction: "nothing fits the checksum"
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
