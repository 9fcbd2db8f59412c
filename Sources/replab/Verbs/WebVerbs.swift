import Lab

/// The page at the prompt: `web`.
extension Verb {
  static let webVerbs: [Verb] = [
    Verb(
      name: "web", family: .files, arguments: "[--port N] [--no-open]",
      summary: "show the session as a picture in a browser",
      details: """
        It prints the address of a page, and has the browser open it unless --no-open is
        given. Prompt and page are one session: what is typed in one shows in the
        other. Only this machine can reach it, and only with the token in its address.
        """,
      example: "web --no-open", offers: [.words(["--port", "--no-open"])],
      run: { try $0.openWeb($1) })
  ]
}

extension Session {
  fileprivate mutating func openWeb(_ arguments: Arguments) throws(Complaint) {
    var port: UInt16?
    var opens = true
    var index = 0
    while let word = arguments[index] {
      switch word {
      case "--no-open": opens = false
      case "--port":
        index += 1
        let given = try arguments.required(index, "a port behind --port")
        guard let number = UInt16(given.text), number > 0 else {
          throw .usage("‘\(given.text)’ is no port", advice: "A port is 1 to 65535.", column: given.column)
        }
        port = number
      default:
        throw .usage(
          "web does not understand ‘\(word)’", advice: "Usage: \(arguments.verb.synopsis)",
          column: arguments.words[index].column)
      }
      index += 1
    }
    if let pages {
      guard port == nil || port == pages.server.port else {
        throw .usage("the page is on port \(pages.server.port) already", advice: "Its address: \(pages.server.address)")
      }
    } else {
      guard isPrompt else {
        throw .usage("a script has no page", advice: "`replab web` opens one, and `web` at the prompt.")
      }
      pages = try PageHost(port: port ?? 0)
    }
    sayAddress(opens: opens)
  }

  /// Prints the page's address, and has the browser open it.
  func sayAddress(opens: Bool) {
    guard let pages else { return }
    let address = pages.server.address
    answer([address], json: .object([("address", .string(address))]))
    if opens { Browser.open(address) }
  }
}
