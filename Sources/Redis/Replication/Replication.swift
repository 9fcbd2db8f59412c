/// All that a node knows of replication, as a master and as a replica.
package struct Replication: Equatable, Sendable {
  package init() {}
}

/// What a node knows of one of its replicas, kept with the replica's client.
package struct ReplicaSession: Equatable, Sendable {
  package init() {}
}
