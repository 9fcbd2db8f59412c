import Capture
import CaptureFiles
import Foundation

/// The recordings of a real Redis on a real loopback.
enum Captures {
  static let names = [
    "acl-ok", "acl-storm", "auth-storm", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "types",
  ]

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../").standardized
    .path

  static func path(_ name: String) -> String { "\(root)/Tests/Fixtures/captures/\(name).pcap" }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  /// All records of a transcript.
  static func records(_ bytes: [UInt8], filter: String? = nil) throws(RecordingError) -> [Record] {
    try all(Recording(bytes: bytes, filter: filter))
  }

  static func all(_ recording: Recording) throws(RecordingError) -> [Record] {
    var records: [Record] = []
    while let record = try recording.next() { records.append(record) }
    return records
  }
}
