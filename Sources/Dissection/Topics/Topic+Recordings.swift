// What happens to bytes on their way into a recording, and how values are laid out in a snapshot.
extension Topic {
  static let recordings: [Topic] = [
    Topic(
      name: "retransmission", others: ["overlap", "out-of-order", "dup"],
      text: """
        TCP sends again what nobody has acknowledged, and packets may arrive in another order. A replica never sees that:
        its kernel hands it the bytes in order, each once. So the dissection does, too, and remarks on a segment that
        came twice, in part or too early.
        """, see: ["hole", "stream"]),
    Topic(
      name: "restored", others: ["inferred", "dots", "filling"],
      text: """
        Text of tcpdump -A has a dot for every byte that can't be printed. A byte is inferred where the format or the
        protocol leaves nothing else, and restored where the snapshot's checksum says what it is. Where several fillings
        satisfy the checksum that is told; what stays unknown is shown as ··, and nothing is said of its value.
        """, see: ["checksum", "hole"]),
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
      name: "consumer-group", others: ["consumer", "pending-entry", "master-entry", "stream-entry"],
      text: """
        A stream's messages stand in listpacks, each under the id of its first message: the master entry names the fields
        that most messages have, so these say only what differs. Behind them come the stream's groups: how far each has
        read, what was delivered and not acknowledged, and to which consumer.
        """, see: ["listpack", "type"]),
  ]
}
