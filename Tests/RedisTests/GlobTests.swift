@testable import Redis
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", "abc", true), ("", "", true), ("*", "", false), ("a*", "a", true), ("a**", "a", true), ("?", "a", true),
    ("?", "", false), ("a?c", "abc", true), ("[abc]", "b", true), ("[^abc]", "b", false), ("[a-c]x", "bx", true),
    ("[c-a]x", "bx", true), ("[a", "a", true), ("[", "[", false), ("\\*", "*", true), ("\\*", "a", false),
    ("a\\", "a\\", true),
    ("[\\]]", "]", true), ("h*llo", "heeeello", true), ("*a*b*c", "xxaxxbxxc", true), ("*a*b*c", "xxaxxbxx", false),
    ("A", "a", false), ("[a-", "a", true), ("[a-", "-", true), ("abc", "ab", false), ("ab", "abc", false),
  ])
  func matches(pattern: String, string: String, expected: Bool) {
    #expect(Glob.matches(pattern, string) == expected)
  }

  @Test func manyStarsTakeNeitherForEverNorTheStack() {
    let pattern = Array(repeatElement(Array("*a".utf8), count: 200_000).joined()) + Array("b".utf8)
    #expect(!Glob.matches(pattern, [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)))
    #expect(Glob.matches(Array(pattern.dropLast()), [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)))
  }

  @Test func caseIsIgnoredOnDemand() {
    #expect(Glob.matches("XRe[V-v]*", "xrevrange", ignoringCase: true))
  }
}
