import Lab
import Redis

/// A word that the prompt understands. The table of verbs (`Verb.all`) drives parsing, completion and `help`.
struct Verb: Sendable {
  /// What `help` groups by, in this order. The names are those of the table in `help`.
  enum Family: String, CaseIterable, Sendable {
    case nodes, forwards, backwards, stops, looking, meaning, faults, lessons, files

    /// What `help all` heads the family with.
    var title: String {
      switch self {
      case .nodes: "A node's life"
      case .forwards: "Forwards"
      case .backwards: "Backwards, and other futures"
      case .stops: "Where to stop"
      case .looking: "Looking"
      case .meaning: "What it means"
      case .faults: "Chance and faults"
      case .lessons: "Lessons"
      case .files: "Files and the lab itself"
      }
    }
  }

  /// What Tab offers for one argument; the last offer of a verb holds for all arguments that follow.
  enum Offer: Sendable {
    case words([String])
    case verbs, families, nodes, files, directives, topics, expressions, lessons
    /// A whole line begins here.
    case line
    case nothing
    /// What the word before it says; nothing after another word.
    indirect case after([String: Offer])
  }

  var name: String
  /// Other spellings, short ones first.
  var shorts: [String] = []
  var family: Family
  /// The arguments as `help` shows them, such as `[N]`.
  var arguments = ""
  /// One line for the list of verbs.
  var summary: String
  /// What `help VERB` says besides.
  var details = ""
  /// A line that one can type.
  var example: String
  var offers: [Offer] = []
  /// Whether Enter on an empty line does it again.
  var isStepping = false
  var run: @Sendable (inout Session, Arguments) throws -> Void

  var synopsis: String { arguments.isEmpty ? name : "\(name) \(arguments)" }

  /// All verbs, a family a file.
  static let all: [Verb] =
    livesVerbs + clientsVerbs + stepsVerbs + timeVerbs + stopsVerbs + lookingVerbs + momentsVerbs + meaningVerbs
    + faultsVerbs + exploringVerbs
    + lessonsVerbs
    + filesVerbs + recordingsVerbs + webVerbs

  /// The verb with this whole name, which no node can have.
  static func named(_ word: String) -> Verb? { all.first { $0.name == word } }

  /// The verb with this name or other spelling.
  static func exactly(_ word: String) -> Verb? {
    all.first { $0.name == word || $0.shorts.contains(word) }
  }

  /// The one verb that begins with `word`, as gdb takes `cont` for `continue`.
  static func beginning(with word: String) -> Verb? {
    let found = all.filter { $0.name.hasPrefix(word) }
    return found.count == 1 ? found[0] : nil
  }
}

/// What follows a verb on its line.
struct Arguments {
  var verb: Verb
  var words: [Word]
  /// The line as it was typed, for verbs that take its rest unsplit (expressions), and the column where it ends.
  var line: String

  var count: Int { words.count }
  subscript(index: Int) -> String? { index < words.count ? words[index].text : nil }

  /// The line behind the verb, as typed.
  var rest: String {
    guard let first = words.first else { return "" }
    return String(decoding: line.utf8.dropFirst(first.column - 1), as: UTF8.self)
  }

  /// Whether a flag stands among the words, which is then no argument any more.
  mutating func take(_ flag: String) -> Bool {
    guard let index = words.firstIndex(where: { $0.text == flag }) else { return false }
    words.remove(at: index)
    return true
  }

  /// The argument, without which the verb can do nothing.
  func required(_ index: Int, _ what: String) throws(Complaint) -> Word {
    guard index < words.count else {
      throw .usage("\(verb.name) needs \(what)", advice: "Usage: \(verb.synopsis), as in: \(verb.example)")
    }
    return words[index]
  }

  /// The name of a node that exists, at `index`.
  func node(_ index: Int, in session: Session) throws(Complaint) -> String {
    let word = try required(index, "a node")
    if session.nodeNames.contains(word.text) { return word.text }
    if let client = session.timeline.world.clients.first(where: { $0.name == word.text }) {
      throw .usage(
        "\(client.name) is no node, but a client of \(client.node)", advice: "`client \(client.name) off` ends it.",
        column: word.column)
    }
    let nearest = Suggestion.nearest(to: word.text, among: session.nodeNames).map { "Did you mean ‘\($0)’?" }
    let known =
      session.nodeNames.isEmpty
      ? "There are none yet: start one, as in: start m --port 7000"
      : "There are: \(session.nodeNames.joined(separator: ", "))."
    throw .usage("there is no node ‘\(word.text)’", advice: nearest ?? known, column: word.column)
  }

  /// The nodes at `index`, with commas between them.
  func nodes(_ index: Int, in session: Session) throws(Complaint) -> [String] {
    let word = try required(index, "a node")
    guard word.text.contains(",") else { return [try node(index, in: session)] }
    var names: [String] = []
    for part in word.text.split(separator: ",") {
      guard session.nodeNames.contains(String(part)) else {
        throw .usage(
          "there is no node ‘\(part)’", advice: "There are: \(session.nodeNames.joined(separator: ", ")).",
          column: word.column)
      }
      if !names.contains(String(part)) { names.append(String(part)) }
    }
    guard !names.isEmpty else {
      throw .usage("‘\(word.text)’ names no node", advice: "Usage: \(verb.synopsis)", column: word.column)
    }
    return names
  }

  /// Bytes a second at `index`, with k for KiB; nil for `off`.
  func bandwidth(_ index: Int) throws(Complaint) -> Int? {
    let word = try required(index, "bytes a second, or `off`")
    return word.text == "off" ? nil : try bytesASecond(word, or: "`off`")
  }

  /// What a disk is like, at `index`.
  func diskState(_ index: Int) throws(Complaint) -> DiskState {
    let word = try required(index, "full, slow, ok, or bytes a second")
    if word.text.first?.isNumber == true { return .limited(try bytesASecond(word, or: "`full`, `slow` or `ok`")) }
    return switch try choice(index, "full, slow or ok", of: ["full", "slow", "ok"]) {
    case "full": .full
    case "slow": .slow
    default: .ok
    }
  }

  private func bytesASecond(_ word: Word, or others: String) throws(Complaint) -> Int {
    let isKiB = word.text.lowercased().hasSuffix("k")
    guard let number = Int(isKiB ? String(word.text.dropLast()) : word.text), (1...1 << 40).contains(number) else {
      throw .usage(
        "‘\(word.text)’ is no number of bytes a second", advice: "Write bytes (512), KiB (64k), or \(others).",
        column: word.column)
    }
    return number * (isKiB ? 1024 : 1)
  }

  /// A share at `index`, in thousandths: `10%`, `0.5%`.
  func perMille(_ index: Int) throws(Complaint) -> Int {
    let word = try required(index, "how many of a hundred, as in 10%")
    let digits = word.text.hasSuffix("%") ? word.text.dropLast() : word.text[...]
    guard let share = Double(digits), share >= 0, share < 100, (share * 10).rounded() == share * 10 else {
      throw .usage(
        "‘\(word.text)’ is no share of packets", advice: "Write 10% or 0.5%; of all nothing would get through.",
        column: word.column)
    }
    return Int(share * 10)
  }

  /// The duration at `index`.
  func interval(_ index: Int) throws(Complaint) -> Interval {
    let word = try required(index, "a duration")
    guard let interval = Interval(word.text) else {
      if word.text.wholeMatch(of: /[0-9]+(\.[0-9]{1,6})?(us|ms|s|m|h)?/) != nil {
        throw .usage("‘\(word.text)’ is too long", advice: "A hundred years are the most.", column: word.column)
      }
      throw .usage(
        "‘\(word.text)’ is not a duration", advice: "Write a number and a unit, as in 5s, 2.5s, 300ms, 40us, 1m.",
        column: word.column)
    }
    return interval
  }

  /// By how much a clock is off, at `index`: `+10s`, `-1m`, `off`.
  func skew(_ index: Int) throws(Complaint) -> Interval {
    let word = try required(index, "how much, as in +10s, or `off`")
    if word.text == "off" { return .zero }
    let isBehind = word.text.hasPrefix("-")
    let digits = isBehind || word.text.hasPrefix("+") ? String(word.text.dropFirst()) : word.text
    guard let interval = Interval(digits) else {
      throw .usage(
        "‘\(word.text)’ is not by how much a clock is off", advice: "Write +10s, -300ms, or `off`.", column: word.column
      )
    }
    return isBehind ? .zero - interval : interval
  }

  /// What others take for a node's address, at `index`: `10.0.0.5`, `10.0.0.5:17001`; nil for `off`.
  func outsideAddress(_ index: Int) throws(Complaint) -> OutsideAddress? {
    let word = try required(index, "an address, as in 10.0.0.5 or 10.0.0.5:17001, or `off`")
    if word.text == "off" { return nil }
    let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let port = parts.count == 2 ? Int(parts[1]) : nil
    guard parts.count == 1 || port != nil else {
      throw .usage(
        "‘\(word.text)’ is no address", advice: "Write 10.0.0.5, 10.0.0.5:17001, or `off`.", column: word.column)
    }
    return OutsideAddress(host: String(parts[0]), port: port)
  }

  /// One of `choices`, at `index`.
  func choice(_ index: Int, _ what: String, of choices: [String]) throws(Complaint) -> String {
    let known = "It knows: \(choices.joined(separator: ", "))."
    guard index < words.count else { throw .usage("\(verb.name) needs \(what)", advice: known) }
    let word = words[index]
    if choices.contains(word.text) { return word.text }
    let begun = choices.filter { $0.hasPrefix(word.text) }
    if begun.count == 1 { return begun[0] }
    let nearest = Suggestion.nearest(to: word.text, among: choices).map { "Did you mean ‘\($0)’?" }
    throw .usage(
      "\(verb.name) knows no ‘\(word.text)’", advice: nearest ?? known, column: word.column)
  }

  /// Complains about whatever stands behind the first `limit` words.
  func atMost(_ limit: Int) throws(Complaint) {
    guard words.count > limit else { return }
    throw .usage(
      "\(verb.name) does not understand ‘\(words[limit].text)’", advice: "Usage: \(verb.synopsis)",
      column: words[limit].column)
  }

  /// The whole number at `index`, or `fallback` where the line has ended.
  func number(_ index: Int, or fallback: Int, atLeast least: Int = 1) throws(Complaint) -> Int {
    guard index < words.count else { return fallback }
    guard let number = Int(words[index].text), number >= least else {
      throw .usage(
        "‘\(words[index].text)’ is not a whole number of at least \(least)", advice: "Usage: \(verb.synopsis)",
        column: words[index].column)
    }
    return number
  }
}
