/// A user: how one logs in as it, and what it may do.
package struct User: Equatable, Sendable {
  package let name: Bytes
  /// One can log in; connections that have go on even so.
  package var isOn = false
  /// Any password will do.
  package var needsNoPassword = false
  /// Whether RESTORE looks closely at what this user gives it; nil: as `sanitize-dump-payload` says. It is kept and shown.
  var sanitizes: Bool?
  /// SHA-256 in hexadecimal, in the order in which they were added.
  package var passwords: [String] = []
  /// The first is the user's own, one for each pair of parentheses follows.
  var selectors: [Selector]

  static let defaultName: Bytes = "default"

  /// A user that is off and may do nothing (`ACLCreateUser` in acl.c).
  init(_ name: Bytes, allowsAllChannels: Bool = false) {
    self.name = name
    selectors = [Selector(allowsAllChannels: allowsAllChannels)]
  }

  /// The user that every connection begins as: it may do all, and needs no password (`ACLCreateDefaultUser` in acl.c).
  static var unrestricted: User {
    var user = User(defaultName, allowsAllChannels: true)
    user.isOn = true
    user.needsNoPassword = true
    user.selectors[0].allowsAllKeys = true
    user.selectors[0].setAllCommands(to: true)
    return user
  }

  /// Takes on what `requirepass` says (`ACLUpdateDefaultUserPassword` in acl.c).
  mutating func setOnlyPassword(_ password: String?) {
    passwords = password.map { [SHA256.hex(Bytes($0))] } ?? []
    needsNoPassword = password == nil
  }

  /// Whether one logs in with this password (`ACLCheckUserCredentials` in acl.c).
  func accepts(_ password: Bytes) -> Bool {
    isOn && (needsNoPassword || passwords.contains(SHA256.hex(password)))
  }
}
