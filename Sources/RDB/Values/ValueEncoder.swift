/// Writes a value that is no string into a snapshot, part after part, byte for byte as Redis 7.0 does (`rdbSaveObject` in
/// rdb.c).
package struct ValueEncoder {
  private let type: ValueType
  private let compresses: Bool
  private var bytes: [UInt8] = []

  /// - Parameter compresses: whether strings that profit are compressed (`rdbcompression`).
  package init(_ type: ValueType, compresses: Bool) { (self.type, self.compresses) = (type, compresses) }

  /// A count or another number that is never negative (`rdbSaveLen`).
  package mutating func length(_ length: Int) { bytes.appendLength(UInt64(length)) }
  package mutating func length(_ length: UInt64) { bytes.appendLength(length) }

  /// An element, or what a whole piece of memory holds (`rdbSaveRawString`).
  package mutating func string(_ string: [UInt8]) { bytes.appendString(string.span, compressing: compresses) }

  /// A score (`rdbSaveBinaryDoubleValue`).
  package mutating func score(_ score: Double) { bytes.appendLittleEndian(score.bitPattern, bytes: 8) }

  /// A time in milliseconds since 1970 (`rdbSaveMillisecondTime`).
  package mutating func milliseconds(_ time: Int64) {
    bytes.appendLittleEndian(UInt64(bitPattern: time), bytes: 8)
  }

  /// An id as a string of 16 bytes, by which a stream's nodes and pending entries are found (`streamEncodeID`).
  package static func key(_ id: StreamID) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(id.milliseconds, bytes: 8)
    bytes.appendBigEndian(id.sequence, bytes: 8)
    return bytes
  }

  /// The sixteen bytes of an id without a length before them.
  package mutating func rawID(_ id: StreamID) { bytes += ValueEncoder.key(id) }

  package var value: EncodedValue { EncodedValue(type, approved: bytes) }
}
