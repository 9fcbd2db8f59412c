/// A choice that a node made, with the numbers that made it. Its words are made in one place, `Views`' `why`.
package enum Decision: Sendable, Hashable {
  // Replication adds its cases here, each with its numbers.
  case reconnect(to: Address, after: Interval)
}
