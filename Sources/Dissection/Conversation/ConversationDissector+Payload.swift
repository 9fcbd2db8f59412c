import Capture
import RDB

// The records of a snapshot within one message of its transfer.
extension ConversationDissector {
  /// How many bytes of the payload are handed to the reader at once.
  private static let stride = 1 << 20

  func payloadFields(_ message: Message, _ range: Range<Int>) -> Field {
    let builder = PayloadBuilder(message, payloadRange: range)
    var records: [Field] = []
    if let transfer, transfer.start + range.lowerBound == message.range.lowerBound {
      records = self.records(builder, transfer)
    }
    return Field(
      "payload", range: message.range, bytes: message.bytes, meaning: message.meaning,
      isFault: records.contains(where: \.isFault), children: builder.filled(records))
  }

  /// Reads the snapshot as far as the message goes, and to the end of the record that it cuts off, if that is there.
  private func records(_ builder: PayloadBuilder, _ transfer: Transfer) -> [Field] {
    var reader = Reader(recordsFields: true, newestVersion: Reader.everyVersion)
    var records: [Field] = []
    var fed = 0
    let total = transfer.payload.count
    do throws(RDBError) {
      while reader.position < builder.payloadRange.upperBound, !reader.isAtEnd {
        // Before the message only the records' ends matter.
        let event = try reader.next()
        if event == nil {
          guard fed < total, !reader.isAtEnd else { break }
          let next = min(fed + Self.stride, total)
          reader.feed(transfer.payload.bytes(in: fed..<next))
          fed = next
          continue
        }
        guard reader.position > builder.payloadRange.lowerBound else { continue }
        records += builder.fields(reader.fields, summary: event.map { Meaning.of($0) })
      }
    } catch {
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

/// Puts a snapshot's fields where they are in the connection's bytes, cut to what one message carried.
struct PayloadBuilder {
  let message: Message
  /// Which bytes of the payload the message carried.
  let payloadRange: Range<Int>

  init(_ message: Message, payloadRange: Range<Int>) {
    self.message = message
    self.payloadRange = payloadRange
  }

  /// Bytes that came in no message, at their place in a snapshot or in what compressed ones unfold to.
  init(_ bytes: [UInt8], at range: Range<Int>) {
    let message = Message(
      number: 0, side: .acceptor, kind: .payload(range), range: range, contents: SharedBytes(bytes), stage: .transfer)
    self.init(message, payloadRange: range)
  }

  /// The roots of a tree as fields, as far as they are in the message. The last one is the record that `summary` is about;
  /// what stands before it says something of it.
  func fields(_ tree: FieldTree, summary: String?) -> [Field] {
    let roots = tree.roots
    return roots.compactMap { field(tree, $0, summary: $0 == roots.last ? summary : nil) }
  }

  private func field(_ tree: FieldTree, _ index: Int, summary: String?) -> Field? {
    let source = tree.fields[index]
    guard var field = part(source.name.description, source.range) else { return nil }
    field.children = filled(tree.children(of: index).compactMap { self.field(tree, $0, summary: nil) }, in: field.range)
    if case .compressed(let layout) = source.meaning, field.whole == nil { field.compressed = .init(layout: layout) }
    field.meaning = summary ?? Meaning.of(source, bytes: field.whole == nil ? field.bytes : nil)
    field.isFault = source.name == .unreadable || Meaning.isFault(source) || field.children.contains(where: \.isFault)
    return field
  }

  /// A field over a range of the payload; nil if none of it is in the message.
  private func part(_ name: String, _ range: Range<Int>) -> Field? {
    let here = range.clamped(to: payloadRange)
    guard !here.isEmpty else { return nil }
    let bytes = message.bytes[here.lowerBound - payloadRange.lowerBound..<here.upperBound - payloadRange.lowerBound]
    return Field(
      name, range: inStream(here), bytes: Array(bytes), whole: here == range ? nil : inStream(range))
  }

  private func inStream(_ range: Range<Int>) -> Range<Int> {
    let shift = message.range.lowerBound - payloadRange.lowerBound
    return range.lowerBound + shift..<range.upperBound + shift
  }

  /// The bytes behind a fault, of which nothing can be made.
  func fault(_ error: RDBError, after end: Int?) -> [Field] {
    let start = end ?? max(message.range.lowerBound, inStream(error.offset..<error.offset).lowerBound)
    guard start < message.range.upperBound else { return [] }
    let rest = max(start, message.range.lowerBound)..<message.range.upperBound
    let bytes = message.bytes[(rest.lowerBound - message.range.lowerBound)...]
    return [Field("unreadable", range: rest, bytes: Array(bytes), meaning: Meaning.of(error), isFault: true)]
  }

  /// What follows the snapshot's end within the payload.
  func garbage(from end: Int) -> [Field] {
    guard end < payloadRange.upperBound,
      var field = part("after the end", max(end, payloadRange.lowerBound)..<payloadRange.upperBound)
    else { return [] }
    field.meaning = "bytes behind the snapshot's end, which belong to nothing"
    field.isFault = true
    return [field]
  }

  /// The parts of a field that has any, with a field for those that nobody named.
  private func filled(_ parts: [Field], in range: Range<Int>) -> [Field] {
    guard let last = parts.last, last.range.upperBound < range.upperBound else { return parts }
    return parts + [gap(last.range.upperBound..<range.upperBound)]
  }

  /// The fields, with a field for each gap, so that they tile the message.
  func filled(_ fields: [Field]) -> [Field] {
    var filled: [Field] = []
    var position = message.range.lowerBound
    for field in fields where field.range.upperBound > position {
      if field.range.lowerBound > position { filled.append(gap(position..<field.range.lowerBound)) }
      if field.range.lowerBound < position {
        // A checksum that is wrong is both a field and the beginning of what can't be read.
        var rest = gap(position..<field.range.upperBound)
        (rest.name, rest.meaning, rest.isFault) = (field.name, field.meaning, field.isFault)
        filled.append(rest)
      } else {
        filled.append(field)
      }
      position = field.range.upperBound
    }
    if position < message.range.upperBound { filled.append(gap(position..<message.range.upperBound)) }
    return filled
  }

  private func gap(_ range: Range<Int>) -> Field {
    let start = message.range.lowerBound
    return Field(
      "unread", range: range, bytes: Array(message.bytes[range.lowerBound - start..<range.upperBound - start]),
      meaning: "bytes of the snapshot that were not read")
  }
}
