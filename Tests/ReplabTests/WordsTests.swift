import Lab
import RESP
import Testing

@testable import replab

@Suite("A line splits into words as redis-cli splits it") struct WordsTests {
  @Test(
    "Quotes and escapes",
    arguments: [
      ("m SET titi toto", ["m", "SET", "titi", "toto"]),
      ("  a\t b  ", ["a", "b"]),
      (#""127.0.0.1 7000""#, ["127.0.0.1 7000"]),
      (#""\n\r\t\b\a\\\"\q""#, ["\n\r\t\u{8}\u{7}\\\"q"]),
      (#""\x41\x4a" "\xzz""#, ["AJ", "xzz"]),
      (#"'it\'s' '\n'"#, ["it's", "\\n"]),
      (#"pre"fixed""#, ["prefixed"]),
      (#""" ''"#, ["", ""]),
      ("", []),
    ])
  func splits(line: String, words: [String]) throws {
    #expect(try Words.split(line).map(\.text) == words)
  }

  @Test("A byte that is no text comes through") func bytes() throws {
    #expect(try Words.split(#"x "\xff\x00""#)[1].bytes == [0xff, 0])
  }

  @Test(
    "A quote that does not close, or that does not end its word, is told with its column",
    arguments: [(#"a "b"#, 3), ("a 'b", 3), (#""a"b"#, 4), (#"x "a\"#, 3)])
  func complains(line: String, column: Int) throws {
    let complaint = #expect(throws: Complaint.self) { try Words.split(line) }
    #expect(complaint?.column == column)
    #expect(complaint?.kind == .usage)
  }

  @Test("What is quoted splits back into the same bytes")
  func roundTrip() throws {
    var random = SystemRandomNumberGenerator()
    for length in 0..<64 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let words = try Words.split(InlineCommand.word(bytes) + " end")
      #expect(words.map(\.bytes) == [bytes, Array("end".utf8)])
    }
  }
}

@Suite("A mistyped word finds its nearest neighbour") struct SuggestionTests {
  @Test(arguments: [("stpe", "step"), ("bakc", "back"), ("contineu", "continue"), ("hlep", "help")])
  func near(word: String, expected: String) {
    #expect(Suggestion.nearest(to: word, among: ["step", "back", "continue", "help"]) == expected)
  }

  @Test("What resembles nothing gets no suggestion", arguments: ["zzz", "frobnicate", "q"])
  func far(word: String) {
    #expect(Suggestion.nearest(to: word, among: ["step", "back", "continue", "help"]) == nil)
  }
}
