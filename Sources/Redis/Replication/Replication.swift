/// All that a node knows of replication, as a master and as a replica.
package struct Replication: Sendable {
  package init() {}
}
