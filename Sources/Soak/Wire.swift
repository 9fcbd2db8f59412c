import CNamespaces
import Capture
import CaptureFiles
import Glibc
import RealRedis
import Synchronization

/// Sees all that crosses the loopback of the thread that makes it.
final class Wire: Sendable {
  private struct State {
    var packets: [Packet] = []
    var isReady = false
    var isOver = false
    var lostCount = 0
    var failure: String?
  }
  private let state = Mutex(State())
  private let shouldStop = Atomic<Bool>(false)

  /// - Throws: why nothing can be seen.
  init(file: String) throws {
    inThread { [weak self] in
      do {
        let capture = try LiveCapture(interface: "lo", filter: "tcp", path: file)
        self?.state.withLock { $0.isReady = true }
        while let self {
          if let frame = try capture.next() {
            if let packet = try? Packet(frame) { self.state.withLock { $0.packets.append(packet) } }
          } else if self.shouldStop.load(ordering: .relaxed) {
            break
          }
        }
        self?.state.withLock { $0.lostCount = capture.lostCount }
      } catch {
        self?.state.withLock { $0.failure = "\(error)" }
      }
      self?.state.withLock { ($0.isOver, $0.isReady) = (true, true) }
    }
    _ = RealRedis.wait(seconds: 30) { state.withLock { $0.isReady } }
    if let failure = state.withLock({ $0.failure }) { throw SoakError(failure) }
  }

  deinit { shouldStop.store(true, ordering: .relaxed) }

  var packets: [Packet] { state.withLock { $0.packets } }

  /// All that was seen to the end.
  ///
  /// - Throws: that it is not all that there was.
  func stop() throws -> [Packet] {
    shouldStop.store(true, ordering: .relaxed)
    _ = RealRedis.wait(seconds: 10) { state.withLock { $0.isOver } }
    let lost = state.withLock { $0.lostCount }
    if lost > 0 { throw SoakError("the capture lost \(lost) packets") }
    return packets
  }

  /// RSTs for both ends of the last connection between the nodes on two ports; none if there is no connection.
  func resets(_ a: Int, _ b: Int) -> [Packet] {
    let packets = packets
    guard let connection = lastConnection(packets, a, b) else { return [] }
    func last(from source: Endpoint) -> Packet? {
      packets.last { $0.source == source && ($0.destination == connection.0 || $0.destination == connection.1) }
    }
    guard let mine = last(from: connection.0), let theirs = last(from: connection.1) else { return [] }
    return [(theirs, mine), (mine, theirs)].map { sender, receiver in
      Packet(
        timestamp: 0, source: sender.source, destination: receiver.source, sequence: sender.nextSequence,
        acknowledgement: receiver.nextSequence, flags: [.reset, .acknowledgement], window: 0, options: .none,
        identification: 0)
    }
  }

  func send(_ packets: [Packet]) {
    for datagram in packets.map(\.datagram) {
      _ = datagram.withUnsafeBytes { replab_send_datagram($0.baseAddress, $0.count) }
    }
  }

  /// A replica says where it listens; a connection that is over is none.
  private func lastConnection(_ packets: [Packet], _ a: Int, _ b: Int) -> (Endpoint, Endpoint)? {
    for (index, packet) in packets.enumerated().reversed() {
      for (replica, master) in [(a, b), (b, a)] where Int(packet.destination.port) == master {
        let words = Array("listening-port\r\n$4\r\n\(replica)\r\n".utf8)
        guard packet.payload.count > words.count, contains(Array(packet.payload), words) else { continue }
        let isOver = packets[index...].contains { later in
          (later.flags.contains(.reset) || later.flags.contains(.fin))
            && Set([later.source, later.destination]) == Set([packet.source, packet.destination])
        }
        return isOver ? nil : (packet.source, packet.destination)
      }
    }
    return nil
  }

  private func contains(_ bytes: [UInt8], _ words: [UInt8]) -> Bool {
    guard bytes.count >= words.count else { return false }
    return (0...(bytes.count - words.count)).contains { bytes[$0...].starts(with: words) }
  }
}
