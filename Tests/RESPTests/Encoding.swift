import RESP

extension [UInt8] {
  /// A whole value, for what decodes it to be checked against.
  mutating func append(_ value: Value, _ version: ProtocolVersion) {
    switch value {
    case .simple(let text): append(simple: text)
    case .error(let text): append(error: text)
    case .integer(let number): append(integer: number)
    case .bulk(let bytes): append(bulk: bytes)
    case .null: appendNull(version)
    case .array(let values): append(arrayCount: values.count); append(values, version)
    case .map(let pairs): append(mapCount: pairs.count, version); append(pairs, version)
    case .set(let values): append(setCount: values.count, version); append(values, version)
    case .double(let text): append(text, as: ",", version)
    case .boolean(let value): append(boolean: value, version)
    case .bigNumber(let digits): append(digits, as: "(", version)
    case .verbatim(let format, let text): append(verbatim: text, format: format, version)
    case .push(let values): append(pushCount: values.count, version); append(values, version)
    case .attribute(let pairs, let value):
      // RESP2 can't say them.
      if version == .resp3 {
        self += "|\(pairs.count)\r\n".latin1
        append(pairs, version)
      }
      append(value, version)
    }
  }

  /// A line of a type that RESP2 has as a bulk string.
  private mutating func append(_ text: [UInt8], as type: String, _ version: ProtocolVersion) {
    if version == .resp2 { append(bulk: text) } else { self += type.latin1 + text + "\r\n".latin1 }
  }

  private mutating func append(_ values: [Value], _ version: ProtocolVersion) {
    for value in values { append(value, version) }
  }

  private mutating func append(_ pairs: [Value.Pair], _ version: ProtocolVersion) {
    for pair in pairs {
      append(pair.key, version)
      append(pair.value, version)
    }
  }
}
