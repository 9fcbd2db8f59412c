/// A directive of redis.conf: its names, what may be done with it, and how it is read and shown.
package struct Directive: Sendable {
  package let name: String
  package let alias: String?
  package let flags: Flags
  /// Whether the node acts on it. One on which it does not is checked, kept and shown as Redis does.
  package private(set) var hasEffect: Bool
  /// How CONFIG REWRITE writes the value.
  let form: Form
  /// The value, as CONFIG GET shows it.
  package let get: @Sendable (Configuration) -> String
  /// Sets the value from its arguments, or says in Redis's words why not.
  let set: @Sendable (inout Configuration, [String], Source) -> String?

  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Not by CONFIG SET.
    package static let immutable = Flags(rawValue: 1)
    /// Not among the matches of a pattern.
    package static let hidden = Flags(rawValue: 2)
    /// By CONFIG SET only with `enable-protected-configs`.
    package static let protected = Flags(rawValue: 4)
    /// A secret.
    package static let sensitive = Flags(rawValue: 8)
    /// Not by CONFIG SET while a snapshot is being loaded.
    package static let denyLoading = Flags(rawValue: 16)
    package static let multipleArguments = Flags(rawValue: 32)
    /// A NUL is a part of the value; others end there.
    package static let binarySafe = Flags(rawValue: 64)
  }

  /// How a value stands in a file.
  enum Form: Sendable {
    /// As CONFIG GET shows it.
    case plain
    /// In the greatest unit that divides it.
    case memory
    /// Quoted.
    case text
    /// Quoted; an empty one is none, and has no line.
    case optionalText
    /// What stands behind the name in each of its lines, and whether even a file without such a line gets it.
    case values(@Sendable (Configuration) -> [(text: String, isForced: Bool)])
  }

  /// Where a value comes from: the `save` lines of a file add up, CONFIG SET replaces.
  enum Source: Sendable { case file, command }

  init(
    _ name: String, alias: String? = nil, flags: Flags = [], hasEffect: Bool = true, form: Form = .plain,
    get: @escaping @Sendable (Configuration) -> String,
    set: @escaping @Sendable (inout Configuration, [String], Source) -> String?
  ) {
    (self.name, self.alias, self.flags, self.hasEffect) = (name, alias, flags, hasEffect)
    (self.form, self.get) = (form, get)
    self.set = { to, arguments, source in
      set(&to, flags.contains(.binarySafe) ? arguments : arguments.map { $0.upToNUL }, source)
    }
  }

  /// A directive without effect: checked, kept and shown.
  private init(
    inert name: String, default standard: String, alias: String?, flags: Flags, form: Form = .plain,
    read: @escaping @Sendable ([String]) -> Reading
  ) {
    self.init(name, alias: alias, flags: flags, hasEffect: false, form: form, get: { $0.others[name] ?? standard }) {
      to, arguments, _ in
      switch read(arguments) {
      case .complaint(let text): return text
      case .value(let value):
        to.others[name] = value == standard ? nil : value
        return nil
      }
    }
  }

  /// A value in the form that is shown, or why there is none.
  enum Reading: Sendable {
    case value(String)
    case complaint(String)
  }
}

// MARK: The kinds of directives

extension Directive {
  typealias Path<Value> = WritableKeyPath<Configuration, Value> & Sendable

  /// A directive that is yes or no (`boolConfigSet`, `boolConfigGet` in config.c).
  static func yesNo(_ name: String, _ path: Path<Bool>, alias: String? = nil, flags: Flags = []) -> Directive {
    Directive(name, alias: alias, flags: flags, get: { $0[keyPath: path] ? "yes" : "no" }) { to, arguments, _ in
      switch readYesNo(arguments) {
      case .complaint(let text): return text
      case .value(let value): to[keyPath: path] = value == "yes"
      }
      return nil
    }
  }

  static func yesNo(
    _ name: String, default standard: Bool, alias: String? = nil, flags: Flags = [],
    check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Directive {
    Directive(inert: name, default: standard ? "yes" : "no", alias: alias, flags: flags) { arguments in
      let reading = readYesNo(arguments)
      guard case .value(let value) = reading, let complaint = check(value) else { return reading }
      return .complaint(complaint)
    }
  }

  /// The same one, marked as having an effect: some code reads its value by its name.
  var acting: Directive {
    var directive = self
    directive.hasEffect = true
    return directive
  }

  /// A number between two bounds (`numericConfigSet`, `numericConfigGet`, `setNumericType` in config.c).
  static func number<N: FixedWidthInteger & Sendable>(
    _ name: String, _ path: Path<N>, _ least: Int64, _ most: Int64, _ form: NumberForm = .plain, unsigned: Bool = false,
    alias: String? = nil, flags: Flags = []
  ) -> Directive {
    let range = NumberRange(least: least, most: most, form: form, unsigned: unsigned)
    return Directive(
      name, alias: alias, flags: flags.union(.binarySafe), form: range.fileForm,
      get: { range.text(Int64($0[keyPath: path])) }
    ) {
      to, arguments, _ in
      var value: Int64 = 0
      if let complaint = range.read(arguments[0], into: &value) { return complaint }
      to[keyPath: path] = N(truncatingIfNeeded: value)
      return nil
    }
  }

  static func number(
    _ name: String, default standard: Int64, _ least: Int64, _ most: Int64, _ form: NumberForm = .plain,
    unsigned: Bool = false, alias: String? = nil, flags: Flags = []
  ) -> Directive {
    let range = NumberRange(least: least, most: most, form: form, unsigned: unsigned)
    return Directive(
      inert: name, default: range.text(standard), alias: alias, flags: flags.union(.binarySafe), form: range.fileForm
    ) { arguments in
      var value: Int64 = 0
      if let complaint = range.read(arguments[0], into: &value) { return .complaint(complaint) }
      return .value(range.text(value))
    }
  }

  /// A directive whose value is text (`sdsConfigSet`, `sdsConfigGet`, `stringConfigSet`, `stringConfigGet` in
  /// config.c).
  static func text(
    _ name: String, _ path: Path<String>, alias: String? = nil, flags: Flags = [],
    check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Directive {
    Directive(name, alias: alias, flags: flags, form: .text, get: { $0[keyPath: path] }) { to, arguments, _ in
      if let complaint = check(arguments[0]) { return complaint }
      to[keyPath: path] = arguments[0]
      return nil
    }
  }

  /// Text of which an empty one is none.
  static func optionalText(_ name: String, _ path: Path<String?>, alias: String? = nil, flags: Flags = []) -> Directive
  {
    Directive(name, alias: alias, flags: flags, form: .optionalText, get: { $0[keyPath: path] ?? "" }) {
      to, arguments, _ in
      to[keyPath: path] = arguments[0].isEmpty ? nil : arguments[0]
      return nil
    }
  }

  static func text(
    _ name: String, default standard: String, flags: Flags = [],
    check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Directive {
    Directive(inert: name, default: standard, alias: nil, flags: flags, form: .text) { arguments in
      if let complaint = check(arguments[0]) { return .complaint(complaint) }
      return .value(arguments[0])
    }
  }

  /// Text of which an empty one is none, which is also the default.
  static func optionalText(
    _ name: String, flags: Flags = [], check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Directive {
    Directive(inert: name, default: "", alias: nil, flags: flags, form: .optionalText) { arguments in
      if let complaint = check(arguments[0]) { return .complaint(complaint) }
      return .value(arguments[0])
    }
  }

  static func choice(
    _ name: String, of choices: [String], default standard: String, alias: String? = nil, flags: Flags = []
  ) -> Directive {
    Directive(inert: name, default: standard, alias: alias, flags: flags) { arguments in
      readChoice(arguments, of: choices, several: flags.contains(.multipleArguments))
    }
  }

  /// One word of several (`enumConfigSet`, `enumConfigGet` in config.c).
  static func choice<Choice: RawRepresentable<String> & SendableMetatype>(
    _ name: String, _ path: Path<Choice>, of choices: [String], flags: Flags = []
  ) -> Directive {
    Directive(name, flags: flags, get: { $0[keyPath: path].rawValue }) { to, arguments, _ in
      switch readChoice(arguments, of: choices, several: false) {
      case .complaint(let text): return text
      case .value(let value):
        if let choice = Choice(rawValue: value) { to[keyPath: path] = choice }
        return nil
      }
    }
  }

  /// Reads yes or no (`yesnotoi` in config.c).
  @Sendable private static func readYesNo(_ arguments: [String]) -> Reading {
    switch arguments[0].asciiLowercased() {
    case "yes": .value("yes")
    case "no": .value("no")
    default: .complaint("argument must be 'yes' or 'no'")
    }
  }

  /// Reads words of which only some are allowed (`configEnumGetValue`, `configEnumGetName`, `isValidShutdownOnSigFlags`
  /// in config.c).
  private static func readChoice(_ arguments: [String], of choices: [String], several: Bool) -> Reading {
    let words = arguments.map { $0.asciiLowercased() }
    guard several || words.count == 1, !words.isEmpty, words.allSatisfy(choices.contains) else {
      return .complaint("argument(s) must be one of the following: " + choices.joined(separator: ", "))
    }
    guard several else { return .value(words[0]) }
    if words.contains("save"), words.contains("nosave") {
      return .complaint("shutdown options SAVE and NOSAVE can't be used simultaneously")
    }
    // Shown in the table's order, each once; the first choice is that of none.
    let chosen = choices.dropFirst().filter(words.contains)
    return .value(chosen.isEmpty ? choices[0] : chosen.joined(separator: " "))
  }
}

// MARK: Numbers

/// How a number may be written.
enum NumberForm: Sendable { case plain, memory, memoryOrPercent, octal }

/// A number's bounds and spelling. Of an unsigned one the bit pattern is kept, so that -1 is the greatest.
struct NumberRange: Sendable {
  var least: Int64
  var most: Int64
  var form: NumberForm
  var unsigned: Bool

  var fileForm: Directive.Form { form == .memory || form == .memoryOrPercent ? .memory : .plain }

  func text(_ value: Int64) -> String {
    switch form {
    case .octal: String(UInt64(bitPattern: value), radix: 8)
    case .memoryOrPercent where value < 0: "\(value.magnitude)%"
    case .memory, .memoryOrPercent: String(UInt64(bitPattern: value))
    case .plain: String(value)
    }
  }

  /// Reads the number; returns Redis's complaint if there is none or it is out of bounds (`numericParseString`,
  /// `numericBoundaryCheck` in config.c).
  func read(_ text: String, into value: inout Int64) -> String? {
    guard let number = parse(text) else {
      switch form {
      case .memoryOrPercent: return "argument must be a memory or percent value"
      case .memory: return "argument must be a memory value"
      case .octal: return "argument couldn't be parsed as an octal number"
      case .plain: return "argument couldn't be parsed into an integer"
      }
    }
    value = number
    if unsigned {
      let (low, high) = (UInt64(bitPattern: least), UInt64(bitPattern: most))
      let number = UInt64(bitPattern: number)
      guard number < low || number > high else { return nil }
      let radix = form == .octal ? 8 : 10
      return "argument must be between \(String(low, radix: radix)) and \(String(high, radix: radix)) inclusive"
    }
    if form == .memoryOrPercent, number < 0 {
      return number < least ? "percentage argument must be less or equal to \(-least)" : nil
    }
    return number < least || number > most ? "argument must be between \(least) and \(most) inclusive" : nil
  }

  /// The number, or nil if it is spelled wrong (`numericParseString` in config.c).
  private func parse(_ text: String) -> Int64? {
    switch form {
    case .plain: return Integer.parse(Bytes(text))
    case .memory: return MemorySize.parse(text.upToNUL).map { Int64(bitPattern: $0) }
    case .octal: return Integer.whole(text, radix: 8)
    case .memoryOrPercent:
      if let size = MemorySize.parse(text.upToNUL) { return Int64(bitPattern: size) }
      guard text.utf8.count > 1, text.utf8.last == UInt8(ascii: "%") else { return nil }
      guard let percent = Integer.parse(Bytes(String(text.dropLast()))), percent >= 0 else { return nil }
      return -percent
    }
  }
}

/// An amount of memory with an optional unit: `k` and `m` and `g` are powers of ten, `kb`, `mb` and `gb` of two.
enum MemorySize {
  /// In bytes (`memtoull` in util.c). Redis lets a product that is too great wrap around; so does this.
  static func parse(_ text: String) -> UInt64? {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let unit: UInt64
    switch Substring(text.utf8.dropFirst(digits.count)).asciiLowercased() {
    case "", "b": unit = 1
    case "k": unit = 1_000
    case "kb": unit = 1 << 10
    case "m": unit = 1_000_000
    case "mb": unit = 1 << 20
    case "g": unit = 1_000_000_000
    case "gb": unit = 1 << 30
    default: return nil
    }
    guard digits.count < 128 else { return nil }
    // strtoull's habits: no digits are 0, too many are the greatest number.
    let number = digits.isEmpty ? 0 : UInt64(String(Substring(digits))) ?? .max
    return number &* unit
  }
}
