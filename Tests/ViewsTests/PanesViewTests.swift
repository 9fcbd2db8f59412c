import Testing
@testable import Views

@Suite("Panes above the prompt") struct PanesViewTests {
  private static var panes: PanesView {
    PanesView(
      topology: { lines("t", $0, $1) }, messages: { lines("m", $0, $1) }, bytes: { lines("b", $0, $1) },
      why: { lines("w", $0, $1) })
  }

  /// More lines than there is room for, and wider ones.
  private static func lines(_ letter: String, _ height: Int, _ width: Int) -> [Line] {
    Array(repeating: Line(String(repeating: letter, count: width + 3)), count: height + 2)
  }

  @Test("They fill their rows and no more, whatever the size", arguments: 4...60)
  func sizes(height: Int) {
    for width in [20, 39, 40, 79, 80, 115, 116, 120, 200, 500] {
      let lines = Self.panes.lines(height: height, width: width)
      #expect(lines.count == height && lines.allSatisfy { $0.width <= width }, "\(width)")
      let text = lines.map(\.text).joined(separator: "\n")
      for letter in ["tt", "mm", "bb", "ww"] where height >= 6 { #expect(text.contains(letter), "\(width): \(text)") }
    }
  }

  @Test("Where a pane has no room for all lines, one sees it") func cut() {
    var panes = Self.panes
    panes.topology = { _, _ in [Line("one")] }
    panes.messages = { height, _ in Array(repeating: Line("whole"), count: height) }
    panes.why = { height, _ in Array(repeating: Line("a reason"), count: height + 1) }
    let lines = panes.lines(height: 13, width: 80).map(\.text)
    #expect(lines.filter { $0.hasSuffix("whole") }.count == 4 && lines.contains("one"))
    #expect(lines.filter { $0.hasSuffix("│a reason") }.count == 4)
    #expect(lines.last?.hasSuffix("│a reason …") == true, "\(lines)")
  }

  @Test("The prompt keeps eight rows at least; a small terminal has no panes") func height() {
    for rows in 1...100 {
      let height = PanesView.height(rows: rows, columns: 80)
      #expect(height == 0 || (height >= 8 && rows - height >= 8), "\(rows)")
    }
    #expect(PanesView.height(rows: 24, columns: 80) == 13)
    #expect(PanesView.height(rows: 15, columns: 80) == 0 && PanesView.height(rows: 24, columns: 39) == 0)
  }

  @Test("The nodes have the rows that they need, and leave two to each of the others") func nodes() {
    func rows(_ count: Int) -> [Int] {
      var panes = Self.panes
      panes.topology = { height, width in Array(Self.lines("t", height, width).prefix(min(count, height))) }
      let lines = panes.lines(height: 13, width: 80).map(\.text)
      return ["t", "m", "w"].map { letter in
        lines.count { $0.hasPrefix(letter) || $0.hasSuffix("│" + String(repeating: letter, count: 38) + "…") }
      }
    }
    #expect(rows(1) == [1, 4, 5])
    #expect(rows(4) == [4, 3, 3])
    #expect(rows(6) == [6, 2, 2])
    #expect(rows(50) == [6, 2, 2])
  }

  @Test("At 80 columns one below the other, in a wide terminal two beside each other") func places() {
    func rules(_ width: Int) -> [String] {
      Self.panes.lines(height: 13, width: width).map(\.text).filter { $0.hasPrefix("── ") }
    }
    #expect(rules(80).map { $0.contains("┬") } == [false, false, true])
    #expect(rules(120).count == 2 && rules(120)[0].contains("messages") && rules(120)[1].contains("why"))
  }
}
