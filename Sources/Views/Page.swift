/// How much is put before a person at once.
package struct Page: Sendable, Hashable {
  /// How many rows of a message are shown; nil shows all.
  package var rowLimit: Int?
  /// Whether lines that some other program has laid out are broken at their blanks, to fit the page.
  package var wraps: Bool

  package init(rowLimit: Int? = nil, wraps: Bool = false) {
    self.rowLimit = rowLimit
    self.wraps = wraps
  }

  /// Everything as it is: what files and programs get.
  package static let whole = Page()
}
