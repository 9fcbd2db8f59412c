extension CommandDocs {
  /// What Redis 7.0 says of the command that only a Sentinel has; `CommandDocs.init` tells how to read it.
  static let sentinel = #"""
    sentinel sentinel 2.8.4
      . A container for Sentinel commands
      O Depends on subcommand.
    sentinel|ckquorum sentinel 2.8.4
      . Check for a Sentinel quorum
      ( master-name
    sentinel|config sentinel 6.2.0
      . Configure Sentinel
      O O(1)
      ( set_or_get:oneof(set_param_value:block=SET*(parameter value) parameter=GET*)
    sentinel|debug sentinel 7.0.0
      . List or update the current configurable parameters
      O O(N) where N is the number of configurable parameters
      ( parameter_value:block*(parameter value)
    sentinel|failover sentinel 2.8.4
      . Force a failover
      ( master-name
    sentinel|flushconfig sentinel 2.8.4
      . Rewrite configuration file
      O O(1)
    sentinel|get-master-addr-by-name sentinel 2.8.4
      . Get port and address of a master
      O O(1)
      ( master-name
    sentinel|help sentinel 6.2.0
      . Show helpful text about the different subcommands
      O O(1)
    sentinel|info-cache sentinel 3.2.0
      . Get cached INFO from the instances in the deployment
      O O(N) where N is the number of instances
      ( nodename*
    sentinel|is-master-down-by-addr sentinel 2.8.4
      . Check if a master is down
      O O(1)
      ( ip port:integer current-epoch:integer runid
    sentinel|master sentinel 2.8.4
      . Shows the state of a master
      O O(1)
      ( master-name
    sentinel|masters sentinel 2.8.4
      . List the monitored masters
      O O(N) where N is the number of masters
    sentinel|monitor sentinel 2.8.4
      . Start monitoring
      O O(1)
      ( name ip port:integer quorum:integer
    sentinel|myid sentinel 6.2.0
      . Get the Sentinel instance ID
      O O(1)
    sentinel|pending-scripts sentinel 2.8.4
      . Get information about pending scripts
    sentinel|remove sentinel 2.8.4
      . Stop monitoring
      O O(1)
      ( master-name
    sentinel|replicas sentinel 5.0.0
      . List the monitored replicas
      O O(N) where N is the number of replicas
      ( master-name
    sentinel|reset sentinel 2.8.4
      . Reset masters by name pattern
      O O(N) where N is the number of monitored masters
      ( pattern:pattern
    sentinel|sentinels sentinel 2.8.4
      . List the Sentinel instances
      O O(N) where N is the number of Sentinels
      ( master-name
    sentinel|set sentinel 2.8.4
      . Change the configuration of a monitored master
      O O(1)
      ( master-name option_value:block*(option value)
    sentinel|simulate-failure sentinel 3.2.0
      . Simulate failover scenarios
      ( mode:oneof?*(crash-after-election:pure-token crash-after-promotion:pure-token help:pure-token)
    sentinel|slaves sentinel 2.8.0 deprecated
      . List the monitored slaves
      O O(N) where N is the number of slaves
      ! 5.0.0 `SENTINEL REPLICAS`
      ( master-name
    """#
}
