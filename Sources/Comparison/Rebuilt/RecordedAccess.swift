import Dissection
import RESP

/// Who may do what, as far as a node's refusals tell: a password where it asked for one, a user for each login, and the
/// commands that it let the user do where it refused others.
struct RecordedAccess {
  private var isClosed = false
  private var isOpen = false
  private var passwords: [String: String] = [:]
  private var names: [String] = []
  private var allowed: [String: [String]] = [:]
  private var denied: Set<String> = []
  private var current: [Int: String] = [:]
  private var asked: [Int: [Int: [String]]] = [:]
  /// Users whom a client made or changed: what is told of them later is no matter of how it began.
  private var changed: Set<String> = []

  private static let defaultUser = "default"

  mutating func hear(_ message: Message, on connection: Int) {
    if message.side == .opener {
      let words = message.words.map { String(bytes: $0) }
      if !words.isEmpty { asked[connection, default: [:]][message.number] = words }
      return
    }
    let number = message.answers?.number ?? -1
    guard let command = asked[connection]?.removeValue(forKey: number), let name = command.first?.lowercased() else {
      return
    }
    let error = message.bytes.first == UInt8(ascii: "-") ? String(bytes: message.text) : nil
    if name == "auth" { return hearLogin(command, error, connection) }
    if error == nil { hearChange(command.map { $0.lowercased() }) }
    let user = current[connection] ?? Self.defaultUser
    if changed.contains(user) {
      return
    } else if error?.hasPrefix("NOAUTH") == true {
      isClosed = true
    } else if error?.hasPrefix("NOPERM") == true {
      note(user)
      denied.insert(user)
    } else if allowed[user]?.contains(name) != true {
      allowed[user, default: []].append(name)
    }
  }

  private mutating func hearChange(_ command: [String]) {
    guard command.count > 2 else { return }
    if command[0] == "acl", command[1] == "setuser" { changed.insert(command[2]) }
    let isPassword = command.dropFirst(2).contains("requirepass")
    if command[0] == "config", command[1] == "set", isPassword { changed.insert(Self.defaultUser) }
  }

  private mutating func hearLogin(_ command: [String], _ error: String?, _ connection: Int) {
    let user = command.count > 2 ? command[1] : Self.defaultUser
    guard !changed.contains(user) else {
      if error == nil { current[connection] = user }
      return
    }
    guard let error else {
      note(user)
      passwords[user] = command.last
      current[connection] = user
      return
    }
    if error.hasPrefix("WRONGPASS"), user == Self.defaultUser { isClosed = true }
    if error.hasPrefix("ERR AUTH <password> called without") { isOpen = true }
  }

  private mutating func note(_ user: String) { if !names.contains(user) { names.append(user) } }

  /// The default user's password; one that nobody gave where nobody got in.
  var requirepass: String? {
    guard isClosed || passwords[Self.defaultUser] != nil, !isOpen else { return nil }
    return passwords[Self.defaultUser] ?? "not in the recording"
  }

  /// Users with their rules.
  var users: [[String]] {
    names.compactMap { name in
      if name == Self.defaultUser, !denied.contains(name) { return nil }
      var rules = [name, "on", "~*", "&*"]
      if let password = passwords[name] {
        rules.append(">" + password)
      } else if name == Self.defaultUser {
        rules.append(requirepass.map { ">" + $0 } ?? "nopass")
      }
      guard denied.contains(name) else { return rules + ["+@all"] }
      return rules + ["-@all"] + (allowed[name] ?? []).map { "+" + $0 }
    }
  }
}
