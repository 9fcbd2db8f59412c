// How values are laid out, in memory as OBJECT ENCODING tells it and in a snapshot.
extension Topic {
  static let encodings: [Topic] = [
    Topic(
      name: "encodings", others: ["object-encoding", "layout"],
      text: """
        The same value is kept in different ways: small ones packed in one piece, where every look walks through all of
        it, larger ones in tables and trees. OBJECT ENCODING tells which, `x` shows the bytes of it, and the limits are
        set by list-max-listpack-size, hash-max-listpack-entries and their like. They are each node's own: a replica with
        other limits packs otherwise, and has the same data.
        """,
      see: [
        "embstr", "listpack", "quicklist", "ziplist", "intset", "hashtable", "skiplist", "stream-value",
        "consumer-group", "hyperloglog",
      ]),
    Topic(
      name: "embstr", others: ["raw", "int"],
      text: """
        How a string is kept: int, if its text is that of a whole number; embstr, up to 44 bytes in one piece with its
        head; raw, if it is longer or was changed in place (APPEND, SETRANGE). A snapshot knows no difference: it writes
        bytes, or a number if that is shorter.
        """, see: ["encoding", "type"]),
    Topic(
      name: "listpack", others: ["total-bytes", "back-length", "terminator"],
      text: """
        Many small elements in one stretch of bytes: its length in 4 bytes, the number of elements in 2, then each element
        as a byte that tells its kind and length, the bytes, and its length once more, by which one can walk backwards. FF
        ends it. Redis keeps small lists, hashes, sorted sets and the messages of streams like this, in memory as in the
        file.
        """, see: ["quicklist", "ziplist", "type"]),
    Topic(
      name: "quicklist", others: ["node", "container"],
      text: """
        A list as a chain of nodes. Each is a listpack with many elements (container 2) or one big element by itself
        (container 1). Before 7.0 the nodes were ziplists.
        """, see: ["listpack", "type"]),
    Topic(
      name: "ziplist", others: ["tail-offset", "previous-length", "zipmap"],
      text: """
        What servers before 7.0 had in a listpack's place: each element begins with the length of the one before it.
        7.0 reads it, and writes listpacks.
        """, see: ["listpack"]),
    Topic(
      name: "intset", others: ["width"],
      text: """
        A set of integers alone: the width of each in bytes (2, 4 or 8), how many there are, then the integers in their
        order, the low byte first.
        """, see: ["type"]),
    Topic(
      name: "stream-value", others: ["master-entry", "stream-entry", "radix-tree"],
      text: """
        A stream: listpacks, each under the id of its first message. The master entry at its head names the fields that
        most of its messages have, so these say only what differs; a message that was deleted is only marked. How many
        messages one listpack takes is set by stream-node-max-entries and stream-node-max-bytes. Behind them come the
        length, the first and the last id, the greatest that was deleted, and the groups.
        """, see: ["listpack", "consumer-group", "xadd"]),
    Topic(
      name: "consumer-group", others: ["consumer", "pending-entry"],
      text: """
        A group of a stream's readers: how far it has read, and two lists of pending entries, what was delivered and not
        acknowledged: of the group, each with the time and the number of its deliveries, and of each consumer, by ids
        alone. So a replica that is promoted knows who still has to do what.
        """, see: ["stream-value", "xreadgroup"]),
    Topic(
      name: "hashtable", others: ["dict"],
      text: """
        A set or a hash that is no longer small: a table in which each member is found by its hash, in an order that is
        chance. It grows to twice its size at a time. In a snapshot it is a count, and one member (or a field and its
        value) after the other. It never becomes small again: only a reload, or a full sync, packs anew.
        """, see: ["listpack", "intset", "type"]),
    Topic(
      name: "skiplist", others: ["zset-2", "score"],
      text: """
        A sorted set that is no longer small: a list in the order of the scores, with links that skip ahead, and a hash
        table beside it that finds a member. In a snapshot: a count, then member and score, from the greatest score to
        the least; a score is a double in eight bytes.
        """, see: ["listpack", "geoadd", "type"]),
    Topic(
      name: "hyperloglog", others: ["pfadd", "hll"],
      text: """
        A string that estimates how many different things it was shown: HYLL, a byte for its form, a cached estimate,
        and 16,384 registers. Sparse, they are runs in a few bytes; dense, six bits each, 12,304 bytes in all. PFADD goes
        out as it is, since every node hashes alike.
        """, see: ["encoding"]),
  ]
}
