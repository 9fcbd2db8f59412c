import Testing

@testable import Lessons

@Suite("What must be printed, and what was") struct ExpectationTests {
  @Test(
    "`...` is any lines, `…` any text, all else itself",
    arguments: [
      (["a", "...", "c"], ["a", "b", "b", "c"], true), (["a", "..."], ["a"], true), (["..."], [], true),
      (["a…c"], ["abc"], true), (["a…c"], ["ac"], true), (["a…c…e"], ["abcde"], true), (["a…"], ["b"], false),
      (["ab…b"], ["ab"], false), (["*3"], ["*3"], true), (["*3"], ["*33"], false),
      (["a", "...", "c"], ["a", "b"], false), ([], ["a"], false), ([], [], true), (["a"], [], false),
      (["...", "a", "...", "a"], ["a", "b"], false), (["...", "a", "...", "a"], ["b", "a", "c", "a"], true),
      (["...", "a"], ["a", "a", "b", "a"], true), (["…"], [""], true), (["a…b…c"], ["acbc"], true),
      (["a…bb…b"], ["abb"], false), (["…a"], ["…a"], true), (["... "], ["x"], false), (["é"], ["e\u{301}"], false),
    ])
  func wildcards(pattern: [String], printed: [String], isSame: Bool) {
    #expect(Expectation(pattern).matches(printed) == isSame)
  }

  @Test(
    "A failure says which expected line was not met",
    arguments: [
      (["a", "b", "c"], ["a", "x", "c"], 1), (["a"], ["a", "b"], 1), (["a", "b"], ["a"], 1),
      (["a", "...", "c", "d"], ["a", "b", "c", "e"], 3), ([], ["a"], 0),
    ])
  func place(pattern: [String], printed: [String], index: Int) {
    #expect(Expectation(pattern).firstFailure(in: printed) == index)
  }

  @Test("Patterns full of wildcards take no longer than they are long") func hostile() {
    let lines = Array(repeating: "a", count: 300)
    let pattern = Array(repeating: ["...", "a"], count: 150).flatMap(\.self) + ["b"]
    #expect(!Expectation(pattern).matches(lines))
    let text = String(repeating: "a", count: 3_000)
    #expect(!Expectation([String(repeating: "a…", count: 1_000) + "b"]).matches([text]))
    #expect(Expectation([String(repeating: "…a", count: 1_000)]).matches([text]))
  }
}
