/// Why bytes are not a snapshot that can be read, and where.
package struct RDBError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// The first five bytes are not `REDIS`.
    case wrongSignature
    case unsupportedVersion(Int)
    /// The input ended inside a record, or before the end was announced.
    case unexpectedEnd
    /// A length's first byte has the form 10 but is neither 0x80 nor 0x81.
    case unknownLengthEncoding(UInt8)
    /// A special form that is none of int8, int16, int32 and LZF.
    case unknownStringEncoding(UInt8)
    /// More than any machine would allocate.
    case lengthTooLarge(UInt64)
    case invalidLZF
    /// A value's type that is unknown, newer than the reader, or a pre-release module's, whose end nobody can tell.
    case unreadableType(UInt8)
    /// A module's auxiliary data does not begin with the integer that says when it was saved.
    case badModuleWhenOpcode(UInt64)
    /// A node of a quicklist has no bytes, which Redis takes for a short read.
    case emptyNode
    /// A cluster has 16,384 slots, so there can't be more ranges of them.
    case tooManySlotRanges(UInt64)
    case checksumMismatch(stored: UInt64, computed: UInt64)
    /// A value's bytes do not keep the rules of their layout.
    case malformed(Malformation)
  }

  package var reason: Reason
  /// The byte, counted from the snapshot's first, at which the offending field begins; for `unexpectedEnd`, the number
  /// of bytes there were.
  package var offset: Int
  /// The fields that led there, outermost first.
  package var path: [Field.Name]

  package init(_ reason: Reason, offset: Int, path: [Field.Name] = []) {
    self.reason = reason
    self.offset = offset
    self.path = path
  }
}

extension RDBError: CustomStringConvertible {
  /// For example `Invalid LZF compressed string at byte 217 (entry, value)`.
  package var description: String {
    let place = path.isEmpty ? "" : " (" + path.map(\.description).joined(separator: ", ") + ")"
    return "\(reason) at byte \(offset)\(place)"
  }
}

extension RDBError.Reason: CustomStringConvertible {
  /// Redis's own words (rdb.c of 7.0) where it has any.
  package var description: String {
    switch self {
    case .wrongSignature: "Wrong signature trying to load DB from file"
    case .unsupportedVersion(let version): "Can't handle RDB format version \(version)"
    case .unexpectedEnd: "Unexpected EOF reading RDB file"
    case .unknownLengthEncoding(let byte): "Unknown length encoding \(byte >> 6) in rdbLoadLen()"
    case .unknownStringEncoding(let encoding): "Unknown RDB string encoding type \(encoding)"
    case .lengthTooLarge(let length): "rdbGenericLoadStringObject failed allocating \(length) bytes"
    case .invalidLZF: "Invalid LZF compressed string"
    case .unreadableType(let number):
      switch ValueType(byte: number) {
      case .modulePreGA?:
        "Pre-release module format not supported"
      default: "Unknown RDB encoding type \(number)"
      }
    case .badModuleWhenOpcode: "bad when_opcode"
    case .emptyNode: "a node of a quicklist without bytes"
    case .tooManySlotRanges(let count): "\(count) ranges of slots, of which there are 16384"
    case .checksumMismatch(let stored, let computed):
      "RDB CRC error: Wrong RDB checksum expected: (\(String(computed, radix: 16))) but got "
        + "(\(String(stored, radix: 16)))"
    case .malformed(let malformation): malformation.rawValue
    }
  }
}

/// Which rule of a layout is broken, in Redis's words.
package enum Malformation: String, Sendable {
  case listpack = "Listpack integrity check failed."
  case setListpack = "Set listpack integrity check failed."
  case hashListpack = "Hash listpack integrity check failed."
  case hashListpackEx = "Hash listpackex integrity check failed."
  case sortedSetListpack = "Zset listpack integrity check failed."
  case streamListpack = "Stream listpack integrity check failed."
  case ziplist = "Ziplist integrity check failed."
  case hashZiplist = "Hash ziplist integrity check failed."
  case sortedSetZiplist = "Zset ziplist integrity check failed."
  case zipmap = "Zipmap integrity check failed."
  case intset = "Intset integrity check failed."
  case quicklist = "Quicklist integrity check failed."
  case streamKey = "Stream node key entry is not the size of a stream ID"
  case notANumber = "Zset with NAN score detected"
  /// Bytes behind a value that stands by itself, as in DUMP's form.
  case trailing = "Bad data format"
  case listZiplist = "List ziplist integrity check failed."

  /// Of rdb.c in 7.0.15, as a server's log tells it [measured]; 0 where it does not.
  package var line: Int {
    switch self {
    case .listpack: 2071
    case .hashListpack: 2301
    case .sortedSetListpack: 2255
    case .streamListpack: 2362
    case .ziplist: 2081
    case .listZiplist: 2189
    case .hashZiplist: 2275
    case .sortedSetZiplist: 2229
    case .zipmap: 2130
    case .intset: 2214
    case .quicklist: 2048
    case .streamKey: 2343
    case .notANumber: 1882
    case .setListpack, .hashListpackEx, .trailing: 0
    }
  }
}
