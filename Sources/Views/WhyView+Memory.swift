import Redis

// What goes for want of memory.
extension WhyView {
  static func ofEviction(_ evicted: EvictedKey) -> Explanation {
    let which = evicted.database == 0 ? evicted.key : "\(evicted.key) of database \(evicted.database)"
    let deletion = evicted.isLazy ? "UNLINK (lazyfree-lazy-eviction is yes)" : "DEL"
    return Explanation(
      "evicts \(which): \(summary(evicted))", "used_memory \(evicted.used) > maxmemory \(evicted.maxmemory).",
      reason(evicted), "The stream tells its replicas, by \(deletion), before the command that needs the room.")
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
    let policy = "maxmemory-policy is \(evicted.policy.rawValue): "
    let who = evicted.policy.isVolatile ? "keys with an expiry" : "all keys"
    let of = "Of \(who), \(evicted.eligible) of them, \(evicted.sampled) were looked at (maxmemory-samples)"
    switch evicted.reason {
    case .idle(let seconds):
      return policy + "\(of); this one, or one remembered from before, was not used for \(seconds) s, the longest."
    case .frequency(let counter):
      return policy + "\(of); the counter of this one, or one remembered from before, is \(counter), the lowest."
    case .expiry(let time):
      return policy + "\(of); this one's expiry, \(time), is the first."
    case .chance:
      return policy + "of \(who), \(evicted.eligible) of them in this database, one is drawn."
    }
  }
}
