import Capture
import Dissection
import Lab
import Views

/// A message's bytes and the tree of its fields, as far as a page has room for them.
package enum MessageBytes {
  /// So many bytes are shown, and so many fields.
  package static let byteLimit = 1 << 16
  package static let fieldLimit = 4_000

  /// - Parameter field: the annotated tree of the message (`Timeline.fields`).
  package static func json(of delivery: Delivery, field: Field?) -> JSON {
    let message = delivery.message
    let contents = message.contents
    let start = message.range.lowerBound
    var members: [(key: String, value: JSON)] = [
      ("from", .string(delivery.from.name)), ("to", .string(delivery.to.name)),
      ("title", .string(StepRecord.clipped(message.title, to: 160))),
      ("meaning", .string(StepRecord.clipped(StepView.meaning(of: delivery)))), ("size", .number(contents.count)),
      ("hex", .string(Hex.text(contents.slice.prefix(byteLimit)))),
    ]
    if let offsets = message.offsets { members.append(("offset", .number(offsets.lowerBound))) }
    let unknown = delivery.marks.filter { $0.certainty == .unknown }
    if !unknown.isEmpty {
      let ranges = unknown.map {
        JSON.array([.number($0.range.lowerBound - start), .number($0.range.upperBound - start)])
      }
      members.append(("unknown", .array(ranges)))
    }
    if let field {
      var left = fieldLimit
      let shown = StepView.field(field, of: delivery)
      members.append(("field", json(shown, from: start, &left)))
      let more = field.treeCount - (fieldLimit - left)
      if more > 0 { members.append(("more", .number(more))) }
    }
    return .object(members)
  }

  private static func json(_ field: Field, from start: Int, _ left: inout Int) -> JSON {
    left -= 1
    var members: [(key: String, value: JSON)] = [
      ("name", .string(StepRecord.clipped(field.name, to: 200))),
      ("at", .array([.number(field.range.lowerBound - start), .number(field.range.upperBound - start)])),
    ]
    if !field.meaning.isEmpty { members.append(("meaning", .string(StepRecord.clipped(field.meaning)))) }
    if field.isFault { members.append(("fault", .bool(true))) }
    var children: [JSON] = []
    for child in field.children {
      guard left > 0 else { break }
      children.append(json(child, from: start, &left))
    }
    if !children.isEmpty { members.append(("fields", .array(children))) }
    return .object(members)
  }
}
