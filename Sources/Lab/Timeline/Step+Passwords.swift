import Dissection
import RESP

extension Step {
  /// The same step with a star in place of each byte of a password, in its packets, its messages and what was typed.
  package func hidingPasswords() -> Step {
    var step = self
    if case .command(let node, let arguments) = action {
      step.action = .command(node: node, arguments: Self.hidingPasswords(in: arguments))
    }
    // A packet may end a command that others began.
    let messages = delivered.map(\.message)
    for index in packets.indices where !packets[index].payload.isEmpty {
      var payload = Passwords.hidden(in: packets[index].payload)
      for message in messages where message.side == .opener { payload = Passwords.hidden(in: payload, endOf: message) }
      step.packets[index].payload = payload
    }
    for index in delivered.indices where delivered[index].message.side == .opener {
      step.delivered[index].message.contents = Passwords.hidden(in: delivered[index].message.contents)
    }
    return step
  }

  private static func hidingPasswords(in arguments: [[UInt8]]) -> [[UInt8]] {
    var arguments = arguments
    for place in Passwords.places(in: arguments) {
      for index in place.bytes { arguments[place.word][index] = UInt8(ascii: "*") }
    }
    return arguments
  }
}

/// Other words for passwords, the same for the same password wherever it stands: a script in which they are hidden still
/// does what it did.
struct PasswordNames {
  private var names: [ArraySlice<UInt8>: String] = [:]
  /// How many passwords have got another word.
  var count: Int { names.count }

  mutating func replace(
    _ places: [(word: Int, bytes: Range<Int>)], in words: [[UInt8]]
  ) -> [[UInt8]] {
    var words = words
    // Last ones first, so that the places before them stay.
    for place in places.reversed() {
      let password = words[place.word][place.bytes]
      let name = names[password] ?? "password-\(names.count + 1)"
      names[password] = name
      words[place.word].replaceSubrange(place.bytes, with: Array(name.utf8))
    }
    return words
  }

  /// The directives of a launch; each begins with `--`.
  mutating func replace(in launch: Launch) -> Launch {
    var launch = launch
    var start = 0
    while start < launch.arguments.count {
      let end = launch.arguments[(start + 1)...].firstIndex { $0.hasPrefix("--") } ?? launch.arguments.count
      var words = launch.arguments[start..<end].map(\.bytes)
      if words[0].starts(with: Array("--".utf8)) { words[0].removeFirst(2) }
      let replaced = replace(Passwords.places(inDirective: words), in: words)
      for index in 1..<max(words.count, 1) {
        launch.arguments[start + index] = String(bytes: replaced[index])
      }
      start = end
    }
    return launch
  }
}
