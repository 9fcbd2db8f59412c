import Views

/// How many rows of a message are shown: `set limit`.
enum RowLimit: Equatable {
  case rows(Int)
  case off

  /// What a person gets who has said nothing.
  static let forPeople = RowLimit.rows(12)

  var text: String {
    switch self {
    case .rows(let count): "\(count)"
    case .off: "off"
    }
  }
}

extension Session {
  /// How much of a message is shown: its beginning, to a person or where that was asked for; all to whoever else reads.
  var page: Page {
    guard !isJSON, !showsWhole, case .rows(let count) = currentLimit else { return Page(wraps: isForPerson) }
    return Page(rowLimit: count, wraps: isForPerson)
  }

  private var currentLimit: RowLimit { rowLimit ?? (isForPerson ? .forPeople : .off) }

  /// `set limit N|off`; what is no setting is a command that lacks its node.
  mutating func set(_ arguments: Arguments) throws {
    guard arguments.count > 0 else {
      return answer(["limit \(currentLimit.text)"], json: .object([("limit", .string(currentLimit.text))]))
    }
    guard arguments[0] == "limit" else { throw whichNode(try Words.split(arguments.line), in: arguments.line) }
    try arguments.atMost(2)
    if arguments[1] == "off" {
      rowLimit = .off
    } else {
      _ = try arguments.required(1, "a number of lines, or off")
      rowLimit = .rows(try arguments.number(1, or: 1))
    }
    showsWhole = false
  }
}
