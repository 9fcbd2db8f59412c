import Redis

// What goes for want of memory.
extension WhyView {
  static func ofEviction(_ evicted: EvictedKey) -> Explanation {
    let which = evicted.database == 0 ? evicted.key : "\(evicted.key) of database \(evicted.database)"
    let deletion = evicted.isLazy ? "UNLINK" : "DEL"
    return Explanation(
      "evicts \(which): \(summary(evicted))", "used_memory \(evicted.used) > maxmemory \(evicted.maxmemory).",
      reason(evicted), "Its replicas are told \(deletion) \(evicted.key), ahead of all that the command itself changes."
    )
  }

  private static func summary(_ evicted: EvictedKey) -> String {
    let sampled = "of \(evicted.sampled) sampled"
    switch evicted.reason {
    case .idle: return "the idlest \(sampled)"
    case .frequency: return "the least used \(sampled)"
    case .expiry: return "the first to expire \(sampled)"
    case .chance: return "drawn by chance"
    }
  }

  private static func reason(_ evicted: EvictedKey) -> String {
    let keys = evicted.policy.isVolatile ? "keys with an expiry" : "keys"
    let policy = "maxmemory-policy is \(evicted.policy.rawValue): "
    let ofSeen =
      "of the \(evicted.sampled) of \(evicted.eligible) \(keys) that were looked at (maxmemory-samples), or are remembered "
      + "from before, this one "
    switch evicted.reason {
    case .idle(let seconds): return policy + ofSeen + "has been idle for longest, \(seconds) s."
    case .frequency(let counter): return policy + ofSeen + "has the lowest counter of its use, \(counter)."
    case .expiry(let time): return policy + ofSeen + "expires first, at \(time)."
    case .chance: return policy + "one of \(evicted.eligible) \(keys), drawn by chance."
    }
  }
}
