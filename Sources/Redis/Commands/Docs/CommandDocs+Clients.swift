extension CommandDocs {
  /// What Redis 7.0 says of its commands on connections, messages, transactions and scripts; `CommandDocs.init` tells how to read it.
  static let clients = #"""
    auth connection 1.0.0
      . Authenticate to the server
      O O(N) where N is the number of passwords defined for the user
      + 6.0.0 Added ACL style (username and password).
      ( username?@6.0.0 password
    client connection 2.4.0
      . A container for client connection commands
      O Depends on subcommand.
    client|caching connection 6.0.0
      . Instruct the server about tracking or not keys in the next request
      O O(1)
      ( mode:oneof(yes:pure-token=YES no:pure-token=NO)
    client|getname connection 2.6.9
      . Get the current connection name
      O O(1)
    client|getredir connection 6.0.0
      . Get tracking notifications redirection client ID if any
      O O(1)
    client|help connection 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    client|id connection 5.0.0
      . Returns the client ID for the current connection
      O O(1)
    client|info connection 6.2.0
      . Returns information about the current client connection.
      O O(1)
    client|kill connection 2.4.0
      . Kill the connection of a client
      O O(N) where N is the number of client connections
      + 2.8.12 Added new filter format.
      + 2.8.12 `ID` option.
      + 3.2.0 Added `master` type in for `TYPE` option.
      + 5.0.0 Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.
      + 6.2.0 `LADDR` option.
      ( filter:oneof("ip:port"!2.8.12 new-format:oneof*(client-id:integer=ID?@2.8.12 \#
    normal_master_slave_pubsub:oneof=TYPE?@2.8.12(normal:pure-token=NORMAL master:pure-token=MASTER@3.2.0 \#
    slave:pure-token=SLAVE replica:pure-token=REPLICA@5.0.0 pubsub:pure-token=PUBSUB) username=USER? "ip:port"=ADDR? \#
    "ip:port"=LADDR?@6.2.0 "yes/no"=SKIPME?))
    client|list connection 2.4.0
      . Get the list of client connections
      O O(N) where N is the number of client connections
      + 2.8.12 Added unique client `id` field.
      + 5.0.0 Added optional `TYPE` filter.
      + 6.0.0 Added `user` field.
      + 6.2.0 Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.
      + 7.0.0 Added `resp`, `multi-mem`, `rbs` and `rbp` fields.
      + 7.0.3 Added `ssub` field.
      ( normal_master_replica_pubsub:oneof=TYPE?@5.0.0(normal:pure-token=NORMAL master:pure-token=MASTER \#
    replica:pure-token=REPLICA pubsub:pure-token=PUBSUB) id:block=ID?@6.2.0(client-id:integer*)
    client|no-evict connection 7.0.0
      . Set client eviction mode for the current connection
      O O(1)
      ( enabled:oneof(on:pure-token=ON off:pure-token=OFF)
    client|pause connection 2.9.50
      . Stop processing commands from clients for some time
      O O(1)
      + 6.2.0 `CLIENT PAUSE WRITE` mode added along with the `mode` option.
      ( timeout:integer mode:oneof?@6.2.0(write:pure-token=WRITE all:pure-token=ALL)
    client|reply connection 3.2.0
      . Instruct the server whether to reply to commands
      O O(1)
      ( on_off_skip:oneof(on:pure-token=ON off:pure-token=OFF skip:pure-token=SKIP)
    client|setname connection 2.6.9
      . Set the current connection name
      O O(1)
      ( connection-name
    client|tracking connection 6.0.0
      . Enable or disable server assisted client side caching support
      O O(1). Some options may introduce additional complexity.
      ( status:oneof(on:pure-token=ON off:pure-token=OFF) client-id:integer=REDIRECT? prefix=PREFIX?*+ \#
    bcast:pure-token=BCAST? optin:pure-token=OPTIN? optout:pure-token=OPTOUT? noloop:pure-token=NOLOOP?
    client|trackinginfo connection 6.2.0
      . Return information about server assisted client side caching for the current connection
      O O(1)
    client|unblock connection 5.0.0
      . Unblock a client blocked in a blocking command from a different connection
      O O(log N) where N is the number of client connections
      ( client-id:integer timeout_error:oneof?(timeout:pure-token=TIMEOUT error:pure-token=ERROR)
    client|unpause connection 6.2.0
      . Resume processing of clients that were paused
      O O(N) Where N is the number of paused clients
    echo connection 1.0.0
      . Echo the given string
      O O(1)
      ( message
    hello connection 6.0.0
      . Handshake with Redis
      O O(1)
      + 6.2.0 `protover` made optional; when called without arguments the command reports the current connection's \#
    context.
      ( arguments:block?(protover:integer username_password:block=AUTH?(username password) clientname=SETNAME?)
    ping connection 1.0.0
      . Ping the server
      O O(1)
      ( message?
    quit connection 1.0.0
      . Close the connection
      O O(1)
    reset connection 6.2.0
      . Reset the connection
      O O(1)
    select connection 1.0.0
      . Change the selected database for the current connection
      O O(1)
      ( index:integer
    psubscribe pubsub 2.0.0
      . Listen for messages published to channels matching the given patterns
      O O(N) where N is the number of patterns the client is already subscribed to.
      ( pattern:block*(pattern:pattern)
    publish pubsub 2.0.0
      . Post a message to a channel
      O O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of \#
    subscribed patterns (by any client).
      ( channel message
    pubsub pubsub 2.8.0
      . A container for Pub/Sub commands
      O Depends on subcommand.
    pubsub|channels pubsub 2.8.0
      . List active channels
      O O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short \#
    channels and patterns)
      ( pattern:pattern?
    pubsub|help pubsub 6.2.0
      . Show helpful text about the different subcommands
      O O(1)
    pubsub|numpat pubsub 2.8.0
      . Get the count of unique patterns pattern subscriptions
      O O(1)
    pubsub|numsub pubsub 2.8.0
      . Get the count of subscribers for channels
      O O(N) for the NUMSUB subcommand, where N is the number of requested channels
      ( channel?*
    pubsub|shardchannels pubsub 7.0.0
      . List active shard channels
      O O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively \#
    short shard channels).
      ( pattern:pattern?
    pubsub|shardnumsub pubsub 7.0.0
      . Get the count of subscribers for shard channels
      O O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels
      ( shardchannel?*
    punsubscribe pubsub 2.0.0
      . Stop listening for messages posted to channels matching the given patterns
      O O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total \#
    patterns subscribed in the system (by any client).
      ( pattern:pattern?*
    spublish pubsub 7.0.0
      . Post a message to a shard channel
      O O(N) where N is the number of clients subscribed to the receiving shard channel.
      ( shardchannel message
    ssubscribe pubsub 7.0.0
      . Listen for messages published to the given shard channels
      O O(N) where N is the number of shard channels to subscribe to.
      ( shardchannel*
    subscribe pubsub 2.0.0
      . Listen for messages published to the given channels
      O O(N) where N is the number of channels to subscribe to.
      ( channel*
    sunsubscribe pubsub 7.0.0
      . Stop listening for messages posted to the given shard channels
      O O(N) where N is the number of clients already subscribed to a shard channel.
      ( shardchannel?*
    unsubscribe pubsub 2.0.0
      . Stop listening for messages posted to the given channels
      O O(N) where N is the number of clients already subscribed to a channel.
      ( channel?*
    discard transactions 2.0.0
      . Discard all commands issued after MULTI
      O O(N), when N is the number of queued commands
    exec transactions 1.2.0
      . Execute all commands issued after MULTI
      O Depends on commands in the transaction
    multi transactions 1.2.0
      . Mark the start of a transaction block
      O O(1)
    unwatch transactions 2.2.0
      . Forget about all watched keys
      O O(1)
    watch transactions 2.2.0
      . Watch the given keys to determine execution of the MULTI/EXEC block
      O O(1) for every key.
      ( key:key#0*
    eval scripting 2.6.0
      . Execute a Lua script server side
      O Depends on the script that is executed.
      ( script numkeys:integer key:key#0?* arg?*
    eval_ro scripting 7.0.0
      . Execute a read-only Lua script server side
      O Depends on the script that is executed.
      ( script numkeys:integer key:key#0?* arg?*
    evalsha scripting 2.6.0
      . Execute a Lua script server side
      O Depends on the script that is executed.
      ( sha1 numkeys:integer key:key#0?* arg?*
    evalsha_ro scripting 7.0.0
      . Execute a read-only Lua script server side
      O Depends on the script that is executed.
      ( sha1 numkeys:integer key:key#0?* arg?*
    fcall scripting 7.0.0
      . Invoke a function
      O Depends on the function that is executed.
      ( function numkeys:integer key:key#0?* arg?*
    fcall_ro scripting 7.0.0
      . Invoke a read-only function
      O Depends on the function that is executed.
      ( function numkeys:integer key:key#0?* arg?*
    function scripting 7.0.0
      . A container for function commands
      O Depends on subcommand.
    function|delete scripting 7.0.0
      . Delete a function by name
      O O(1)
      ( library-name
    function|dump scripting 7.0.0
      . Dump all functions into a serialized binary payload
      O O(N) where N is the number of functions
    function|flush scripting 7.0.0
      . Deleting all functions
      O O(N) where N is the number of functions deleted
      ( async:oneof?(async:pure-token=ASYNC sync:pure-token=SYNC)
    function|help scripting 7.0.0
      . Show helpful text about the different subcommands
      O O(1)
    function|kill scripting 7.0.0
      . Kill the function currently in execution.
      O O(1)
    function|list scripting 7.0.0
      . List information about all the functions
      O O(N) where N is the number of functions
      ( library-name-pattern=LIBRARYNAME? withcode:pure-token=WITHCODE?
    function|load scripting 7.0.0
      . Create a function with the given arguments (name, code, description)
      O O(1) (considering compilation time is redundant)
      ( replace:pure-token=REPLACE? function-code
    function|restore scripting 7.0.0
      . Restore all the functions on the given payload
      O O(N) where N is the number of functions on the payload
      ( serialized-value policy:oneof?(flush:pure-token=FLUSH append:pure-token=APPEND replace:pure-token=REPLACE)
    function|stats scripting 7.0.0
      . Return information about the function currently running (name, description, duration)
      O O(1)
    script scripting 2.6.0
      . A container for Lua scripts management commands
      O Depends on subcommand.
    script|debug scripting 3.2.0
      . Set the debug mode for executed scripts.
      O O(1)
      ( mode:oneof(yes:pure-token=YES sync:pure-token=SYNC no:pure-token=NO)
    script|exists scripting 2.6.0
      . Check existence of scripts in the script cache.
      O O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).
      ( sha1*
    script|flush scripting 2.6.0
      . Remove all the scripts from the script cache.
      O O(N) with N being the number of scripts in cache
      + 6.2.0 Added the `ASYNC` and `SYNC` flushing mode modifiers.
      ( async:oneof?@6.2.0(async:pure-token=ASYNC sync:pure-token=SYNC)
    script|help scripting 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    script|kill scripting 2.6.0
      . Kill the script currently in execution.
      O O(1)
    script|load scripting 2.6.0
      . Load the specified Lua script into the script cache.
      O O(N) with N being the length in bytes of the script body.
      ( script
    """#
}
