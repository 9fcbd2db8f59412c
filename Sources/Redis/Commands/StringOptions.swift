/// The options of SET and GETEX (`parseExtendedStringArgumentsOrReply` in t_string.c).
struct StringOptions {
  enum Command { case set, getex }
  enum Condition { case mustExist, mustNotExist }

  struct Expiry {
    enum Unit { case seconds, milliseconds }
    var argument: Bytes
    var unit: Unit
    var isAbsolute: Bool
  }

  var condition: Condition?
  var get = false
  var keepsExpiry = false
  var persist = false
  var expiry: Expiry?

  init() {}

  /// Reads the options from that position on; nil if they make no sense, which the client is told.
  init?(_ call: inout Call, from start: Int, for command: Command) {
    var position = start
    while position < call.arguments.count {
      let next = position + 1 < call.arguments.count ? call.arguments[position + 1] : nil
      guard let taken = take(call.arguments[position], next, for: command) else {
        call.syntaxError()
        return nil
      }
      position += taken
    }
  }

  /// How many arguments the option takes; nil if it is unknown or contradicts another.
  private mutating func take(_ option: Bytes, _ next: Bytes?, for command: Command) -> Int? {
    let isFree = expiry == nil && !keepsExpiry && !persist
    switch option.word {
    case "nx" where command == .set && condition != .mustExist: condition = .mustNotExist
    case "xx" where command == .set && condition != .mustNotExist: condition = .mustExist
    case "get" where command == .set: get = true
    case "keepttl" where command == .set && !persist && expiry == nil: keepsExpiry = true
    case "persist" where command == .getex && !keepsExpiry && expiry == nil: persist = true
    case "ex" where isFree && next != nil: expiry = next.map { .init(argument: $0, unit: .seconds, isAbsolute: false) }
    case "px" where isFree && next != nil:
      expiry = next.map { .init(argument: $0, unit: .milliseconds, isAbsolute: false) }
    case "exat" where isFree && next != nil: expiry = next.map { .init(argument: $0, unit: .seconds, isAbsolute: true) }
    case "pxat" where isFree && next != nil:
      expiry = next.map { .init(argument: $0, unit: .milliseconds, isAbsolute: true) }
    default: return nil
    }
    return expiry == nil || ["nx", "xx", "get"].contains(option.word) ? 1 : 2
  }
}
