import RDB

/// What can be said of a snapshot that is known from a text with dots in it.
package struct RestoredSnapshot: Equatable, Sendable {
  package var bytes: [RestoredByte]
  package var outcome: Outcome
  /// What the bytes can be that nothing but the checksum speaks of, if that leaves few possibilities.
  package var fillings: [Filling] = []
  /// How many satisfy the checksum, those included that are left out of `fillings` because they make no sense.
  package var satisfying = 0
  /// Which of the fillings was taken.
  package var chosen: Int?

  /// The snapshot, if every byte is known.
  package var snapshot: [UInt8]? {
    let known = bytes.compactMap(\.byte)
    return known.count == bytes.count ? known : nil
  }

  package enum Outcome: Hashable, Sendable {
    case restored
    /// More than one filling satisfies the checksum, and nothing speaks for one of them.
    case undecided
    /// More bytes are unknown than the checksum can settle.
    case tooManyUnknown(Int)
    /// None of the checksum's bytes can be read, or it is not there.
    case noChecksum
    /// Nothing fits the checksum: the reading must be wrong.
    case contradiction
    /// The bytes can be read as a snapshot in several ways, none of which is better.
    case ambiguous
    /// They can be read in more ways than can be looked through.
    case tooManyReadings
    /// No reading as a snapshot leads beyond the character at this index of the text.
    case unreadable(after: Int)
    case tooLong
  }
}

/// A byte, and why it is held to be this one.
package struct RestoredByte: Hashable, Sendable {
  /// nil: not known.
  package var byte: UInt8?
  /// nil where the byte is not known.
  package var reason: Reason?

  package enum Reason: Hashable, Sendable {
    /// It can be seen.
    case seen
    /// The text shows blanks where a tab was, or leaves a carriage return out.
    case disguised
    case signature
    /// Only with this opcode can be read what follows.
    case opcode(Opcode)
    /// Only with this type can be read what follows.
    case type(ValueType)
    /// So many bytes follow up to where something else begins.
    case length(Int)
    /// A number of so many bytes follows.
    case number(bytes: Int)
    /// So many keys follow, or so many of them with an expiry.
    case count(Int)
    /// The dots of a version are dots.
    case version
    /// The master said so in its reply.
    case reply
    /// What a server has that nobody told otherwise: database 0, 64 bits, no append-only file's base.
    case usual
    /// Nothing else satisfies the checksum.
    case checksum
    /// One of so many that satisfy the checksum.
    case chosen(among: Int, because: Preference)
    /// It is the checksum's, and follows from all bytes before it.
    case computed
  }

  package enum Preference: Hashable, Sendable {
    /// So small a data set does not take 16 MiB.
    case smallData
    /// So much memory is used by a server that has just started and has one replica.
    case freshServer
  }
}

/// Values of the bytes that are in question which satisfy the checksum.
package struct Filling: Hashable, Sendable {
  /// The offset of each in the snapshot, and its value.
  package struct Byte: Hashable, Sendable {
    package var offset: Int
    package var byte: UInt8
  }
  package var bytes: [Byte]
  /// `ctime` with them, in seconds since 1970.
  package var creationTime: Int64?
  /// `used-mem` with them, in bytes.
  package var usedMemory: Int64?
}
