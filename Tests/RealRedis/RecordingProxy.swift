import Foundation
import Glibc
import Synchronization

/// What a replica and its master said to each other on one connection.
package struct RecordedLink: Sendable {
  package var fromReplica: [UInt8] = []
  package var fromMaster: [UInt8] = []

  package init() {}
}

/// Stands between a real replica and its real master and keeps every byte that passes, a link a connection.
package final class RecordingProxy: Sendable {
  private let listener: Listener
  private let masterPort: Int
  private let recorded = Mutex<(links: [RecordedLink], sockets: [Socket])>(([], []))

  package var port: Int { listener.port }
  package var links: [RecordedLink] { recorded.withLock { $0.links } }

  package init(to masterPort: Int) throws {
    listener = try Listener()
    self.masterPort = masterPort
    let thread = Thread { [listener, weak self] in
      while let socket = listener.accept() { self?.join(socket) }
    }
    thread.start()
  }

  deinit { close() }

  package func close() {
    listener.close()
    cut()
  }

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
    pump(from: replica, to: master, \.fromReplica, index)
    pump(from: master, to: replica, \.fromMaster, index)
  }

  private func pump(
    from source: Socket, to sink: Socket, _ side: WritableKeyPath<RecordedLink, [UInt8]> & Sendable, _ index: Int
  ) {
    let thread = Thread { [weak self] in
      while let bytes = try? source.read() {
        guard !bytes.isEmpty, let self else { break }
        self.recorded.withLock { $0.links[index][keyPath: side] += bytes }
        sink.send(bytes)
      }
      sink.shutdown()
    }
    thread.start()
  }
}
