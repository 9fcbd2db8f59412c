extension CommandDocs {
  /// What Redis 7.0 says of its commands on the server; `CommandDocs.init` tells how to read it.
  static let server = #"""
    acl server 6.0.0
      . A container for Access List Control commands 
      O Depends on subcommand.
    acl|cat server 6.0.0
      . List the ACL categories or the commands inside a category
      O O(1) since the categories and commands are a fixed set.
      ( categoryname?
    acl|deluser server 6.0.0
      . Remove the specified ACL users and the associated rules
      O O(1) amortized time considering the typical user.
      ( username*
    acl|dryrun server 7.0.0
      . Returns whether the user can execute the given command without executing the command.
      O O(1).
      ( username command arg?*
    acl|genpass server 6.0.0
      . Generate a pseudorandom secure password to use for ACL users
      O O(1)
      ( bits:integer?
    acl|getuser server 6.0.0
      . Get the rules for a specific ACL user
      O O(N). Where N is the number of password, command and pattern rules that the user has.
      + 6.2.0 Added Pub/Sub channel patterns.
      + 7.0.0 Added selectors and changed the format of key and channel patterns from a list to their rule \#
    representation.
      ( username
    acl|help server 6.0.0
      . Show helpful text about the different subcommands
      O O(1)
    acl|list server 6.0.0
      . List the current ACL rules in ACL config file format
      O O(N). Where N is the number of configured users.
    acl|load server 6.0.0
      . Reload the ACLs from the configured ACL file
      O O(N). Where N is the number of configured users.
    acl|log server 6.0.0
      . List latest events denied because of ACLs in place
      O O(N) with N being the number of entries shown.
      ( operation:oneof?(count:integer reset:pure-token=RESET)
    acl|save server 6.0.0
      . Save the current ACL rules in the configured ACL file
      O O(N). Where N is the number of configured users.
    acl|setuser server 6.0.0
      . Modify or create the rules for a specific ACL user
      O O(N). Where N is the number of rules provided.
      + 6.2.0 Added Pub/Sub channel patterns.
      + 7.0.0 Added selectors and key based permissions.
      ( username rule?*
    acl|users server 6.0.0
      . List the username of all the configured ACL rules
      O O(N). Where N is the number of configured users.
    acl|whoami server 6.0.0
      . Return the name of the user associated to the current connection
      O O(1)
    bgrewriteaof server 1.0.0
      . Asynchronously rewrite the append-only file
      O O(1)
    bgsave server 1.0.0
      . Asynchronously save the dataset to disk
      O O(1)
      + 3.2.2 Added the `SCHEDULE` option.
      ( schedule:pure-token=SCHEDULE?@3.2.2
    command server 2.8.13
      . Get array of Redis command details
      O O(N) where N is the total number of Redis commands
    command|count server 2.8.13
      . Get total number of Redis commands
      O O(1)
    command|docs server 7.0.0
      . Get array of specific Redis command documentation
      O O(N) where N is the number of commands to look up
      ( command-name?*
    command|getkeys server 2.8.13
      . Extract keys given a full Redis command
      O O(N) where N is the number of arguments to the command
    command|getkeysandflags server 7.0.0
      . Extract keys and access flags given a full Redis command
      O O(N) where N is the number of arguments to the command
    command|help server 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    command|info server 2.8.13
      . Get array of specific Redis command details, or all when no argument is given.
      O O(N) where N is the number of commands to look up
      + 7.0.0 Allowed to be called with no argument to get info on all commands.
      ( command-name?*
    command|list server 7.0.0
      . Get an array of Redis command names
      O O(N) where N is the total number of Redis commands
      ( filterby:oneof=FILTERBY?(module-name=MODULE category=ACLCAT pattern:pattern=PATTERN)
    config server 2.0.0
      . A container for server configuration commands
      O Depends on subcommand.
    config|get server 2.0.0
      . Get the values of configuration parameters
      O O(N) when N is the number of configuration parameters provided
      + 7.0.0 Added the ability to pass multiple pattern parameters in one call
      ( parameter:block*(parameter)
    config|help server 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    config|resetstat server 2.0.0
      . Reset the stats returned by INFO
      O O(1)
    config|rewrite server 2.8.0
      . Rewrite the configuration file with the in memory configuration
      O O(1)
    config|set server 2.0.0
      . Set configuration parameters to the given values
      O O(N) when N is the number of configuration parameters provided
      + 7.0.0 Added the ability to set multiple parameters in one call.
      ( parameter_value:block*(parameter value)
    dbsize server 1.0.0
      . Return the number of keys in the selected database
      O O(1)
    debug server 1.0.0 syscmd
      . A container for debugging commands
      O Depends on subcommand.
    failover server 6.2.0
      . Start a coordinated failover between this server and one of its replicas.
      O O(1)
      ( target:block=TO?(host port:integer force:pure-token=FORCE?) abort:pure-token=ABORT? \#
    milliseconds:integer=TIMEOUT?
    flushall server 1.0.0
      . Remove all keys from all databases
      O O(N) where N is the total number of keys in all databases
      + 4.0.0 Added the `ASYNC` flushing mode modifier.
      + 6.2.0 Added the `SYNC` flushing mode modifier.
      ( async:oneof?(async:pure-token=ASYNC@4.0.0 sync:pure-token=SYNC@6.2.0)
    flushdb server 1.0.0
      . Remove all keys from the current database
      O O(N) where N is the number of keys in the selected database
      + 4.0.0 Added the `ASYNC` flushing mode modifier.
      + 6.2.0 Added the `SYNC` flushing mode modifier.
      ( async:oneof?(async:pure-token=ASYNC@4.0.0 sync:pure-token=SYNC@6.2.0)
    info server 1.0.0
      . Get information and statistics about the server
      O O(1)
      + 7.0.0 Added support for taking multiple section arguments.
      ( section?*
    lastsave server 1.0.0
      . Get the UNIX time stamp of the last successful save to disk
      O O(1)
    latency server 2.8.13
      . A container for latency diagnostics commands
      O Depends on subcommand.
    latency|doctor server 2.8.13
      . Return a human readable latency analysis report.
      O O(1)
    latency|graph server 2.8.13
      . Return a latency graph for the event.
      O O(1)
      ( event
    latency|help server 2.8.13
      . Show helpful text about the different subcommands.
      O O(1)
    latency|histogram server 7.0.0
      . Return the cumulative distribution of latencies of a subset of commands or all.
      O O(N) where N is the number of commands with latency information being retrieved.
      ( command?*
    latency|history server 2.8.13
      . Return timestamp-latency samples for the event.
      O O(1)
      ( event
    latency|latest server 2.8.13
      . Return the latest latency samples for all events.
      O O(1)
    latency|reset server 2.8.13
      . Reset latency data for one or more events.
      O O(1)
      ( event?*
    lolwut server 5.0.0
      . Display some computer art and the Redis version
      ( version:integer=VERSION?
    memory server 4.0.0
      . A container for memory diagnostics commands
      O Depends on subcommand.
    memory|doctor server 4.0.0
      . Outputs memory problems report
      O O(1)
    memory|help server 4.0.0
      . Show helpful text about the different subcommands
      O O(1)
    memory|malloc-stats server 4.0.0
      . Show allocator internal stats
      O Depends on how much memory is allocated, could be slow
    memory|purge server 4.0.0
      . Ask the allocator to release memory
      O Depends on how much memory is allocated, could be slow
    memory|stats server 4.0.0
      . Show memory usage details
      O O(1)
    memory|usage server 4.0.0
      . Estimate the memory usage of a key
      O O(N) where N is the number of samples.
      ( key:key#0 count:integer=SAMPLES?
    module server 4.0.0
      . A container for module commands
      O Depends on subcommand.
    module|help server 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    module|list server 4.0.0
      . List all modules loaded by the server
      O O(N) where N is the number of loaded modules.
    module|load server 4.0.0
      . Load a module
      O O(1)
      ( path arg?*
    module|loadex server 7.0.0
      . Load a module with extended parameters
      O O(1)
      ( path configs:block=CONFIG?*+(name value) args:block=ARGS?*(arg)
    module|unload server 4.0.0
      . Unload a module
      O O(1)
      ( name
    monitor server 1.0.0
      . Listen for all requests received by the server in real time
    psync server 2.8.0
      . Internal command used for replication
      ( replicationid offset:integer
    replconf server 3.0.0 syscmd
      . An internal command for configuring the replication stream
      O O(1)
    replicaof server 5.0.0
      . Make the server a replica of another instance, or promote it as master.
      O O(1)
      ( args:oneof(host-port:block(host port:integer) no-one:block(no:pure-token=NO one:pure-token=ONE))
    restore-asking server 3.0.0 syscmd
      . An internal command for migrating keys in a cluster
      O O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number \#
    of Redis objects composing the value and M their average size. For small string values the time complexity is \#
    thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) \#
    because inserting values into sorted sets is O(log(N)).
      + 3.0.0 Added the `REPLACE` modifier.
      + 5.0.0 Added the `ABSTTL` modifier.
      + 5.0.0 Added the `IDLETIME` and `FREQ` options.
      ( key:key#0 ttl:integer serialized-value replace:pure-token=REPLACE?@3.0.0 absttl:pure-token=ABSTTL?@5.0.0 \#
    seconds:integer=IDLETIME?@5.0.0 frequency:integer=FREQ?@5.0.0
    role server 2.8.12
      . Return the role of the instance in the context of replication
      O O(1)
    save server 1.0.0
      . Synchronously save the dataset to disk
      O O(N) where N is the total number of keys in all databases
    shutdown server 1.0.0
      . Synchronously save the dataset to disk and then shut down the server
      O O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)
      + 7.0.0 Added the `NOW`, `FORCE` and `ABORT` modifiers.
      ( nosave_save:oneof?(nosave:pure-token=NOSAVE save:pure-token=SAVE) now:pure-token=NOW?@7.0.0 \#
    force:pure-token=FORCE?@7.0.0 abort:pure-token=ABORT?@7.0.0
    slaveof server 1.0.0 deprecated
      . Make the server a replica of another instance, or promote it as master.
      O O(1)
      ! 5.0.0 `REPLICAOF`
      ( args:oneof(host-port:block(host port:integer) no-one:block(no:pure-token=NO one:pure-token=ONE))
    slowlog server 2.2.12
      . A container for slow log commands
      O Depends on subcommand.
    slowlog|get server 2.2.12
      . Get the slow log's entries
      O O(N) where N is the number of entries returned
      + 4.0.0 Added client IP address, port and name to the reply.
      ( count:integer?
    slowlog|help server 6.2.0
      . Show helpful text about the different subcommands
      O O(1)
    slowlog|len server 2.2.12
      . Get the slow log's length
      O O(1)
    slowlog|reset server 2.2.12
      . Clear all entries from the slow log
      O O(N) where N is the number of entries in the slowlog
    swapdb server 4.0.0
      . Swaps two Redis databases
      O O(N) where N is the count of clients watching or blocking on keys from both databases.
      ( index1:integer index2:integer
    sync server 1.0.0
      . Internal command used for replication
    time server 2.6.0
      . Return the current server time
      O O(1)
    """#
}
