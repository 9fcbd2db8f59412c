import RDB

/// What a value holds, as bytes that are the same for the same value: what has no order in Redis has none here.
enum ValueWords {
  /// - Parameter tellsLayout: in which of the layouts that Redis has for its kind it stands.
  static func bytes(of value: Value, tellsLayout: Bool) -> [UInt8] {
    let type = tellsLayout ? "\(value.type) " : "\(value.type.kind.name) "
    switch value.contents {
    case .string(let bytes): return bytes
    case .list(let elements): return join(type, elements)
    case .set(let members): return join(type, sorted(members))
    case .sortedSet(let members):
      return join(type, sorted(members.map { $0.member + Array(" \($0.score)".utf8) }))
    case .hash(let fields): return join(type, sorted(fields.map(words)))
    case .stream(let stream): return join(type, words(stream))
    case .module(let id): return Array("module \(id.name)".utf8)
    }
  }

  private static func words(_ field: HashField) -> [UInt8] {
    field.field + Array("=".utf8) + field.value + Array((field.expiry == nil ? "" : " expires").utf8)
  }

  /// When something was delivered or seen is a matter of time; so are the ids that the clock gave.
  private static func words(_ stream: Stream) -> [[UInt8]] {
    var lines = stream.entries.map { entry in
      Array("\(name(entry.id)):".utf8) + entry.fields.flatMap { [0x20] + words($0) }
    }
    let added = stream.entriesAdded.map { ", \($0) added" } ?? ""
    lines.append(Array("length \(stream.length), last \(name(stream.last))\(added)".utf8))
    for group in stream.groups {
      lines.append(Array("group ".utf8) + group.name + Array(" at \(name(group.lastDelivered))".utf8))
      lines += group.pending.map { Array("pending \(name($0.id)) \($0.deliveries)".utf8) }
      for consumer in group.consumers {
        lines.append(Array("consumer ".utf8) + consumer.name + Array(" has \(consumer.pending.map(name))".utf8))
      }
    }
    return lines
  }

  private static func name(_ id: StreamID) -> String {
    id.milliseconds >= 1_000_000_000_000 ? "<time>-\(id.sequence)" : "\(id)"
  }

  private static func sorted(_ elements: [[UInt8]]) -> [[UInt8]] {
    elements.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Lengths keep apart what commas would not.
  private static func join(_ type: String, _ elements: [[UInt8]]) -> [UInt8] {
    elements.reduce(into: Array("\(type)\(elements.count): ".utf8)) { $0 += Array("\($1.count) ".utf8) + $1 + [0x2c] }
  }
}
