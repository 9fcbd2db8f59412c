import Redis

// Who may do what.
extension WhyView {
  static func ofLogin(_ user: String, _ login: Decision.Login) -> Explanation {
    switch login {
    case .rightPassword: Explanation("logs the client in as \(user)", "The password is one of the user's.")
    case .anyPassword:
      Explanation("logs the client in as \(user)", "The user needs no password (nopass), so any will do.")
    case .wrongPassword: Explanation("refuses to log the client in as \(user)", "The password is none of the user's.")
    case .noSuchUser:
      Explanation(
        "refuses to log the client in as \(user)",
        "There is no such user. The error does not say so: it would tell names.")
    case .userIsOff:
      Explanation(
        "refuses to log the client in as \(user)", "The user is off: ACL SETUSER \(user) on would change that.")
    }
  }

  static func ofRequiredLogin(_ command: String) -> Explanation {
    Explanation(
      "refuses \(command.uppercased()): the client has not logged in",
      "The default user, which every connection begins as, needs a password (requirepass); before AUTH little is answered."
    )
  }

  static func ofDenial(_ denied: Decision.Denied, _ user: String) -> Explanation {
    switch denied {
    case .command(let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not run it",
        "None of the user's rules allows the command; ACL SETUSER \(user) +\(command) would.")
    case .key(let key, let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not touch the key \(key) so",
        "The command is allowed, but no pattern of the user's keys fits this one with what the command does to it.")
    case .channel(let channel, let command):
      Explanation(
        "refuses \(command.uppercased()): the user \(user) may not use the channel \(channel)",
        "The command is allowed, but no pattern of the user's channels fits this one.")
    }
  }
}
