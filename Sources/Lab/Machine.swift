import Redis

/// What a node runs on: it has the node's name, address and disk, and outlives its process.
package struct Machine: Sendable {
  package let name: String
  package var address: Address
  package var launch: Launch
  package var life: Life
  /// The working directory: files by name. Survives `stop` and `kill`.
  package var disk: [String: [UInt8]] = [:]
  /// The process, while there is one.
  package var node: Node?

  package enum Life: Sendable, Hashable {
    case running
    case paused
    /// It ended by itself, by `stop` or by SHUTDOWN.
    case ended(code: Int)
    case killed
  }
}
