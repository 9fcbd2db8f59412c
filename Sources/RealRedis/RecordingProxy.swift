import Glibc
import Synchronization

/// What a replica and its master said to each other on one connection.
package struct RecordedLink: Sendable {
  /// What came at one time from one side, in the order in which it passed.
  package struct Piece: Sendable {
    package var isFromMaster: Bool
    package var bytes: [UInt8]
  }

  package private(set) var pieces: [Piece] = []
  /// Nothing more will pass.
  package fileprivate(set) var isOver = false

  package init() {}

  package var fromReplica: [UInt8] { pieces.lazy.filter { !$0.isFromMaster }.reduce(into: []) { $0 += $1.bytes } }
  package var fromMaster: [UInt8] { pieces.lazy.filter(\.isFromMaster).reduce(into: []) { $0 += $1.bytes } }

  package mutating func append(_ bytes: [UInt8], isFromMaster: Bool) {
    pieces.append(Piece(isFromMaster: isFromMaster, bytes: bytes))
  }
}

/// Stands between a real replica and its real master and keeps every byte that passes, a link a connection.
package final class RecordingProxy: Sendable {
  private let listener: Listener
  private let masterPort: Int
  private let holding = Atomic<Bool>(false)
  private let recorded = Mutex<(links: [RecordedLink], sockets: [Socket])>(([], []))

  package var port: Int { listener.port }
  package var links: [RecordedLink] { recorded.withLock { $0.links } }
  /// The links from the `first` one on, which is all that one who has seen the earlier ones needs.
  package func links(from first: Int) -> [RecordedLink] { recorded.withLock { Array($0.links[first...]) } }

  package init(to masterPort: Int) throws {
    listener = try Listener()
    self.masterPort = masterPort
    inThread { [listener, weak self] in
      while let socket = listener.accept() {
        self?.join(socket)
        // A storm of reconnections would take all the processor has, and tells no more than a breeze.
        usleep(5_000)
      }
    }
  }

  deinit { close() }

  package func close() {
    listener.close()
    cut()
  }

  /// While it holds, what comes stays under way.
  package func hold(_ holds: Bool) { holding.store(holds, ordering: .relaxed) }

  /// Breaks every connection that passes through.
  package func cut() {
    for socket in recorded.withLock({ $0.sockets }) { socket.shutdown() }
  }

  private func join(_ replica: Socket) {
    guard let master = try? Socket(port: masterPort, patience: 0) else { return replica.shutdown() }
    let index = recorded.withLock {
      $0.links.append(RecordedLink())
      $0.sockets += [replica, master]
      return $0.links.count - 1
    }
    pump(from: replica, to: master, isFromMaster: false, index)
    pump(from: master, to: replica, isFromMaster: true, index)
  }

  private func pump(from source: Socket, to sink: Socket, isFromMaster: Bool, _ index: Int) {
    inThread { [weak self] in
      while let bytes = try? source.read() {
        while self?.holding.load(ordering: .relaxed) ?? false { usleep(2_000) }
        guard !bytes.isEmpty, let self else { break }
        self.recorded.withLock { $0.links[index].append(bytes, isFromMaster: isFromMaster) }
        sink.send(bytes)
      }
      sink.shutdown()
      self?.end(index, source)
    }
  }

  /// A connection that is over needs no socket, and a storm makes many.
  private func end(_ index: Int, _ socket: Socket) {
    recorded.withLock {
      $0.links[index].isOver = true
      $0.sockets.removeAll { $0 === socket }
    }
  }
}

/// Does something blocking beside the rest.
package func inThread(_ body: @escaping @Sendable () -> Void) {
  final class Box { let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body } }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body)).toOpaque()
  pthread_create(
    &thread, nil,
    {
      Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body(); return nil
    }, box)
  pthread_detach(thread)
}
