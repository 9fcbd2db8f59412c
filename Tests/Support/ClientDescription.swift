extension StringProtocol {
  /// A line in which a client is described, as CLIENT LIST and the log do it, with `…` for what is chance: ids, ports,
  /// descriptors and times, and the fields that are named besides.
  package func maskingChance(besides others: Set<String> = []) -> String {
    let chance = others.union(["id", "addr", "laddr", "fd", "age", "idle"])
    return split(separator: " ", omittingEmptySubsequences: false).map { word in
      let name = String(word.prefix { $0 != "=" })
      return chance.contains(name) ? "\(name)=…" : String(word)
    }.joined(separator: " ")
  }
}
