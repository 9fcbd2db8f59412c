import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Who may have what: each request is looked at before anything is handed out.
struct WebRoutes: HTTPHandler {
  let token: String
  let files: [String: WebServer.File]
  let pages: Pages
  let guardian: ConnectionGuard
  /// Known once the server listens.
  let port = SharedPort()

  init(token: String, files: [WebServer.File], pages: Pages, guardian: ConnectionGuard) {
    self.token = token
    self.files = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
    self.pages = pages
    self.guardian = guardian
  }

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    if case .ip4(_, let peer)? = request.remoteAddress { guardian.heard(peer) }
    let isSocket = request.path == "/socket"
    if let refusal = refusal(of: request, isSocket: isSocket) { return refusal }
    if isSocket { return try await connect(request) }
    let name = request.path == "/" ? "page.html" : String(request.path.dropFirst())
    guard let file = files[name] else { return Self.text(.notFound, "There is no such file here.") }
    // What a file of the page names is asked for with the token, too.
    let body =
      file.type == "text/html"
      ? Data(Self.withToken(String(decoding: file.bytes, as: UTF8.self), token).utf8) : Data(file.bytes)
    return HTTPResponse(statusCode: .ok, headers: HTTPHeaders(Self.headers(file.type + "; charset=utf-8")), body: body)
  }

  /// Why a request gets nothing, if it does not.
  private func refusal(of request: HTTPRequest, isSocket: Bool) -> HTTPResponse? {
    guard request.method == .GET else { return Self.text(.methodNotAllowed, "Only GET is served here.") }
    let names = ["127.0.0.1:\(port.value)", "localhost:\(port.value)"]
    guard let host = request.headers[.host], names.contains(host.lowercased()) else {
      return Self.text(.forbidden, "This server has another name: somebody has made one lead here.")
    }
    if let origin = request.headers[HTTPHeader("Origin")] {
      guard names.contains(where: { "http://" + $0 == origin.lowercased() }) else {
        return Self.text(.forbidden, "Pages from elsewhere get nothing here.")
      }
    } else if isSocket {
      return Self.text(.forbidden, "Whoever connects has to say from which page (Origin).")
    }
    let given = request.query.filter { $0.name == "token" }.map(\.value)
    guard given.count == 1, isToken(given[0]) else {
      return Self.text(.forbidden, "This address lacks its token: open the one that replab prints.")
    }
    return nil
  }

  /// In a time that does not tell how much of it was right.
  private func isToken(_ given: String) -> Bool {
    let (given, token) = (Array(given.utf8), Array(token.utf8))
    guard given.count == token.count else { return false }
    return zip(given, token).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func connect(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard pages.hasRoom else { return Self.text(.serviceUnavailable, "Too many pages look at this session.") }
    guard case .ip4(_, let peer)? = request.remoteAddress else {
      return Self.text(.forbidden, "Not from this machine.")
    }
    let connection = PageConnection(pages: pages, guardian: guardian, peer: peer)
    return try await WebSocketHTTPHandler(handler: connection).handleRequest(request)
  }

  private static func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: HTTPHeaders(headers("text/plain; charset=utf-8")), body: Data((text + "\n").utf8))
  }

  /// Nothing but the page's own files runs or is loaded in it, nobody frames it, and nothing of it is kept.
  private static func headers(_ type: String) -> [HTTPHeader: String] {
    [
      .contentType: type,
      HTTPHeader("Content-Security-Policy"):
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("X-Frame-Options"): "DENY",
      HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
      HTTPHeader("Cross-Origin-Opener-Policy"): "same-origin",
      HTTPHeader("Cache-Control"): "no-store",
    ]
  }

  /// The names of the page's other files, each with the token behind it.
  static func withToken(_ html: String, _ token: String) -> String {
    html.replacing(/(?<attribute>src|href)="(?<name>[a-z-]+\.(js|css))"/) {
      "\($0.attribute)=\"\($0.name)?token=\(token)\""
    }
  }
}

/// A port that is known later than whoever asks for it.
final class SharedPort: Sendable {
  private let port = Atomic<UInt16>(0)
  var value: UInt16 { port.load(ordering: .sequentiallyConsistent) }
  func store(_ value: UInt16) { port.store(value, ordering: .sequentiallyConsistent) }
}
