import RDB

/// Names the bytes of a snapshot that comes in messages, message by message, without keeping it: where a recording is
/// larger than memory, the pieces are read again from the first one on.
package struct PayloadDissector: Sendable {
  private var reader = Reader(recordsFields: true, newestVersion: SnapshotDissector.newestVersion)
  private var failure: RDBError?

  package init() {}

  /// Which byte of the snapshot the next piece must begin with.
  package var position: Int { reader.fed }

  /// The annotated tree of the next piece. A record that goes on in the next one is named as far as it is there.
  package mutating func fields(of message: Message) -> Field {
    guard case .payload(let range) = message.kind, range.lowerBound == position else {
      return Field(
        "payload", range: message.range, bytes: message.bytes,
        meaning: "bytes of a snapshot of which something before them is missing", isFault: true)
    }
    let builder = PayloadBuilder(message, payloadRange: range)
    reader.feed(message.bytes)
    let records = read(builder)
    return Field(
      "payload", range: message.range, bytes: message.bytes, meaning: message.meaning,
      isFault: records.contains(where: \.isFault), children: builder.filled(records))
  }

  private mutating func read(_ builder: PayloadBuilder) -> [Field] {
    if let failure { return builder.fault(failure, after: nil) }
    var records: [Field] = []
    do throws(RDBError) {
      while let event = try reader.next() { records += builder.fields(reader.fields, summary: Meaning.of(event)) }
    } catch {
      failure = error
      records += builder.fields(reader.fields, summary: Meaning.of(error))
      return records + builder.fault(error, after: records.last?.range.upperBound)
    }
    if reader.isAtEnd {
      records += builder.garbage(from: reader.position)
    } else if reader.position < builder.payloadRange.upperBound {
      records += builder.fields(reader.fields, summary: "a record whose end is yet to come")
    }
    return records
  }
}
