import Foundation

/// The files in `Tests/Fixtures`: recordings of a real Redis on a real loopback, the notes, and what they tell of.
package enum Fixtures {
  /// The names of the recordings.
  package static let captures = [
    "acl-ok", "acl-storm", "auth-storm", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "types",
  ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures").standardized.path

  package static func path(_ file: String) -> String { "\(folder)/\(file)" }
  package static func file(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Self.path(path))))
  }

  package static func capturePath(_ name: String) -> String { path("captures/\(name).pcap") }
  package static func capture(_ name: String) throws -> [UInt8] { try file("captures/\(name).pcap") }
}
