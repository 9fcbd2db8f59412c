/// What a replica and its master say to each other in the notes' arrows, with offsets, ports, lengths and arguments that no
/// server would say.
package enum HostileConversation {
  private static let ids = [
    "4af7360b506843f9346c234825cbf3a4dfffe375", "0000000000000000000000000000000000000000", "?", "short",
    "cfaf1db23df0786e59c7f5bf125f03fc7cfc86af",
  ]

  package static func arrows(_ choices: inout Choices) -> String {
    var lines = ["replica>>> PING", "master<<< PONG"]
    if choices.once(in: 4) { lines = [] }
    for _ in 0..<(1 + choices.below(12)) { lines.append(line(&choices)) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ choices: inout Choices) -> String {
    let number = HostileNumbers.number(&choices)
    let other = HostileNumbers.number(&choices)
    let id = choices.pick(ids)
    switch choices.below(14) {
    case 0: return "replica>>> REPLCONF listening-port \(number)\nmaster<<< OK"
    case 1: return "replica>>> REPLCONF capa eof capa psync2\nmaster<<< OK"
    case 2: return "replica>>> PSYNC \(id) \(number)\nmaster<<< FULLRESYNC \(id) \(other)"
    case 3: return "replica>>> PSYNC \(id) \(number)\nmaster<<< CONTINUE \(id)"
    case 4: return "master<<< FULLRESYNC \(id) \(number)"
    case 5: return "replica>>> REPLCONF ACK \(number)"
    case 6: return "master<<< SET k \(number)"
    case 7: return "master<<< PING"
    case 8: return "master<<< SELECT \(number)"
    case 9: return "master<<< PEXPIREAT k \(number)"
    case 10: return "master<<< REPLCONF GETACK *"
    case 11: return "client>>> INCRBY n \(number)\nmaster<<< \(other)"
    case 12: return "client>>> WAIT \(number) \(other)\nmaster<<< \(number)"
    default: return "master<<< RESTORE k \(number) \(other)"
    }
  }
}
