// What goes out in place of what was said, command by command.
extension Topic {
  static let effects: [Topic] = [
    Topic(
      name: "effects", others: ["rewrite", "rewriting"],
      text: """
        The stream has what a command did, not what was asked, where the two could differ: SPOP goes out as SREM,
        INCRBYFLOAT as SET, XADD * with the id that it drew, BLPOP as LPOP once it was served, a script as the writes
        that it made, between MULTI and EXEC if there are several. A command that changed nothing is not sent. FUNCTION
        LOAD is sent as it is. `why` tells the reason of each, `break decision rewrite` stops at the next.
        """,
      see: [
        "stream", "expire", "spop", "incrbyfloat", "blpop", "xadd", "xreadgroup", "geoadd", "getdel", "script", "multi",
      ]),
    Topic(
      name: "spop", others: ["srem"],
      text: """
        SPOP draws members by chance. A replica that drew by itself would draw others, so it is told which ones: SREM
        with their names, or DEL if none is left. SRANDMEMBER changes nothing, and nothing of it goes out.
        """, see: ["effects"], example: pair + ["m SADD s a b c", "m SPOP s", "why"]),
    Topic(
      name: "incrbyfloat", others: ["hincrbyfloat", "float"],
      text: """
        A sum of numbers that are not whole depends on how a machine rounds. So replicas are told the result: SET with
        KEEPTTL for INCRBYFLOAT, HSET for HINCRBYFLOAT. INCR and its like add whole numbers and go out as they are.
        """, see: ["effects"], example: pair + ["m INCRBYFLOAT f 0.1", "why"]),
    Topic(
      name: "blpop",
      others: [
        "brpop", "blmpop", "blmove", "brpoplpush", "bzpopmin", "bzpopmax", "bzmpop", "lmpop", "zmpop", "blocking",
        "unblocked",
      ],
      text: """
        A replica never waits. A command that blocks goes out when it is served, as what it then did: BLPOP as LPOP of
        the key that had something, BLMOVE as LMOVE, BLMPOP and LMPOP as LPOP with a count. It stands behind the write
        that served it, as a command of its own, and inside MULTI it does not wait at all. While it waits, nothing goes
        out. Who waits at a master that becomes a replica is told -UNBLOCKED and disconnected.
        """, see: ["effects"], example: pair + ["client c m", "c BLPOP l 0", "m RPUSH l a", "step 2"]),
    Topic(
      name: "xadd", others: ["xtrim"],
      text: """
        XADD with * takes its id from the clock, which is another one elsewhere, so it goes out with the id. A trim that
        need not be exact (~) ends where a node of the stream does, which depends on how the stream came about, so it
        goes out with = and the length, or the id, that it came to.
        """, see: ["effects", "stream-value"], example: pair + ["m XADD x * a 1", "why"]),
    Topic(
      name: "xreadgroup", others: ["xclaim", "xautoclaim", "xack"],
      text: """
        Reading with a group changes what is pending: which consumer was given which entry, when and how often. Each
        entry goes out as XCLAIM with all of that, the group's last id as XGROUP SETID, so that a replica that is
        promoted can go on. XACK goes out as it is.
        """, see: ["effects", "consumer-group"],
      example: pair + ["m XADD x 1-1 a 1", "m XGROUP CREATE x g 0", "m XREADGROUP GROUP g c STREAMS x >", "why"]),
    Topic(
      name: "geoadd", others: ["geo", "geosearchstore", "georadius"],
      text: """
        A place is a member of a sorted set, its score a number of 52 bits that two coordinates are woven into. GEOADD
        goes out as ZADD with that score; of what is searched and stored, only the result is told.
        """, see: ["effects", "skiplist"], example: pair + ["m GEOADD g 13.361389 38.115556 Palermo", "why"]),
    Topic(
      name: "getdel", others: ["getset", "getex"],
      text: """
        What answers and changes at once goes out as the change alone: GETDEL as DEL, GETSET as SET, GETEX as PEXPIREAT
        or PERSIST. A replica's answers would go nowhere.
        """, see: ["effects", "expire"], example: pair + ["m SET k v", "m GETDEL k", "why"]),
    Topic(
      name: "script", others: ["scripts", "eval", "evalsha", "lua", "fcall", "noscript", "busy"],
      text: """
        A script may ask for the time and for chance, and may be long. Since 7.0 it is never sent: the replicas are told
        the writes that it made, between MULTI and EXEC if there are several, each in the form in which it would go out
        by itself. redis.set_repl can keep some of them back, and then master and replica differ. So replicas do not know the
        scripts themselves: to EVALSHA on one that was promoted the answer is -NOSCRIPT, and the client sends EVAL. While a
        script runs for more than busy-reply-threshold (5 s) others are told -BUSY.
        """, see: ["effects", "function"]),
    Topic(
      name: "multi", others: ["exec", "transaction", "discard", "watch", "unwatch", "execabort"],
      text: """
        What is queued after MULTI goes nowhere before EXEC. Then the writes go out between MULTI and EXEC, so that a
        replica, too, applies all of them or none: one of them alone goes out without. Reads are left out, and a
        transaction that wrote nothing is not sent. A replica counts its offset on when EXEC has come. Where a
        command was refused as it was queued, EXEC does nothing: -EXECABORT. Where a key was changed after WATCH, be it by
        the same client, EXEC does nothing either, and answers nil. WATCH itself does not go out.
        """, see: ["effects", "offset"], example: pair + ["m MULTI", "m SET a 1", "m SET b 2", "m EXEC", "step 2"]),
  ]
}
