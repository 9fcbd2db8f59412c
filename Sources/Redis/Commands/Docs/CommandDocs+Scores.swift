extension CommandDocs {
  /// What Redis 7.0 says of its commands on sorted sets, places and streams; `CommandDocs.init` tells how to read it.
  static let scores = #"""
    bzmpop sorted-set 7.0.0
      . Remove and return members with scores in a sorted set or block until one is available
      O O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, \#
    and M being the number of elements popped.
      ( timeout:double numkeys:integer key:key#0* where:oneof(min:pure-token=MIN max:pure-token=MAX) \#
    count:integer=COUNT?
    bzpopmax sorted-set 5.0.0
      . Remove and return the member with the highest score from one or more sorted sets, or block until one is \#
    available
      O O(log(N)) with N being the number of elements in the sorted set.
      + 6.0.0 `timeout` is interpreted as a double instead of an integer.
      ( key:key#0* timeout:double
    bzpopmin sorted-set 5.0.0
      . Remove and return the member with the lowest score from one or more sorted sets, or block until one is \#
    available
      O O(log(N)) with N being the number of elements in the sorted set.
      + 6.0.0 `timeout` is interpreted as a double instead of an integer.
      ( key:key#0* timeout:double
    zadd sorted-set 1.2.0
      . Add one or more members to a sorted set, or update its score if it already exists
      O O(log(N)) for each item added, where N is the number of elements in the sorted set.
      + 2.4.0 Accepts multiple elements.
      + 3.0.2 Added the `XX`, `NX`, `CH` and `INCR` options.
      + 6.2.0 Added the `GT` and `LT` options.
      ( key:key#0 condition:oneof?@3.0.2(nx:pure-token=NX xx:pure-token=XX) comparison:oneof?@6.2.0(gt:pure-token=GT \#
    lt:pure-token=LT) change:pure-token=CH?@3.0.2 increment:pure-token=INCR?@3.0.2 score_member:block*(score:double \#
    member)
    zcard sorted-set 1.2.0
      . Get the number of members in a sorted set
      O O(1)
      ( key:key#0
    zcount sorted-set 2.0.0
      . Count the members in a sorted set with scores within the given values
      O O(log(N)) with N being the number of elements in the sorted set.
      ( key:key#0 min:double max:double
    zdiff sorted-set 6.2.0
      . Subtract multiple sorted sets
      O O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the \#
    first set, and K is the size of the result set.
      ( numkeys:integer key:key#0* withscores:pure-token=WITHSCORES?
    zdiffstore sorted-set 6.2.0
      . Subtract multiple sorted sets and store the resulting sorted set in a new key
      O O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the \#
    first set, and K is the size of the result set.
      ( destination:key#0 numkeys:integer key:key#1*
    zincrby sorted-set 1.2.0
      . Increment the score of a member in a sorted set
      O O(log(N)) where N is the number of elements in the sorted set.
      ( key:key#0 increment:integer member
    zinter sorted-set 6.2.0
      . Intersect multiple sorted sets
      O O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted \#
    sets and M being the number of elements in the resulting sorted set.
      ( numkeys:integer key:key#0* weight:integer=WEIGHTS?* aggregate:oneof=AGGREGATE?(sum:pure-token=SUM \#
    min:pure-token=MIN max:pure-token=MAX) withscores:pure-token=WITHSCORES?
    zintercard sorted-set 7.0.0
      . Intersect multiple sorted sets and return the cardinality of the result
      O O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.
      ( numkeys:integer key:key#0* limit:integer=LIMIT?
    zinterstore sorted-set 2.0.0
      . Intersect multiple sorted sets and store the resulting sorted set in a new key
      O O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted \#
    sets and M being the number of elements in the resulting sorted set.
      ( destination:key#0 numkeys:integer key:key#1* weight:integer=WEIGHTS?* \#
    aggregate:oneof=AGGREGATE?(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX)
    zlexcount sorted-set 2.8.9
      . Count the number of members in a sorted set between a given lexicographical range
      O O(log(N)) with N being the number of elements in the sorted set.
      ( key:key#0 min max
    zmpop sorted-set 7.0.0
      . Remove and return members with scores in a sorted set
      O O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, \#
    and M being the number of elements popped.
      ( numkeys:integer key:key#0* where:oneof(min:pure-token=MIN max:pure-token=MAX) count:integer=COUNT?
    zmscore sorted-set 6.2.0
      . Get the score associated with the given members in a sorted set
      O O(N) where N is the number of members being requested.
      ( key:key#0 member*
    zpopmax sorted-set 5.0.0
      . Remove and return members with the highest scores in a sorted set
      O O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
      ( key:key#0 count:integer?
    zpopmin sorted-set 5.0.0
      . Remove and return members with the lowest scores in a sorted set
      O O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
      ( key:key#0 count:integer?
    zrandmember sorted-set 6.2.0
      . Get one or multiple random elements from a sorted set
      O O(N) where N is the number of elements returned
      ( key:key#0 options:block?(count:integer withscores:pure-token=WITHSCORES?)
    zrange sorted-set 1.2.0
      . Return a range of members in a sorted set
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.
      + 6.2.0 Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.
      ( key:key#0 start stop sortby:oneof?@6.2.0(byscore:pure-token=BYSCORE bylex:pure-token=BYLEX) \#
    rev:pure-token=REV?@6.2.0 offset_count:block=LIMIT?@6.2.0(offset:integer count:integer) \#
    withscores:pure-token=WITHSCORES?
    zrangebylex sorted-set 2.8.9 deprecated
      . Return a range of members in a sorted set, by lexicographical range
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being \#
    returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it \#
    O(log(N)).
      ! 6.2.0 `ZRANGE` with the `BYLEX` argument
      ( key:key#0 min max offset_count:block=LIMIT?(offset:integer count:integer)
    zrangebyscore sorted-set 1.0.5 deprecated
      . Return a range of members in a sorted set, by score
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being \#
    returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it \#
    O(log(N)).
      ! 6.2.0 `ZRANGE` with the `BYSCORE` argument
      + 2.0.0 Added the `WITHSCORES` modifier.
      ( key:key#0 min:double max:double withscores:pure-token=WITHSCORES?@2.0.0 \#
    offset_count:block=LIMIT?(offset:integer count:integer)
    zrangestore sorted-set 6.2.0
      . Store a range of members from sorted set into another key
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into \#
    the destination key.
      ( dst:key#0 src:key#1 min max sortby:oneof?(byscore:pure-token=BYSCORE bylex:pure-token=BYLEX) \#
    rev:pure-token=REV? offset_count:block=LIMIT?(offset:integer count:integer)
    zrank sorted-set 2.0.0
      . Determine the index of a member in a sorted set
      O O(log(N))
      ( key:key#0 member
    zrem sorted-set 1.2.0
      . Remove one or more members from a sorted set
      O O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.
      + 2.4.0 Accepts multiple elements.
      ( key:key#0 member*
    zremrangebylex sorted-set 2.8.9
      . Remove all members in a sorted set between the given lexicographical range
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the \#
    operation.
      ( key:key#0 min max
    zremrangebyrank sorted-set 2.0.0
      . Remove all members in a sorted set within the given indexes
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the \#
    operation.
      ( key:key#0 start:integer stop:integer
    zremrangebyscore sorted-set 1.2.0
      . Remove all members in a sorted set within the given scores
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the \#
    operation.
      ( key:key#0 min:double max:double
    zrevrange sorted-set 1.2.0 deprecated
      . Return a range of members in a sorted set, by index, with scores ordered from high to low
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.
      ! 6.2.0 `ZRANGE` with the `REV` argument
      ( key:key#0 start:integer stop:integer withscores:pure-token=WITHSCORES?
    zrevrangebylex sorted-set 2.8.9 deprecated
      . Return a range of members in a sorted set, by lexicographical range, ordered from higher to lower strings.
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being \#
    returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it \#
    O(log(N)).
      ! 6.2.0 `ZRANGE` with the `REV` and `BYLEX` arguments
      ( key:key#0 max min offset_count:block=LIMIT?(offset:integer count:integer)
    zrevrangebyscore sorted-set 2.2.0 deprecated
      . Return a range of members in a sorted set, by score, with scores ordered from high to low
      O O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being \#
    returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it \#
    O(log(N)).
      ! 6.2.0 `ZRANGE` with the `REV` and `BYSCORE` arguments
      + 2.1.6 `min` and `max` can be exclusive.
      ( key:key#0 max:double min:double withscores:pure-token=WITHSCORES? offset_count:block=LIMIT?(offset:integer \#
    count:integer)
    zrevrank sorted-set 2.0.0
      . Determine the index of a member in a sorted set, with scores ordered from high to low
      O O(log(N))
      ( key:key#0 member
    zscan sorted-set 2.8.0
      . Incrementally iterate sorted sets elements and associated scores
      O O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return \#
    back to 0. N is the number of elements inside the collection..
      ( key:key#0 cursor:integer pattern:pattern=MATCH? count:integer=COUNT?
    zscore sorted-set 1.2.0
      . Get the score associated with the given member in a sorted set
      O O(1)
      ( key:key#0 member
    zunion sorted-set 6.2.0
      . Add multiple sorted sets
      O O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of \#
    elements in the resulting sorted set.
      ( numkeys:integer key:key#0* weight:integer=WEIGHTS?* aggregate:oneof=AGGREGATE?(sum:pure-token=SUM \#
    min:pure-token=MIN max:pure-token=MAX) withscores:pure-token=WITHSCORES?
    zunionstore sorted-set 2.0.0
      . Add multiple sorted sets and store the resulting sorted set in a new key
      O O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of \#
    elements in the resulting sorted set.
      ( destination:key#0 numkeys:integer key:key#1* weight:integer=WEIGHTS?* \#
    aggregate:oneof=AGGREGATE?(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX)
    geoadd geo 3.2.0
      . Add one or more geospatial items in the geospatial index represented using a sorted set
      O O(log(N)) for each item added, where N is the number of elements in the sorted set.
      + 6.2.0 Added the `CH`, `NX` and `XX` options.
      ( key:key#0 condition:oneof?@6.2.0(nx:pure-token=NX xx:pure-token=XX) change:pure-token=CH?@6.2.0 \#
    longitude_latitude_member:block*(longitude:double latitude:double member)
    geodist geo 3.2.0
      . Returns the distance between two members of a geospatial index
      O O(log(N))
      ( key:key#0 member1 member2 unit:oneof?(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI)
    geohash geo 3.2.0
      . Returns members of a geospatial index as standard geohash strings
      O O(log(N)) for each member requested, where N is the number of elements in the sorted set.
      ( key:key#0 member*
    geopos geo 3.2.0
      . Returns longitude and latitude of members of a geospatial index
      O O(N) where N is the number of members requested.
      ( key:key#0 member*
    georadius geo 3.2.0 deprecated
      . Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a \#
    point
      O O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by \#
    center and radius and M is the number of items inside the index.
      ! 6.2.0 `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
      + 6.2.0 Added the `ANY` option for `COUNT`.
      + 7.0.0 Added support for uppercase unit names.
      ( key:key#0 longitude:double latitude:double radius:double unit:oneof(m:pure-token=M km:pure-token=KM \#
    ft:pure-token=FT mi:pure-token=MI) withcoord:pure-token=WITHCOORD? withdist:pure-token=WITHDIST? \#
    withhash:pure-token=WITHHASH? count:block?(count:integer=COUNT any:pure-token=ANY?@6.2.0) \#
    order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) key:key#1=STORE? key:key#2=STOREDIST?
    georadius_ro geo 3.2.10 deprecated
      . A read-only variant for GEORADIUS
      O O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by \#
    center and radius and M is the number of items inside the index.
      ! 6.2.0 `GEOSEARCH` with the `BYRADIUS` argument
      + 6.2.0 Added the `ANY` option for `COUNT`.
      ( key:key#0 longitude:double latitude:double radius:double unit:oneof(m:pure-token=M km:pure-token=KM \#
    ft:pure-token=FT mi:pure-token=MI) withcoord:pure-token=WITHCOORD? withdist:pure-token=WITHDIST? \#
    withhash:pure-token=WITHHASH? count:block?(count:integer=COUNT any:pure-token=ANY?@6.2.0) \#
    order:oneof?(asc:pure-token=ASC desc:pure-token=DESC)
    georadiusbymember geo 3.2.0 deprecated
      . Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a \#
    member
      O O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by \#
    center and radius and M is the number of items inside the index.
      ! 6.2.0 `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
      + 7.0.0 Added support for uppercase unit names.
      ( key:key#0 member radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) \#
    withcoord:pure-token=WITHCOORD? withdist:pure-token=WITHDIST? withhash:pure-token=WITHHASH? \#
    count:block?(count:integer=COUNT any:pure-token=ANY?) order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) \#
    key:key#1=STORE? key:key#2=STOREDIST?
    georadiusbymember_ro geo 3.2.10 deprecated
      . A read-only variant for GEORADIUSBYMEMBER
      O O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by \#
    center and radius and M is the number of items inside the index.
      ! 6.2.0 `GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments
      ( key:key#0 member radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) \#
    withcoord:pure-token=WITHCOORD? withdist:pure-token=WITHDIST? withhash:pure-token=WITHHASH? \#
    count:block?(count:integer=COUNT any:pure-token=ANY?) order:oneof?(asc:pure-token=ASC desc:pure-token=DESC)
    geosearch geo 6.2.0
      . Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle.
      O O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided \#
    as the filter and M is the number of items inside the shape
      + 7.0.0 Added support for uppercase unit names.
      ( key:key#0 from:oneof(member=FROMMEMBER longitude_latitude:block=FROMLONLAT(longitude:double latitude:double)) \#
    by:oneof(circle:block(radius:double=BYRADIUS unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT \#
    mi:pure-token=MI)) box:block(width:double=BYBOX height:double unit:oneof(m:pure-token=M km:pure-token=KM \#
    ft:pure-token=FT mi:pure-token=MI))) order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) \#
    count:block?(count:integer=COUNT any:pure-token=ANY?) withcoord:pure-token=WITHCOORD? \#
    withdist:pure-token=WITHDIST? withhash:pure-token=WITHHASH?
    geosearchstore geo 6.2.0
      . Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle, and \#
    store the result in another key.
      O O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided \#
    as the filter and M is the number of items inside the shape
      + 7.0.0 Added support for uppercase unit names.
      ( destination:key#0 source:key#1 from:oneof(member=FROMMEMBER \#
    longitude_latitude:block=FROMLONLAT(longitude:double latitude:double)) \#
    by:oneof(circle:block(radius:double=BYRADIUS unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT \#
    mi:pure-token=MI)) box:block(width:double=BYBOX height:double unit:oneof(m:pure-token=M km:pure-token=KM \#
    ft:pure-token=FT mi:pure-token=MI))) order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) \#
    count:block?(count:integer=COUNT any:pure-token=ANY?) storedist:pure-token=STOREDIST?
    xack stream 5.0.0
      . Marks a pending message as correctly processed, effectively removing it from the pending entries list of the \#
    consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs \#
    we were actually able to resolve in the PEL.
      O O(1) for each message ID processed.
      ( key:key#0 group id*
    xadd stream 5.0.0
      . Appends a new entry to a stream
      O O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.
      + 6.2.0 Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.
      + 7.0.0 Added support for the `<ms>-*` explicit ID form.
      ( key:key#0 nomkstream:pure-token=NOMKSTREAM?@6.2.0 trim:block?(strategy:oneof(maxlen:pure-token=MAXLEN \#
    minid:pure-token=MINID@6.2.0) operator:oneof?(equal:pure-token="=" approximately:pure-token="~") threshold \#
    count:integer=LIMIT?@6.2.0) id_or_auto:oneof(auto_id:pure-token="*" id) field_value:block*(field value)
    xautoclaim stream 6.2.0
      . Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the \#
    specified consumer.
      O O(1) if COUNT is small.
      + 7.0.0 Added an element to the reply array, containing deleted entries the command cleared from the PEL
      ( key:key#0 group consumer min-idle-time start count:integer=COUNT? justid:pure-token=JUSTID?
    xclaim stream 5.0.0
      . Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the \#
    specified consumer.
      O O(log N) with N being the number of messages in the PEL of the consumer group.
      ( key:key#0 group consumer min-idle-time id* ms:integer=IDLE? unix-time-milliseconds:unix-time=TIME? \#
    count:integer=RETRYCOUNT? force:pure-token=FORCE? justid:pure-token=JUSTID? id=LASTID?
    xdel stream 5.0.0
      . Removes the specified entries from the stream. Returns the number of items actually deleted, that may be \#
    different from the number of IDs passed in case certain IDs do not exist.
      O O(1) for each single item to delete in the stream, regardless of the stream size.
      ( key:key#0 id*
    xgroup stream 5.0.0
      . A container for consumer groups commands
      O Depends on subcommand.
    xgroup|create stream 5.0.0
      . Create a consumer group.
      O O(1)
      + 7.0.0 Added the `entries_read` named argument.
      ( key:key#0 groupname id:oneof(id new_id:pure-token="$") mkstream:pure-token=MKSTREAM? \#
    entries_read:integer=ENTRIESREAD?
    xgroup|createconsumer stream 6.2.0
      . Create a consumer in a consumer group.
      O O(1)
      ( key:key#0 groupname consumername
    xgroup|delconsumer stream 5.0.0
      . Delete a consumer from a consumer group.
      O O(1)
      ( key:key#0 groupname consumername
    xgroup|destroy stream 5.0.0
      . Destroy a consumer group.
      O O(N) where N is the number of entries in the group's pending entries list (PEL).
      ( key:key#0 groupname
    xgroup|help stream 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    xgroup|setid stream 5.0.0
      . Set a consumer group to an arbitrary last delivered ID value.
      O O(1)
      + 7.0.0 Added the optional `entries_read` argument.
      ( key:key#0 groupname id:oneof(id new_id:pure-token="$") entries_read:integer=ENTRIESREAD?
    xinfo stream 5.0.0
      . A container for stream introspection commands
      O Depends on subcommand.
    xinfo|consumers stream 5.0.0
      . List the consumers in a consumer group
      O O(1)
      ( key:key#0 groupname
    xinfo|groups stream 5.0.0
      . List the consumer groups of a stream
      O O(1)
      + 7.0.0 Added the `entries-read` and `lag` fields
      ( key:key#0
    xinfo|help stream 5.0.0
      . Show helpful text about the different subcommands
      O O(1)
    xinfo|stream stream 5.0.0
      . Get information about a stream
      O O(1)
      + 6.0.0 Added the `FULL` modifier.
      + 7.0.0 Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` \#
    fields
      ( key:key#0 full:block=FULL?(count:integer=COUNT?)
    xlen stream 5.0.0
      . Return the number of entries in a stream
      O O(1)
      ( key:key#0
    xpending stream 5.0.0
      . Return information and entries from a stream consumer group pending entries list, that are messages fetched \#
    but never acknowledged.
      O O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is \#
    O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command \#
    returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) \#
    time for iterating every consumer.
      + 6.2.0 Added the `IDLE` option and exclusive range intervals.
      ( key:key#0 group filters:block?(min-idle-time:integer=IDLE?@6.2.0 start end count:integer consumer?)
    xrange stream 5.0.0
      . Return a range of elements in a stream, with IDs matching the specified IDs interval
      O O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first \#
    10 elements with COUNT), you can consider it O(1).
      + 6.2.0 Added exclusive ranges.
      ( key:key#0 start end count:integer=COUNT?
    xread stream 5.0.0
      . Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for \#
    each stream. Can block.
      O For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing \#
    with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve \#
    the M clients blocked on the stream getting new data.
      ( count:integer=COUNT? milliseconds:integer=BLOCK? streams:block=STREAMS(key:key#0* id*)
    xreadgroup stream 5.0.0
      . Return new entries from a stream using a consumer group, or access the history of the pending entries for a \#
    given consumer. Can block.
      O For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always \#
    asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, \#
    XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
      ( group_consumer:block=GROUP(group consumer) count:integer=COUNT? milliseconds:integer=BLOCK? \#
    noack:pure-token=NOACK? streams:block=STREAMS(key:key#0* id*)
    xrevrange stream 5.0.0
      . Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from \#
    greater to smaller IDs) compared to XRANGE
      O O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 \#
    elements with COUNT), you can consider it O(1).
      + 6.2.0 Added exclusive ranges.
      ( key:key#0 end start count:integer=COUNT?
    xsetid stream 5.0.0
      . An internal command for replicating stream values
      O O(1)
      + 7.0.0 Added the `entries_added` and `max_deleted_entry_id` arguments.
      ( key:key#0 last-id entries_added:integer=ENTRIESADDED?@7.0.0 max_deleted_entry_id=MAXDELETEDID?@7.0.0
    xtrim stream 5.0.0
      . Trims the stream to (approximately if '~' is passed) a certain size
      O O(N), with N being the number of evicted entries. Constant times are very small however, since entries are \#
    organized in macro nodes containing multiple entries that can be released with a single deallocation.
      + 6.2.0 Added the `MINID` trimming strategy and the `LIMIT` option.
      ( key:key#0 trim:block(strategy:oneof(maxlen:pure-token=MAXLEN minid:pure-token=MINID@6.2.0) \#
    operator:oneof?(equal:pure-token="=" approximately:pure-token="~") threshold count:integer=LIMIT?@6.2.0)
    """#
}
