import Glibc

@testable import Redis

/// Runs one node on real loopback sockets and the real clock, so that a real redis-server can be its peer.
final class SocketHost {
  private(set) var node: Node
  private(set) var log: [String] = []
  private(set) var files: [String: [UInt8]] = [:]
  let port: Int
  private let listener: Int32
  private var sockets: [ConnectionID: Int32] = [:]
  /// What the kernel has not taken yet.
  private var pending: [ConnectionID: [UInt8]] = [:]
  private var wantsWritten: Set<ConnectionID> = []
  private var connecting: Set<ConnectionID> = []
  private var closing: Set<ConnectionID> = []
  private var accepted: UInt64 = 0

  init(_ configure: (inout Configuration) -> Void = { _ in }) throws {
    listener = nonBlockingSocket()
    let listener = self.listener
    guard withLoopback(0, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else { throw SocketError(errno) }
    var bound = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    port = Int(UInt16(bigEndian: bound.sin_port))
    var configuration = Configuration()
    configuration.port = port
    configuration.save = []
    configure(&configuration)
    node = Node(configuration: configuration, seed: UInt64(port), now: realNow())
    handle(.start(files: [:]))
  }

  deinit {
    for descriptor in sockets.values { close(descriptor) }
    close(listener)
  }

  struct SocketError: Error {
    var code: Int32
    init(_ code: Int32) { self.code = code }
  }

  /// Runs a command without a socket and returns its raw reply.
  @discardableResult
  func command(_ words: String...) -> String { command(words.map { Array($0.utf8) }) }

  @discardableResult
  func command(_ words: [[UInt8]]) -> String {
    accepted += 1
    let id = ConnectionID(.accepted, accepted)
    let local = Address(host: "127.0.0.1", port: port)
    handle(.accepted(id, peer: Address(host: "127.0.0.1", port: 1), local: local))
    captured = []
    capturing = id
    handle(.received(id, encode(words)))
    capturing = nil
    handle(.closed(id, reset: false))
    return String(decoding: captured, as: UTF8.self)
  }
  private var capturing: ConnectionID?
  private var captured: [UInt8] = []

  /// Lets the node live until something is true; false after so many seconds.
  func run(seconds: Double = 60, until question: (SocketHost) throws -> Bool) rethrows -> Bool {
    let end = realNow().microseconds + Int64(seconds * 1_000_000)
    while realNow().microseconds < end {
      if try question(self) { return true }
      turn()
    }
    return false
  }

  // MARK: One turn of an event loop

  private func turn() {
    if let wakeup = node.nextWakeup, wakeup <= realNow() { handle(.wakeUp) }
    let order = sockets.keys.sorted()
    var descriptors = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    for id in order {
      let writes = connecting.contains(id) || pending[id]?.isEmpty == false
      descriptors.append(
        pollfd(fd: sockets[id]!, events: Int16(POLLIN) | (writes ? Int16(POLLOUT) : 0), revents: 0))
    }
    let left = node.nextWakeup.map { max(0, ($0.microseconds - realNow().microseconds) / 1_000) } ?? 20
    poll(&descriptors, nfds_t(descriptors.count), Int32(min(left, 20)))
    if descriptors[0].revents != 0 { acceptAll() }
    for (id, ready) in zip(order, descriptors.dropFirst()) where ready.revents != 0 {
      if ready.revents & Int16(POLLOUT) != 0 || connecting.contains(id) { writable(id) }
      if ready.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !connecting.contains(id) { readable(id) }
    }
  }

  private func acceptAll() {
    while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      accepted += 1
      let id = ConnectionID(.accepted, accepted)
      sockets[id] = descriptor
      handle(
        .accepted(id, peer: Address(host: "127.0.0.1", port: 1), local: Address(host: "127.0.0.1", port: port)))
    }
  }

  private func readable(_ id: ConnectionID) {
    guard let descriptor = sockets[id] else { return }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      handle(.received(id, Array(buffer[..<count])))
    } else if count == 0 || errno != EAGAIN {
      forget(id)
      handle(.closed(id, reset: count < 0))
    }
  }

  private func writable(_ id: ConnectionID) {
    guard let descriptor = sockets[id] else { return }
    if connecting.remove(id) != nil {
      var error: Int32 = 0
      var size = socklen_t(4)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
      if error != 0 {
        forget(id)
        handle(.connectFailed(id, .refused))
      } else {
        handle(.connected(id, local: Address(host: "127.0.0.1", port: port)))
      }
      return
    }
    flush(id)
  }

  private func flush(_ id: ConnectionID) {
    guard let descriptor = sockets[id], let bytes = pending[id] else { return }
    let sent = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if sent > 0 { pending[id] = Array(bytes[sent...]) }
    guard pending[id]?.isEmpty == true else { return }
    pending[id] = nil
    if closing.remove(id) != nil { forget(id) }
    if wantsWritten.remove(id) != nil { handle(.written(id)) }
  }

  private func forget(_ id: ConnectionID) {
    if let descriptor = sockets.removeValue(forKey: id) { close(descriptor) }
    pending[id] = nil
    wantsWritten.remove(id)
  }

  // MARK: The node

  /// A turn of the timer that is due comes first: a node that is told of something later takes it for done.
  private func handle(_ input: Input) {
    let now = realNow()
    if input != .wakeUp, let wakeup = node.nextWakeup, wakeup <= now { handle(.wakeUp) }
    for effect in node.handle(input, at: max(now, node.now)) { carryOut(effect) }
  }

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .open(let id, let address): open(id, to: address)
    case .send(let id, let bytes):
      if id == capturing { captured += bytes } else { pending[id, default: []] += bytes }
      flush(id)
    case .notifyWhenWritten(let id):
      if pending[id] == nil { handle(.written(id)) } else { wantsWritten.insert(id) }
    case .close(let id): if pending[id] == nil { forget(id) } else { closing.insert(id) }
    case .log(let entry): log.append(entry.text)
    case .file(let operation): perform(operation)
    case .decided, .listen, .exit: break
    }
  }

  private func open(_ id: ConnectionID, to address: Address) {
    let descriptor = nonBlockingSocket()
    let failed = withLoopback(address.port) { connect(descriptor, $0, $1) } != 0
    guard !failed || errno == EINPROGRESS else {
      close(descriptor)
      handle(.connectFailed(id, .refused))
      return
    }
    sockets[id] = descriptor
    connecting.insert(id)
  }

  private func perform(_ operation: FileOperation) {
    switch operation {
    case .write(let name, let bytes): files[name] = bytes
    case .append(let name, let bytes): files[name, default: []] += bytes
    case .truncate(let name, let count): files[name] = files[name].map { Array($0.prefix(count)) }
    case .rename(let from, let to): files[to] = files.removeValue(forKey: from)
    case .delete(let name): files[name] = nil
    case .sync: break
    }
  }
}

/// One that the servers of other tests do not inherit: they would hold its connection open.
private func nonBlockingSocket() -> Int32 {
  socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
}

func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
