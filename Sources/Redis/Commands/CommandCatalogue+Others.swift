// Facts of Redis 7.0.15, as its own COMMAND tells them: all that is about no type of values. `CommandCatalogue` says how a
// line is read.

extension CommandCatalogue {
  static let generic = """
    copy -3 write denyoom @keyspace RO,access:1 OW,update:2
    del -2 write @keyspace RM,delete:1..-1 ~request_policy:multi_shard ~response_policy:agg_sum
    dump 2 readonly @keyspace RO,access:1 ~nondeterministic_output
    exists -2 readonly fast @keyspace RO:1..-1 ~request_policy:multi_shard ~response_policy:agg_sum
    expire -3 write fast @keyspace RW,update:1
    expireat -3 write fast @keyspace RW,update:1
    expiretime 2 readonly fast @keyspace RO,access:1
    keys 2 readonly @keyspace @dangerous ~request_policy:all_shards ~nondeterministic_output_order
    migrate -6 write movablekeys @keyspace @dangerous RW,access,delete:3 RW,access,delete,incomplete:KEYS@-2..-1 \
      ~nondeterministic_output
    move 3 write fast @keyspace RW,access,update:1
    object -2
    object|encoding 3 readonly @keyspace RO:2 ~nondeterministic_output
    object|freq 3 readonly @keyspace RO:2 ~nondeterministic_output
    object|help 2 loading stale @keyspace
    object|idletime 3 readonly @keyspace RO:2 ~nondeterministic_output
    object|refcount 3 readonly @keyspace RO:2 ~nondeterministic_output
    persist 2 write fast @keyspace RW,update:1
    pexpire -3 write fast @keyspace RW,update:1
    pexpireat -3 write fast @keyspace RW,update:1
    pexpiretime 2 readonly fast @keyspace RO,access:1
    pttl 2 readonly fast @keyspace RO,access:1 ~nondeterministic_output
    randomkey 1 readonly touches_arbitrary_keys @keyspace ~request_policy:all_shards ~nondeterministic_output
    rename 3 write @keyspace RW,access,delete:1 OW,update:2
    renamenx 3 write fast @keyspace RW,access,delete:1 OW,insert:2
    restore -4 write denyoom @keyspace @dangerous OW,update:1
    scan -2 readonly touches_arbitrary_keys @keyspace ~nondeterministic_output ~request_policy:special
    sort -2 write denyoom movablekeys @set @sortedset @list @dangerous RO,access:1 RO,access:? "For the optional \
    BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort" \
      OW,update:? "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in \
    the argument array"
    sort_ro -2 readonly movablekeys @set @sortedset @list @dangerous RO,access:1 RO,access:? "For the optional BY/GET \
    keyword. It is marked 'unknown' because the key names derive from the content of the key we sort"
    touch -2 readonly fast @keyspace RO:1..-1 ~request_policy:multi_shard ~response_policy:agg_sum
    ttl 2 readonly fast @keyspace RO,access:1 ~nondeterministic_output
    type 2 readonly fast @keyspace RO:1
    unlink -2 write fast @keyspace RM,delete:1..-1 ~request_policy:multi_shard ~response_policy:agg_sum
    wait 3 noscript @connection ~request_policy:all_shards ~response_policy:agg_min
    """

  static let connection = """
    auth -2 noscript loading stale fast no_auth allow_busy @connection
    client -2
    client|caching 3 noscript loading stale @connection
    client|getname 2 noscript loading stale @connection
    client|getredir 2 noscript loading stale @connection
    client|help 2 loading stale @connection
    client|id 2 noscript loading stale @connection
    client|info 2 noscript loading stale @connection ~nondeterministic_output
    client|kill -3 admin noscript loading stale @connection
    client|list -2 admin noscript loading stale @connection ~nondeterministic_output
    client|no-evict 3 admin noscript loading stale @connection
    client|pause -3 admin noscript loading stale @connection
    client|reply 3 noscript loading stale @connection
    client|setname 3 noscript loading stale @connection
    client|tracking -3 noscript loading stale @connection
    client|trackinginfo 2 noscript loading stale @connection
    client|unblock -3 admin noscript loading stale @connection
    client|unpause 2 admin noscript loading stale @connection
    echo 2 loading stale fast @connection
    hello -1 noscript loading stale fast no_auth allow_busy @connection
    ping -1 fast @connection ~request_policy:all_shards ~response_policy:all_succeeded
    quit -1 noscript loading stale fast no_auth allow_busy @connection
    reset 1 noscript loading stale fast no_auth allow_busy @connection
    select 2 loading stale fast @connection
    """

  static let transactions = """
    discard 1 noscript loading stale fast allow_busy @transaction
    exec 1 noscript loading stale skip_slowlog @transaction
    multi 1 noscript loading stale fast allow_busy @transaction
    unwatch 1 noscript loading stale fast allow_busy @transaction
    watch -2 noscript loading stale fast allow_busy @transaction RO:1..-1
    """

  static let pubsub = """
    psubscribe -2 pubsub noscript loading stale
    publish 3 pubsub loading stale fast may_replicate
    pubsub -2
    pubsub|channels -2 pubsub loading stale
    pubsub|help 2 loading stale
    pubsub|numpat 2 pubsub loading stale
    pubsub|numsub -2 pubsub loading stale
    pubsub|shardchannels -2 pubsub loading stale
    pubsub|shardnumsub -2 pubsub loading stale
    punsubscribe -1 pubsub noscript loading stale
    spublish 3 pubsub loading stale fast may_replicate not_key:1
    ssubscribe -2 pubsub noscript loading stale not_key:1..-1
    subscribe -2 pubsub noscript loading stale
    sunsubscribe -1 pubsub noscript loading stale not_key:1..-1
    unsubscribe -1 pubsub noscript loading stale
    """

  static let scripting = """
    eval -3 noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys @scripting RW,access,update:2# \
      "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"
    eval_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2# \
      "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
    evalsha -3 noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys @scripting RW,access,update:2#
    evalsha_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2#
    fcall -3 noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys @scripting RW,access,update:2# \
      "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"
    fcall_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2# \
      "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
    function -2
    function|delete 3 write noscript @scripting ~request_policy:all_shards ~response_policy:all_succeeded
    function|dump 2 noscript @scripting
    function|flush -2 write noscript @scripting ~request_policy:all_shards ~response_policy:all_succeeded
    function|help 2 loading stale @scripting
    function|kill 2 noscript allow_busy @scripting ~request_policy:all_shards ~response_policy:one_succeeded
    function|list -2 noscript @scripting ~nondeterministic_output_order
    function|load -3 write denyoom noscript @scripting ~request_policy:all_shards ~response_policy:all_succeeded
    function|restore -3 write denyoom noscript @scripting ~request_policy:all_shards ~response_policy:all_succeeded
    function|stats 2 noscript allow_busy @scripting ~nondeterministic_output ~request_policy:all_shards \
      ~response_policy:special
    script -2
    script|debug 3 noscript @scripting
    script|exists -3 noscript @scripting ~request_policy:all_shards ~response_policy:agg_logical_and
    script|flush -2 noscript @scripting ~request_policy:all_nodes ~response_policy:all_succeeded
    script|help 2 loading stale @scripting
    script|kill 2 noscript allow_busy @scripting ~request_policy:all_shards ~response_policy:one_succeeded
    script|load 3 noscript stale @scripting ~request_policy:all_nodes ~response_policy:all_succeeded
    """

  static let server = """
    acl -2
    acl|cat -2 noscript loading stale
    acl|deluser -3 admin noscript loading stale
    acl|dryrun -4 admin noscript loading stale
    acl|genpass -2 noscript loading stale
    acl|getuser 3 admin noscript loading stale
    acl|help 2 loading stale
    acl|list 2 admin noscript loading stale
    acl|load 2 admin noscript loading stale
    acl|log -2 admin noscript loading stale
    acl|save 2 admin noscript loading stale
    acl|setuser -3 admin noscript loading stale
    acl|users 2 admin noscript loading stale
    acl|whoami 2 noscript loading stale
    bgrewriteaof 1 admin noscript no_async_loading
    bgsave -1 admin noscript no_async_loading
    command -1 loading stale @connection ~nondeterministic_output_order
    command|count 2 loading stale @connection
    command|docs -2 loading stale @connection ~nondeterministic_output_order
    command|getkeys -4 loading stale @connection
    command|getkeysandflags -4 loading stale @connection
    command|help 2 loading stale @connection
    command|info -2 loading stale @connection ~nondeterministic_output_order
    command|list -2 loading stale @connection ~nondeterministic_output_order
    config -2
    config|get -3 admin noscript loading stale
    config|help 2 loading stale
    config|resetstat 2 admin noscript loading stale
    config|rewrite 2 admin noscript loading stale
    config|set -4 admin noscript loading stale ~request_policy:all_nodes ~response_policy:all_succeeded
    dbsize 1 readonly fast @keyspace ~request_policy:all_shards ~response_policy:agg_sum
    debug -2 admin noscript loading stale protected
    failover -1 admin noscript stale
    flushall -1 write @keyspace @dangerous ~request_policy:all_shards ~response_policy:all_succeeded
    flushdb -1 write @keyspace @dangerous ~request_policy:all_shards ~response_policy:all_succeeded
    info -1 loading stale @dangerous ~nondeterministic_output ~request_policy:all_shards ~response_policy:special
    lastsave 1 loading stale fast @admin @dangerous ~nondeterministic_output
    latency -2
    latency|doctor 2 admin noscript loading stale ~nondeterministic_output ~request_policy:all_nodes \
      ~response_policy:special
    latency|graph 3 admin noscript loading stale ~nondeterministic_output ~request_policy:all_nodes \
      ~response_policy:special
    latency|help 2 loading stale
    latency|histogram -2 admin noscript loading stale ~nondeterministic_output ~request_policy:all_nodes \
      ~response_policy:special
    latency|history 3 admin noscript loading stale ~nondeterministic_output ~request_policy:all_nodes \
      ~response_policy:special
    latency|latest 2 admin noscript loading stale ~nondeterministic_output ~request_policy:all_nodes \
      ~response_policy:special
    latency|reset -2 admin noscript loading stale ~request_policy:all_nodes ~response_policy:all_succeeded
    lolwut -1 readonly fast
    memory -2
    memory|doctor 2 ~nondeterministic_output ~request_policy:all_shards ~response_policy:special
    memory|help 2 loading stale
    memory|malloc-stats 2 ~nondeterministic_output ~request_policy:all_shards ~response_policy:special
    memory|purge 2 ~request_policy:all_shards ~response_policy:all_succeeded
    memory|stats 2 ~nondeterministic_output ~request_policy:all_shards ~response_policy:special
    memory|usage -3 readonly RO:2
    module -2
    module|help 2 loading stale
    module|list 2 admin noscript ~nondeterministic_output_order
    module|load -3 admin noscript no_async_loading protected
    module|loadex -3 admin noscript no_async_loading protected
    module|unload 3 admin noscript no_async_loading protected
    monitor 1 admin noscript loading stale
    psync -3 admin noscript no_async_loading no_multi
    replconf -1 admin noscript loading stale allow_busy
    replicaof 3 admin noscript stale no_async_loading
    restore-asking -4 write denyoom asking @keyspace @dangerous OW,update:1
    role 1 noscript loading stale fast @admin @dangerous
    save 1 admin noscript no_async_loading no_multi
    shutdown -1 admin noscript loading stale no_multi allow_busy
    slaveof 3 admin noscript stale no_async_loading
    slowlog -2
    slowlog|get -2 admin loading stale ~request_policy:all_nodes ~nondeterministic_output
    slowlog|help 2 loading stale
    slowlog|len 2 admin loading stale ~request_policy:all_nodes ~response_policy:agg_sum ~nondeterministic_output
    slowlog|reset 2 admin loading stale ~request_policy:all_nodes ~response_policy:all_succeeded
    swapdb 3 write fast @keyspace @dangerous
    sync 1 admin noscript no_async_loading no_multi
    time 1 loading stale fast ~nondeterministic_output
    """

  static let cluster = """
    asking 1 fast @connection
    cluster -2
    cluster|addslots -3 admin stale no_async_loading
    cluster|addslotsrange -4 admin stale no_async_loading
    cluster|bumpepoch 2 admin stale no_async_loading ~nondeterministic_output
    cluster|count-failure-reports 3 admin stale ~nondeterministic_output
    cluster|countkeysinslot 3 stale
    cluster|delslots -3 admin stale no_async_loading
    cluster|delslotsrange -4 admin stale no_async_loading
    cluster|failover -2 admin stale no_async_loading
    cluster|flushslots 2 admin stale no_async_loading
    cluster|forget 3 admin stale no_async_loading
    cluster|getkeysinslot 4 stale ~nondeterministic_output
    cluster|help 2 loading stale
    cluster|info 2 stale ~nondeterministic_output
    cluster|keyslot 3 stale
    cluster|links 2 stale ~nondeterministic_output
    cluster|meet -4 admin stale no_async_loading
    cluster|myid 2 stale
    cluster|nodes 2 stale ~nondeterministic_output
    cluster|replicas 3 admin stale ~nondeterministic_output
    cluster|replicate 3 admin stale no_async_loading
    cluster|reset -2 admin noscript stale
    cluster|saveconfig 2 admin stale no_async_loading
    cluster|set-config-epoch 3 admin stale no_async_loading
    cluster|setslot -4 admin stale no_async_loading
    cluster|shards 2 stale ~nondeterministic_output
    cluster|slaves 3 admin stale ~nondeterministic_output
    cluster|slots 2 stale ~nondeterministic_output
    readonly 1 loading stale fast @connection
    readwrite 1 loading stale fast @connection
    """
}
