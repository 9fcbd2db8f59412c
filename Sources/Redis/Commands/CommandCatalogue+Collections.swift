// Facts of Redis 7.0.15, as its own COMMAND tells them: lists, sets, sorted sets, hashes and streams. `CommandCatalogue` says how a line is read.

extension CommandCatalogue {
  static let collections = """
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

    sadd -3 write denyoom fast @set RW,insert:1
    scard 2 readonly fast @set RO:1
    sdiff -2 readonly @set RO,access:1..-1
    sdiffstore -3 write denyoom @set OW,update:1 RO,access:2..-1
    sinter -2 readonly @set RO,access:1..-1
    sintercard -3 readonly movablekeys @set RO,access:1#
    sinterstore -3 write denyoom @set RW,update:1 RO,access:2..-1
    sismember 3 readonly fast @set RO:1
    smembers 2 readonly @set RO,access:1
    smismember -3 readonly fast @set RO,access:1
    smove 4 write fast @set RW,access,delete:1 RW,insert:2
    spop -2 write fast @set RW,access,delete:1
    srandmember -2 readonly @set RO,access:1
    srem -3 write fast @set RW,delete:1
    sscan -3 readonly @set RO,access:1
    sunion -2 readonly @set RO,access:1..-1
    sunionstore -3 write denyoom @set OW,update:1 RO,access:2..-1

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
    zrandmember -2 readonly @sortedset RO,access:1
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
    zscan -3 readonly @sortedset RO,access:1
    zscore 3 readonly fast @sortedset RO,access:1
    zunion -3 readonly movablekeys @sortedset RO,access:1#
    zunionstore -4 write denyoom movablekeys @sortedset OW,update:1 RO,access:2#

    hdel -3 write fast @hash RW,delete:1
    hexists 3 readonly fast @hash RO:1
    hget 3 readonly fast @hash RO,access:1
    hgetall 2 readonly @hash RO,access:1
    hincrby 4 write denyoom fast @hash RW,access,update:1
    hincrbyfloat 4 write denyoom fast @hash RW,access,update:1
    hkeys 2 readonly @hash RO,access:1
    hlen 2 readonly fast @hash RO:1
    hmget -3 readonly fast @hash RO,access:1
    hmset -4 write denyoom fast @hash RW,update:1
    hrandfield -2 readonly @hash RO,access:1
    hscan -3 readonly @hash RO,access:1
    hset -4 write denyoom fast @hash RW,update:1
    hsetnx 4 write denyoom fast @hash RW,insert:1
    hstrlen 3 readonly fast @hash RO:1
    hvals 2 readonly @hash RO,access:1

    xack -4 write fast @stream RW,update:1
    xadd -5 write denyoom fast @stream RW,update:1
    xautoclaim -6 write fast @stream RW,delete:1
    xclaim -6 write fast @stream RW,update:1
    xdel -3 write fast @stream RW,delete:1
    xgroup -2
    xgroup|create -5 write denyoom @stream RW,insert:2
    xgroup|createconsumer 5 write denyoom @stream RW,insert:2
    xgroup|delconsumer 5 write @stream RW,delete:2
    xgroup|destroy 4 write @stream RW,delete:2
    xgroup|help 2 loading stale @stream
    xgroup|setid -5 write @stream RW,update:2
    xinfo -2
    xinfo|consumers 4 readonly @stream RO,access:2
    xinfo|groups 3 readonly @stream RO,access:2
    xinfo|help 2 loading stale @stream
    xinfo|stream -3 readonly @stream RO,access:2
    xlen 2 readonly fast @stream RO:1
    xpending -3 readonly @stream RO,access:1
    xrange -4 readonly @stream RO,access:1
    xread -4 readonly blocking movablekeys @stream RO,access:STREAMS@1..-1%2
    xreadgroup -7 write blocking movablekeys @stream RO,access:STREAMS@4..-1%2
    xrevrange -4 readonly @stream RO,access:1
    xsetid -3 write denyoom fast @stream RW,update:1
    xtrim -4 write @stream RW,delete:1
    """
}
