extension CommandDocs {
  /// What Redis 7.0 says of its commands on strings, and keys of any type; `CommandDocs.init` tells how to read it.
  static let keys = #"""
    copy generic 6.2.0
      . Copy a key
      O O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
      ( source:key#0 destination:key#1 destination-db:integer=DB? replace:pure-token=REPLACE?
    del generic 1.0.0
      . Delete a key
      O O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a \#
    string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted \#
    set or hash. Removing a single key that holds a string value is O(1).
      ( key:key#0*
    dump generic 2.6.0
      . Return a serialized version of the value stored at the specified key.
      O O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects \#
    composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) \#
    where M is small, so simply O(1).
      ( key:key#0
    exists generic 1.0.0
      . Determine if a key exists
      O O(N) where N is the number of keys to check.
      + 3.0.3 Accepts multiple `key` arguments.
      ( key:key#0*
    expire generic 1.0.0
      . Set a key's time to live in seconds
      O O(1)
      + 7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.
      ( key:key#0 seconds:integer condition:oneof?@7.0.0(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT \#
    lt:pure-token=LT)
    expireat generic 1.2.0
      . Set the expiration for a key as a UNIX timestamp
      O O(1)
      + 7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.
      ( key:key#0 unix-time-seconds:unix-time condition:oneof?@7.0.0(nx:pure-token=NX xx:pure-token=XX \#
    gt:pure-token=GT lt:pure-token=LT)
    expiretime generic 7.0.0
      . Get the expiration Unix timestamp for a key
      O O(1)
      ( key:key#0
    keys generic 1.0.0
      . Find all keys matching the given pattern
      O O(N) with N being the number of keys in the database, under the assumption that the key names in the database \#
    and the given pattern have limited length.
      ( pattern:pattern
    migrate generic 2.6.0
      . Atomically transfer a key from a Redis instance to another one.
      O This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See \#
    the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is \#
    performed.
      + 3.0.0 Added the `COPY` and `REPLACE` options.
      + 3.0.6 Added the `KEYS` option.
      + 4.0.7 Added the `AUTH` option.
      + 6.0.0 Added the `AUTH2` option.
      ( host port:integer key_or_empty_string:oneof(key:key#0 empty_string:pure-token="") destination-db:integer \#
    timeout:integer copy:pure-token=COPY?@3.0.0 replace:pure-token=REPLACE?@3.0.0 \#
    authentication:oneof?(password=AUTH?@4.0.7 username_password:block=AUTH2?@6.0.0(username password)) \#
    key:key#1=KEYS?*@3.0.6
    move generic 1.0.0
      . Move a key to another database
      O O(1)
      ( key:key#0 db:integer
    object generic 2.2.3
      . A container for object introspection commands
      O Depends on subcommand.
    object|encoding generic 2.2.3
      . Inspect the internal encoding of a Redis object
      O O(1)
      ( key:key#0
    object|freq generic 4.0.0
      . Get the logarithmic access frequency counter of a Redis object
      O O(1)
      ( key:key#0
    object|help generic 6.2.0
      . Show helpful text about the different subcommands
      O O(1)
    object|idletime generic 2.2.3
      . Get the time since a Redis object was last accessed
      O O(1)
      ( key:key#0
    object|refcount generic 2.2.3
      . Get the number of references to the value of the key
      O O(1)
      ( key:key#0
    persist generic 2.2.0
      . Remove the expiration from a key
      O O(1)
      ( key:key#0
    pexpire generic 2.6.0
      . Set a key's time to live in milliseconds
      O O(1)
      + 7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.
      ( key:key#0 milliseconds:integer condition:oneof?@7.0.0(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT \#
    lt:pure-token=LT)
    pexpireat generic 2.6.0
      . Set the expiration for a key as a UNIX timestamp specified in milliseconds
      O O(1)
      + 7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.
      ( key:key#0 unix-time-milliseconds:unix-time condition:oneof?@7.0.0(nx:pure-token=NX xx:pure-token=XX \#
    gt:pure-token=GT lt:pure-token=LT)
    pexpiretime generic 7.0.0
      . Get the expiration Unix timestamp for a key in milliseconds
      O O(1)
      ( key:key#0
    pttl generic 2.6.0
      . Get the time to live for a key in milliseconds
      O O(1)
      + 2.8.0 Added the -2 reply.
      ( key:key#0
    randomkey generic 1.0.0
      . Return a random key from the keyspace
      O O(1)
    rename generic 1.0.0
      . Rename a key
      O O(1)
      ( key:key#0 newkey:key#1
    renamenx generic 1.0.0
      . Rename a key, only if the new key does not exist
      O O(1)
      + 3.2.0 The command no longer returns an error when source and destination names are the same.
      ( key:key#0 newkey:key#1
    restore generic 2.6.0
      . Create a key using the provided serialized value, previously obtained using DUMP.
      O O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number \#
    of Redis objects composing the value and M their average size. For small string values the time complexity is \#
    thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) \#
    because inserting values into sorted sets is O(log(N)).
      + 3.0.0 Added the `REPLACE` modifier.
      + 5.0.0 Added the `ABSTTL` modifier.
      + 5.0.0 Added the `IDLETIME` and `FREQ` options.
      ( key:key#0 ttl:integer serialized-value replace:pure-token=REPLACE?@3.0.0 absttl:pure-token=ABSTTL?@5.0.0 \#
    seconds:integer=IDLETIME?@5.0.0 frequency:integer=FREQ?@5.0.0
    scan generic 2.8.0
      . Incrementally iterate the keys space
      O O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return \#
    back to 0. N is the number of elements inside the collection.
      + 6.0.0 Added the `TYPE` subcommand.
      ( cursor:integer pattern:pattern=MATCH? count:integer=COUNT? type=TYPE?@6.0.0
    sort generic 1.0.0
      . Sort the elements in a list, set or sorted set
      O O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned \#
    elements. When the elements are not sorted, complexity is O(N).
      ( key:key#0 pattern:pattern#1=BY? offset_count:block=LIMIT?(offset:integer count:integer) \#
    pattern:pattern#1=GET?*+ order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) sorting:pure-token=ALPHA? \#
    destination:key#2=STORE?
    sort_ro generic 7.0.0
      . Sort the elements in a list, set or sorted set. Read-only variant of SORT.
      O O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned \#
    elements. When the elements are not sorted, complexity is O(N).
      ( key:key#0 pattern:pattern#1=BY? offset_count:block=LIMIT?(offset:integer count:integer) \#
    pattern:pattern#1=GET?*+ order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) sorting:pure-token=ALPHA?
    touch generic 3.2.1
      . Alters the last access time of a key(s). Returns the number of existing keys specified.
      O O(N) where N is the number of keys that will be touched.
      ( key:key#0*
    ttl generic 1.0.0
      . Get the time to live for a key in seconds
      O O(1)
      + 2.8.0 Added the -2 reply.
      ( key:key#0
    type generic 1.0.0
      . Determine the type stored at key
      O O(1)
      ( key:key#0
    unlink generic 4.0.0
      . Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.
      O O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in \#
    order to reclaim memory, where N is the number of allocations the deleted objects where composed of.
      ( key:key#0*
    wait generic 3.0.0
      . Wait for the synchronous replication of all the write commands sent in the context of the current connection
      O O(1)
      ( numreplicas:integer timeout:integer
    append string 2.0.0
      . Append a value to a key
      O O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present \#
    value is of any size, since the dynamic string library used by Redis will double the free space available on \#
    every reallocation.
      ( key:key#0 value
    decr string 1.0.0
      . Decrement the integer value of a key by one
      O O(1)
      ( key:key#0
    decrby string 1.0.0
      . Decrement the integer value of a key by the given number
      O O(1)
      ( key:key#0 decrement:integer
    get string 1.0.0
      . Get the value of a key
      O O(1)
      ( key:key#0
    getdel string 6.2.0
      . Get the value of a key and delete the key
      O O(1)
      ( key:key#0
    getex string 6.2.0
      . Get the value of a key and optionally set its expiration
      O O(1)
      ( key:key#0 expiration:oneof?(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT \#
    unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST)
    getrange string 2.4.0
      . Get a substring of the string stored at a key
      O O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned \#
    length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for \#
    small strings.
      ( key:key#0 start:integer end:integer
    getset string 1.0.0 deprecated
      . Set the string value of a key and return its old value
      O O(1)
      ! 6.2.0 `SET` with the `!GET` argument
      ( key:key#0 value
    incr string 1.0.0
      . Increment the integer value of a key by one
      O O(1)
      ( key:key#0
    incrby string 1.0.0
      . Increment the integer value of a key by the given amount
      O O(1)
      ( key:key#0 increment:integer
    incrbyfloat string 2.6.0
      . Increment the float value of a key by the given amount
      O O(1)
      ( key:key#0 increment:double
    lcs string 7.0.0
      . Find longest common substring
      O O(N*M) where N and M are the lengths of s1 and s2, respectively
      ( key1:key#0 key2:key#0 len:pure-token=LEN? idx:pure-token=IDX? len:integer=MINMATCHLEN? \#
    withmatchlen:pure-token=WITHMATCHLEN?
    mget string 1.0.0
      . Get the values of all the given keys
      O O(N) where N is the number of keys to retrieve.
      ( key:key#0*
    mset string 1.0.1
      . Set multiple keys to multiple values
      O O(N) where N is the number of keys to set.
      ( key_value:block*(key:key#0 value)
    msetnx string 1.0.1
      . Set multiple keys to multiple values, only if none of the keys exist
      O O(N) where N is the number of keys to set.
      ( key_value:block*(key:key#0 value)
    psetex string 2.6.0
      . Set the value and expiration in milliseconds of a key
      O O(1)
      ( key:key#0 milliseconds:integer value
    set string 1.0.0
      . Set the string value of a key
      O O(1)
      + 2.6.12 Added the `EX`, `PX`, `NX` and `XX` options.
      + 6.0.0 Added the `KEEPTTL` option.
      + 6.2.0 Added the `GET`, `EXAT` and `PXAT` option.
      + 7.0.0 Allowed the `NX` and `GET` options to be used together.
      ( key:key#0 value condition:oneof?@2.6.12(nx:pure-token=NX xx:pure-token=XX) get:pure-token=GET?@6.2.0 \#
    expiration:oneof?(seconds:integer=EX@2.6.12 milliseconds:integer=PX@2.6.12 unix-time-seconds:unix-time=EXAT@6.2.0 \#
    unix-time-milliseconds:unix-time=PXAT@6.2.0 keepttl:pure-token=KEEPTTL@6.0.0)
    setex string 2.0.0
      . Set the value and expiration of a key
      O O(1)
      ( key:key#0 seconds:integer value
    setnx string 1.0.0
      . Set the value of a key, only if the key does not exist
      O O(1)
      ( key:key#0 value
    setrange string 2.2.0
      . Overwrite part of a string at key starting at the specified offset
      O O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the \#
    amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.
      ( key:key#0 offset:integer value
    strlen string 2.2.0
      . Get the length of the value stored in a key
      O O(1)
      ( key:key#0
    substr string 1.0.0 deprecated
      . Get a substring of the string stored at a key
      O O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned \#
    length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for \#
    small strings.
      ! 2.0.0 `GETRANGE`
      ( key:key#0 start:integer end:integer
    bitcount bitmap 2.6.0
      . Count set bits in a string
      O O(N)
      + 7.0.0 Added the `BYTE|BIT` option.
      ( key:key#0 index:block?(start:integer end:integer index_unit:oneof?@7.0.0(byte:pure-token=BYTE \#
    bit:pure-token=BIT))
    bitfield bitmap 3.2.0
      . Perform arbitrary bitfield integer operations on strings
      O O(1) for each subcommand specified
      ( key:key#0 operation:oneof?*(encoding_offset:block=GET(encoding offset:integer) \#
    write:block(wrap_sat_fail:oneof=OVERFLOW?(wrap:pure-token=WRAP sat:pure-token=SAT fail:pure-token=FAIL) \#
    write_operation:oneof(encoding_offset_value:block=SET(encoding offset:integer value:integer) \#
    encoding_offset_increment:block=INCRBY(encoding offset:integer increment:integer))))
    bitfield_ro bitmap 6.0.0
      . Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD
      O O(1) for each subcommand specified
      ( key:key#0 encoding_offset:block=GET?*+(encoding offset:integer)
    bitop bitmap 2.6.0
      . Perform bitwise operations between strings
      O O(N)
      ( operation destkey:key#0 key:key#1*
    bitpos bitmap 2.8.7
      . Find first bit set or clear in a string
      O O(N)
      + 7.0.0 Added the `BYTE|BIT` option.
      ( key:key#0 bit:integer index:block?(start:integer end_index:block?(end:integer \#
    index_unit:oneof?@7.0.0(byte:pure-token=BYTE bit:pure-token=BIT)))
    getbit bitmap 2.2.0
      . Returns the bit value at offset in the string value stored at key
      O O(1)
      ( key:key#0 offset:integer
    setbit bitmap 2.2.0
      . Sets or clears the bit at offset in the string value stored at key
      O O(1)
      ( key:key#0 offset:integer value:integer
    pfadd hyperloglog 2.8.9
      . Adds the specified elements to the specified HyperLogLog.
      O O(1) to add every element.
      ( key:key#0 element?*
    pfcount hyperloglog 2.8.9
      . Return the approximated cardinality of the set(s) observed by the HyperLogLog at key(s).
      O O(1) with a very small average constant time when called with a single key. O(N) with N being the number of \#
    keys, and much bigger constant times, when called with multiple keys.
      ( key:key#0*
    pfdebug hyperloglog 2.8.9 syscmd
      . Internal commands for debugging HyperLogLog values
      O N/A
      ( subcommand key:key#0
    pfmerge hyperloglog 2.8.9
      . Merge N different HyperLogLogs into a single one.
      O O(N) to merge N HyperLogLogs, but with high constant times.
      ( destkey:key#0 sourcekey:key#1*
    pfselftest hyperloglog 2.8.9 syscmd
      . An internal command for testing HyperLogLog values
      O N/A
    """#
}
