import OrderedCollections
import Redis

/// How two worlds differ: `diff N M`.
package struct WorldDifference: Sendable {
  package var nodes: [Node] = []
  package var links: [Link] = []

  package struct Node: Sendable {
    package var name: String
    /// What is another now.
    package var properties: [Change]
    /// The keys that came, went or changed, in the order of the second world, and then those that are gone.
    package var keys: [Key]
    /// How many more of them there are.
    package var omitted: Int
  }

  package struct Key: Sendable {
    package var database: Int
    package var key: Bytes
    package var before: Database.Entry?
    package var after: Database.Entry?
  }

  /// A connection that came, went, or is somewhere else in the protocol.
  package struct Link: Sendable {
    package var id: Lab.Link.ID
    package var from: String
    package var to: String
    /// Where in the protocol it was, or `commands`; nil: it was not there.
    package var before: String?
    package var after: String?
  }

  package var isEmpty: Bool { nodes.isEmpty && links.isEmpty }

  /// - Parameter mostKeys: so many keys of a node are named.
  package init(from before: World, to after: World, mostKeys: Int) {
    for name in OrderedSet(before.names + after.names) {
      // Of a process that has ended there is nothing to tell but that.
      let hasEnded = before.machine(name)?.node != nil && after.machine(name)?.node == nil
      let properties = NodeProperty.allCases.filter { !hasEnded || [.life, .port, .keys].contains($0) }.compactMap {
        property -> Change? in
        let (old, new) = (before.value(property, of: name), after.value(property, of: name))
        return old == new ? nil : Change(node: name, property: property, before: old, after: new)
      }
      var keys = hasEnded ? [] : Self.keys(before.machine(name)?.node, after.machine(name)?.node)
      guard !properties.isEmpty || !keys.isEmpty else { continue }
      let omitted = max(0, keys.count - mostKeys)
      keys.removeLast(omitted)
      nodes.append(Node(name: name, properties: properties, keys: keys, omitted: omitted))
    }
    let (old, new) = (Self.links(of: before), Self.links(of: after))
    for id in Set(old.keys).union(new.keys).sorted() {
      let (a, b) = (old[id], new[id])
      guard let link = b ?? a, a?.state != b?.state else { continue }
      links.append(Link(id: id, from: link.from, to: link.to, before: a?.state, after: b?.state))
    }
  }

  private static func keys(_ before: Redis.Node?, _ after: Redis.Node?) -> [Key] {
    var keys: [Key] = []
    let none = Databases(count: 0)
    let (old, new) = (before?.databases ?? none, after?.databases ?? none)
    for number in 0..<max(old.count, new.count) {
      let (a, b) = (number < old.count ? old[number] : Database(), number < new.count ? new[number] : Database())
      if a.isEmpty, b.isEmpty { continue }
      b.forEach { key, entry in
        let was = a[key]
        if was != entry { keys.append(Key(database: number, key: key, before: was, after: entry)) }
      }
      a.forEach { key, entry in
        if !b.contains(key) { keys.append(Key(database: number, key: key, before: entry, after: nil)) }
      }
    }
    return keys
  }

  private static func links(of world: World) -> [Lab.Link.ID: (from: String, to: String, state: String)] {
    var links: [Lab.Link.ID: (from: String, to: String, state: String)] = [:]
    for link in world.recorded?.links ?? [] {
      links[link.id] = (link.opener.party.name, link.acceptor.party.name, link.phase?.rawValue ?? "commands")
    }
    for link in world.links {
      links[link.id] = (link.opener.party.name, link.acceptor.party.name, link.phase?.rawValue ?? "commands")
    }
    return links
  }
}
