/// What may be told of keys to those who have subscribed to it, by the letters of `notify-keyspace-events` (notify.c).
package struct KeyspaceEvents: OptionSet, Sendable, Hashable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// On `__keyspace@0__:KEY`: what happened to it.
  package static let keyspace = KeyspaceEvents(rawValue: 1 << 0)
  /// On `__keyevent@0__:EVENT`: to which key.
  package static let keyevent = KeyspaceEvents(rawValue: 1 << 1)
  package static let generic = KeyspaceEvents(rawValue: 1 << 2)
  package static let string = KeyspaceEvents(rawValue: 1 << 3)
  package static let list = KeyspaceEvents(rawValue: 1 << 4)
  package static let set = KeyspaceEvents(rawValue: 1 << 5)
  package static let hash = KeyspaceEvents(rawValue: 1 << 6)
  package static let sortedSet = KeyspaceEvents(rawValue: 1 << 7)
  package static let expired = KeyspaceEvents(rawValue: 1 << 8)
  package static let evicted = KeyspaceEvents(rawValue: 1 << 9)
  package static let stream = KeyspaceEvents(rawValue: 1 << 10)
  package static let module = KeyspaceEvents(rawValue: 1 << 11)
  package static let keyMiss = KeyspaceEvents(rawValue: 1 << 12)
  package static let new = KeyspaceEvents(rawValue: 1 << 13)

  /// What A stands for.
  private static let all: KeyspaceEvents = [
    .generic, .string, .list, .set, .hash, .sortedSet, .expired, .evicted, .stream, .module,
  ]

  /// In the order in which Redis shows them.
  private static let letters: [(Unicode.Scalar, KeyspaceEvents)] = [
    ("g", .generic), ("$", .string), ("l", .list), ("s", .set), ("h", .hash), ("z", .sortedSet), ("x", .expired),
    ("e", .evicted), ("t", .stream), ("d", .module), ("n", .new), ("K", .keyspace), ("E", .keyevent), ("m", .keyMiss),
  ]

  /// nil for an unknown letter (`keyspaceEventsStringToFlags` in notify.c).
  package init?(_ text: String) {
    self = []
    for letter in text.unicodeScalars {
      if letter == "A" {
        formUnion(Self.all)
      } else if let known = Self.letters.first(where: { $0.0 == letter }) {
        formUnion(known.1)
      } else {
        return nil
      }
    }
  }

  /// As CONFIG GET shows them (`keyspaceEventsFlagsToString` in notify.c): beside A not even what A does not stand for, but
  /// where it is told, and misses.
  package var text: String {
    let isAll = isSuperset(of: Self.all)
    let apart: KeyspaceEvents = [.keyspace, .keyevent, .keyMiss]
    return (isAll ? "A" : "")
      + String(Self.letters.filter { contains($0.1) && (!isAll || apart.contains($0.1)) }.map { Character($0.0) })
  }
}

extension Node {
  /// Tells those who want to know that something happened to a key (`notifyKeyspaceEvent` in notify.c).
  mutating func notify(_ kind: KeyspaceEvents, _ event: @autoclosure () -> Bytes, _ key: Bytes, in database: Int) {
    let wanted = configuration.notifyKeyspaceEvents
    guard wanted.contains(kind) else { return }
    let event = event()
    if wanted.contains(.keyspace) { publish(event, on: channel("keyspace", database, key)) }
    if wanted.contains(.keyevent) { publish(key, on: channel("keyevent", database, event)) }
  }

  private func channel(_ kind: String, _ database: Int, _ name: Bytes) -> Bytes {
    var channel = Bytes("__\(kind)@\(database)__:")
    channel.append(name)
    return channel
  }
}
