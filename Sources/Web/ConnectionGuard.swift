import Foundation
import Synchronization

/// Bounds what a connection may make the server keep and do. A request's head and a WebSocket's frame are read whole by the
/// library, however long they are, and a line of a head in a time that grows with the square of its length; so the kernel
/// is asked, again and again, how much each connection has sent since it was last done with something, and one that goes on
/// and on is shut, and what it sent taken away from before the library. It has a thread of its own, since a flood of bytes
/// can occupy all those on which the library reads.
final class ConnectionGuard: Sendable {
  private let state = Mutex(State())

  private struct State {
    var port: UInt16 = 0
    var isOver = false
    /// By the peer's port.
    var connections: [UInt16: Connection] = [:]
  }

  private struct Connection {
    /// It has become a WebSocket.
    var isAdmitted = false
    /// A frame was whole since the last look.
    var wasHeard = false
    /// How many bytes it had sent when it was last done with something.
    var base: UInt64 = 0
    /// The looks since then, of one that is no WebSocket.
    var age = 0
  }

  /// Bytes of a head, and of what is no whole frame yet. A browser sends to this port the cookies of every other server on
  /// 127.0.0.1, too.
  private static let headLimit: UInt64 = 16 << 10
  private static let frameLimit: UInt64 = 1 << 20
  private static let interval: TimeInterval = 0.2
  /// A connection that is no WebSocket is shut after half a minute.
  private static let ageLimit = 150

  func watch(port: UInt16) {
    state.withLock { $0.port = port }
    Thread.detachNewThread { [weak self] in
      repeat { Thread.sleep(forTimeInterval: Self.interval) } while self?.look() == true
    }
  }

  func stop() { state.withLock { $0.isOver = true } }
  /// It becomes a WebSocket, on which what is small goes out at once.
  func admit(_ peer: UInt16) {
    state.withLock { $0.connections[peer, default: Connection()].isAdmitted = true }
    for socket in sockets() where socket.peer == peer {
      var one: CInt = 1
      setsockopt(socket.descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  /// A request or a frame of it is whole.
  func heard(_ peer: UInt16) { state.withLock { $0.connections[peer, default: Connection()].wasHeard = true } }
  func forget(_ peer: UInt16) { state.withLock { $0.connections[peer] = nil } }

  /// Both directions of a connection end, also under a write that waits.
  func shut(_ peer: UInt16) {
    for socket in sockets() where socket.peer == peer { socket.shut() }
  }

  /// False once there is nothing to look after any more.
  private func look() -> Bool {
    guard !state.withLock(\.isOver) else { return false }
    let sockets = sockets()
    state.withLock { state in
      var seen: [UInt16: Connection] = [:]
      for socket in sockets {
        var connection = state.connections[socket.peer] ?? Connection()
        if connection.wasHeard { (connection.wasHeard, connection.base) = (false, socket.received) }
        connection.age = connection.isAdmitted ? 0 : connection.age + 1
        let limit = connection.isAdmitted ? Self.frameLimit : Self.headLimit
        if socket.received &- connection.base > limit || connection.age > Self.ageLimit {
          socket.shut()
        }
        seen[socket.peer] = connection
      }
      state.connections = seen
    }
    return true
  }

  private struct Socket {
    let descriptor: CInt
    let peer: UInt16
    let received: UInt64

    /// Ends both directions, and throws away what nobody has read: else the library would still read all of it. (What arrives from
    /// now on the kernel refuses with a reset.)
    func shut() {
      shutdown(descriptor, CInt(SHUT_RDWR))
      for _ in 0..<64 {
        guard recv(descriptor, nil, 1 << 20, CInt(MSG_TRUNC) | CInt(MSG_DONTWAIT)) > 0 else { return }
      }
    }
  }

  /// The process's connections to the page's port.
  private func sockets() -> [Socket] {
    let port = state.withLock(\.port)
    guard port != 0, let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else {
      return []
    }
    return names.compactMap { name in
      guard let descriptor = CInt(name), Self.port(of: descriptor, getsockname) == port,
        let peer = Self.port(of: descriptor, getpeername)
      else { return nil }
      return Socket(descriptor: descriptor, peer: peer, received: Self.received(descriptor))
    }
  }

  private static func port(
    of descriptor: CInt, _ ask: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
  ) -> UInt16? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &size) }
    }
    return result == 0 && address.sin_family == AF_INET ? UInt16(bigEndian: address.sin_port) : nil
  }

  /// tcpi_bytes_received of linux/tcp.h's `struct tcp_info`, which glibc's own is too old to have: the 64 bits at byte 128.
  private static func received(_ descriptor: CInt) -> UInt64 {
    var info = [UInt64](repeating: 0, count: 32)
    var size = socklen_t(info.count * 8)
    guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &size) == 0, size >= 136 else { return 0 }
    return info[16]
  }
}
