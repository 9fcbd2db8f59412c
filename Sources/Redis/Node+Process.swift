extension Node {
  /// The process id: INFO's, the log's, and that in the names of temporary files. It goes with the run id of the first
  /// server of this process.
  package var processID: Int { inheritedProcess ?? 1_000 + (Int(runID.prefix(4), radix: 16) ?? 0) }

  /// The process goes on as another server: after `delay`, and until then nobody is there.
  package mutating func execute(as process: Int, after delay: Interval) {
    inheritedProcess = process
    if delay > .zero { stall = Stall(cause: .execution, end: now + delay) }
  }

  /// The disk with what this input has done to it.
  var currentFiles: [String: [UInt8]] {
    var files = lentFiles?.contents() ?? [:]
    for case .file(let operation) in effects { operation.perform(on: &files) }
    return files
  }

  /// What `used_memory` and a snapshot's `used-mem` say, in bytes.
  package var usedMemory: Int { chance.usedMemory ?? 1_000_000 }

  func clientDescription(_ connection: ConnectionID) -> String { clients[connection].map { clientInfo($0) } ?? "" }
}

/// The files of a machine, which are read when they are asked for: few inputs do.
package struct LentFiles: Sendable, Equatable {
  let contents: @Sendable () -> [String: [UInt8]]

  package init(_ contents: @escaping @Sendable () -> [String: [UInt8]]) { self.contents = contents }

  /// They are the host's, and no part of the node's value.
  package static func == (a: Self, b: Self) -> Bool { true }
}
