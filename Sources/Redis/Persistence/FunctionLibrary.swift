/// A library of functions, of which the lab reads the first line alone: it has no Lua to run what follows.
///
///     #!lua name=mylib
enum FunctionLibrary {
  /// Why a library can't be loaded, in Redis's words; nil: as far as its first line tells it can
  /// (`functionExtractLibMetaData`, `functionsCreateWithLibraryCtx` in functions.c).
  static func complaint(about code: [UInt8], among others: [[UInt8]]) -> String? {
    let name: String
    switch Self.name(of: code) {
    case .failure(let complaint): return complaint.words
    case .success(let found): name = found
    }
    let isTaken = others.contains { (try? Self.name(of: $0).get()) == name }
    return isTaken ? "Library '\(name)' already exists" : nil
  }

  private struct Complaint: Error { var words: String }

  private static func name(of code: [UInt8]) -> Result<String, Complaint> {
    func complain(_ words: String) -> Result<String, Complaint> { .failure(Complaint(words: words)) }
    guard code.starts(with: "#!".utf8) else { return complain("Missing library metadata") }
    // For Redis a text ends at its first NUL.
    guard let end = code.firstIndex(where: { $0 == 0x0a || $0 == 0 }), code[end] == 0x0a,
      let words = Configuration.split(String(decoding: code[..<end], as: UTF8.self)), let engine = words.first
    else { return complain("Invalid library metadata") }
    var name: String?
    for word in words.dropFirst() {
      guard word.lowercased().hasPrefix("name=") else { return complain("Invalid metadata value given: \(word)") }
      guard name == nil else {
        return complain("Invalid metadata value, name argument was given multiple times")
      }
      name = String(word.dropFirst(5))
    }
    guard let name else { return complain("Library name was not given") }
    let isWord = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isWord, !name.isEmpty else {
      return complain(
        "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long")
    }
    guard engine.dropFirst(2).lowercased() == "lua" else {
      return complain("Engine '\(engine.dropFirst(2))' not found")
    }
    return .success(name)
  }
}
