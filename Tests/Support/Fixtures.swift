import Foundation

/// The files in `Tests/Fixtures`: recordings of a real Redis on a real loopback, the notes, and what they tell of.
package enum Fixtures {
  /// The names of recordings that are in `transcripts`, for whoever uses the program.
  package static let captures = [
    "acl-ok", "acl-storm", "auth-storm", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "types",
  ]

  /// Recordings of real servers to which something happens: commands that a node can't run, within a transaction and in a
  /// pipeline; a second full sync; a promotion; and what `RecordedSituation` in the tests against real servers draws.
  package static let situations =
    [
      "pipelined-lpush", "compare-multi", "compare-promotion", "compare-lpush-twice",
    ] + [
      "situation-1022", "situation-1083", "situation-1096", "situation-1098", "situation-2000", "situation-2008",
      "situation-2020", "situation-2029", "situation-2035", "situation-2045", "situation-2092",
      "situation-3029", "situation-3036", "situation-3052", "situation-3060", "situation-3070", "situation-3079",
      "situation-3096", "situation-9073", "situation-9089", "situation-9097",
      "situation-9024", "situation-9026", "situation-9036", "situation-9098", "situation-9132", "situation-9152",
      "situation-9189",
      "situation-9216", "situation-9244", "situation-9249", "situation-9282", "situation-9288",
      "situation-9307", "situation-9309", "situation-9319", "situation-9344", "situation-9359",
    ] + [
      "situation-1086", "situation-1066", "situation-1088", "situation-1024", "situation-1008", "situation-1093",
      "situation-1077", "situation-1076", "situation-1001", "situation-1019", "situation-1020", "situation-1043",
      "situation-1058", "situation-1063", "situation-1081",
    ]

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized.path

  package static func path(_ file: String) -> String { "\(root)/Tests/Fixtures/\(file)" }
  package static func file(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Self.path(path))))
  }

  package static func capturePath(_ name: String) -> String {
    captures.contains(name) ? "\(root)/transcripts/\(name).pcap" : path("captures/\(name).pcap")
  }
  package static func capture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: capturePath(name))))
  }
}
