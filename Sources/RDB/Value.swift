/// The value of a key, whatever the layout it was read from.
package enum Value: Hashable, Sendable {
  case string([UInt8])

  /// The layout in which Redis 7.0 writes this value.
  package var type: ValueType {
    switch self {
    case .string: .string
    }
  }
}

/// A key with its value and all that the snapshot says about it.
package struct Entry: Hashable, Sendable {
  package var key: [UInt8]
  package var value: Value
  /// When the key expires, in milliseconds since 1970; nil if never.
  package var expiry: Int64?
  /// Seconds since the key was used, where the writer ran under an LRU policy.
  package var idle: UInt64?
  /// The logarithmic use counter, where the writer ran under an LFU policy.
  package var frequency: UInt8?

  package init(key: [UInt8], value: Value, expiry: Int64? = nil, idle: UInt64? = nil, frequency: UInt8? = nil) {
    self.key = key
    self.value = value
    self.expiry = expiry
    self.idle = idle
    self.frequency = frequency
  }
}
