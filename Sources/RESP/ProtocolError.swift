/// Bytes that break the protocol: why, and where. After one a decoder decodes nothing more, as Redis closes the
/// connection.
package struct ProtocolError: Error, Equatable, Sendable {
  package var reason: Reason
  /// The offset of the first byte of the faulty line, counted from the first byte ever fed to the decoder (from the
  /// start of the span, for a scanner).
  package var offset: Int

  package init(_ reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  package enum Reason: Equatable, Sendable {
    // What Redis finds wrong with a request (networking.c, processInlineBuffer and processMultibulkBuffer).
    case tooBigInlineRequest
    case unbalancedQuotes
    case tooBigMultibulkCount
    case invalidMultibulkLength
    case unauthenticatedMultibulkLength
    case tooBigBulkCount
    case expectedBulk(got: UInt8)
    case invalidBulkLength
    case unauthenticatedBulkLength
    /// A master sent something that is no array: the stream is out of step. Redis closes the link without a word.
    case inlineFromMaster

    // What a client finds wrong with a reply (the texts are those of hiredis, where it has one).
    case badReplyType(UInt8)
    case badInteger
    case badDouble
    case badBoolean
    case badNull
    case badBigNumber
    case badBulkLength
    case badAggregateLength
    case badVerbatim
    case badBulkEnd
    case tooLongReplyLine
    case tooDeep
  }
}

extension ProtocolError {
  /// The line that Redis answers a request of this kind with, without CRLF; nil where it closes without an answer.
  /// Line breaks in the byte that it quotes become spaces, and any other byte is sent raw.
  package var reply: [UInt8]? {
    switch reason {
    case .expectedBulk(let byte):
      let shown = byte == 0x0D || byte == 0x0A ? 0x20 : byte
      return Array("-ERR Protocol error: expected '$', got '".utf8) + [shown, UInt8(ascii: "'")]
    case .inlineFromMaster: return nil
    default: return Array("-ERR Protocol error: \(reason.text)".utf8)
    }
  }
}

extension ProtocolError: CustomStringConvertible {
  package var description: String { "\(reason.text) (byte \(offset))" }
}

extension ProtocolError.Reason {
  /// What Redis writes into its log of a faulty request: not always the words of its reply.
  package var logText: String {
    switch self {
    case .unbalancedQuotes: "unbalanced quotes in inline request"
    case .invalidMultibulkLength: "invalid mbulk count"
    case .unauthenticatedMultibulkLength: "unauth mbulk count"
    case .expectedBulk: "expected $ but got something else"
    case .unauthenticatedBulkLength: "unauth bulk length"
    default: text
    }
  }

  /// Redis's words, as they follow `Protocol error: `; hiredis's for replies.
  package var text: String {
    switch self {
    case .tooBigInlineRequest: "too big inline request"
    case .unbalancedQuotes: "unbalanced quotes in request"
    case .tooBigMultibulkCount: "too big mbulk count string"
    case .invalidMultibulkLength: "invalid multibulk length"
    case .unauthenticatedMultibulkLength: "unauthenticated multibulk length"
    case .tooBigBulkCount: "too big bulk count string"
    case .expectedBulk(let byte): "expected '$', got '\(Self.shown(byte))'"
    case .invalidBulkLength: "invalid bulk length"
    case .unauthenticatedBulkLength: "unauthenticated bulk length"
    case .inlineFromMaster: "Master using the inline protocol. Desync?"
    case .badReplyType(let byte): "got \(InlineCommand.quoted(CollectionOfOne(byte))) as reply type byte"
    case .badInteger: "Bad integer value"
    case .badDouble: "Bad double value"
    case .badBoolean: "Bad bool value"
    case .badNull: "Bad nil value"
    case .badBigNumber: "Bad bignum value"
    case .badBulkLength: "Bad bulk string length"
    case .badAggregateLength: "Bad multi-bulk length"
    case .badVerbatim: "Verbatim string 4 bytes of content type are missing or incorrectly encoded."
    case .badBulkEnd: "a bulk string that does not end where its length says"
    case .tooLongReplyLine: "a line of more than 64 KB"
    case .tooDeep: "aggregates nested too deep"
    }
  }

  /// A byte as `%c` prints it, if it can be seen.
  private static func shown(_ byte: UInt8) -> String {
    (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : InlineCommand.escaped(CollectionOfOne(byte))
  }
}
