import Lab
import Redis
import Views

/// The picture of one moment: the nodes, the connections between them and what is in flight on them, the walls.
///
/// It is kept in pieces with names, so that a page that holds many moments has of each only what is different.
package struct Scene: Sendable {
  package let moment: Int
  package let time: Instant
  /// Microseconds since the session's first moment.
  package let elapsed: Int64
  /// In the topology's order.
  package internal(set) var nodes: [Piece] = []
  package internal(set) var links: [Piece] = []
  /// What is told as a whole: clients, walls, what the network does on its ways, what is pending.
  package internal(set) var rest: Members = Members()

  /// A node by its name, or a connection by its number.
  package struct Piece: Sendable {
    package let name: String
    package var members: Members
  }

  /// The members of an object, each as it is written.
  package struct Members: Sendable, Equatable {
    private(set) var names: [String] = []
    private(set) var texts: [String] = []

    package init() {}

    mutating func set(_ name: String, _ value: JSON?) {
      guard let value else { return }
      names.append(name)
      texts.append(value.text)
    }

    /// What is in these and not in the others, or is different there; what was there and is no more is null.
    func changed(since others: Members) -> Members {
      if self == others { return Members() }
      var changed = Members()
      for (name, text) in zip(names, texts) where others.text(of: name) != text {
        changed.names.append(name)
        changed.texts.append(text)
      }
      for name in others.names where text(of: name) == nil {
        changed.names.append(name)
        changed.texts.append("null")
      }
      return changed
    }

    private func text(of name: String) -> String? { names.firstIndex(of: name).map { texts[$0] } }

    var isEmpty: Bool { names.isEmpty }

    /// The object.
    var object: String { "{" + list + "}" }

    /// Its members, without the brackets.
    var list: String { zip(names, texts).map { JSON.string($0).text + ":" + $1 }.joined(separator: ",") }
  }

  /// - Parameter isDetailed: with what is only looked at for one moment: what is pending, and each node's properties.
  package init(_ world: World, isDetailed: Bool = true) {
    moment = world.number
    time = world.now
    elapsed = world.now.microseconds &- world.start.microseconds
    if let recorded = world.recorded {
      draw(recorded, world)
    } else {
      draw(world, isDetailed: isDetailed)
    }
  }

  /// The whole scene as the page takes it.
  package var json: String {
    var text = "{\"moment\":\(moment),\"time\":\(JSON.string(time.clockText).text),\"us\":\(elapsed)"
    text += ",\"nodes\":[" + nodes.map(\.members.object).joined(separator: ",") + "]"
    text += ",\"links\":[" + links.map(\.members.object).joined(separator: ",") + "]"
    return text + (rest.isEmpty ? "" : "," + rest.list) + "}"
  }

  /// What is different from another scene: members of nodes and of connections; what is gone is null.
  package func difference(from old: Scene) -> String {
    var parts: [String] = []
    let nodes = Self.difference(nodes, old.nodes)
    if !nodes.isEmpty { parts.append("\"nodes\":{\(nodes)}") }
    let links = Self.difference(links, old.links)
    if !links.isEmpty { parts.append("\"links\":{\(links)}") }
    let rest = rest.changed(since: old.rest)
    if !rest.isEmpty { parts.append(rest.list) }
    return "{" + parts.joined(separator: ",") + "}"
  }

  /// Both in the order of the pieces, which mostly are the same ones.
  private static func difference(_ new: [Piece], _ old: [Piece]) -> String {
    var places: [String: Int] = [:]
    let isSame = new.count == old.count && zip(new, old).allSatisfy { $0.name == $1.name }
    if !isSame { for (index, piece) in old.enumerated() { places[piece.name] = index } }
    var parts: [String] = []
    for (index, piece) in new.enumerated() {
      let before = isSame ? old[index] : places.removeValue(forKey: piece.name).map { old[$0] }
      if before?.members == piece.members { continue }
      let shown = before.map { piece.members.changed(since: $0.members) } ?? piece.members
      parts.append(JSON.string(piece.name).text + ":" + shown.object)
    }
    for name in places.sorted(by: { $0.value < $1.value }).map(\.key) { parts.append(JSON.string(name).text + ":null") }
    return parts.joined(separator: ",")
  }
}
