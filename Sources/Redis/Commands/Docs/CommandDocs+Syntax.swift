extension CommandDocs {
  /// The arguments as redis-cli's help shows them: `key value [NX|XX] [GET]`.
  package var syntax: String { arguments.map(\.syntax).joined(separator: " ") }
}

extension CommandDocs.Argument {
  fileprivate var syntax: String {
    var text =
      switch type {
      case "block": arguments.map(\.syntax).joined(separator: " ")
      case "oneof": arguments.map(\.syntax).joined(separator: "|")
      case "pure-token": ""
      default: name
      }
    let isRepeated = flags.contains("multiple")
    let repeatsToken = flags.contains("multiple_token")
    if isRepeated, !repeatsToken { text += " [\(text) ...]" }
    if let token { text = [token.isEmpty ? "\"\"" : token, text].filter { !$0.isEmpty }.joined(separator: " ") }
    if isRepeated, repeatsToken { text += " [\(text) ...]" }
    return flags.contains("optional") ? "[\(text)]" : text
  }
}
