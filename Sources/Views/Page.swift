/// How much is put before a person at once.
package struct Page: Sendable, Hashable {
  /// How many rows of a message are shown; nil shows all.
  package var rowLimit: Int?
  /// Whether lines that some other program has laid out are broken at their blanks, to fit the page.
  package var wraps: Bool
  /// What shows the rest of a message: `x`, where it is the last one.
  package var remedy = "x"

  package init(rowLimit: Int? = nil, wraps: Bool = false) {
    self.rowLimit = rowLimit.map { min($0, Self.mostRows) }
    self.wraps = wraps
  }

  /// More than this is no limit any more.
  private static let mostRows = 1_000_000

  /// How many rows a message may have to be shown whole: a sixth more than is shown of a longer one, since a cut that
  /// saves a row or two, and takes one to tell of it, saves nothing.
  var wholeRows: Int? { rowLimit.map { $0 + $0 / 6 } }

  /// Everything as it is: what files and programs get.
  package static let whole = Page()

  /// What stands under a message that was cut.
  func more(_ count: Int) -> Line {
    Line("… \(Excerpt.grouped(count)) more \(count == 1 ? "byte" : "bytes"); `\(remedy)` shows them", .dim)
  }
}
