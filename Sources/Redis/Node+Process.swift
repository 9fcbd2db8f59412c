extension Node {
  /// The process id: INFO's, the log's, and that in the names of temporary files. It goes with the run id.
  package var processID: Int { 1_000 + (Int(runID.prefix(4), radix: 16) ?? 0) }

  /// What `used_memory` and a snapshot's `used-mem` say, in bytes.
  package var usedMemory: Int { chance.usedMemory ?? 1_000_000 }

  func clientDescription(_ connection: ConnectionID) -> String { clients[connection].map { clientInfo($0) } ?? "" }
}
