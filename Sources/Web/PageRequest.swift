import Foundation

/// What a page asks for: a line to run, or something to look at.
package struct PageRequest: Decodable, Sendable, Equatable {
  /// What the answer carries, too.
  package var id: Int?
  /// A line, as one types it.
  package var line: String?
  /// What to look at: `scene`, `steps`, `bytes` and so on.
  package var ask: String?
  package var moment: Int?
  package var message: Int?
  package var from: Int?
  package var to: Int?
  package var points: Int?
  package var limit: Int?
  package var node: String?

  /// - Throws: where the text is no JSON object of these members.
  init(_ text: Data) throws {
    self = try JSONDecoder().decode(PageRequest.self, from: text)
  }
}
