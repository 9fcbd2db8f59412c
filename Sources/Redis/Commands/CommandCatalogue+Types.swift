// Facts of Redis 7.0.15, as its own COMMAND tells them: the types of values. `CommandCatalogue` says how a line is read.

extension CommandCatalogue {
  static let string = """
    append 3 write denyoom fast @string RW,insert:1
    decr 2 write denyoom fast @string RW,access,update:1
    decrby 3 write denyoom fast @string RW,access,update:1
    get 2 readonly fast @string RO,access:1
    getdel 2 write fast @string RW,access,delete:1
    getex -2 write fast @string RW,access,update:1 "RW and UPDATE because it changes the TTL"
    getrange 4 readonly @string RO,access:1
    getset 3 write denyoom fast @string RW,access,update:1
    incr 2 write denyoom fast @string RW,access,update:1
    incrby 3 write denyoom fast @string RW,access,update:1
    incrbyfloat 3 write denyoom fast @string RW,access,update:1
    lcs -3 readonly @string RO,access:1..1
    mget -2 readonly fast @string RO,access:1..-1 ~request_policy:multi_shard
    mset -3 write denyoom @string OW,update:1..-1/2 ~request_policy:multi_shard ~response_policy:all_succeeded
    msetnx -3 write denyoom @string OW,insert:1..-1/2 ~request_policy:multi_shard ~response_policy:agg_min
    psetex 4 write denyoom @string OW,update:1
    set -3 write denyoom @string RW,access,update,variable_flags:1 "RW and ACCESS due to the optional `GET` argument"
    setex 4 write denyoom @string OW,update:1
    setnx 3 write denyoom fast @string OW,insert:1
    setrange 4 write denyoom @string RW,update:1
    strlen 2 readonly fast @string RO:1
    substr 4 readonly @string RO,access:1
    """

  static let list = """
    blmove 6 write denyoom noscript blocking @list RW,access,delete:1 RW,insert:2
    blmpop -5 write blocking movablekeys @list RW,access,delete:2#
    blpop -3 write noscript blocking @list RW,access,delete:1..-2
    brpop -3 write noscript blocking @list RW,access,delete:1..-2
    brpoplpush 4 write denyoom noscript blocking @list RW,access,delete:1 RW,insert:2
    lindex 3 readonly @list RO,access:1
    linsert 5 write denyoom @list RW,insert:1
    llen 2 readonly fast @list RO:1
    lmove 5 write denyoom @list RW,access,delete:1 RW,insert:2
    lmpop -4 write movablekeys @list RW,access,delete:1#
    lpop -2 write fast @list RW,access,delete:1
    lpos -3 readonly @list RO,access:1
    lpush -3 write denyoom fast @list RW,insert:1
    lpushx -3 write denyoom fast @list RW,insert:1
    lrange 4 readonly @list RO,access:1
    lrem 4 write @list RW,delete:1
    lset 4 write denyoom @list RW,update:1
    ltrim 4 write @list RW,delete:1
    rpop -2 write fast @list RW,access,delete:1
    rpoplpush 3 write denyoom @list RW,access,delete:1 RW,insert:2
    rpush -3 write denyoom fast @list RW,insert:1
    rpushx -3 write denyoom fast @list RW,insert:1
    """

  static let set = """
    sadd -3 write denyoom fast @set RW,insert:1
    scard 2 readonly fast @set RO:1
    sdiff -2 readonly @set RO,access:1..-1 ~nondeterministic_output_order
    sdiffstore -3 write denyoom @set OW,update:1 RO,access:2..-1
    sinter -2 readonly @set RO,access:1..-1 ~nondeterministic_output_order
    sintercard -3 readonly movablekeys @set RO,access:1#
    sinterstore -3 write denyoom @set RW,update:1 RO,access:2..-1
    sismember 3 readonly fast @set RO:1
    smembers 2 readonly @set RO,access:1 ~nondeterministic_output_order
    smismember -3 readonly fast @set RO,access:1
    smove 4 write fast @set RW,access,delete:1 RW,insert:2
    spop -2 write fast @set RW,access,delete:1 ~nondeterministic_output
    srandmember -2 readonly @set RO,access:1 ~nondeterministic_output
    srem -3 write fast @set RW,delete:1
    sscan -3 readonly @set RO,access:1 ~nondeterministic_output
    sunion -2 readonly @set RO,access:1..-1 ~nondeterministic_output_order
    sunionstore -3 write denyoom @set OW,update:1 RO,access:2..-1
    """

  static let sortedSet = """
    bzmpop -5 write blocking movablekeys @sortedset RW,access,delete:2#
    bzpopmax -3 write noscript blocking fast @sortedset RW,access,delete:1..-2
    bzpopmin -3 write noscript blocking fast @sortedset RW,access,delete:1..-2
    zadd -4 write denyoom fast @sortedset RW,update:1
    zcard 2 readonly fast @sortedset RO:1
    zcount 4 readonly fast @sortedset RO,access:1
    zdiff -3 readonly movablekeys @sortedset RO,access:1#
    zdiffstore -4 write denyoom movablekeys @sortedset OW,update:1 RO,access:2#
    zincrby 4 write denyoom fast @sortedset RW,access,update:1
    zinter -3 readonly movablekeys @sortedset RO,access:1#
    zintercard -3 readonly movablekeys @sortedset RO,access:1#
    zinterstore -4 write denyoom movablekeys @sortedset OW,update:1 RO,access:2#
    zlexcount 4 readonly fast @sortedset RO,access:1
    zmpop -4 write movablekeys @sortedset RW,access,delete:1#
    zmscore -3 readonly fast @sortedset RO,access:1
    zpopmax -2 write fast @sortedset RW,access,delete:1
    zpopmin -2 write fast @sortedset RW,access,delete:1
    zrandmember -2 readonly @sortedset RO,access:1 ~nondeterministic_output
    zrange -4 readonly @sortedset RO,access:1
    zrangebylex -4 readonly @sortedset RO,access:1
    zrangebyscore -4 readonly @sortedset RO,access:1
    zrangestore -5 write denyoom @sortedset OW,update:1 RO,access:2
    zrank 3 readonly fast @sortedset RO,access:1
    zrem -3 write fast @sortedset RW,delete:1
    zremrangebylex 4 write @sortedset RW,delete:1
    zremrangebyrank 4 write @sortedset RW,delete:1
    zremrangebyscore 4 write @sortedset RW,delete:1
    zrevrange -4 readonly @sortedset RO,access:1
    zrevrangebylex -4 readonly @sortedset RO,access:1
    zrevrangebyscore -4 readonly @sortedset RO,access:1
    zrevrank 3 readonly fast @sortedset RO,access:1
    zscan -3 readonly @sortedset RO,access:1 ~nondeterministic_output
    zscore 3 readonly fast @sortedset RO,access:1
    zunion -3 readonly movablekeys @sortedset RO,access:1#
    zunionstore -4 write denyoom movablekeys @sortedset OW,update:1 RO,access:2#
    """

  static let hash = """
    hdel -3 write fast @hash RW,delete:1
    hexists 3 readonly fast @hash RO:1
    hget 3 readonly fast @hash RO,access:1
    hgetall 2 readonly @hash RO,access:1 ~nondeterministic_output_order
    hincrby 4 write denyoom fast @hash RW,access,update:1
    hincrbyfloat 4 write denyoom fast @hash RW,access,update:1
    hkeys 2 readonly @hash RO,access:1 ~nondeterministic_output_order
    hlen 2 readonly fast @hash RO:1
    hmget -3 readonly fast @hash RO,access:1
    hmset -4 write denyoom fast @hash RW,update:1
    hrandfield -2 readonly @hash RO,access:1 ~nondeterministic_output
    hscan -3 readonly @hash RO,access:1 ~nondeterministic_output
    hset -4 write denyoom fast @hash RW,update:1
    hsetnx 4 write denyoom fast @hash RW,insert:1
    hstrlen 3 readonly fast @hash RO:1
    hvals 2 readonly @hash RO,access:1 ~nondeterministic_output_order
    """

  static let stream = """
    xack -4 write fast @stream RW,update:1
    xadd -5 write denyoom fast @stream RW,update:1 "UPDATE instead of INSERT because of the optional trimming feature" \
      ~nondeterministic_output
    xautoclaim -6 write fast @stream RW,delete:1 ~nondeterministic_output
    xclaim -6 write fast @stream RW,update:1 ~nondeterministic_output
    xdel -3 write fast @stream RW,delete:1
    xgroup -2
    xgroup|create -5 write denyoom @stream RW,insert:2
    xgroup|createconsumer 5 write denyoom @stream RW,insert:2
    xgroup|delconsumer 5 write @stream RW,delete:2
    xgroup|destroy 4 write @stream RW,delete:2
    xgroup|help 2 loading stale @stream
    xgroup|setid -5 write @stream RW,update:2
    xinfo -2
    xinfo|consumers 4 readonly @stream RO,access:2 ~nondeterministic_output
    xinfo|groups 3 readonly @stream RO,access:2
    xinfo|help 2 loading stale @stream
    xinfo|stream -3 readonly @stream RO,access:2
    xlen 2 readonly fast @stream RO:1
    xpending -3 readonly @stream RO,access:1 ~nondeterministic_output
    xrange -4 readonly @stream RO,access:1
    xread -4 readonly blocking movablekeys @stream RO,access:STREAMS@1..-1%2
    xreadgroup -7 write blocking movablekeys @stream RO,access:STREAMS@4..-1%2
    xrevrange -4 readonly @stream RO,access:1
    xsetid -3 write denyoom fast @stream RW,update:1
    xtrim -4 write @stream RW,delete:1 ~nondeterministic_output
    """

  static let hyperloglog = """
    pfadd -2 write denyoom fast @hyperloglog RW,insert:1
    pfcount -2 readonly may_replicate @hyperloglog RW,access:1..-1 \
      "RW because it may change the internal representation of the key, and propagate to replicas"
    pfdebug 3 write denyoom admin @hyperloglog RW,access:2
    pfmerge -2 write denyoom @hyperloglog RW,access,insert:1 RO,access:2..-1
    pfselftest 1 admin @hyperloglog
    """

  static let bitmap = """
    bitcount -2 readonly @bitmap RO,access:1
    bitfield -2 write denyoom @bitmap RW,access,update,variable_flags:1 \
      "This command allows both access and modification of the key"
    bitfield_ro -2 readonly fast @bitmap RO,access:1
    bitop -4 write denyoom @bitmap OW,update:2 RO,access:3..-1
    bitpos -3 readonly @bitmap RO,access:1
    getbit 3 readonly fast @bitmap RO,access:1
    setbit 4 write denyoom @bitmap RW,access,update:1
    """

  static let geo = """
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
    """
}
