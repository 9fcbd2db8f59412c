import RESP

// Users from the configuration, and from an ACL file (ACLLoadUsersAtStartup, ACLLoadFromFile in Redis 7.0).

extension Node {
  /// When the process starts; the other ways to make users exclude each other (`ACLLoadUsersAtStartup` in acl.c). False
  /// if it can't start so.
  mutating func loadUsers(from files: [String: [UInt8]]) -> Bool {
    accessControl.defaultUser.setOnlyPassword(configuration.requirepass)
    let file = configuration.aclfile
    guard file.isEmpty || configuration.users.isEmpty else {
      log(
        .warning,
        "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This "
          + "setup is very likely to lead to configuration errors and security holes, please define either an ACL file "
          + "or declare users directly in your redis.conf, but not both.")
      return false
    }
    guard loadConfiguredUsers() else {
      log(.warning, "Critical error while loading ACLs. Exiting.")
      return false
    }
    if file.isEmpty { return true }
    aclFile = files[file]
    guard let complaint = loadUsersFromFile() else { return true }
    log(.warning, "Aborting Redis startup because of ACL errors: \(complaint)")
    return false
  }

  /// Makes the users of the configuration's lines (`ACLLoadConfiguredUsers` in acl.c).
  private mutating func loadConfiguredUsers() -> Bool {
    let pubsubDefault = configuration.aclAllowsAllChannels
    for line in configuration.users {
      let name = Bytes(line[0])
      if Rules.hasBlanks(name.array) {
        log(.warning, "Spaces not allowed in ACL usernames")
        return false
      }
      var user = User(name, allowsAllChannels: pubsubDefault)
      if name == User.defaultName { user.sanitizes = true }
      do throws(RuleFailure) {
        try user.apply(line.dropFirst().map { Bytes($0) }, pubsubDefault: pubsubDefault)
      } catch {
        log(
          .warning,
          "Error loading ACL rule '\(error.rule.printed)' for the user named '\(line[0])': \(error.error.rawValue)")
        return false
      }
      accessControl.set(user)
      if !user.isOn {
        log(
          .notice,
          "The user '\(line[0])' is disabled (there is no 'on' modifier in the user description). Make sure this is not "
            + "a configuration error.")
      }
    }
    return true
  }

  /// Takes the users of a file in place of all that there are; or none of them, and says what is wrong
  /// (`ACLLoadFromFile` in acl.c). Who is logged in as another than the default user is thrown out.
  private mutating func loadUsersFromFile(answering caller: ConnectionID? = nil) -> String? {
    let name = configuration.aclfile
    guard let bytes = aclFile else { return "Error loading ACLs, opening file '\(name)': No such file or directory" }
    var loaded = AccessControl()
    var found: Set<Bytes> = []
    var complaints = ""
    let lines = bytes.asReadByLines(of: 1023).split(separator: 10, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = ACLFile.trimmed(line)
      if line.isEmpty { continue }
      let words = line.split(separator: 32, omittingEmptySubsequences: false).map { Bytes($0) }
      complaints += ACLFile.read(
        words, "\(name):\(index + 1)", index + 1, configuration.aclAllowsAllChannels, &loaded, &found)
    }
    guard complaints.isEmpty else {
      return complaints + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
    }
    let gone = accessControl.others.keys.sorted()
    loaded.log = accessControl.log
    accessControl = loaded
    for user in gone { closeClients(of: user, answering: caller) }
    return nil
  }
}

enum ACLFile {
  static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line.removeLast() }
    return line
  }

  /// A line `user NAME RULE…`; returns what is wrong with it (`ACLLoadFromFile` in acl.c).
  static func read(
    _ words: [Bytes], _ place: String, _ number: Int, _ pubsubDefault: Bool, _ users: inout AccessControl,
    _ found: inout Set<Bytes>
  ) -> String {
    guard words[0] == "user", words.count >= 2 else {
      return "\(place) should start with user keyword followed by the username. "
    }
    let name = words[1]
    if Rules.hasBlanks(name.array) { return "'\(place): username '\(name.printed)' contains invalid characters. " }
    guard found.insert(name).inserted else {
      return "WARNING: Duplicate user '\(name.printed)' found on line \(number). "
    }
    let rules: [Bytes]
    do throws(Rules.Unclosed) {
      rules = try Rules.merge(Array(words.dropFirst(2)))
    } catch {
      return "\(place): Unmatched parenthesis in selector definition."
    }
    var user = User(name, allowsAllChannels: pubsubDefault)
    var complaints = ""
    var isBroken = false
    for rule in rules {
      let rule = Bytes(trimmed(rule.array[...]))
      do throws(RuleError) {
        try user.apply(rule, pubsubDefault: pubsubDefault)
      } catch {
        if error == .unknown {
          complaints += "\(place): Error in applying operation '\(rule.printed)': \(error.rawValue). "
        } else if !isBroken {
          complaints += "\(place): \(error.rawValue). "
          isBroken = true
        }
      }
    }
    users.set(user)
    return complaints
  }
}

// MARK: - ACL LOAD and ACL SAVE

extension Node {
  private static let noFile =
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER "
    + "command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users "
    + "in the Redis configuration."

  /// ACL LOAD (`aclCommand` in acl.c).
  mutating func aclLoad(_ call: inout Call) {
    guard !configuration.aclfile.isEmpty else { return call.reply.error(Node.noFile) }
    if let complaint = loadUsersFromFile(answering: call.connection) {
      call.reply.error("ERR " + complaint)
    } else {
      call.reply.ok()
    }
  }

  /// ACL SAVE (`aclCommand`, `ACLSaveToFile` in acl.c).
  mutating func aclSave(_ call: inout Call) {
    let name = configuration.aclfile
    guard !name.isEmpty else { return call.reply.error(Node.noFile) }
    let temporary = "\(name).tmp-\(processID)-\(milliseconds)"
    let lines = accessControl.users.flatMap { (user: User) -> [UInt8] in user.line.array + [10] }
    guard disk != .full else {
      log(.warning, "Writing ACL file for ACL SAVE: No space left on device")
      return call.reply.error(
        "ERR There was an error trying to save the ACLs. Please check the server logs for more information")
    }
    emit(.file(.write(name: temporary, lines)))
    emit(.file(.rename(from: temporary, to: name)))
    aclFile = lines
    call.reply.ok()
  }
}
