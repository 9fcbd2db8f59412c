extension CommandDocs {
  /// What Redis 7.0 says of its commands on clusters; `CommandDocs.init` tells how to read it.
  static let cluster = #"""
    asking cluster 3.0.0
      . Sent by cluster clients after an -ASK redirect
      O O(1)
    cluster cluster 3.0.0
      . A container for cluster commands
      O Depends on subcommand.
    cluster|addslots cluster 3.0.0
      . Assign new hash slots to receiving node
      O O(N) where N is the total number of hash slot arguments
      ( slot:integer*
    cluster|addslotsrange cluster 7.0.0
      . Assign new hash slots to receiving node
      O O(N) where N is the total number of the slots between the start slot and end slot arguments.
      ( start-slot_end-slot:block*(start-slot:integer end-slot:integer)
    cluster|bumpepoch cluster 3.0.0
      . Advance the cluster config epoch
      O O(1)
    cluster|count-failure-reports cluster 3.0.0
      . Return the number of failure reports active for a given node
      O O(N) where N is the number of failure reports
      ( node-id
    cluster|countkeysinslot cluster 3.0.0
      . Return the number of local keys in the specified hash slot
      O O(1)
      ( slot:integer
    cluster|delslots cluster 3.0.0
      . Set hash slots as unbound in receiving node
      O O(N) where N is the total number of hash slot arguments
      ( slot:integer*
    cluster|delslotsrange cluster 7.0.0
      . Set hash slots as unbound in receiving node
      O O(N) where N is the total number of the slots between the start slot and end slot arguments.
      ( start-slot_end-slot:block*(start-slot:integer end-slot:integer)
    cluster|failover cluster 3.0.0
      . Forces a replica to perform a manual failover of its master.
      O O(1)
      ( options:oneof?(force:pure-token=FORCE takeover:pure-token=TAKEOVER)
    cluster|flushslots cluster 3.0.0
      . Delete a node's own slots information
      O O(1)
    cluster|forget cluster 3.0.0
      . Remove a node from the nodes table
      O O(1)
      ( node-id
    cluster|getkeysinslot cluster 3.0.0
      . Return local key names in the specified hash slot
      O O(log(N)) where N is the number of requested keys
      ( slot:integer count:integer
    cluster|help cluster 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    cluster|info cluster 3.0.0
      . Provides info about Redis Cluster node state
      O O(1)
    cluster|keyslot cluster 3.0.0
      . Returns the hash slot of the specified key
      O O(N) where N is the number of bytes in the key
      ( key
    cluster|links cluster 7.0.0
      . Returns a list of all TCP links to and from peer nodes in cluster
      O O(N) where N is the total number of Cluster nodes
    cluster|meet cluster 3.0.0
      . Force a node cluster to handshake with another node
      O O(1)
      + 4.0.0 Added the optional `cluster_bus_port` argument.
      ( ip port:integer cluster_bus_port:integer?@4.0.0
    cluster|myid cluster 3.0.0
      . Return the node id
      O O(1)
    cluster|nodes cluster 3.0.0
      . Get Cluster config for the node
      O O(N) where N is the total number of Cluster nodes
    cluster|replicas cluster 5.0.0
      . List replica nodes of the specified master node
      O O(1)
      ( node-id
    cluster|replicate cluster 3.0.0
      . Reconfigure a node as a replica of the specified master node
      O O(1)
      ( node-id
    cluster|reset cluster 3.0.0
      . Reset a Redis Cluster node
      O O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.
      ( hard_soft:oneof?(hard:pure-token=HARD soft:pure-token=SOFT)
    cluster|saveconfig cluster 3.0.0
      . Forces the node to save cluster state on disk
      O O(1)
    cluster|set-config-epoch cluster 3.0.0
      . Set the configuration epoch in a new node
      O O(1)
      ( config-epoch:integer
    cluster|setslot cluster 3.0.0
      . Bind a hash slot to a specific node
      O O(1)
      ( slot:integer subcommand:oneof(node-id=IMPORTING node-id=MIGRATING node-id=NODE stable:pure-token=STABLE)
    cluster|shards cluster 7.0.0
      . Get array of cluster slots to node mappings
      O O(N) where N is the total number of cluster nodes
    cluster|slaves cluster 3.0.0 deprecated
      . List replica nodes of the specified master node
      O O(1)
      ! 5.0.0 `CLUSTER REPLICAS`
      ( node-id
    cluster|slots cluster 3.0.0 deprecated
      . Get array of Cluster slot to node mappings
      O O(N) where N is the total number of Cluster nodes
      ! 7.0.0 `CLUSTER SHARDS`
      + 4.0.0 Added node IDs.
      + 7.0.0 Added additional networking metadata field.
    readonly cluster 3.0.0
      . Enables read queries for a connection to a cluster replica node
      O O(1)
    readwrite cluster 3.0.0
      . Disables read queries for a connection to a cluster replica node
      O O(1)
    """#
}
