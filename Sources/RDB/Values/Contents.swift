/// What a value holds, taken out of its layout, in the order of its bytes.
package enum Contents: Hashable, Sendable {
  case string([UInt8])
  case list([[UInt8]])
  case set([[UInt8]])
  case sortedSet([ScoredMember])
  case hash([HashField])
  case stream(Stream)
  /// Its data only the module understands; the fields show it.
  case module(ModuleID)

  package var kind: ValueKind {
    switch self {
    case .string: .string
    case .list: .list
    case .set: .set
    case .sortedSet: .sortedSet
    case .hash: .hash
    case .stream: .stream
    case .module: .module
    }
  }

  /// How many elements there are; nil where that is no question.
  package var count: Int? {
    switch self {
    case .string, .module: nil
    case .list(let elements), .set(let elements): elements.count
    case .sortedSet(let members): members.count
    case .hash(let fields): fields.count
    case .stream(let stream): stream.entries.count
    }
  }
}

package struct ScoredMember: Hashable, Sendable {
  package var member: [UInt8]
  package var score: Double

  package init(_ member: [UInt8], score: Double) {
    self.member = member
    self.score = score
  }
}

package struct HashField: Hashable, Sendable {
  package var field: [UInt8]
  package var value: [UInt8]
  /// When the field expires by itself, in milliseconds since 1970 (Redis 7.4, Valkey 9).
  package var expiry: Int64?

  package init(_ field: [UInt8], _ value: [UInt8], expiry: Int64? = nil) {
    self.field = field
    self.value = value
    self.expiry = expiry
  }
}

/// A stream's entry's name: milliseconds, and a number within them.
package struct StreamID: Hashable, Sendable, CustomStringConvertible {
  package var milliseconds: UInt64
  package var sequence: UInt64

  package init(_ milliseconds: UInt64, _ sequence: UInt64) {
    self.milliseconds = milliseconds
    self.sequence = sequence
  }

  package var description: String { "\(milliseconds)-\(sequence)" }
}

extension StreamID: Comparable {
  package static func < (a: StreamID, b: StreamID) -> Bool {
    (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
  }
}

/// A stream with its consumer groups; deleted entries are left out.
package struct Stream: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package var id: StreamID
    package var fields: [HashField]

    package init(id: StreamID, fields: [HashField]) {
      self.id = id
      self.fields = fields
    }
  }

  /// An entry that was delivered and not acknowledged.
  package struct Pending: Hashable, Sendable {
    package var id: StreamID
    /// When it was delivered last, in milliseconds since 1970.
    package var delivered: Int64
    package var deliveries: UInt64

    package init(id: StreamID, delivered: Int64, deliveries: UInt64) {
      self.id = id
      self.delivered = delivered
      self.deliveries = deliveries
    }
  }

  package struct Consumer: Hashable, Sendable {
    package var name: [UInt8]
    /// In milliseconds since 1970.
    package var seen: Int64
    package var active: Int64?
    package var pending: [StreamID] = []

    package init(name: [UInt8], seen: Int64, active: Int64? = nil, pending: [StreamID] = []) {
      self.name = name
      self.seen = seen
      self.active = active
      self.pending = pending
    }
  }

  package struct Group: Hashable, Sendable {
    package var name: [UInt8]
    package var lastDelivered: StreamID
    /// -1: not known; nil: the layout does not say.
    package var entriesRead: Int64?
    package var pending: [Pending] = []
    package var consumers: [Consumer] = []

    package init(
      name: [UInt8], lastDelivered: StreamID, entriesRead: Int64? = nil, pending: [Pending] = [],
      consumers: [Consumer] = []
    ) {
      self.name = name
      self.lastDelivered = lastDelivered
      self.entriesRead = entriesRead
      self.pending = pending
      self.consumers = consumers
    }
  }

  package var entries: [Entry] = []
  package var length: UInt64 = 0
  package var last = StreamID(0, 0)
  /// Since 7.0.
  package var first: StreamID?
  package var maxDeleted: StreamID?
  package var entriesAdded: UInt64?
  package var groups: [Group] = []

  package init() {}
}

/// What a scan finds in a value, while somebody wants it.
struct Collector: Equatable, Sendable {
  /// Elements; or members; or fields and values in turn.
  var strings: [[UInt8]] = []
  var scores: [Double] = []
  /// One for each field of a hash whose layout has them.
  var expiries: [Int64?] = []
  var stream = Stream()
  /// By what each node of the stream is found, and how many entries came before it.
  var nodes: [StreamID] = []
  var nodeStarts: [Int] = []
  var module = ModuleID(rawValue: 0)

  func contents(of type: ValueType) -> Contents {
    switch type.kind {
    case .string: .string(strings.first ?? [])
    case .list: .list(strings)
    case .set: .set(strings)
    case .sortedSet: .sortedSet(zip(strings, scores).map { ScoredMember($0, score: $1) })
    case .hash:
      .hash(
        (0..<strings.count / 2).map { index in
          HashField(
            strings[2 * index], strings[2 * index + 1],
            expiry: expiries.indices.contains(index) ? expiries[index] : nil)
        })
    case .stream: .stream(orderedStream)
    case .module: .module(module)
    }
  }

  /// A server finds the nodes by their ids, in whatever order they came.
  private var orderedStream: Stream {
    guard zip(nodes, nodes.dropFirst()).contains(where: { $1 < $0 }) else { return stream }
    var ordered = stream
    ordered.entries = nodes.indices.sorted { nodes[$0] < nodes[$1] }.flatMap { index in
      let end = index + 1 < nodeStarts.count ? nodeStarts[index + 1] : stream.entries.count
      return stream.entries[nodeStarts[index]..<end]
    }
    return ordered
  }
}
