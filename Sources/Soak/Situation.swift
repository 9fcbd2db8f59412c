/// What is done to a few nodes, one thing after the other, by a person or by chance: a script of the lab, and as well
/// something that can be done to real redis-servers.
package struct Situation: Sendable, Equatable {
  package var name: String
  package var lines: [Line]

  package init(name: String, lines: [Line]) {
    self.name = name
    self.lines = lines
  }

  package enum Line: Sendable, Hashable {
    case start(String, [String])
    case command(String, [String])
    /// kill -9, SIGTERM, the same process anew, SIGSTOP and SIGCONT.
    case kill(String), stop(String), restart(String), pause(String), resume(String)
    /// RST to both ends of the last connection between the two.
    case cut(String, String)
    case disk(String, isFull: Bool)
    /// So many milliseconds pass.
    case advance(Int)
    /// What is under way comes to its end; then all nodes are looked at.
    case settle
  }
}

// MARK: - As a script

extension Situation {
  /// The lab reads it: `replab run FILE`.
  package var text: String { (["# \(name)"] + lines.map(\.text)).joined(separator: "\n") + "\n" }

  /// - Throws: the line that is none.
  package init(name: String, text: String) throws {
    self.name = name
    lines = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { try Line(String($0)) }
  }
}

extension Situation.Line: CustomStringConvertible {
  package var description: String { text }

  package var text: String {
    switch self {
    case .start(let node, let directives): Self.line("start", [node] + directives)
    case .command(let node, let words): Self.line(node, words)
    case .kill(let node): "kill \(node)"
    case .stop(let node): "stop \(node)"
    case .restart(let node): "restart \(node)"
    case .pause(let node): "pause \(node)"
    case .resume(let node): "resume \(node)"
    case .cut(let a, let b): "cut \(a) \(b)"
    case .disk(let node, let isFull): "disk \(node) \(isFull ? "full" : "ok")"
    case .advance(let milliseconds): "advance \(milliseconds)ms"
    case .settle: "continue"
    }
  }

  init(_ line: String) throws {
    let words = Self.words(line)
    guard let verb = words.first else { throw SoakError("an empty line") }
    func node(_ place: Int = 1) throws -> String {
      guard words.count > place else { throw SoakError("‘\(line)’: a node is missing") }
      return words[place]
    }
    switch verb {
    case "start": self = .start(try node(), Array(words.dropFirst(2)))
    case "kill": self = .kill(try node())
    case "stop": self = .stop(try node())
    case "restart": self = .restart(try node())
    case "pause": self = .pause(try node())
    case "resume": self = .resume(try node())
    case "cut": self = .cut(try node(), try node(2))
    case "disk": self = .disk(try node(), isFull: try node(2) == "full")
    case "continue": self = .settle
    case "advance":
      guard let number = Int(try node().replacing("ms", with: "")) else { throw SoakError("‘\(line)’: no duration") }
      self = .advance(number)
    default: self = .command(verb, Array(words.dropFirst()))
    }
  }

  private static func line(_ verb: String, _ words: [String]) -> String {
    ([verb] + words.map { $0.isEmpty || $0.contains(" ") ? "\"\($0)\"" : $0 }).joined(separator: " ")
  }

  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var (word, isQuoted, isInQuotes) = ("", false, false)
    for character in line + " " {
      if character == "\"" {
        (isQuoted, isInQuotes) = (true, !isInQuotes)
      } else if character == " ", !isInQuotes {
        if isQuoted || !word.isEmpty { words.append(word) }
        (word, isQuoted) = ("", false)
      } else {
        word.append(character)
      }
    }
    return words
  }
}

package struct SoakError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
