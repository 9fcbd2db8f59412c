import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// The page's server, on the loopback alone: hands out the page's files, and carries what a session and the pages that look
/// at it tell each other, over a WebSocket each.
///
/// Nothing is handed out without the token that stands in the address, which only this process and whoever reads its
/// standard output know. Where a browser says which page it asks for (Origin) or whom it means (Host), that must be this
/// one: a page from elsewhere, or a name that was made to lead here, gets nothing.
///
/// It runs on threads of its own. The session lives on one thread, which is woken by a descriptor (`wake`) and takes what
/// has come (`takeEvents`).
package final class WebServer: Sendable {
  /// One page that is connected.
  package typealias PageID = Int

  package enum Event: Sendable {
    case opened(PageID)
    case asked(PageID, PageRequest)
    case closed(PageID)
  }

  /// A file of the page.
  package struct File: Sendable {
    package let name: String
    package let type: String
    package let bytes: [UInt8]

    package init(name: String, type: String, bytes: [UInt8]) {
      self.name = name
      self.type = type
      self.bytes = bytes
    }
  }

  /// 32 hexadecimal digits.
  package let token: String
  package let port: UInt16
  /// Readable as long as there are events.
  package let wake: Wake

  private let server: HTTPServer
  private let pages: Pages
  private let guardian: ConnectionGuard

  /// What the address is that opens the page.
  package var address: String { "http://127.0.0.1:\(port)/?token=\(token)" }

  /// Listens, and serves from then on.
  ///
  /// - Parameters:
  ///   - port: 0: any that is free.
  ///   - urgent: asked about each request as it comes, on the server's thread; what it has dealt with is no event.
  /// - Throws: why it can't listen, in the system's words.
  package init(port: UInt16, files: [File], urgent: @escaping @Sendable (PageRequest) -> Bool) throws(WebError) {
    let wake = try Wake()
    var random = SystemRandomNumberGenerator()
    let token = (0..<2).map { _ in
      let digits = String(UInt64.random(in: 0 ... .max, using: &random), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    let pages = Pages(wake: wake, urgent: urgent)
    let guardian = ConnectionGuard()
    let routes = WebRoutes(token: token, files: files, pages: pages, guardian: guardian)
    guard let loopback = try? sockaddr_in.inet(ip4: "127.0.0.1", port: port) else { throw WebError("no loopback") }
    let server = HTTPServer(
      config: HTTPServer.Configuration(address: loopback, logger: .disabled), handler: routes)
    (self.token, self.wake, self.server, self.pages, self.guardian) = (token, wake, server, pages, guardian)
    self.port = try Self.listen(server)
    routes.port.store(self.port)
    guardian.watch(port: self.port)
  }

  deinit { stop() }

  /// Starts the server, and waits until it listens or can't.
  private static func listen(_ server: HTTPServer) throws(WebError) -> UInt16 {
    let outcome = Mutex<Result<UInt16, WebError>?>(nil)
    let isSettled = DispatchSemaphore(value: 0)
    let settle: @Sendable (Result<UInt16, WebError>) -> Void = { result in
      let isFirst = outcome.withLock { held in
        defer { held = held ?? result }
        return held == nil
      }
      if isFirst { isSettled.signal() }
    }
    Task.detached {
      do { try await server.run() } catch { settle(.failure(WebError(Self.reason(error)))) }
    }
    Task.detached {
      do {
        try await server.waitUntilListening()
        guard case .ip4(_, let port)? = await server.listeningAddress else { throw SocketError.unsupportedAddress }
        settle(.success(port))
      } catch { settle(.failure(WebError(Self.reason(error)))) }
    }
    isSettled.wait()
    return try outcome.withLock { $0! }.get()
  }

  private static func reason(_ error: any Error) -> String {
    if case SocketError.failed(_, let errno, _) = error { return String(cString: strerror(errno)) }
    return error.localizedDescription
  }

  /// What has come since the last call.
  package func takeEvents() -> [Event] { pages.takeEvents() }

  /// Whether anybody looks.
  package var hasPages: Bool { pages.count > 0 }

  /// Sends one JSON text to one page, or to all.
  package func send(_ text: String, to page: PageID) { pages.send(text, to: page) }
  package func sendToAll(_ text: String) { pages.sendToAll(text) }

  /// Closes all connections and the port.
  package func stop() {
    pages.closeAll()
    guardian.stop()
    let server = server
    Task.detached { await server.stop(timeout: 0.2) }
  }
}

/// Why the page can't be served.
package struct WebError: Error, Sendable {
  package let what: String
  init(_ what: String) { self.what = what }
}
