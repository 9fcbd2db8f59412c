// Facts of Redis 7.0.15, as its own COMMAND tells them: all else. `CommandCatalogue` says how a line is read.

extension CommandCatalogue {
  static let others = """
    bitcount -2 readonly @bitmap RO,access:1
    bitfield -2 write denyoom @bitmap RW,access,update,variable_flags:1
    bitfield_ro -2 readonly fast @bitmap RO,access:1
    bitop -4 write denyoom @bitmap OW,update:2 RO,access:3..-1
    bitpos -3 readonly @bitmap RO,access:1
    getbit 3 readonly fast @bitmap RO,access:1
    setbit 4 write denyoom @bitmap RW,access,update:1

    pfadd -2 write denyoom fast @hyperloglog RW,insert:1
    pfcount -2 readonly @hyperloglog RW,access:1..-1
    pfdebug 3 write denyoom admin @hyperloglog RW,access:2
    pfmerge -2 write denyoom @hyperloglog RW,access,insert:1 RO,access:2..-1
    pfselftest 1 admin @hyperloglog

    geoadd -5 write denyoom @geo RW,update:1
    geodist -4 readonly @geo RO,access:1
    geohash -2 readonly @geo RO,access:1
    geopos -2 readonly @geo RO,access:1
    georadius -6 write denyoom movablekeys @geo RO,access:1 OW,update:STORE@6 OW,update:STOREDIST@6
    georadius_ro -6 readonly @geo RO,access:1
    georadiusbymember -5 write denyoom movablekeys @geo RO,access:1 OW,update:STORE@5 OW,update:STOREDIST@5
    georadiusbymember_ro -5 readonly @geo RO,access:1
    geosearch -7 readonly @geo RO,access:1
    geosearchstore -8 write denyoom @geo OW,update:1 RO,access:2

    psubscribe -2 pubsub noscript loading stale
    publish 3 pubsub loading stale fast
    pubsub -2
    pubsub|channels -2 pubsub loading stale
    pubsub|help 2 loading stale
    pubsub|numpat 2 pubsub loading stale
    pubsub|numsub -2 pubsub loading stale
    pubsub|shardchannels -2 pubsub loading stale
    pubsub|shardnumsub -2 pubsub loading stale
    punsubscribe -1 pubsub noscript loading stale
    spublish 3 pubsub loading stale fast not_key:1
    ssubscribe -2 pubsub noscript loading stale not_key:1..-1
    subscribe -2 pubsub noscript loading stale
    sunsubscribe -1 pubsub noscript loading stale not_key:1..-1
    unsubscribe -1 pubsub noscript loading stale

    eval -3 noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RW,access,update:2#
    eval_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2#
    evalsha -3 noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RW,access,update:2#
    evalsha_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2#
    fcall -3 noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RW,access,update:2#
    fcall_ro -3 readonly noscript stale skip_monitor no_mandatory_keys movablekeys @scripting RO,access:2#
    function -2
    function|delete 3 write noscript @scripting
    function|dump 2 noscript @scripting
    function|flush -2 write noscript @scripting
    function|help 2 loading stale @scripting
    function|kill 2 noscript allow_busy @scripting
    function|list -2 noscript @scripting
    function|load -3 write denyoom noscript @scripting
    function|restore -3 write denyoom noscript @scripting
    function|stats 2 noscript allow_busy @scripting
    script -2
    script|debug 3 noscript @scripting
    script|exists -3 noscript @scripting
    script|flush -2 noscript @scripting
    script|help 2 loading stale @scripting
    script|kill 2 noscript allow_busy @scripting
    script|load 3 noscript stale @scripting

    migrate -6 write movablekeys @keyspace @dangerous RW,access,delete:3 RW,access,delete,incomplete:KEYS@-2..-1
    object|idletime 3 readonly @keyspace RO:2
    sort -2 write denyoom movablekeys @set @sortedset @list @dangerous RO,access:1 RO,access:? OW,update:?
    sort_ro -2 readonly movablekeys @set @sortedset @list @dangerous RO,access:1 RO,access:?

    asking 1 fast @connection
    client|caching 3 noscript loading stale @connection
    client|tracking -3 noscript loading stale @connection
    command|docs -2 loading stale @connection
    readonly 1 loading stale fast @connection
    readwrite 1 loading stale fast @connection

    cluster -2
    cluster|addslots -3 admin stale no_async_loading
    cluster|addslotsrange -4 admin stale no_async_loading
    cluster|bumpepoch 2 admin stale no_async_loading
    cluster|count-failure-reports 3 admin stale
    cluster|countkeysinslot 3 stale
    cluster|delslots -3 admin stale no_async_loading
    cluster|delslotsrange -4 admin stale no_async_loading
    cluster|failover -2 admin stale no_async_loading
    cluster|flushslots 2 admin stale no_async_loading
    cluster|forget 3 admin stale no_async_loading
    cluster|getkeysinslot 4 stale
    cluster|help 2 loading stale
    cluster|info 2 stale
    cluster|keyslot 3 stale
    cluster|links 2 stale
    cluster|meet -4 admin stale no_async_loading
    cluster|myid 2 stale
    cluster|nodes 2 stale
    cluster|replicas 3 admin stale
    cluster|replicate 3 admin stale no_async_loading
    cluster|reset -2 admin noscript stale
    cluster|saveconfig 2 admin stale no_async_loading
    cluster|set-config-epoch 3 admin stale no_async_loading
    cluster|setslot -4 admin stale no_async_loading
    cluster|shards 2 stale
    cluster|slaves 3 admin stale
    cluster|slots 2 stale
    latency -2
    latency|doctor 2 admin noscript loading stale
    latency|graph 3 admin noscript loading stale
    latency|help 2 loading stale
    latency|histogram -2 admin noscript loading stale
    latency|history 3 admin noscript loading stale
    latency|latest 2 admin noscript loading stale
    latency|reset -2 admin noscript loading stale
    lolwut -1 readonly fast
    memory -2
    memory|doctor 2
    memory|help 2 loading stale
    memory|malloc-stats 2
    memory|purge 2
    memory|stats 2
    memory|usage -3 readonly RO:2
    module -2
    module|help 2 loading stale
    module|list 2 admin noscript
    module|load -3 admin noscript no_async_loading protected
    module|loadex -3 admin noscript no_async_loading protected
    module|unload 3 admin noscript no_async_loading protected
    monitor 1 admin noscript loading stale
    slowlog -2
    slowlog|get -2 admin loading stale
    slowlog|help 2 loading stale
    slowlog|len 2 admin loading stale
    slowlog|reset 2 admin loading stale
    """
}
