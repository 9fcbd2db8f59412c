/// A reply, RESP2's types and RESP3's. Text stays the bytes that were sent.
package indirect enum Value: Equatable, Sendable {
  /// `+OK`: one line.
  case simple([UInt8])
  /// `-ERR …`: one line, its first word the code.
  case error([UInt8])
  /// `:1000`, also RESP2's truth values.
  case integer(Int64)
  /// `$5 hello`: any bytes.
  case bulk([UInt8])
  /// `$-1` and `*-1` in RESP2, `_` in RESP3.
  case null
  case array([Value])

  // RESP3 only.
  /// `%2`: pairs in the order sent.
  case map([Pair])
  case set([Value])
  /// `,3.14`: the number as text, `inf`, `-inf` and `nan` included.
  case double([UInt8])
  case boolean(Bool)
  /// `(3492890328409238509324850943850943825024385`.
  case bigNumber([UInt8])
  /// `=15 txt:Some string`: text with a three-letter format.
  case verbatim(format: [UInt8], [UInt8])
  /// `>2`: what nobody asked for, such as a published message.
  case push([Value])
  /// `|1`: remarks about the value that follows them.
  case attribute([Pair], Value)

  package struct Pair: Equatable, Sendable {
    package var key: Value
    package var value: Value

    package init(_ key: Value, _ value: Value) {
      self.key = key
      self.value = value
    }
  }
}

extension Value {
  package static func simple(_ text: String) -> Value { .simple(text.bytes) }
  package static func error(_ text: String) -> Value { .error(text.bytes) }
  package static func bulk(_ text: String) -> Value { .bulk(text.bytes) }

  package var isError: Bool {
    if case .error = self { return true }
    return false
  }
}
