import Foundation
import Glibc
import RealRedis
import Testing

/// A real browser without a screen, driven over the WebDriver protocol (W3C): what a person would do with mouse and keys, and
/// what stands on the page then.
final class Browser {
  /// Whether there is one on this machine.
  static var isInstalled: Bool { RealServer.find("chromium") != nil && RealServer.find("chromedriver") != nil }

  private let driver: ChildProcess
  private let port: UInt16
  private var session = ""
  /// The last address that was opened, for a complaint.
  private var address = ""
  private let folder = Folder()

  init(width: Int = 1280, height: Int = 800) throws {
    port = try Self.freePort()
    let path = try #require(RealServer.find("chromedriver"))
    driver = try ChildProcess(path, ["--port=\(port)"])
    let options: [String: Any] = [
      "binary": RealServer.find("chromium") ?? "",
      "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--force-prefers-reduced-motion", "--user-data-dir=\(folder.path("profile"))",
        "--window-size=\(width),\(height)",
      ],
    ]
    let capabilities: [String: Any] = [
      "capabilities": ["alwaysMatch": ["browserName": "chrome", "goog:chromeOptions": options]]
    ]
    let end = Date().addingTimeInterval(30)
    while (try? RawClient(port: port)) == nil, Date() < end { usleep(20_000) }
    let value = try #require(call("POST", "/session", capabilities) as? [String: Any])
    session = try #require(value["sessionId"] as? String)
  }

  deinit {
    _ = try? call("DELETE", "")
    driver.signal(SIGTERM)
    driver.wait()
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try #require(bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0)
      }
      return UInt16(bigEndian: $0.pointee.sin_port)
    }
  }

  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// One command of the protocol, and its value.
  @discardableResult
  private func call(_ method: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any? {
    let client = try RawClient(port: port)
    client.wait(seconds: 60)
    let target = path == "/session" ? path : "/session/\(session)\(path)"
    let text = try body.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
    let answer = try client.answer(
      to: "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        + "Content-Type: application/json\r\nContent-Length: \(text.count)\r\n\r\n", body: Array(text))
    let value = (try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any])?["value"]
    if let failure = value as? [String: Any], let error = failure["error"] as? String {
      throw Refusal(description: "\(error): \(failure["message"] ?? "")")
    }
    return value
  }

  // MARK: What a person does

  func open(_ address: String) throws {
    self.address = address
    try call("POST", "/url", ["url": address])
  }

  func resize(_ width: Int, _ height: Int) throws {
    try call("POST", "/window/rect", ["width": width, "height": height])
  }

  /// Another window, and back to the first.
  func openWindow() throws {
    let window = try #require(call("POST", "/window/new", ["type": "window"]) as? [String: Any])
    try call("POST", "/window", ["handle": window["handle"] ?? ""])
  }

  func windows() throws -> [String] { try call("GET", "/window/handles") as? [String] ?? [] }
  func turn(to window: String) throws { try call("POST", "/window", ["handle": window]) }

  /// Clicks at the middle of what is found, as a pointer does: what lies above it gets the click.
  func click(_ selector: String) throws {
    try point(at: selector, then: [["type": "pointerDown", "button": 0], ["type": "pointerUp", "button": 0]])
  }

  /// A page that draws itself anew may put another element in the place of the one that was found: then that one is meant.
  private func point(at selector: String, then actions: [[String: Any]]) throws {
    for attempt in 1... {
      let found = try #require(
        call("POST", "/element", ["using": "css selector", "value": selector]) as? [String: String], "no \(selector)")
      let element: [String: Any] = [found.keys.first ?? "": found.values.first ?? ""]
      let move: [String: Any] = ["type": "pointerMove", "duration": 0, "origin": element, "x": 0, "y": 0]
      let pointer: [String: Any] = [
        "type": "pointer", "id": "mouse", "parameters": ["pointerType": "mouse"], "actions": [move] + actions,
      ]
      do {
        try call("POST", "/actions", ["actions": [pointer]])
        return
      } catch let refusal as Refusal where refusal.description.contains("stale element") && attempt < 5 {
        continue
      }
    }
  }

  /// Keys that have names, as WebDriver writes them.
  enum Key {
    static let enter = "\u{E007}"
    static let tab = "\u{E004}"
    static let escape = "\u{E00C}"
    static let left = "\u{E012}"
    static let up = "\u{E013}"
    static let right = "\u{E014}"
    static let down = "\u{E015}"
    static let home = "\u{E011}"
    static let end = "\u{E010}"
    static let space = " "
  }

  /// Presses keys, one after the other.
  func press(_ keys: String) throws {
    let actions = keys.map(String.init).flatMap {
      [["type": "keyDown", "value": $0], ["type": "keyUp", "value": $0]]
    }
    try call("POST", "/actions", ["actions": [["type": "key", "id": "keys", "actions": actions]]])
  }

  // MARK: What stands there

  /// What a JavaScript expression gives.
  @discardableResult func value(_ expression: String) throws -> Any? {
    try call("POST", "/execute/sync", ["script": "return \(expression)", "args": [Any]()])
  }

  /// What the body of an asynchronous function returns.
  func awaited(_ body: String) throws -> Any? {
    let script = "const done = arguments[0]; (async () => \(body))().then(done, (error) => done(String(error)))"
    return try call("POST", "/execute/async", ["script": script, "args": [Any]()])
  }

  func text(_ selector: String) throws -> String {
    try value("document.querySelector(\(Self.quoted(selector)))?.textContent ?? ''") as? String ?? ""
  }

  func number(_ expression: String) throws -> Int { (try value(expression) as? NSNumber)?.intValue ?? .min }

  /// Waits until an expression is true; the page's text in the complaint if it never is.
  func wait(
    _ what: String, seconds: Double = 20, for expression: String, at location: SourceLocation = #_sourceLocation
  )
    throws
  {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      // What it asks about may not be there yet.
      if (try? value("!!(\(expression))")) as? Bool == true { return }
      usleep(20_000)
    }
    let page = try value("document.body.innerText") as? String ?? ""
    Issue.record("waited in vain for \(what) at \(address):\n\(page.prefix(3_000))", sourceLocation: location)
  }

  func screenshot() throws -> [UInt8] {
    Array(Data(base64Encoded: try call("GET", "/screenshot") as? String ?? "") ?? Data())
  }

  /// A text as a literal of JavaScript.
  static func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }
}
