import Foundation
import Glibc

/// A connection to the page's server that sends whatever bytes one likes.
final class RawClient {
  private let descriptor: CInt

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    wait(seconds: 10)
  }

  deinit { close(descriptor) }

  /// How long reading and writing may take.
  func wait(seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// How many of the bytes went out before the other end was gone, or took no more.
  @discardableResult func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
    return sent
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// What comes next; empty at the end, or where nothing came in time.
  func receive(upTo count: Int = 1 << 16) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      let got = recv(descriptor, &bytes, count, 0)
      if got < 0, errno == EINTR { continue }
      return got > 0 ? Array(bytes.prefix(got)) : []
    }
  }

  /// The other end has ended the connection: nothing more comes, and not for lack of time.
  func isClosed() -> Bool {
    while true {
      var byte: UInt8 = 0
      let got = recv(descriptor, &byte, 1, 0)
      if got == 0 { return true }
      if got < 0 { return errno == ECONNRESET || errno == EPIPE }
    }
  }

  /// A request and what is answered, up to the end of a head.
  func request(_ target: String, _ headers: [String: String], method: String = "GET") -> String {
    send("\(method) \(target) HTTP/1.1\r\n" + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n")
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: end) {
        defer { buffer.removeFirst(range.upperBound) }
        return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
      }
      let more = receive()
      if more.isEmpty { return String(decoding: buffer, as: UTF8.self) }
      buffer += more
    }
  }

  /// The body of the answer to a request with one, to the connection's end.
  func answer(to head: String, body: [UInt8]) throws -> [UInt8] {
    send(Array(head.utf8) + body)
    let end = Array("\r\n\r\n".utf8)
    while true {
      let more = receive()
      buffer += more
      guard let range = buffer.firstRange(of: end) else {
        if more.isEmpty { throw POSIXError(.ECONNRESET) }
        continue
      }
      let length = String(decoding: buffer[..<range.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        .first { $0.hasPrefix("content-length:") }.flatMap {
          Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces))
        }
      if more.isEmpty || length.map({ buffer.count - range.upperBound >= $0 }) == true {
        return Array(buffer[range.upperBound...])
      }
    }
  }

  /// Becomes a WebSocket; what the server answers to that.
  func upgrade(_ port: UInt16, token: String, origin: String? = nil, key: String = "dGhlIHNhbXBsZSBub25jZQ==") -> String
  {
    request(
      "/socket?token=\(token)",
      [
        "Host": "127.0.0.1:\(port)", "Origin": origin ?? "http://127.0.0.1:\(port)", "Upgrade": "websocket",
        "Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
      ])
  }

  /// A frame as a client sends it: masked, with zeros.
  static func frame(_ payload: [UInt8], opcode: UInt8 = 1, isLast: Bool = true, first: UInt8? = nil) -> [UInt8] {
    head(payload.count, opcode: opcode, isLast: isLast, first: first) + payload
  }

  static func head(_ count: Int, opcode: UInt8 = 1, isLast: Bool = true, first: UInt8? = nil) -> [UInt8] {
    var bytes = [first ?? (isLast ? 0x80 : 0) | opcode]
    switch count {
    case ..<126: bytes.append(0x80 | UInt8(count))
    case ..<65_536: bytes += [0x80 | 126, UInt8(count >> 8), UInt8(count & 255)]
    default: bytes += [0x80 | 127] + (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 255) }
    }
    return bytes + [0, 0, 0, 0]
  }

  /// What has come and was not taken yet.
  private var buffer: [UInt8] = []

  /// The next frame; nil at the end, or where none came in time.
  private func nextFrame() -> (opcode: UInt8, payload: [UInt8])? {
    while true {
      if buffer.count >= 2 {
        var (start, count) = (2, Int(buffer[1] & 0x7f))
        let isKnown = buffer.count >= (count == 127 ? 10 : count == 126 ? 4 : 2)
        if count == 126, isKnown { (start, count) = (4, Int(buffer[2]) << 8 | Int(buffer[3])) }
        if count == 127, isKnown { (start, count) = (10, buffer[2..<10].reduce(0) { $0 << 8 | Int($1) }) }
        if isKnown, buffer.count >= start + count {
          defer { buffer.removeFirst(start + count) }
          return (buffer[0] & 15, Array(buffer[start..<start + count]))
        }
      }
      let more = receive()
      if more.isEmpty { return nil }
      buffer += more
    }
  }

  /// The code with which the server closes: what it sends before is passed over.
  func closeCode() -> Int? {
    while let (opcode, payload) = nextFrame() {
      if opcode == 8 { return payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005 }
    }
    return nil
  }

  /// The next message that is the one looked for.
  func message(where isWanted: ([String: Any]) -> Bool) throws -> [String: Any] {
    while let (opcode, payload) = nextFrame() {
      guard opcode == 1, let message = try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any] else {
        continue
      }
      if isWanted(message) { return message }
    }
    throw POSIXError(.ENODATA)
  }

  /// The answer to a question.
  func answer(to id: Int) throws -> [String: Any] { try message { $0["id"] as? Int == id } }
}
