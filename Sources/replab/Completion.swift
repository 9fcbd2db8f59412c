import struct Dissection.Topic
import Lab
import LineEdit
import Redis

/// What Tab offers at a place in a line: verbs and nodes first, then what the verb's table says, or a node's commands.
enum Completion {
  static func candidates(before: String, word: String, in session: Session?) -> LineEditor.Candidates {
    let earlier = before.split(whereSeparator: \.isWhitespace).map(String.init)
    let nodes = session?.nodeNames ?? []
    let speakers = session?.speakerNames ?? []
    guard let first = earlier.first else { return among(Verb.all.map(\.name) + speakers, word) }
    if Verb.named(first) == nil, speakers.contains(first) {
      return earlier.count == 1 ? commands(word) : arguments(after: Array(earlier.dropFirst()), word)
    }
    guard let verb = Verb.exactly(first) ?? Verb.beginning(with: first), !verb.offers.isEmpty else { return .words([]) }
    let offer = verb.offers[min(earlier.count, verb.offers.count) - 1]
    if case .line = offer {
      // What stands before that line: the verb, and an argument for each offer but this one.
      let rest = before.split(separator: " ", maxSplits: verb.offers.count).dropFirst(verb.offers.count).first ?? ""
      return candidates(before: String(rest), word: word, in: session)
    }
    return candidates(offer, after: earlier, word, nodes)
  }

  private static func candidates(
    _ offer: Verb.Offer, after earlier: [String], _ word: String, _ nodes: [String]
  ) -> LineEditor.Candidates {
    switch offer {
    case .after(let offers):
      return earlier.last.flatMap { offers[$0] }.map { candidates($0, after: earlier, word, nodes) } ?? .words([])
    case .nothing, .line: return .words([])
    case .words(let words): return among(words, word)
    case .files: return .files
    case .verbs: return among(Verb.all.map(\.name), word)
    case .families:
      return among(Verb.all.map(\.name) + Verb.Family.allCases.map(\.rawValue) + ["all", "commands"], word)
    case .nodes: return among(nodes, word)
    case .directives: return word.hasPrefix("-") ? among(directives, word) : .files
    case .topics: return among(Topic.all.map(\.name), word)
    case .lessons: return among(((try? LessonCatalog().books.map(\.name)) ?? []) + ["off"], word)
    case .expressions: return expressions(word, nodes)
    }
  }

  private static func among(_ words: [String], _ word: String) -> LineEditor.Candidates {
    .words(words.filter { $0.hasPrefix(word) })
  }

  /// The node's commands, in the case in which the first letter was typed.
  private static func commands(_ word: String) -> LineEditor.Candidates {
    inItsCase(CommandTable.all.map(\.name), word)
  }

  /// What may follow a command's name: a subcommand, the names of directives, a section of INFO.
  private static func arguments(after words: [String], _ word: String) -> LineEditor.Candidates {
    let words = words.map { $0.lowercased() }
    switch (words.first, words.count) {
    case ("config", 2...) where words[1] == "get": return among(DirectiveTable.all.map(\.name), word)
    // Between the names are values.
    case ("config", 2...) where words[1] == "set" && words.count.isMultiple(of: 2):
      return among(DirectiveTable.all.map(\.name), word)
    case ("info", _): return among(InfoSection.allCases.map(\.rawValue), word)
    case (let name?, 1):
      let subcommands = CommandTable.all.first { $0.name == name }?.subcommands ?? []
      return inItsCase(subcommands.map { String($0.name.dropFirst(name.count + 1)) }, word)
    default: return .words([])
    }
  }

  /// In the case in which the first letter was typed: that of Redis's manual where none was.
  private static func inItsCase(_ names: [String], _ word: String) -> LineEditor.Candidates {
    let isLower = word.first?.isLowercase ?? false
    return .words(names.filter { $0.hasPrefix(word.lowercased()) }.map { isLower ? $0 : $0.uppercased() })
  }

  /// The directives that a node acts on, as `start` takes them.
  private static let directives = DirectiveTable.all.filter(\.hasEffect).map { "--" + $0.name }

  /// A node's name with a dot, then its properties.
  private static func expressions(_ word: String, _ nodes: [String]) -> LineEditor.Candidates {
    guard let dot = word.lastIndex(of: ".") else { return .words(nodes.filter { $0.hasPrefix(word) }.map { $0 + "." }) }
    let node = String(word[...dot])
    return among(NodeProperty.allCases.map { node + $0.rawValue }, word)
  }
}
