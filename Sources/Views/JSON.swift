import Capture
import RESP

/// What `--json` prints, and what the page is told: its members in the order given.
package indirect enum JSON: Sendable {
  case null
  case bool(Bool)
  case number(Int64)
  case string(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  package static func number(_ value: Int) -> JSON { .number(Int64(value)) }

  package var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  package func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += String(value)
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.write(member.key, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.shown.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case let control where control.value < 0x20:
        let hex = String(control.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// Bytes in hexadecimal, without blanks.
package enum Hex {
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The same with `??` for each byte that is not known; the first one is at `start` in the count of the marks.
  package static func text(_ bytes: [UInt8], marks: [ByteMark], from start: Int) -> String {
    guard marks.unknownCount > 0 else { return text(bytes) }
    var text = ""
    var known = 0
    for mark in marks where mark.certainty == .unknown {
      let range = mark.range.lowerBound - start..<mark.range.upperBound - start
      text += Self.text(bytes[known..<range.lowerBound]) + String(repeating: "??", count: range.count)
      known = range.upperBound
    }
    return text + Self.text(bytes[known...])
  }
}
