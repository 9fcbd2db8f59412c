// What MEMORY USAGE says: Redis's estimate from a few elements, with sizes of structures as they are (`sizeof`) beside
// sizes as jemalloc gives them, so that it is a little less than what the value takes.

import RDB

extension Value {
  /// An estimate from so many elements (`objectComputeSize` in object.c).
  package func computedSize(samples: Int) -> Int {
    switch self {
    case .string(let string): string.computedSize
    case .list(let list): list.value.computedSize(samples: samples)
    case .set(let set): set.value.computedSize(samples: samples)
    case .sortedSet(let set): set.value.computedSize(samples: samples)
    case .hash(let hash): hash.value.computedSize(samples: samples)
    case .stream(let stream): stream.value.computedSize(samples: samples)
    }
  }
}

/// What a part says of the whole, cut as C cuts it.
private func extrapolated(_ fixed: Int, _ sum: Int, of samples: Int, to count: Int) -> Int {
  samples == 0 ? fixed : Int(Double(fixed) + Double(sum) / Double(samples) * Double(count))
}

extension Quicklist {
  fileprivate func computedSize(samples: Int) -> Int {
    var (sum, met) = (0, 0)
    forEachNode(limit: samples) { node in
      sum += Sizeof.quicklistNode + node.entryMemory
      met += 1
    }
    return extrapolated(Sizeof.robj + Sizeof.quicklist, sum, of: met, to: nodeCount)
  }
}

extension Dict {
  /// `extra` is what an entry takes besides what the table knows of.
  fileprivate func computedSize(samples: Int, fixed: Int, extra: (Int) -> Int = { _ in 0 }) -> Int {
    var (sum, met) = (0, 0)
    for entry in first(samples) {
      sum += Sizeof.dictEntry + Jemalloc.size(forSds: entry.key.count) + entry.payload.memory
      met += 1
    }
    return extrapolated(fixed + Sizeof.dict + 8 * size.slots, sum + extra(met), of: met, to: count)
  }
}

extension SetValue {
  fileprivate func computedSize(samples: Int) -> Int {
    switch storage {
    case .intset(let intset): Sizeof.robj + intset.memory
    case .hashtable(let table): table.computedSize(samples: samples, fixed: Sizeof.robj)
    }
  }
}

extension HashValue {
  fileprivate func computedSize(samples: Int) -> Int {
    switch storage {
    case .listpack(let listpack): Sizeof.robj + listpack.memory
    case .hashtable(let table): table.computedSize(samples: samples, fixed: Sizeof.robj)
    }
  }
}

extension SortedSet {
  fileprivate func computedSize(samples: Int) -> Int {
    switch storage {
    case .listpack(let listpack): Sizeof.robj + listpack.memory
    case .skiplist(let list):
      list.value.scores.computedSize(
        samples: samples, fixed: Sizeof.robj + Sizeof.zset + Sizeof.zskiplist + Jemalloc.zskiplistHeader,
        extra: Jemalloc.zskiplistNodes)
    }
  }
}

/// Keys of 16 bytes in a radix tree (`streamRadixTreeMemoryUsage` in object.c).
private func radixTreeSize(keys: Int, nodes: Int) -> Int { keys * Sizeof.streamID + nodes * (Sizeof.raxNode + 240) }

extension StreamValue {
  fileprivate func computedSize(samples: Int) -> Int {
    var sum = Sizeof.robj + Sizeof.stream + radixTreeSize(keys: nodeCount, nodes: radixTreeNodes)
    var (listpacks, met) = (0, 0)
    let last = nodeCount - 1
    nodes.forEach { node in
      guard met < samples else { return false }
      listpacks += node.allocated
      met += 1
      return true
    }
    if nodeCount <= met {
      sum += listpacks
    } else if let node = nodes.last {
      sum += (met > 0 ? listpacks / met : 0) * last + node.allocated
    }
    for group in groups { sum += group.computedSize }
    return sum
  }
}

extension ConsumerGroup {
  fileprivate var computedSize: Int {
    var ids: [StreamID] = []
    pending.forEach {
      ids.append($0.id)
      return true
    }
    var sum =
      Sizeof.streamCG + radixTreeSize(keys: ids.count, nodes: StreamValue.radixTreeNodes(of: ids))
      + Sizeof.streamNACK * ids.count
    for consumer in consumers {
      var own: [StreamID] = []
      consumer.pending.forEach {
        own.append($0.id)
        return true
      }
      sum +=
        Sizeof.streamConsumer + consumer.name.count
        + radixTreeSize(keys: own.count, nodes: StreamValue.radixTreeNodes(of: own))
    }
    return sum
  }
}
