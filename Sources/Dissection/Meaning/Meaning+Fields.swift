import RDB
import RESP

// What the framing and the arguments of messages say.
extension Meaning {
  static func ofLine(type: UInt8, number: Int?) -> String {
    guard let number else { return "a number that can't be read" }
    switch type {
    case UInt8(ascii: "$"):
      return number < 0 ? "nothing is there" : "\(count(number, "byte")) follow\(number == 1 ? "s" : "")"
    case UInt8(ascii: "="): return "\(count(number, "byte")) of text follow, with its format in front"
    case UInt8(ascii: "*"): return number < 0 ? "nothing is there" : "an array of \(count(number, "element"))"
    case UInt8(ascii: "%"): return "a map of \(count(number, "pair"))"
    case UInt8(ascii: "~"): return "a set of \(count(number, "element"))"
    case UInt8(ascii: ">"): return "a push of \(count(number, "element"))"
    case UInt8(ascii: "|"): return "\(count(number, "remark")) about what follows"
    default: return ""
    }
  }

  static func ofType(_ type: UInt8) -> String {
    switch type {
    case UInt8(ascii: "+"): "a simple string"
    case UInt8(ascii: "-"): "an error"
    case UInt8(ascii: ":"): "an integer"
    case UInt8(ascii: ","): "a double"
    case UInt8(ascii: "#"): "a boolean"
    case UInt8(ascii: "("): "a big number"
    case UInt8(ascii: "_"): "null"
    default: "no known type"
    }
  }

  /// What an argument is in its command.
  struct Role {
    var name: String
    var meaning: ([UInt8]) -> String

    init(_ name: String, _ meaning: @escaping ([UInt8]) -> String = { quoted($0) }) {
      self.name = name
      self.meaning = meaning
    }
  }

  /// The roles of a command's words, in their order; the last one stands for all further words.
  static func roles(of message: Message) -> [Role] {
    let command = Role("command")
    let option = Role("option")
    switch message.kind {
    case .auth(let user): return user == nil ? [command, Role("password")] : [command, Role("user"), Role("password")]
    case .listeningPort: return [command, option, Role("port") { "the replica's own port, \(text($0))" }]
    case .ipAddress: return [command, option, Role("address") { "the replica's own address, \(text($0))" }]
    case .capabilities(let names):
      return [command] + names.flatMap { _ in [option, Role("capability") { ofCapability($0) }] }
    case .psync: return [command, Role("replication id", ofAskedID), Role("offset", ofAskedOffset), option]
    case .ack:
      return [
        command, option, Role("offset") { "the last byte that the replica has applied, \(text($0))" }, option,
        Role("offset") { "the last byte that is on the replica's disk, \(text($0))" },
      ]
    case .getAck: return [command, option, Role("argument") { "always \(quoted($0))" }]
    case .streamSelect: return [command, Role("database")]
    case .stream, .command: return roles(ofWords: message.words)
    default: return [command, Role("argument")]
    }
  }

  private static func ofAskedID(_ id: [UInt8]) -> String {
    id == [UInt8(ascii: "?")]
      ? "? stands for: no history to go on from" : "the history that the replica has a part of, \(short(id))"
  }

  private static func ofAskedOffset(_ offset: [UInt8]) -> String {
    offset == Array("-1".utf8)
      ? "-1 stands for: from the beginning" : "the first byte that the replica has not got, \(text(offset))"
  }

  /// The commands that a first look at replication meets; in others only the name has a role of its own.
  private static func roles(ofWords words: [[UInt8]]) -> [Role] {
    let command = Role("command")
    let key = Role("key")
    let value = Role("value")
    switch words.first.map(uppercased) ?? "" {
    case "SET": return [command, key, value, Role("option")]
    case "GET", "INCR", "DECR", "PERSIST", "TTL", "TYPE", "STRLEN", "GETDEL", "DEL", "UNLINK", "EXISTS":
      return [command, key]
    case "MSET", "MSETNX":
      return [command] + (1..<max(2, words.count)).map { $0 % 2 == 1 ? key : value }
    case "SETNX", "APPEND", "GETSET", "INCRBY", "DECRBY", "INCRBYFLOAT": return [command, key, value]
    case "SETEX", "PSETEX", "SETRANGE": return [command, key, Role("argument"), value]
    case "PEXPIREAT":
      return [command, key, Role("time") { ofMilliseconds(Number.integer($0)) ?? quoted($0) }, Role("option")]
    case "EXPIRE", "PEXPIRE", "EXPIREAT": return [command, key, Role("time"), Role("option")]
    case "SELECT": return [command, Role("database")]
    case "PUBLISH", "SPUBLISH": return [command, Role("channel"), Role("message")]
    default: return [command, Role("argument")]
    }
  }

  private static func ofMilliseconds(_ milliseconds: Int64?) -> String? {
    guard let milliseconds, let time = time(seconds: milliseconds / 1000) else { return nil }
    return "\(time) UTC, as \(milliseconds) ms since 1970"
  }
}

// What the parts of a snapshot say.
extension Meaning {
  static func of(_ error: RDBError) -> String { "\(error)" }

  static func isFault(_ field: RDB.Field) -> Bool {
    if case .checksum(let stored, let computed?) = field.meaning { return stored != 0 && stored != computed }
    return false
  }

  /// A whole record.
  static func of(_ event: Event) -> String {
    switch event {
    case .header(let version): "the beginning of a snapshot in version \(version) of the format"
    case .aux(let name, let value): ofAux(text(name), value)
    case .selectDatabase(let number): "the keys that follow are in database \(number)"
    case .resize(let keys, let expires):
      "\(count(keys, "key")) follow\(keys == 1 ? "s" : ""), \(expires) of them with an expiry: how big the tables should be made"
    case .slotInfo(let slot, let keys, let expires):
      "slot \(slot) begins, with \(count(keys, "key")), \(expires) of them with an expiry"
    case .slotImport(_, let ranges): "slots that this server is about to take over, in \(count(ranges, "range"))"
    case .entry(let entry): of(entry)
    case .function: "a library of functions"
    case .moduleAux(let aux): "data of the module \(aux.id.name)"
    case .end(.verified): "the end of the snapshot; the checksum is right"
    case .end(.disabled): "the end of the snapshot; its writer made no checksum"
    case .end: "the end of the snapshot"
    }
  }

  private static func of(_ entry: Entry) -> String {
    var line = "key \(quoted(entry.key))"
    switch entry.value {
    case .string(let bytes): line += " holds \(quoted(bytes))"
    case .encoded(let value): line += " holds \(of(value.contents)), as \(value.type.name)"
    }
    if let expiry = entry.attributes.expiry { line += ", until \(ofMilliseconds(expiry) ?? "\(expiry) ms")" }
    return line
  }

  /// Of elements, the first few.
  private static func of(_ contents: Contents) -> String {
    switch contents {
    case .string(let bytes): quoted(bytes)
    case .list(let elements): "a list of \(some(elements.map { quoted($0) }, "element"))"
    case .set(let members): "a set of \(some(members.map { quoted($0) }, "member"))"
    case .sortedSet(let members):
      "a sorted set of \(some(members.map { "\(quoted($0.member)) at \($0.score)" }, "member"))"
    case .hash(let fields): "a hash of \(some(fields.map { "\(quoted($0.field)) = \(quoted($0.value))" }, "field"))"
    case .stream(let stream):
      "a stream with \(of(stream)) and \(count(stream.groups.count, "group"))"
    case .module(let id): "a value of the module \(id.name)"
    }
  }

  private static func some(_ texts: some Collection<String>, _ noun: String) -> String {
    if texts.isEmpty { return count(0, noun) }
    let shown = texts.prefix(3).joined(separator: ", ")
    return "\(count(texts.count, noun)): \(shown)\(texts.count > 3 ? ", …" : "")"
  }

  /// What XLEN says is a count of its own, which need not be that of the nodes.
  private static func of(_ stream: RDB.Stream) -> String {
    let length = Int(clamping: stream.length)
    let messages = count(length, "message")
    return length == stream.entries.count
      ? messages : "\(messages) by its own count, \(stream.entries.count) in its nodes,"
  }

  private static func ofAux(_ name: String, _ value: [UInt8]) -> String {
    let shown = text(value)
    switch name {
    case "redis-ver", "valkey-ver": return "the version of the server that wrote this: \(shown)"
    case "redis-bits": return "that server's kind of machine: \(shown) bits"
    case "ctime":
      let time = Number.integer(value).flatMap { Meaning.time(seconds: $0) }
      return "when this was written: " + (time.map { "\($0) UTC" } ?? shown)
    case "used-mem": return "how much memory the server used: \(shown) bytes"
    case "repl-stream-db": return "the database that the replication stream was about: \(shown)"
    case "repl-id": return "the history that this snapshot is a moment of: \(shown)"
    case "repl-offset": return "the last byte of that history that is in the snapshot: \(shown)"
    case "aof-base":
      return shown == "0" ? "this is not the base of an append-only file" : "the base of an append-only file"
    default: return "\(name): \(shown)"
    }
  }

  /// A part of a record; `bytes` if they are all here.
  static func of(_ field: RDB.Field, bytes: [UInt8]?) -> String {
    switch field.meaning {
    case .group: return ""
    case .bytes:
      if field.name == .unreadable { return "nothing can be made of these bytes" }
      return bytes.map { quoted($0) } ?? "a part of \(count(field.count, "byte"))"
    case .version(let version): return "version \(version) of the format"
    case .opcode(let opcode): return "\(opcode.name): \(of(opcode))"
    case .type(let type): return "a \(type.name)"
    case .length(let length, let form):
      if field.name == .container, length == 1 { return "1: one element, as it is" }
      if field.name == .container { return "\(length): elements in a listpack" }
      if field.name == .entriesRead, length == .max { return "-1: not known" }
      if field.name == .moduleOpcode { return ofModuleOpcode(length) }
      let shown = "\(length)\(form == .bits6 ? "" : ", written in \(count(form.size, "byte"))")"
      return field.name == .length ? "\(shown): so many bytes follow" : shown
    case .encoding(let encoding): return of(encoding)
    case .integer(let number): return "\(number)"
    case .compressed:
      guard let count = bytes.flatMap({ LZF.originalLength(of: $0.span) }) else { return "LZF: a part of it" }
      return "LZF: these bytes unfold to \(count)"
    case .expiry(let time):
      guard let time else { return "no expiry" }
      return ofMilliseconds(time) ?? "\(time) ms since 1970"
    case .milliseconds(let time): return ofMilliseconds(time) ?? "\(time) ms"
    case .seconds(let time): return Meaning.time(seconds: time).map { "\($0) UTC" } ?? "\(time) s"
    case .moduleID(let id): return "module \(id.name), version \(id.version)"
    case .streamID(let id): return "\(id)"
    case .double(let bits): return "\(Double(bitPattern: bits))"
    case .numberEncoding(let bytes): return "a number follows in \(count(bytes, "byte")), the low one first"
    case .checksum(let stored, let computed): return ofChecksum(stored, computed)
    case .missing(let bytes):
      return bytes > 0 ? "at least \(count(bytes, "byte")) of it are yet to come" : "the rest is yet to come"
    }
  }

  private static func ofChecksum(_ stored: UInt64, _ computed: UInt64?) -> String {
    let hex = padded(stored)
    if stored == 0 { return "0: the writer made no checksum" }
    guard let computed else { return "\(hex), not compared" }
    return stored == computed
      ? "\(hex), the CRC-64 of all bytes before it"
      : "\(hex), but all bytes before it give \(padded(computed))"
  }

  /// All 16 digits of it, as one finds them in the file.
  private static func padded(_ checksum: UInt64) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func ofModuleOpcode(_ number: UInt64) -> String {
    switch ModuleOpcode(rawValue: number) {
    case .end: "0: the end of the module's data"
    case .signed: "1: a signed integer follows"
    case .unsigned: "2: an unsigned integer follows"
    case .float: "3: a floating point number of 4 bytes follows"
    case .double: "4: a floating point number of 8 bytes follows"
    case .string: "5: a string follows"
    case nil: "\(number): nothing that is known"
    }
  }

  private static func of(_ encoding: StringEncoding) -> String {
    switch encoding {
    case .int8: "a number follows in 1 byte instead of text"
    case .int16: "a number follows in 2 bytes instead of text, the low one first"
    case .int32: "a number follows in 4 bytes instead of text, the low one first"
    case .lzf: "compressed text follows"
    }
  }

  private static func of(_ opcode: Opcode) -> String {
    switch opcode {
    case .slotImport: "slots that are being moved here"
    case .slotInfo: "the keys of one slot follow"
    case .function2, .functionPreGA: "a library of functions follows"
    case .moduleAux: "a module's own data follows"
    case .idle: "how long the next key has not been used"
    case .frequency: "how often the next key was used"
    case .aux: "a named piece of information follows"
    case .resizeDatabase: "how many keys the database holds"
    case .expireTimeMilliseconds: "when the next key expires, in milliseconds"
    case .expireTime: "when the next key expires, in seconds"
    case .selectDatabase: "which database the next keys are in"
    case .end: "there is no more"
    }
  }
}
