import RESP

/// The first line of a library of functions.
///
///     #!lua name=mylib
struct LibraryMetadata: Equatable, Sendable {
  var name: String
  /// Where the code begins, which is the end of the first line, so that lines keep their numbers.
  var codeStart: Int

  struct Complaint: Error, Equatable {
    /// Redis's, without their code.
    var words: [UInt8]
  }

  /// (`functionExtractLibMetaData`, `functionsVerifyName` in functions.c.)
  init(_ code: [UInt8]) throws(Complaint) {
    func complain(_ words: String) -> Complaint { Complaint(words: words.bytes) }
    guard code.starts(with: "#!".utf8) else { throw complain("Missing library metadata") }
    // For Redis a text ends at its first NUL.
    guard let end = code.firstIndex(where: { $0 == 0x0a || $0 == 0 }), code[end] == 0x0a,
      let words = InlineCommand.split(Array(code[..<end]))?.map({ String(bytes: $0) }),
      let engine = words.first
    else { throw complain("Invalid library metadata") }
    var name: String?
    for word in words.dropFirst() {
      guard word.asciiLowercased().hasPrefix("name=") else { throw complain("Invalid metadata value given: \(word)") }
      guard name == nil else {
        throw complain("Invalid metadata value, name argument was given multiple times")
      }
      name = String(word.dropFirst(5))
    }
    guard let name else { throw complain("Library name was not given") }
    guard Self.isName(name.bytes) else {
      throw Complaint(words: Self.badName)
    }
    guard engine.dropFirst(2).asciiLowercased() == "lua" else {
      throw complain("Engine '\(engine.dropFirst(2))' not found")
    }
    self.name = name
    codeStart = end
  }

  static let badName = Array(
    "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long".utf8)

  /// What libraries and functions may be called (`functionsVerifyName` in functions.c).
  static func isName(_ name: [UInt8]) -> Bool {
    !name.isEmpty
      && name.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
