import RESP

extension ReplyText {
  /// A reply as JSON. What JSON has no type for keeps its text: `{"error": …}`, numbers too big as strings.
  static func json(of reply: Value) -> JSON {
    switch reply {
    case .simple(let bytes), .bulk(let bytes), .bigNumber(let bytes), .double(let bytes), .verbatim(_, let bytes):
      .string(String(decoding: bytes, as: UTF8.self))
    case .error(let bytes): .object([("error", .string(String(decoding: bytes, as: UTF8.self)))])
    case .integer(let number): .number(number)
    case .null: .null
    case .boolean(let truth): .bool(truth)
    case .array(let elements), .set(let elements), .push(let elements): .array(elements.map(json))
    case .map(let pairs): .array(pairs.map { .array([json(of: $0.key), json(of: $0.value)]) })
    case .attribute(_, let value): json(of: value)
    }
  }
}
