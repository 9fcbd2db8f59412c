import Capture
import CaptureFiles
import TestSupport

/// The recordings of a real Redis on a real loopback.
enum Captures {
  static let names = Fixtures.captures
  static func path(_ name: String) -> String { Fixtures.capturePath(name) }
  static func bytes(_ name: String) throws -> [UInt8] { try Fixtures.capture(name) }

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
