import Lab

extension Question {
  /// Reads an `ask` block: the question, then fields `kind:`, `answer:` (as often as there are spellings) or
  /// `answer-from:`, `wrong:`, `proof:`, `hint:` and `why:`, and options as list lines, with a list line of its own below one that
  /// is wrong. Other indented lines go on with what stands above them.
  ///
  /// - Parameter first: the number of the block's first line in its file.
  init(_ block: [String], from first: Int) throws(LessonError) {
    var form = Form()
    for (index, line) in block.enumerated() { try form.read(line, number: first + index) }
    let text = form.text.joined(separator: "\n").trimmed
    let opening = first - 1
    guard !text.isEmpty else { throw LessonError(line: opening, "nothing is asked: the question comes first") }
    let (kindName, kindLine) = try form.one("kind", opening)
    guard let kind = Kind(rawValue: kindName) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw LessonError(line: kindLine, "there is no kind ‘\(kindName)’: there are \(known)")
    }
    let hint = try form.one("hint", opening).value
    let why = try form.one("why", opening).value
    let answers = form.fields.filter { $0.name == "answer" }
    let computed = form.fields.first { $0.name == "answer-from" }
    self.init(
      line: opening, keyLine: answers.first?.line ?? computed?.line ?? kindLine, text: text, kind: kind,
      options: form.options.map(\.text.trimmed), key: try Self.key(answers, computed, kind, opening), proof: nil,
      hint: hint,
      why: why)
    try checkOptions()
    try checkAnswers(answers)
    try readRemarks(form)
    if let field = form.fields.first(where: { $0.name == "proof" }) { proof = try readProof(field) }
  }

  private static func key(
    _ answers: [Form.Field], _ computed: Form.Field?, _ kind: Kind, _ opening: Int
  ) throws(LessonError) -> Key {
    guard let computed else {
      guard answers.isEmpty else { return .given(answers.map(\.value)) }
      guard kind == .predict else { throw LessonError(line: opening, "it has neither answer nor answer-from") }
      return .printed
    }
    guard answers.isEmpty else { throw LessonError(line: computed.line, "it has both answer and answer-from") }
    guard kind != .order else { throw LessonError(line: computed.line, "an order cannot be computed: give its answer") }
    do {
      return .computed(try Expression(computed.value))
    } catch {
      throw LessonError(line: computed.line, "‘\(computed.value)’ is no expression: \(error.what)")
    }
  }

  /// `ANSWER: what a printed line holds` or, where that is the answer itself, just that.
  private func readProof(_ field: Form.Field) throws(LessonError) -> Proof {
    if let (answer, evidence) = field.value.splitOnce(": "), !evidence.trimmed.isEmpty {
      if case .right = verdict(on: answer, among: [answer]) {
        return Proof(line: field.line, answer: answer, evidence: evidence.trimmed)
      }
    }
    guard kind != .choice, kind != .order, !field.value.isEmpty else {
      throw LessonError(line: field.line, "say which answer it proves, as in `proof: b: REPLCONF ACK 14`")
    }
    return Proof(line: field.line, answer: nil, evidence: field.value)
  }

  /// What is said to an answer must be said to a wrong one. What is computed is known only once the lesson runs.
  private mutating func readRemarks(_ form: Form) throws(LessonError) {
    for option in form.options {
      guard let remark = option.remark else { continue }
      guard kind == .choice else {
        throw LessonError(line: remark.line, "a line below an option is for choice: say `wrong: ANSWER: …`")
      }
      remarks.append(Remark(line: remark.line, answer: option.text.trimmed, text: remark.text.trimmed))
    }
    for field in form.fields where field.name == "wrong" {
      guard let (answer, text) = field.value.splitOnce(": "), !answer.trimmed.isEmpty, !text.trimmed.isEmpty else {
        throw LessonError(line: field.line, "say to which answer, as in `wrong: 52: It has that byte already.`")
      }
      remarks.append(Remark(line: field.line, answer: answer.trimmed, text: text.trimmed))
    }
    for remark in remarks {
      guard !remark.text.isEmpty else { throw LessonError(line: remark.line, "nothing stands behind the dash") }
      var right: [String] = []
      if case .given(let answers) = key { right = answers }
      switch verdict(on: remark.answer, among: right) {
      case .wrong: break
      case .right:
        throw LessonError(line: remark.line, "‘\(remark.answer)’ is right, and this is said to a wrong answer")
      case .unreadable(let what): throw LessonError(line: remark.line, "‘\(remark.answer)’ is no answer: \(what)")
      }
    }
  }

  private func checkOptions() throws(LessonError) {
    guard kind == .choice || kind == .order else {
      guard options.isEmpty else { throw LessonError(line: line, "only choice and order have options") }
      return
    }
    guard (2...26).contains(options.count) else {
      throw LessonError(line: line, "\(kind.rawValue) needs 2 to 26 options, list lines that begin with `- `")
    }
    guard Set(options.map(Wording.plain)).count == options.count else {
      throw LessonError(line: line, "two options are the same")
    }
  }

  /// Each answer must be one that can be given.
  private func checkAnswers(_ answers: [Form.Field]) throws(LessonError) {
    for answer in answers {
      if case .unreadable(let what) = verdict(on: answer.value, among: [answer.value]) {
        throw LessonError(line: answer.line, "‘\(answer.value)’ cannot be the answer. \(what)")
      }
    }
  }
}

/// The lines of a block, sorted.
private struct Form {
  struct Field {
    var name: String
    var value: String
    var line: Int
  }

  var text: [String] = []
  var fields: [Field] = []
  var options: [Option] = []

  struct Option {
    var text: String
    /// The list line below it.
    var remark: (text: String, line: Int)?
  }

  /// What an indented line goes on with.
  private var last = Last.text

  private enum Last { case text, field, option }

  static let names = ["kind", "answer", "answer-from", "wrong", "proof", "hint", "why"]
  /// Those of which there may be several.
  private static let repeated = ["answer", "wrong"]

  mutating func read(_ line: String, number: Int) throws(LessonError) {
    if line.hasPrefix("- ") || line.hasPrefix("* ") {
      options.append(Option(text: String(line.dropFirst(2))))
      last = .option
    } else if let field = line.field, Self.names.contains(field.name) {
      if !Self.repeated.contains(field.name), fields.contains(where: { $0.name == field.name }) {
        throw LessonError(line: number, "\(field.name) is said twice")
      }
      fields.append(Field(name: field.name, value: field.value, line: number))
      last = .field
    } else if line.trimmed.isEmpty {
      if fields.isEmpty, options.isEmpty { text.append("") }
    } else if last == .option, line.trimmed.hasPrefix("- ") || line.trimmed.hasPrefix("* ") {
      guard options[options.count - 1].remark == nil else {
        throw LessonError(line: number, "two lines below one option: indent the second one without a dash to go on")
      }
      options[options.count - 1].remark = (String(line.trimmed.dropFirst(2)), number)
    } else if line.first == " " || line.first == "\t" {
      goOn(line)
    } else if fields.isEmpty, options.isEmpty {
      text.append(line)
    } else {
      throw LessonError(
        line: number, "‘\(line)’ is no field (\(Self.names.joined(separator: ", "))); to go on with one, indent it")
    }
  }

  private mutating func goOn(_ line: String) {
    switch last {
    case .text: text.append(line)
    case .field: fields[fields.count - 1].value = (fields[fields.count - 1].value + " " + line.trimmed).trimmed
    case .option where options[options.count - 1].remark != nil:
      options[options.count - 1].remark?.text += " " + line.trimmed
    case .option: options[options.count - 1].text += " " + line.trimmed
    }
  }

  /// The field that has to be there once.
  func one(_ name: String, _ opening: Int) throws(LessonError) -> (value: String, line: Int) {
    guard let field = fields.first(where: { $0.name == name }) else {
      throw LessonError(line: opening, "it has no \(name)")
    }
    guard !field.value.isEmpty else { throw LessonError(line: field.line, "\(name) has no value") }
    return (field.value, field.line)
  }
}
