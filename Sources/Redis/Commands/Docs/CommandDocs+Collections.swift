extension CommandDocs {
  /// What Redis 7.0 says of its commands on lists, sets and hashes; `CommandDocs.init` tells how to read it.
  static let collections = #"""
    blmove list 6.2.0
      . Pop an element from a list, push it to another list and return it; or block until one is available
      O O(1)
      ( source:key#0 destination:key#1 wherefrom:oneof(left:pure-token=LEFT right:pure-token=RIGHT) \#
    whereto:oneof(left:pure-token=LEFT right:pure-token=RIGHT) timeout:double
    blmpop list 7.0.0
      . Pop elements from a list, or block until one is available
      O O(N+M) where N is the number of provided keys and M is the number of elements returned.
      ( timeout:double numkeys:integer key:key#0* where:oneof(left:pure-token=LEFT right:pure-token=RIGHT) \#
    count:integer=COUNT?
    blpop list 2.0.0
      . Remove and get the first element in a list, or block until one is available
      O O(N) where N is the number of provided keys.
      + 6.0.0 `timeout` is interpreted as a double instead of an integer.
      ( key:key#0* timeout:double
    brpop list 2.0.0
      . Remove and get the last element in a list, or block until one is available
      O O(N) where N is the number of provided keys.
      + 6.0.0 `timeout` is interpreted as a double instead of an integer.
      ( key:key#0* timeout:double
    brpoplpush list 2.2.0 deprecated
      . Pop an element from a list, push it to another list and return it; or block until one is available
      O O(1)
      ! 6.2.0 `BLMOVE` with the `RIGHT` and `LEFT` arguments
      + 6.0.0 `timeout` is interpreted as a double instead of an integer.
      ( source:key#0 destination:key#1 timeout:double
    lindex list 1.0.0
      . Get an element from a list by its index
      O O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the \#
    first or the last element of the list O(1).
      ( key:key#0 index:integer
    linsert list 2.2.0
      . Insert an element before or after another element in a list
      O O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting \#
    somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end \#
    (tail) is O(N).
      ( key:key#0 where:oneof(before:pure-token=BEFORE after:pure-token=AFTER) pivot element
    llen list 1.0.0
      . Get the length of a list
      O O(1)
      ( key:key#0
    lmove list 6.2.0
      . Pop an element from a list, push it to another list and return it
      O O(1)
      ( source:key#0 destination:key#1 wherefrom:oneof(left:pure-token=LEFT right:pure-token=RIGHT) \#
    whereto:oneof(left:pure-token=LEFT right:pure-token=RIGHT)
    lmpop list 7.0.0
      . Pop elements from a list
      O O(N+M) where N is the number of provided keys and M is the number of elements returned.
      ( numkeys:integer key:key#0* where:oneof(left:pure-token=LEFT right:pure-token=RIGHT) count:integer=COUNT?
    lpop list 1.0.0
      . Remove and get the first elements in a list
      O O(N) where N is the number of elements returned
      + 6.2.0 Added the `count` argument.
      ( key:key#0 count:integer?@6.2.0
    lpos list 6.0.6
      . Return the index of matching elements on a list
      O O(N) where N is the number of elements in the list, for the average case. When searching for elements near \#
    the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.
      ( key:key#0 element rank:integer=RANK? num-matches:integer=COUNT? len:integer=MAXLEN?
    lpush list 1.0.0
      . Prepend one or multiple elements to a list
      O O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
      + 2.4.0 Accepts multiple `element` arguments.
      ( key:key#0 element*
    lpushx list 2.2.0
      . Prepend an element to a list, only if the list exists
      O O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
      + 4.0.0 Accepts multiple `element` arguments.
      ( key:key#0 element*
    lrange list 1.0.0
      . Get a range of elements from a list
      O O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for \#
    large lists; and N is the number of elements in the specified range.
      ( key:key#0 start:integer stop:integer
    lrem list 1.0.0
      . Remove elements from a list
      O O(N+M) where N is the length of the list and M is the number of elements removed.
      ( key:key#0 count:integer element
    lset list 1.0.0
      . Set the value of an element in a list by its index
      O O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).
      ( key:key#0 index:integer element
    ltrim list 1.0.0
      . Trim a list to the specified range
      O O(N) where N is the number of elements to be removed by the operation.
      ( key:key#0 start:integer stop:integer
    rpop list 1.0.0
      . Remove and get the last elements in a list
      O O(N) where N is the number of elements returned
      + 6.2.0 Added the `count` argument.
      ( key:key#0 count:integer?@6.2.0
    rpoplpush list 1.2.0 deprecated
      . Remove the last element in a list, prepend it to another list and return it
      O O(1)
      ! 6.2.0 `LMOVE` with the `RIGHT` and `LEFT` arguments
      ( source:key#0 destination:key#1
    rpush list 1.0.0
      . Append one or multiple elements to a list
      O O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
      + 2.4.0 Accepts multiple `element` arguments.
      ( key:key#0 element*
    rpushx list 2.2.0
      . Append an element to a list, only if the list exists
      O O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
      + 4.0.0 Accepts multiple `element` arguments.
      ( key:key#0 element*
    sadd set 1.0.0
      . Add one or more members to a set
      O O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
      + 2.4.0 Accepts multiple `member` arguments.
      ( key:key#0 member*
    scard set 1.0.0
      . Get the number of members in a set
      O O(1)
      ( key:key#0
    sdiff set 1.0.0
      . Subtract multiple sets
      O O(N) where N is the total number of elements in all given sets.
      ( key:key#0*
    sdiffstore set 1.0.0
      . Subtract multiple sets and store the resulting set in a key
      O O(N) where N is the total number of elements in all given sets.
      ( destination:key#0 key:key#1*
    sinter set 1.0.0
      . Intersect multiple sets
      O O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
      ( key:key#0*
    sintercard set 7.0.0
      . Intersect multiple sets and return the cardinality of the result
      O O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
      ( numkeys:integer key:key#0* limit:integer=LIMIT?
    sinterstore set 1.0.0
      . Intersect multiple sets and store the resulting set in a key
      O O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
      ( destination:key#0 key:key#1*
    sismember set 1.0.0
      . Determine if a given value is a member of a set
      O O(1)
      ( key:key#0 member
    smembers set 1.0.0
      . Get all the members in a set
      O O(N) where N is the set cardinality.
      ( key:key#0
    smismember set 6.2.0
      . Returns the membership associated with the given elements for a set
      O O(N) where N is the number of elements being checked for membership
      ( key:key#0 member*
    smove set 1.0.0
      . Move a member from one set to another
      O O(1)
      ( source:key#0 destination:key#1 member
    spop set 1.0.0
      . Remove and return one or multiple random members from a set
      O Without the count argument O(1), otherwise O(N) where N is the value of the passed count.
      + 3.2.0 Added the `count` argument.
      ( key:key#0 count:integer?@3.2.0
    srandmember set 1.0.0
      . Get one or multiple random members from a set
      O Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.
      + 2.6.0 Added the optional `count` argument.
      ( key:key#0 count:integer?@2.6.0
    srem set 1.0.0
      . Remove one or more members from a set
      O O(N) where N is the number of members to be removed.
      + 2.4.0 Accepts multiple `member` arguments.
      ( key:key#0 member*
    sscan set 2.8.0
      . Incrementally iterate Set elements
      O O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return \#
    back to 0. N is the number of elements inside the collection..
      ( key:key#0 cursor:integer pattern:pattern=MATCH? count:integer=COUNT?
    sunion set 1.0.0
      . Add multiple sets
      O O(N) where N is the total number of elements in all given sets.
      ( key:key#0*
    sunionstore set 1.0.0
      . Add multiple sets and store the resulting set in a key
      O O(N) where N is the total number of elements in all given sets.
      ( destination:key#0 key:key#1*
    hdel hash 2.0.0
      . Delete one or more hash fields
      O O(N) where N is the number of fields to be removed.
      + 2.4.0 Accepts multiple `field` arguments.
      ( key:key#0 field*
    hexists hash 2.0.0
      . Determine if a hash field exists
      O O(1)
      ( key:key#0 field
    hget hash 2.0.0
      . Get the value of a hash field
      O O(1)
      ( key:key#0 field
    hgetall hash 2.0.0
      . Get all the fields and values in a hash
      O O(N) where N is the size of the hash.
      ( key:key#0
    hincrby hash 2.0.0
      . Increment the integer value of a hash field by the given number
      O O(1)
      ( key:key#0 field increment:integer
    hincrbyfloat hash 2.6.0
      . Increment the float value of a hash field by the given amount
      O O(1)
      ( key:key#0 field increment:double
    hkeys hash 2.0.0
      . Get all the fields in a hash
      O O(N) where N is the size of the hash.
      ( key:key#0
    hlen hash 2.0.0
      . Get the number of fields in a hash
      O O(1)
      ( key:key#0
    hmget hash 2.0.0
      . Get the values of all the given hash fields
      O O(N) where N is the number of fields being requested.
      ( key:key#0 field*
    hmset hash 2.0.0 deprecated
      . Set multiple hash fields to multiple values
      O O(N) where N is the number of fields being set.
      ! 4.0.0 `HSET` with multiple field-value pairs
      ( key:key#0 field_value:block*(field value)
    hrandfield hash 6.2.0
      . Get one or multiple random fields from a hash
      O O(N) where N is the number of fields returned
      ( key:key#0 options:block?(count:integer withvalues:pure-token=WITHVALUES?)
    hscan hash 2.8.0
      . Incrementally iterate hash fields and associated values
      O O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return \#
    back to 0. N is the number of elements inside the collection..
      ( key:key#0 cursor:integer pattern:pattern=MATCH? count:integer=COUNT?
    hset hash 2.0.0
      . Set the string value of a hash field
      O O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with \#
    multiple field/value pairs.
      + 4.0.0 Accepts multiple `field` and `value` arguments.
      ( key:key#0 field_value:block*(field value)
    hsetnx hash 2.0.0
      . Set the value of a hash field, only if the field does not exist
      O O(1)
      ( key:key#0 field value
    hstrlen hash 3.2.0
      . Get the length of the value of a hash field
      O O(1)
      ( key:key#0 field
    hvals hash 2.0.0
      . Get all the values in a hash
      O O(N) where N is the size of the hash.
      ( key:key#0
    """#
}
