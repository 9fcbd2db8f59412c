import Foundation
import Testing
import Views

/// Compares a view with its transcript in `Transcripts/NAME.txt`. `REPLAB_UPDATE_TRANSCRIPTS=1 swift test` rewrites the
/// transcripts instead; read what has changed before you commit it.
func expectTranscript(_ name: String, _ lines: [Line], sourceLocation: SourceLocation = #_sourceLocation) throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Transcripts")
  let file = folder.appending(path: "\(name).txt")
  let text = lines.map(\.text).joined(separator: "\n") + "\n"
  if ProcessInfo.processInfo.environment["REPLAB_UPDATE_TRANSCRIPTS"] == "1" {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return
  }
  let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  let (ours, theirs) = (
    text.split(separator: "\n", omittingEmptySubsequences: false),
    expected.split(separator: "\n", omittingEmptySubsequences: false)
  )
  var index = 0
  while index < ours.count, index < theirs.count, ours[index] == theirs[index] { index += 1 }
  let isSame = text == expected
  #expect(
    isSame,
    """
    \(name).txt, line \(index + 1)
    now:        \(index < ours.count ? ours[index] : "(nothing)")
    transcript: \(index < theirs.count ? theirs[index] : "(nothing)")
    """, sourceLocation: sourceLocation)
}
