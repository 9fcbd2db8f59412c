import RDB
import RESP

/// Consumers that share what comes into a stream: each entry goes to one of them, and is pending until it says that it is
/// done (`streamCG` in stream.h).
package struct ConsumerGroup: Equatable, Sendable {
  /// An entry that was delivered and not acknowledged (`streamNACK`).
  package struct Pending: Weighted {
    package let id: StreamID
    /// In milliseconds since 1970.
    package var delivered: Int64
    package var deliveries: UInt64
    /// Empty only where a damaged snapshot says of nobody that he has it.
    package var consumer: Bytes
    package var key: StreamID { id }
    package var weight: Int { 1 }
  }

  package struct Consumer: Equatable, Sendable {
    package let name: Bytes
    /// When it was heard of last, in milliseconds since 1970.
    package var seen: Int64
    package fileprivate(set) var pending = CountedTree<PendingID>()
  }

  package struct PendingID: Weighted {
    package let id: StreamID
    package var key: StreamID { id }
    package var weight: Int { 1 }
  }

  package let name: Bytes
  package var lastDelivered: StreamID
  /// How many entries the group has read, -1 if that is not known.
  package var entriesRead: Int64
  package private(set) var pending = CountedTree<Pending>()
  /// In the order of their names.
  package private(set) var consumers: [Consumer] = []

  /// (`streamCreateCG`.)
  package init(_ name: Bytes, lastDelivered: StreamID, entriesRead: Int64) {
    (self.name, self.lastDelivered, self.entriesRead) = (name, lastDelivered, entriesRead)
  }

  package init(_ group: RDB.Stream.Group, entriesRead: Int64) {
    self.init(Bytes(group.name), lastDelivered: group.lastDelivered, entriesRead: entriesRead)
    for entry in group.pending {
      let place = place(of: entry.id)
      pending.insert(
        Pending(id: entry.id, delivered: entry.delivered, deliveries: entry.deliveries, consumer: Bytes()), at: place)
    }
    for consumer in group.consumers {
      addConsumer(Bytes(consumer.name), seen: consumer.seen)
      for id in consumer.pending { give(id, to: Bytes(consumer.name)) }
    }
  }

  // MARK: Consumers

  private func consumerPlace(_ name: Bytes) -> Int { consumers.partitioningIndex { $0.name >= name } }

  private func consumerIndex(_ name: Bytes) -> Int? {
    let place = consumerPlace(name)
    return place < consumers.count && consumers[place].name == name ? place : nil
  }

  package func consumer(_ name: Bytes) -> Consumer? { consumerIndex(name).map { consumers[$0] } }

  /// False if it is there already (`streamCreateConsumer`).
  @discardableResult
  package mutating func addConsumer(_ name: Bytes, seen: Int64) -> Bool {
    guard consumerIndex(name) == nil else { return false }
    consumers.insert(Consumer(name: name, seen: seen), at: consumerPlace(name))
    return true
  }

  /// A consumer was heard of (`streamLookupConsumer`).
  package mutating func sawConsumer(_ name: Bytes, at time: Int64) {
    if let index = consumerIndex(name) { consumers[index].seen = time }
  }

  /// Removes a consumer with what is pending for it; how much that is, or nil if it is not there (`streamDelConsumer`).
  package mutating func removeConsumer(_ name: Bytes) -> Int? {
    guard let index = consumerIndex(name) else { return nil }
    let consumer = consumers.remove(at: index)
    consumer.pending.forEach { entry in
      let place = place(of: entry.id)
      if place < pending.count, pending[place].id == entry.id { pending.remove(at: place) }
      return true
    }
    return consumer.pending.count
  }

  // MARK: What is pending

  private func place(of id: StreamID) -> Int { pending.partitioningIndex { $0 >= id } }

  package subscript(id: StreamID) -> Pending? {
    let place = place(of: id)
    return place < pending.count && pending[place].id == id ? pending[place] : nil
  }

  /// An entry is delivered, or delivered again, to a consumer that is there.
  package mutating func deliver(_ id: StreamID, to consumer: Bytes, at time: Int64, deliveries: UInt64) {
    let place = place(of: id)
    if place < pending.count, pending[place].id == id {
      let before = pending[place].consumer
      pending.update(at: place) {
        $0.delivered = time
        $0.deliveries = deliveries
        $0.consumer = consumer
      }
      if before == consumer { return }
      take(id, from: before)
    } else {
      pending.insert(Pending(id: id, delivered: time, deliveries: deliveries, consumer: consumer), at: place)
    }
    guard let index = consumerIndex(consumer) else { return }
    let own = consumers[index].pending.partitioningIndex { $0 >= id }
    consumers[index].pending.insert(PendingID(id: id), at: own)
  }

  /// An entry that is pending already is that consumer's: how a snapshot tells it.
  private mutating func give(_ id: StreamID, to consumer: Bytes) {
    let place = place(of: id)
    guard place < pending.count, pending[place].id == id, let index = consumerIndex(consumer) else { return }
    pending.update(at: place) { $0.consumer = consumer }
    let own = consumers[index].pending.partitioningIndex { $0 >= id }
    if own < consumers[index].pending.count, consumers[index].pending[own].id == id { return }
    consumers[index].pending.insert(PendingID(id: id), at: own)
  }

  private mutating func take(_ id: StreamID, from consumer: Bytes) {
    guard let index = consumerIndex(consumer) else { return }
    let own = consumers[index].pending.partitioningIndex { $0 >= id }
    if own < consumers[index].pending.count, consumers[index].pending[own].id == id {
      consumers[index].pending.remove(at: own)
    }
  }

  /// An entry is no longer pending; false if it was not.
  @discardableResult
  package mutating func acknowledge(_ id: StreamID) -> Bool {
    let place = place(of: id)
    guard place < pending.count, pending[place].id == id else { return false }
    take(id, from: pending[place].consumer)
    pending.remove(at: place)
    return true
  }
}

extension StreamValue {
  private func place(of name: Bytes) -> Int { groups.partitioningIndex { $0.name >= name } }

  /// (`streamLookupCG`.)
  package func groupIndex(_ name: Bytes) -> Int? {
    let place = place(of: name)
    return place < groups.count && groups[place].name == name ? place : nil
  }

  package func group(_ name: Bytes) -> ConsumerGroup? { groupIndex(name).map { groups[$0] } }

  /// False if there is one of that name (`streamCreateCG`).
  package mutating func addGroup(_ group: ConsumerGroup) -> Bool {
    guard groupIndex(group.name) == nil else { return false }
    groups.insert(group, at: place(of: group.name))
    return true
  }

  /// How many entries the group has not read; nil where that can't be told (`streamReplyWithCGLag`).
  package func lag(of group: ConsumerGroup) -> Int64? {
    if entriesAdded == 0 { return 0 }
    let added = Int64(bitPattern: entriesAdded)
    if group.entriesRead != -1, !hasTombstones(from: group.lastDelivered) { return added &- group.entriesRead }
    return distanceFromFirstEver(to: group.lastDelivered).map { added &- $0 }
  }

  /// A group takes note that an entry was delivered to one of its consumers (`streamReplyWithRange`).
  mutating func advance(_ index: Int, to id: StreamID) {
    if groups[index].entriesRead != -1, !hasTombstones(from: id) {
      groups[index].entriesRead &+= 1
    } else if entriesAdded > 0 {
      groups[index].entriesRead = distanceFromFirstEver(to: id) ?? -1
    }
    groups[index].lastDelivered = id
  }
}
