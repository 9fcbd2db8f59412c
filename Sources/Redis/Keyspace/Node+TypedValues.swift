/// What a command of one type finds at a key.
enum Found<Held> {
  case nothing
  case held(Held)
  /// Something of another type, which the client has been told.
  case wrongType

  /// For commands to which a key that is not there is like an empty value: nil for it, and whether it was of another type.
  var orNil: (held: Held?, isWrong: Bool) {
    switch self {
    case .nothing: (nil, false)
    case .held(let held): (held, false)
    case .wrongType: (nil, true)
    }
  }
}

/// Keys as the commands of one type see them.
extension Node {
  /// The value for a command that only reads; counts a hit or a miss (`lookupKeyRead` in db.c; `checkType` in object.c).
  mutating func read<Held: TypedValue>(_ type: Held.Type, at position: Int = 1, _ call: inout Call) -> Found<Held> {
    call.found(read(call.arguments[position], in: call.database))
  }

  /// The value for a command that writes; counts nothing (`lookupKeyWrite` in db.c; `checkType` in object.c).
  mutating func lookup<Held: TypedValue>(_ type: Held.Type, at position: Int = 1, _ call: inout Call) -> Found<Held> {
    call.found(lookup(call.arguments[position], in: call.database))
  }

  /// The same for a command that only changes the value where it is, and needs none of its own.
  mutating func find<Held: TypedValue>(_ type: Held.Type, at position: Int = 1, _ call: inout Call) -> Found<Void> {
    guard let kind = lookup(call.arguments[position], in: call.database)?.kind else { return .nothing }
    if kind == Held.kind { return .held(()) }
    call.reply.error(Call.Complaint.wrongType)
    return .wrongType
  }

  /// Adds a key that is not there (`dbAdd` in db.c).
  mutating func addKey(_ key: Bytes, _ value: some TypedValue, in database: Int) {
    setValue(of: key, to: value.asValue, in: database)
  }

  /// Changes what a key holds, where it is: whoever keeps what was looked up before makes it copy itself. The key must be
  /// there, and of that type.
  mutating func change<Held: TypedValue, Result>(
    _ type: Held.Type, _ key: Bytes, in database: Int, _ body: (inout Held) -> Result
  ) -> Result? {
    databases[database].change(key) { Held.change(&$0, body) } ?? nil
  }

  /// Deletes the key of a collection that has no elements any more.
  @discardableResult
  mutating func deleteIfEmpty<Held: TypedValue>(_ type: Held.Type, _ key: Bytes, in database: Int) -> Bool {
    guard let value = databases[database][key]?.value, let held = Held(value), held.isEmpty else { return false }
    databases[database].remove(key)
    notify(.generic, "del", key, in: database)
    return true
  }
}

extension Call {
  /// What a value that was looked up is to the commands of one type (`checkType` in object.c).
  mutating func found<Held: TypedValue>(_ value: Value?) -> Found<Held> {
    guard let value else { return .nothing }
    if let held = Held(value) { return .held(held) }
    reply.error(Complaint.wrongType)
    return .wrongType
  }
}
