import Glibc
import RESP

/// A blocking loopback connection.
package final class Socket: @unchecked Sendable {
  let descriptor: Int32
  private var unread: [UInt8] = []

  /// A read waits for `patience` seconds at most; 0 is for ever.
  init(descriptor: Int32, patience: Int = 0) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  package convenience init(port: Int, patience: Int = 60) throws {
    let descriptor = streamSocket()
    let failed = withLoopback(port) { Glibc.connect(descriptor, $0, $1) } != 0
    guard !failed else {
      Glibc.close(descriptor)
      throw RealServerError("can't connect to port \(port): \(String(cString: strerror(errno)))")
    }
    self.init(descriptor: descriptor, patience: patience)
  }

  deinit { Glibc.close(descriptor) }

  /// The port at this end.
  package var localPort: Int { portOfSocket(descriptor) }

  package func shutdown() { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Its end will be a RST in place of a FIN.
  package func breakAtEnd() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
  }

  package func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let n = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard n > 0 else { return }
      sent += n
    }
  }

  /// What one read(2) returns; empty at the end of the stream.
  package func read() throws -> [UInt8] {
    if !unread.isEmpty {
      defer { unread = [] }
      return unread
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let n = buffer.withUnsafeMutableBytes { Glibc.recv(descriptor, $0.baseAddress, $0.count, 0) }
    guard n >= 0 else { throw RealServerError("nothing came: \(String(cString: strerror(errno)))") }
    return Array(buffer.prefix(n))
  }

  package func read(exactly count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try read()
      guard !more.isEmpty else { throw RealServerError("the stream ended \(count - bytes.count) bytes early") }
      bytes += more
    }
    unread = Array(bytes[count...])
    return Array(bytes.prefix(count))
  }

  /// A line with its end.
  package func readLine() throws -> [UInt8] {
    var line: [UInt8] = []
    while true {
      let byte = try read(exactly: 1)[0]
      line.append(byte)
      if byte == 10 { return line }
    }
  }

  /// Sends one command and reads its whole reply, RESP2 or RESP3, raw.
  package func command(_ arguments: [[UInt8]]) throws -> [UInt8] {
    send([UInt8](command: arguments))
    return try readReply()
  }

  package func readReply() throws -> [UInt8] {
    var (bytes, scanner, position) = ([UInt8](), ReplyScanner(), 0)
    while try !scanner.next(in: bytes.span, at: &position) {
      let more = try read()
      guard !more.isEmpty else { throw RealServerError("the stream ended within a reply") }
      bytes += more
    }
    unread = Array(bytes[position...])
    return Array(bytes[..<position])
  }
}

/// A listening socket on loopback.
package final class Listener: @unchecked Sendable {
  let descriptor: Int32
  package let port: Int

  /// - Parameter wanted: 0 is any port that is free.
  package init(port wanted: Int = 0) throws {
    let descriptor = streamSocket()
    self.descriptor = descriptor
    guard withLoopback(wanted, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 64) == 0 else {
      let reason = String(cString: strerror(errno))
      Glibc.close(descriptor)
      throw RealServerError("can't listen on loopback: \(reason)")
    }
    port = portOfSocket(descriptor)
  }

  package func accept() -> Socket? {
    let accepted = Glibc.accept(descriptor, nil, nil)
    return accepted < 0 ? nil : Socket(descriptor: accepted)
  }

  deinit { Glibc.close(descriptor) }

  /// Nobody can connect any more, and who waits in `accept` is told. The descriptor stays until nobody has the listener:
  /// else a thread that is about to accept might find that of another one under its number.
  package func close() { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A TCP socket which the servers that are started do not inherit: they would hold its connection open.
private func streamSocket() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }

private func portOfSocket(_ descriptor: Int32) -> Int {
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}

private func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
